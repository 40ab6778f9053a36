//! Reading of policies, line by line: a name means what a line before has defined.
//!
//! Must not look at any checkpoint.

use super::{Fault, Group, MAX_POLICY, MAX_POLICY_ITEMS, Member, Party, Policy, PolicyError, readable};
use crate::key::{KeyError, KeyKind, VerifierKey};
use crate::number::decimal;
use std::collections::{BTreeMap, BTreeSet};

/// The name that stands for no witness at all, and can be neither defined nor a member.
const NONE: &[u8] = b"none";

pub(super) fn read(bytes: &[u8]) -> Result<Policy, PolicyError> {
    if bytes.len() > MAX_POLICY {
        return Err(PolicyError::TooLong);
    }
    let mut reader = Reader::default();
    for (at, line) in bytes.split(|b| *b == b'\n').enumerate() {
        reader.line(line).map_err(|fault| PolicyError::Line { line: at + 1, fault })?;
    }
    let quorum = reader.quorum.ok_or(PolicyError::NoQuorum)?;
    Ok(Policy { logs: reader.logs, witnesses: reader.witnesses, groups: reader.groups, quorum })
}

#[derive(Default)]
struct Reader {
    logs: Vec<Party>,
    witnesses: Vec<Party>,
    groups: Vec<Group>,
    quorum: Option<Option<Member>>,
    names: BTreeMap<Vec<u8>, Member>,
    members: BTreeSet<Vec<u8>>,
}

impl Reader {
    fn line(&mut self, line: &[u8]) -> Result<(), Fault> {
        if line.iter().any(|b| (*b < b' ' && *b != b'\t') || *b == 0x7f) {
            return Err(Fault::Control);
        }
        let words: Vec<&[u8]> =
            line.split(|b| matches!(b, b' ' | b'\t')).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", key] => self.log(key, None),
            [b"log", key, url] => self.log(key, Some(url)),
            [b"witness", name, key] => self.witness(name, key, None),
            [b"witness", name, key, url] => self.witness(name, key, Some(url)),
            [b"group", name, threshold, members @ ..] if !members.is_empty() => {
                self.group(name, threshold, members)
            }
            [b"quorum", name] => self.quorum(name),
            _ => Err(Fault::Form),
        }
    }

    fn log(&mut self, key: &[u8], url: Option<&[u8]>) -> Result<(), Fault> {
        let key = read_key(key, KeyKind::Log)?;
        let name = key.name().as_bytes().to_vec();
        add_party(&mut self.logs, Party { name, key, url: url.map(<[u8]>::to_vec) })
    }

    fn witness(&mut self, name: &[u8], key: &[u8], url: Option<&[u8]>) -> Result<(), Fault> {
        let key = read_key(key, KeyKind::Cosigner)?;
        self.define(name, Member::Witness(self.witnesses.len()))?;
        add_party(&mut self.witnesses, Party { name: name.to_vec(), key, url: url.map(<[u8]>::to_vec) })
    }

    fn group(&mut self, name: &[u8], threshold: &[u8], words: &[&[u8]]) -> Result<(), Fault> {
        if self.groups.len() >= MAX_POLICY_ITEMS {
            return Err(Fault::TooMany);
        }
        let mut members = Vec::new();
        for word in words {
            members.push(self.find(word)?);
            if !self.members.insert(word.to_vec()) {
                return Err(Fault::Twice(readable(word)));
            }
        }
        let needed = match threshold {
            b"any" => Some(1),
            b"all" => Some(members.len()),
            number => {
                std::str::from_utf8(number).ok().and_then(decimal).and_then(|k| usize::try_from(k).ok())
            }
        };
        let needed = needed.filter(|k| (1..=members.len()).contains(k));
        let needed = needed.ok_or_else(|| Fault::Threshold(readable(threshold)))?;
        // Defined last: a group is no member of itself.
        self.define(name, Member::Group(self.groups.len()))?;
        self.groups.push(Group { name: name.to_vec(), needed, members });
        Ok(())
    }

    fn quorum(&mut self, name: &[u8]) -> Result<(), Fault> {
        if self.quorum.is_some() {
            return Err(Fault::SecondQuorum);
        }
        self.quorum = Some(if name == NONE { None } else { Some(self.find(name)?) });
        Ok(())
    }

    fn define(&mut self, name: &[u8], member: Member) -> Result<(), Fault> {
        if name == NONE || self.names.contains_key(name) {
            return Err(Fault::Taken(readable(name)));
        }
        self.names.insert(name.to_vec(), member);
        Ok(())
    }

    fn find(&self, name: &[u8]) -> Result<Member, Fault> {
        self.names.get(name).copied().ok_or_else(|| Fault::Unknown(readable(name)))
    }
}

fn read_key(word: &[u8], wanted: KeyKind) -> Result<VerifierKey, Fault> {
    let key: VerifierKey = std::str::from_utf8(word).map_err(|_| KeyError::Form)?.parse()?;
    if key.kind() == wanted || key.kind() == KeyKind::MlDsa44 {
        Ok(key)
    } else {
        Err(Fault::Kind(key.kind().byte()))
    }
}

/// Keys are the same if the public key is, whatever their names (tlog-policy, "Public key representation").
fn add_party(parties: &mut Vec<Party>, party: Party) -> Result<(), Fault> {
    if parties.len() >= MAX_POLICY_ITEMS {
        return Err(Fault::TooMany);
    }
    if parties.iter().any(|other| other.key.public() == party.key.public()) {
        return Err(Fault::SameKey);
    }
    parties.push(party);
    Ok(())
}
