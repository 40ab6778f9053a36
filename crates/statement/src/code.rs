//! Numbers on the wire for the words of `facts`. Numbers are never used again for something else.

use facts::{Activity, EvidenceKind, Sensor, State, TokenState, UnitKind};

macro_rules! codes {
    ($(#[$doc:meta])* $to:ident, $(#[$back:meta])* $from:ident, $type:ty, $($value:path = $code:literal),+ $(,)?) => {
        $(#[$doc])*
        #[must_use]
        pub const fn $to(value: $type) -> u8 {
            match value { $($value => $code),+ }
        }

        $(#[$back])*
        #[must_use]
        pub const fn $from(code: u8) -> Option<$type> {
            match code { $($code => Some($value),)+ _ => None }
        }
    };
}

codes!(
    /// The number of an activity.
    activity_code,
    /// The activity of a number.
    activity,
    Activity,
    Activity::Mining = 0,
    Activity::Validation = 1,
    Activity::StorageProving = 2,
    Activity::Training = 3,
    Activity::Inference = 4,
    Activity::HashSearch = 5,
    Activity::ZkProving = 6,
    Activity::Scientific = 7,
    Activity::Media = 8,
    Activity::Compression = 9,
    Activity::Cryptography = 10,
    Activity::Build = 11,
    Activity::Data = 12,
    Activity::Edge = 13,
    Activity::General = 14,
    Activity::Idle = 15,
    Activity::Undetermined = 16,
);
codes!(
    /// The number of a kind of evidence.
    kind_code,
    /// The kind of evidence of a number.
    kind,
    EvidenceKind,
    EvidenceKind::HotCode = 0,
    EvidenceKind::Constants = 1,
    EvidenceKind::DataRate = 2,
    EvidenceKind::Memory = 3,
    EvidenceKind::Threads = 4,
    EvidenceKind::Conversation = 5,
    EvidenceKind::Symbols = 6,
    EvidenceKind::Accelerator = 7,
    EvidenceKind::Energy = 8,
);
codes!(
    /// The number of a sensor.
    sensor_code,
    /// The sensor of a number.
    sensor,
    Sensor,
    Sensor::HotCode = 0,
    Sensor::Constants = 1,
    Sensor::DataRate = 2,
    Sensor::Memory = 3,
    Sensor::Threads = 4,
    Sensor::Conversation = 5,
    Sensor::Symbols = 6,
    Sensor::Accelerator = 7,
    Sensor::Energy = 8,
    Sensor::Processes = 9,
);
codes!(
    /// The number of a state of coverage.
    state_code,
    /// The state of coverage of a number.
    state,
    State,
    State::Full = 0,
    State::Partial = 1,
    State::None = 2,
);
codes!(
    /// The number of a state of the token link.
    token_code,
    /// The state of the token link of a number.
    token,
    TokenState,
    TokenState::Seen = 0,
    TokenState::NotSeen = 1,
    TokenState::NotObservable = 2,
);
codes!(
    /// The number of a kind of unit.
    unit_code,
    /// The kind of unit of a number.
    unit,
    UnitKind,
    UnitKind::Process = 0,
    UnitKind::Service = 1,
    UnitKind::Container = 2,
    UnitKind::Pod = 3,
    UnitKind::Slurm = 4,
);

/// The word of `facts` on the wire: CBOR unsigned integers.
macro_rules! on_the_wire {
    ($module:ident, $type:ty, $to:path, $from:path, $what:literal) => {
        pub(crate) mod $module {
            use super::*;
            use minicbor::decode::Error as Unread;
            use minicbor::encode::{Error as Unwritten, Write};
            use minicbor::{Decoder, Encoder};

            pub fn encode<C, W: Write>(
                value: &$type,
                e: &mut Encoder<W>,
                _: &mut C,
            ) -> Result<(), Unwritten<W::Error>> {
                e.u8($to(*value))?.ok()
            }

            pub fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<$type, Unread> {
                let code = d.u8()?;
                $from(code)
                    .ok_or_else(|| Unread::message(format!(concat!("no ", $what, " has number {}"), code)))
            }
        }
    };
}

on_the_wire!(activities, Activity, activity_code, activity, "activity");
on_the_wire!(kinds, EvidenceKind, kind_code, kind, "kind of evidence");
on_the_wire!(sensors, Sensor, sensor_code, sensor, "sensor");
on_the_wire!(states, State, state_code, state, "state of coverage");
on_the_wire!(tokens, TokenState, token_code, token, "state of the token link");
on_the_wire!(units, UnitKind, unit_code, unit, "kind of unit");
