//! `overt flows`: the conversation recognisers over a packet capture.

use crate::Failure;
use crate::cli::FlowsArgs;
use crate::table::{self, DIM, HEAD, PLAIN, printable};
use capture::{Capture, Flow};
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use serde_json::json;
use std::fs::File;
use std::io::{BufReader, Read, Write};

/// Reads the capture and prints one row for each conversation.
pub fn run(args: &FlowsArgs) -> Result<(), Failure> {
    let refused = |why: String| Failure::Usage(format!("{}: {why}", args.file.display()));
    let input: Box<dyn Read> = if args.file.as_os_str() == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        let file = File::open(&args.file).map_err(|e| refused(format!("cannot open the capture: {e}")))?;
        Box::new(BufReader::new(file))
    };
    let capture = capture::read(input, capture::Limits::default()).map_err(|e| refused(e.to_string()))?;
    let text = if args.json { as_json(&capture)? } else { as_text(&capture, args.all) };
    Ok(write!(anstream::stdout(), "{text}")?)
}

fn as_text(capture: &Capture, all: bool) -> String {
    let shown: Vec<&Flow> = capture.flows.iter().filter(|f| all || f.recognised.is_some()).collect();
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(table::width())
        .set_header([
            "CLIENT",
            "SERVER",
            "PROTOCOL",
            "DIALECT",
            "CHAIN",
            "METHODS",
            "DECIDED BY",
            "BYTES UP/DOWN",
        ]);
    for flow in &shown {
        table.add_row(row(flow));
    }
    // Addresses and protocols are what people search for: they stay in one piece.
    for column in table.column_iter_mut().take(3) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    let text = table.trim_fmt();
    let (head, rows) = text.split_once('\n').unwrap_or((&text, ""));
    let mut out = String::new();
    if !shown.is_empty() {
        out += &format!("{HEAD}{}{PLAIN}\n{rows}\n", head.trim_end());
    }
    out + &footer(capture, shown.len())
}

fn row(flow: &Flow) -> [String; 8] {
    let seen = flow.recognised.as_ref();
    let word = |text: Option<String>| text.map_or_else(|| "–".to_owned(), |t| printable(&t));
    [
        flow.client.to_string(),
        flow.server.to_string(),
        word(seen.map(|r| r.protocol.name().to_owned())),
        word(seen.map(|r| r.dialect.clone()).filter(|d| !d.is_empty())),
        word(seen.and_then(|r| r.chain.clone())),
        word(seen.map(|r| r.methods.join(" ")).filter(|m| !m.is_empty())),
        word(flow.decided_packet.map(|n| format!("packet {n}"))),
        format!("{}/{}", flow.bytes_to_server, flow.bytes_to_client),
    ]
}

fn footer(capture: &Capture, shown: usize) -> String {
    let mining = capture
        .flows
        .iter()
        .filter(|f| f.recognised.as_ref().is_some_and(|r| r.protocol.gives_work()))
        .count();
    let mut out = format!(
        "{DIM}{} packets, {} conversations, {} recognised, {mining} that give proof-of-work.{PLAIN}\n",
        capture.packets,
        capture.flows.len(),
        capture.flows.iter().filter(|f| f.recognised.is_some()).count()
    );
    if shown < capture.flows.len() {
        out += &format!("{DIM}--all lists the other {} too.{PLAIN}\n", capture.flows.len() - shown);
    }
    for skipped in &capture.skipped {
        out += &format!("{DIM}skipped {}: {}{PLAIN}\n", skipped.count, printable(&skipped.reason));
    }
    if capture.truncated {
        out += &format!(
            "{DIM}The capture ends in the middle of a packet; everything before it was read.{PLAIN}\n"
        );
    }
    out
}

fn as_json(capture: &Capture) -> Result<String, Failure> {
    let flows: Vec<serde_json::Value> = capture
        .flows
        .iter()
        .map(|flow| {
            json!({
                "transport": flow.transport,
                "client": flow.client,
                "server": flow.server,
                "opening_seen": flow.opening_seen,
                "packets": flow.packets,
                "bytes_to_server": flow.bytes_to_server,
                "bytes_to_client": flow.bytes_to_client,
                "gives_work": flow.recognised.as_ref().is_some_and(|r| r.protocol.gives_work()),
                "recognised": flow.recognised,
                "decided_packet": flow.decided_packet,
            })
        })
        .collect();
    let document = json!({
        "schema": "overt.flows/1",
        "packets": capture.packets,
        "truncated": capture.truncated,
        "flows": flows,
    });
    Ok(serde_json::to_string_pretty(&document).map_err(std::io::Error::from)? + "\n")
}
