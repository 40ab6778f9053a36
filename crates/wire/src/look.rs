//! The answer of `overt look --json`: schema `overt.look/1`, published as `schemas/overt.look-1.schema.json`.

use facts::{Arch, Coverage, Finding, Looked};
use serde::Serialize;

/// The schema that the document names.
pub const SCHEMA: &str = "overt.look/1";

/// The whole document. Field order is part of the contract: it is the order in the file.
#[derive(Debug, Serialize)]
pub struct Document<'a, J = ()> {
    schema: &'static str,
    started: &'a str,
    interval_s: f64,
    machine: Machine<'a>,
    coverage: &'a [Coverage],
    workloads: &'a [Finding],
    /// What the rulebook of a place makes of the workloads; only where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    judged: Option<&'a J>,
}

#[derive(Debug, Serialize)]
struct Machine<'a> {
    arch: Arch,
    kernel: &'a str,
    cpus: u32,
}

impl<'a> Document<'a> {
    /// The document for one look that began at `started` (RFC 3339, UTC).
    #[must_use]
    pub fn new(started: &'a str, looked: &'a Looked) -> Self {
        let machine =
            Machine { arch: looked.machine.arch, kernel: &looked.machine.kernel, cpus: looked.machine.cpus };
        Self {
            schema: SCHEMA,
            started,
            interval_s: looked.interval_s,
            machine,
            coverage: &looked.coverage,
            workloads: &looked.workloads,
            judged: None,
        }
    }

    /// The same document with what a rulebook makes of the workloads.
    #[must_use]
    pub fn judged<J>(self, judged: Option<&'a J>) -> Document<'a, J> {
        let Self { schema, started, interval_s, machine, coverage, workloads, .. } = self;
        Document { schema, started, interval_s, machine, coverage, workloads, judged }
    }
}

impl<J: Serialize> Document<'_, J> {
    /// The document as indented JSON with a final newline.
    ///
    /// # Errors
    ///
    /// Never in practice: every value is finite and every key a string.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}
