//! A notification as a plain-text mail.
//!
//! Subject and body only; addresses are the sender's. Must not let a name end a line of the header: control characters and
//! line separators become spaces, and the subject is bounded.

use crate::alert::event::time;
use crate::alert::state::{Change, Notification};
use std::fmt::Write;

/// Most characters of a subject.
pub const MAX_SUBJECT: usize = 120;
/// Alerts that one mail spells out; more are counted.
const SPELLED: usize = 20;

/// What stands under every mail.
const CLOSING: &str = "A difference is a question, not a finding of guilt; whoever is named in it can contest it.\n\
    差异是一个问题，不是认定有过错；其中被提到的人可以提出异议。\n";

/// A mail without its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The subject: one line, no control characters.
    pub subject: String,
    /// The body, lines ended by line feeds.
    pub body: String,
}

/// The mail of a notification.
#[must_use]
pub fn mail(notification: &Notification) -> Mail {
    let n = notification;
    let many = if n.alerts.len() > 1 { format!(" ({} devices)", n.alerts.len()) } else { String::new() };
    let zh = match n.change {
        Change::Opened => "新",
        Change::Still => "持续",
        Change::Cleared => "已结束",
    };
    let subject = format!("overt {} {zh}: {} at {}{many}", n.change.word(), n.kind, n.site);
    Mail { subject: line(&subject).chars().take(MAX_SUBJECT).collect(), body: body(n) }
}

fn body(n: &Notification) -> String {
    let mut out = String::new();
    let what = match n.change {
        Change::Opened => "This is new. 这是新出现的差异。",
        Change::Still => "This goes on. 该差异仍在持续。",
        Change::Cleared => "This is over. 该差异已结束。",
    };
    let _ = writeln!(out, "{what} {}\n", time(n.at_ms));
    for alert in n.alerts.iter().take(SPELLED) {
        let _ = writeln!(out, "{}\n{}\n", line(&alert.signal.en), line(&alert.signal.zh));
        if alert.signal.contested {
            let _ = writeln!(out, "It is contested and not answered. 已提出异议，尚未答复。\n");
        }
        if let Some(word) = &alert.acknowledged {
            let _ = writeln!(out, "Acknowledged by {} 已知悉: {}\n", line(&word.by), line(&word.note));
        }
        let _ = writeln!(out, "Key: {}\n", line(&alert.signal.key));
    }
    if n.alerts.len() > SPELLED {
        let _ = writeln!(out, "and {} more\n", n.alerts.len() - SPELLED);
    }
    out.push_str(CLOSING);
    out
}

/// One line: what could end a line or hide text is a space.
fn line(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if hidden(c) { ' ' } else { c }).collect()
}
