//! What may be recorded: each wish is held against the state and becomes the body of a record, or is refused with its reason.

mod enrolment;
mod registration;

pub use registration::MAX_DOCUMENT;

use crate::rules::{GroundError, Rules};
use crate::state::State;
use statement::person::PersonError;
use statement::{
    Answered, Approval, Authority, Body, Contested, Filed, KeyId, Name, Operator, Registration, RequestError,
    Revoked, Site, Token, VouchError,
};

/// A wish.
#[derive(Clone, Debug)]
pub enum Command {
    /// A new operator or a new version of one; the version is given by the registry.
    Operator(Operator),
    /// The same for a site.
    Site(Site),
    /// A device asks to be enrolled: the signed request.
    Enrol(Vec<u8>),
    /// A device asks for another key: the signed request.
    Rotate(Vec<u8>),
    /// A key, or a whole device, is revoked.
    Revoke(Revoked),
    /// A token is given out; the caller made its secret.
    Token(Token),
    /// A token ends.
    EndToken(Name),
    /// A key may vouch.
    Authority(Authority),
    /// It no longer may.
    EndAuthority(KeyId),
    /// Versions of registrations; what says the same as the last version is left out.
    Register(Vec<Registration>),
    /// A second person's word.
    Approve(Approval),
    /// A filing; the version is given by the registry.
    File(Filed),
    /// A finding is contested.
    Contest(Contested),
    /// That is answered.
    Answer(Answered),
}

