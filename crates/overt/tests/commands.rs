//! What a person or a script can rely on when calling `overt`.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

fn overt(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_overt")).args(args).env("NO_COLOR", "1").output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The call is refused with exit code 2, nothing on standard output, and a message that holds `word`.
fn refused(args: &[&str], word: &str) {
    let output = overt(args);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {message}");
    assert!(output.stdout.is_empty(), "{args:?} printed an answer");
    assert!(message.contains(word), "{args:?} said: {message}");
}

fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = std::env::temp_dir().join(format!("overt-test-{}-{name}", std::process::id()));
    std::fs::write(&path, content).unwrap();
    path
}

/// Real work to look at; ends with the test.
struct Busy(Child);

impl Busy {
    fn hashing() -> Self {
        let zeros = std::fs::File::open("/dev/zero").unwrap();
        let mut command = Command::new("sha256sum");
        Self(command.stdin(zeros).stdout(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn wrong_calls_and_wrong_files_are_refused_with_one_clear_error() {
    refused(&["look", "--duration", "soon"], "--duration");
    refused(&["look", "--duration", "0"], "between 200ms and 24h");
    refused(&["look", "--replay", "/no/such/file"], "/no/such/file");
    refused(&["look", "--with-arguments"], "--record");
    refused(&["look", "--json", "--explain", "1"], "--explain");
    refused(&["look", "--duration", "0.2", "--record", "/no/such/folder/file"], "cannot write the recording");
    refused(&["flows", "/no/such/file"], "cannot open the capture");
    refused(&["watch"], "--plain");
    refused(&["mine"], "unrecognized");
    let empty = file("empty", b"");
    refused(&["look", "--replay", empty.to_str().unwrap()], "recording");
    refused(&["flows", empty.to_str().unwrap()], "capture");
    let page = file("page", b"<html>stratum+tcp://pool.example:3333</html>");
    refused(&["look", "--replay", page.to_str().unwrap()], "gzip");
    refused(&["flows", page.to_str().unwrap()], "3c 68 74 6d");
    for path in [empty, page] {
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn a_replay_gives_the_same_bytes_as_the_look_that_was_recorded() {
    let _busy = Busy::hashing();
    let path = file("recording", b"");
    let name = path.to_str().unwrap();
    let live = overt(&["look", "--duration", "2", "--json", "--record", name]);
    assert_eq!(live.status.code(), Some(0), "{}", text(&live.stderr));
    let replayed = overt(&["look", "--json", "--replay", name]);
    assert_eq!(text(&live.stdout), text(&replayed.stdout));
    let explained = overt(&["look", "--explain", "sha256sum", "--replay", name]);
    assert!(text(&explained.stdout).contains("In words"), "{}", text(&explained.stderr));
    refused(&["look", "--replay", name, "--explain", "no-such-program"], "busy were");
    std::fs::remove_file(path).unwrap();
}

#[test]
fn the_machine_form_keeps_to_its_published_schema() {
    let _busy = Busy::hashing();
    let output = overt(&["look", "--duration", "1", "--json"]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../../schemas/overt.look-1.schema.json")).unwrap();
    testkit::schema::conforms(&document, &schema).unwrap();
    assert!(document["workloads"].as_array().is_some_and(|w| !w.is_empty()), "nothing was seen: {document}");
    assert!(document["workloads"][0]["readings"][0]["activity"].is_string(), "no readings: {document}");
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_overt"))
        .args(["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn completions_and_manual_name_every_command() {
    let manual = text(&overt(&["man"]).stdout);
    let script = text(&overt(&["completions", "bash"]).stdout);
    for command in ["look", "watch", "flows"] {
        assert!(manual.contains(command) && script.contains(command), "{command} is missing");
    }
}

#[test]
fn a_capture_shows_the_conversation_and_the_packet_that_decided() {
    let path =
        file("capture", &capture_of(b"{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"x/1\"]}\n"));
    let shown = text(&overt(&["flows", path.to_str().unwrap()]).stdout);
    assert!(shown.contains("stratum-v1") && shown.contains("packet 1"), "{shown}");
    let json: serde_json::Value =
        serde_json::from_slice(&overt(&["flows", "--json", path.to_str().unwrap()]).stdout).unwrap();
    assert_eq!(json["flows"][0]["gives_work"], true, "{json}");
    std::fs::remove_file(path).unwrap();
}

/// A capture file of one TCP segment from 10.0.0.1:40000 to 10.0.0.2:3333.
fn capture_of(payload: &[u8]) -> Vec<u8> {
    let mut tcp = Vec::new();
    tcp.extend(40000_u16.to_be_bytes());
    tcp.extend(3333_u16.to_be_bytes());
    tcp.extend([0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0]);
    tcp.extend(payload);
    let mut ip = vec![0x45, 0];
    ip.extend(u16::try_from(20 + tcp.len()).unwrap().to_be_bytes());
    ip.extend([0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
    frame.extend(ip);
    frame.extend(tcp);
    let mut bytes = Vec::new();
    bytes.write_all(&0xa1b2_c3d4_u32.to_le_bytes()).unwrap();
    bytes.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 1, 0, 0, 0]);
    let length = u32::try_from(frame.len()).unwrap().to_le_bytes();
    bytes.extend([0; 8]);
    bytes.extend(length);
    bytes.extend(length);
    bytes.extend(frame);
    bytes
}
