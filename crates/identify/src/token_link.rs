//! Whether the work earns a token. A separate question from what the arithmetic does.

use crate::algorithm;
use crate::component::Component;
use crate::judge::{Verdict, gives_work};
use facts::{Activity, Conversation, Coverage, Endpoint, Protocol, Sensor, State, TokenLink, TokenState};

/// The token link of a workload made of these parts.
pub(crate) fn link(parts: &[(Component, Verdict)], coverage: &[Coverage]) -> TokenLink {
    let seen = seen(parts);
    if !seen.is_empty() {
        return TokenLink { state: TokenState::Seen, why: seen };
    }
    let sensor = coverage.iter().find(|c| c.sensor == Sensor::Conversation);
    if let Some(blind) = sensor.filter(|c| c.state == State::None) {
        let why = vec![format!("conversations could not be seen: {}", blind.why)];
        return TokenLink { state: TokenState::NotObservable, why };
    }
    let hidden = parts.iter().flat_map(|(part, _)| &part.conversations).filter(|c| hides(c)).count();
    if hidden > 0 {
        let why = vec![format!("{hidden} of its conversations are encrypted or were not recognised")];
        return TokenLink { state: TokenState::NotObservable, why };
    }
    let mut why = vec!["no conversation that gives work was seen".to_owned()];
    if let Some(partial) = sensor.filter(|c| c.state == State::Partial) {
        why.push(format!("but conversations were seen only in part: {}", partial.why));
    }
    TokenLink { state: TokenState::NotSeen, why }
}

fn seen(parts: &[(Component, Verdict)]) -> Vec<String> {
    let mut why = Vec::new();
    for (part, verdict) in parts {
        if verdict.activity != Activity::Mining {
            continue;
        }
        if gives_work(part) {
            why.extend(part.conversations.iter().filter_map(asks));
        } else if algorithm::randomx(part) && algorithm::full_data_set(part) {
            why.push(
                "it hashes over the full RandomX data set, which verifying a chain never needs".to_owned(),
            );
        }
    }
    why.dedup();
    why
}

fn asks(conversation: &Conversation) -> Option<String> {
    let seen = conversation.recognised.as_ref().filter(|r| r.protocol.gives_work())?;
    let chain = seen.chain.as_ref().map(|c| format!(" for {c}")).unwrap_or_default();
    let done = if seen.submitted { "asks for work and hands it in" } else { "asks for work" };
    Some(format!("{done} over {}{chain} with {}", seen.protocol.name(), conversation.remote))
}

/// A conversation in which work could be given unseen. Loopback between known parties is no hiding place, but
/// what was not recognised there may still be anything.
fn hides(conversation: &Conversation) -> bool {
    match &conversation.recognised {
        None => conversation.sent + conversation.received > 0,
        Some(r) => r.protocol == Protocol::Tls && conversation.endpoint != Endpoint::Server,
    }
}
