//! Tokens as the registry's records keep them, for whoever asks over HTTP.

use super::Service;
use crate::token::{Credential, Tokens};
use access::{Actor, Role};
use jiff::Timestamp;
use registry::State;
use statement::{Name, Token};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The tokens of a running registry.
pub struct RegistryTokens(pub Arc<Service>);

impl Tokens for RegistryTokens {
    fn named(&self, name: &str) -> Option<Credential> {
        let name: Name = name.parse().ok()?;
        let core = self.0.registry().core();
        let token = core.state.tokens.get(&name)?;
        let actor = actor(&core.state, token)?;
        let expires = token
            .until_ms
            .map(|ms| i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()));
        Some(Credential {
            name: token.id.to_string(),
            digest: token.secret.0,
            actor,
            // An end beyond what dates can say is none.
            expires: expires.flatten(),
            label: token.id.to_string(),
        })
    }

    fn certified(&self, _: &[u8; 32]) -> Option<Credential> {
        // Client certificates are checked by TLS and stand for nobody yet: relays need no role to forward what devices signed.
        None
    }
}

/// Who a token makes its bearer. Enrolment tokens travel inside signed requests and are none here.
fn actor(state: &State, token: &Token) -> Option<Actor> {
    let sites: BTreeSet<String> = token.sites.iter().map(ToString::to_string).collect();
    let operator = token.operator.as_ref().map(ToString::to_string);
    match Role::named(&token.role)? {
        Role::Administrator => Some(Actor::Administrator),
        Role::Operator => Some(Actor::Operator { operator: operator?, sites }),
        Role::Inspector => {
            let of = |site: &Name| state.site(site).map(|s| s.operator.to_string());
            Some(Actor::Inspector { operators: token.sites.iter().filter_map(of).collect(), sites })
        }
        Role::Reader => {
            // A reader of an operator as a whole, or of the sites that the token names.
            let operators = if sites.is_empty() { operator.into_iter().collect() } else { BTreeSet::new() };
            Some(Actor::Reader { operators, sites })
        }
        _ => None,
    }
}
