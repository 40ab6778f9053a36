//! What is counted, as OpenMetrics. Labels have few values: routes as they are written, never addresses, names or devices.

use crate::process::ProcessCollector;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// Media type of OpenMetrics 1.0.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Upper bounds of buckets for durations, in seconds: from a fast look-up to a slow disk.
const SECONDS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Denied {
    action: &'static str,
}

/// The counters of one registry.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    answered: Family<Answered, Counter>,
    took: Family<Route, Histogram>,
    denied: Family<Denied, Counter>,
    limited: Counter,
    connections: Gauge,
    turned_away: Family<Reason, Counter>,
    submitted: Family<Outcome, Counter>,
    refused: Family<Reason, Counter>,
    sealed: Histogram,
    log_size: Gauge,
    waiting: Gauge,
    witness_lag: Gauge<f64, AtomicU64>,
}

impl Metrics {
    /// Counters at zero.
    #[must_use]
    pub fn new() -> Self {
        let mut new = Self {
            registry: Registry::with_prefix("overt"),
            answered: Family::default(),
            took: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            denied: Family::default(),
            limited: Counter::default(),
            connections: Gauge::default(),
            turned_away: Family::default(),
            submitted: Family::default(),
            refused: Family::default(),
            sealed: Histogram::new(SECONDS),
            log_size: Gauge::default(),
            waiting: Gauge::default(),
            witness_lag: Gauge::default(),
        };
        new.register_requests();
        new.register_log();
        new.registry.register_collector(Box::new(ProcessCollector));
        new
    }

    fn register_requests(&mut self) {
        let r = &mut self.registry;
        r.register("requests", "Requests that were answered", self.answered.clone());
        r.register_with_unit("request", "How long answers took", Unit::Seconds, self.took.clone());
        r.register("denied", "Requests that the access policies refused", self.denied.clone());
        r.register("limited", "Requests over the rate of their key", self.limited.clone());
        r.register("connections", "Open connections", self.connections.clone());
        r.register("turned_away", "Connections that were not served", self.turned_away.clone());
    }

    fn register_log(&mut self) {
        let r = &mut self.registry;
        r.register("statements", "Statements that were handed in", self.submitted.clone());
        r.register("refusals", "Statements that were refused", self.refused.clone());
        r.register_with_unit("seal", "How long sealing took", Unit::Seconds, self.sealed.clone());
        r.register("log_size", "Leaves in the published log", self.log_size.clone());
        r.register("waiting_entries", "Entries that are admitted and not sealed yet", self.waiting.clone());
        let about = "Time since the last checkpoint that witnesses signed";
        r.register_with_unit("witness_lag", about, Unit::Seconds, self.witness_lag.clone());
    }

    /// A request was answered on `route`, as the router has it.
    pub fn answered(&self, route: &str, method: &axum::http::Method, status: u16, took: Duration) {
        let method = known(method);
        let labels = Answered { route: route.to_owned(), method, status };
        self.answered.get_or_create(&labels).inc();
        self.took.get_or_create(&Route { route: route.to_owned() }).observe(took.as_secs_f64());
    }

    /// The access policies refused an action of this name.
    pub fn denied(&self, action: &'static str) {
        self.denied.get_or_create(&Denied { action }).inc();
    }

    /// A request was over its rate.
    pub fn limited(&self) {
        self.limited.inc();
    }

    /// A connection was opened.
    pub fn opened(&self) {
        self.connections.inc();
    }

    /// A connection was closed.
    pub fn closed(&self) {
        self.connections.dec();
    }

    /// A connection was not served, for this reason.
    pub fn turned_away(&self, reason: &'static str) {
        self.turned_away.get_or_create(&Reason { reason }).inc();
    }

    /// So many statements were `admitted`, `repeated` or `refused`.
    pub fn submitted(&self, outcome: &'static str, count: u64) {
        self.submitted.get_or_create(&Outcome { outcome }).inc_by(count);
    }

    /// A statement was refused, for this reason: a name out of a fixed list.
    pub fn refused(&self, reason: &'static str) {
        self.refused.get_or_create(&Reason { reason }).inc();
    }

    /// A round of sealing took so long and left the log at this size.
    pub fn sealed(&self, took: Duration, log_size: u64) {
        self.sealed.observe(took.as_secs_f64());
        self.log_size.set(i64::try_from(log_size).unwrap_or(i64::MAX));
    }

    /// So many entries wait to be sealed.
    pub fn waiting(&self, entries: u64) {
        self.waiting.set(i64::try_from(entries).unwrap_or(i64::MAX));
    }

    /// So long ago witnesses signed last.
    pub fn witness_lag(&self, lag: Duration) {
        self.witness_lag.set(lag.as_secs_f64());
    }

    /// All of it as OpenMetrics text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string fails only if a metric fails to encode itself; what came before it is shown.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// Methods that are counted apart: anybody can make up more.
fn known(method: &axum::http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_shown() {
        let metrics = Metrics::new();
        metrics.answered("/tile/{path}", &axum::http::Method::GET, 404, Duration::from_millis(2));
        metrics.submitted("admitted", 4096);
        metrics.refused("signature");
        metrics.sealed(Duration::from_millis(30), 7);
        let text = metrics.text();
        for line in [
            "overt_requests_total{route=\"/tile/{path}\",method=\"GET\",status=\"404\"} 1",
            "overt_statements_total{outcome=\"admitted\"} 4096",
            "overt_refusals_total{reason=\"signature\"} 1",
            "overt_log_size 7",
            "overt_seal_seconds_bucket{le=\"0.05\"} 1",
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in:\n{text}");
        }
    }

    #[test]
    fn the_memory_of_this_process_is_shown() {
        let text = Metrics::new().text();
        let line = text.lines().find(|l| l.starts_with("overt_process_resident_memory_bytes "));
        let bytes: u64 = line.and_then(|l| l.rsplit(' ').next()).unwrap().parse().unwrap();
        assert!(bytes > 100_000, "{bytes}");
        assert!(text.contains("overt_process_cpu_seconds_total "), "{text}");
    }

    #[test]
    fn made_up_methods_share_a_label() {
        let method = axum::http::Method::from_bytes(b"BREW").unwrap();
        assert_eq!(known(&method), "other");
    }
}