/// Why a wish is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// A request that does not hold.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A word that does not hold.
    #[error(transparent)]
    Vouch(#[from] VouchError),
    /// A person's signature that does not hold.
    #[error(transparent)]
    Person(#[from] PersonError),
    /// A place or fact that the rulebook does not know.
    #[error(transparent)]
    Ground(#[from] GroundError),
    /// Something that is not there.
    #[error("there is no {what} '{name}'")]
    Unknown {
        /// What kind of thing.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// Something that is there already.
    #[error("{what} '{name}' is there already")]
    Exists {
        /// What kind of thing.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A token that does not let anybody in.
    #[error("this token does not let a device in: {why}")]
    Token {
        /// Why not.
        why: &'static str,
    },
    /// Neither token nor voucher.
    #[error(
        "nobody vouches for this device: give a one-time token, or a signature of an authority or TPM of the operator"
    )]
    Nobody,
    /// A request from another time.
    #[error("the request was made at {found_ms} (milliseconds since 1970), more than a day from now")]
    Time {
        /// What was found.
        found_ms: u64,
    },
    /// Nothing in it says anything new.
    #[error("nothing was changed: every registration says what its last version says")]
    Unchanged,
    /// Too many, or none.
    #[error("{found} {what}, expected 1 to {most}")]
    Count {
        /// Of what.
        what: &'static str,
        /// How many were found.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// An end before its beginning.
    #[error("{id}: the end is before the beginning")]
    Order {
        /// Which.
        id: String,
    },
    /// Fields in no order, or one of them twice.
    #[error("{id}: the fields are not sorted by name, each once")]
    Unsorted {
        /// Which registration.
        id: String,
    },
    /// One person where two are needed, or the wrong one of two.
    #[error("'{by}' cannot do this: another person has to")]
    SamePerson {
        /// Who tried.
        by: String,
    },
    /// Text that is too long or cannot be shown.
    #[error("{what} is longer than {most} bytes or has a control character")]
    Text {
        /// Which.
        what: &'static str,
        /// What is allowed.
        most: usize,
    },
}

/// Most bytes of a title, a fact or a reason.
const MAX_TEXT: usize = 256;
/// Most facts of a site.
const MAX_FACTS: usize = 128;

impl Command {
    /// The body of the record that this wish becomes.
    ///
    /// # Errors
    ///
    /// [`CommandError`].
    pub fn settle(self, state: &State, rules: &Rules, by: &str, now_ms: u64) -> Result<Body, CommandError> {
        match self {
            Self::Operator(operator) => settle_operator(state, operator),
            Self::Site(site) => settle_site(state, rules, site),
            Self::Enrol(request) => enrolment::enrol(state, &request, now_ms),
            Self::Rotate(request) => enrolment::rotate(state, request, now_ms),
            Self::Revoke(revoked) => enrolment::revoke(state, revoked),
            Self::Token(token) => settle_token(state, token),
            Self::EndToken(id) if state.tokens.contains_key(&id) => Ok(Body::TokenEnded(id)),
            Self::EndToken(id) => Err(unknown("token", &id)),
            Self::Authority(authority) => settle_authority(state, authority),
            Self::EndAuthority(id) if state.authorities.contains_key(&id) => Ok(Body::AuthorityEnded(id)),
            Self::EndAuthority(id) => Err(unknown("authority", &id)),
            Self::Register(wishes) => registration::settle_registrations(state, rules, wishes),
            Self::Approve(approval) => registration::settle_approval(state, approval, by),
            Self::File(filed) => registration::settle_filing(state, filed),
            Self::Contest(contested) => registration::settle_contest(state, contested, by, now_ms),
            Self::Answer(answered) => registration::settle_answer(state, answered, by),
        }
    }
}

fn unknown(what: &'static str, name: &impl ToString) -> CommandError {
    CommandError::Unknown { what, name: name.to_string() }
}

pub(crate) fn short(what: &'static str, text: &str) -> Result<(), CommandError> {
    if text.len() <= MAX_TEXT && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(CommandError::Text { what, most: MAX_TEXT })
}

fn version(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1)
}

fn settle_operator(state: &State, operator: Operator) -> Result<Body, CommandError> {
    short("title of the operator", &operator.title)?;
    short("kind of the operator", operator.kind.as_deref().unwrap_or_default())?;
    let version = version(state.operators.get(&operator.id).map_or(0, Vec::len));
    let last = state.operator(&operator.id).map(|o| Operator { version, ..o.clone() });
    let operator = Operator { version, ..operator };
    if last.as_ref() == Some(&operator) {
        return Err(CommandError::Exists { what: "operator", name: operator.id.to_string() });
    }
    Ok(Body::Operator(operator))
}

fn settle_site(state: &State, rules: &Rules, site: Site) -> Result<Body, CommandError> {
    let operator = state.operator(&site.operator).ok_or_else(|| unknown("operator", &site.operator))?;
    if site.facts.len() > MAX_FACTS {
        return Err(CommandError::Text { what: "list of facts", most: MAX_FACTS });
    }
    for (name, value) in &site.facts {
        short("name of a fact", name)?;
        short("fact", value)?;
    }
    rules.ground(&site, operator.kind.as_deref())?;
    let version = version(state.sites.get(&site.id).map_or(0, Vec::len));
    let last = state.site(&site.id).map(|s| Site { version, ..s.clone() });
    let site = Site { version, ..site };
    if last.as_ref() == Some(&site) {
        return Err(CommandError::Exists { what: "site", name: site.id.to_string() });
    }
    Ok(Body::Site(site))
}

fn settle_token(state: &State, token: Token) -> Result<Body, CommandError> {
    if state.tokens.contains_key(&token.id) {
        return Err(CommandError::Exists { what: "token", name: token.id.to_string() });
    }
    short("role of the token", &token.role)?;
    if token.sites.len() > MAX_FACTS {
        return Err(CommandError::Text { what: "list of sites", most: MAX_FACTS });
    }
    if let Some(operator) = &token.operator {
        state.operator(operator).ok_or_else(|| unknown("operator", operator))?;
    }
    match token.sites.iter().find(|site| state.site(site).is_none()) {
        Some(site) => Err(unknown("site", site)),
        None => Ok(Body::Token(token)),
    }
}

fn settle_authority(state: &State, authority: Authority) -> Result<Body, CommandError> {
    authority.key.check()?;
    short("label", &authority.label)?;
    short("kind of the authority", &authority.kind)?;
    state.operator(&authority.operator).ok_or_else(|| unknown("operator", &authority.operator))?;
    Ok(Body::Authority(authority))
}
