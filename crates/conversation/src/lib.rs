//! First bytes of a conversation in, protocol, dialect and coin out
