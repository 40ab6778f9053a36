//! Mails of `overt alerts`, against a mail server of Debian's packages and against servers that misbehave.

use crate::{World, offline};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use testkit::product::free_port;

const SERVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/handing_over/server.py");

/// A mail server that ends with its value.
struct MailServer {
    process: Child,
    port: u16,
    folder: TempDir,
}

impl MailServer {
    fn start(options: &[&str]) -> Self {
        let (port, folder) = (free_port().unwrap(), tempfile::tempdir().unwrap());
        let mut command = Command::new("/usr/bin/python3");
        command.arg(SERVER).arg(port.to_string()).arg(folder.path()).args(options);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "the package python3-aiosmtpd is needed");
        Self { process, port, folder }
    }

    /// What it took, oldest first.
    fn taken(&self) -> Vec<Value> {
        let listed = std::fs::read_dir(self.folder.path()).unwrap().map(|e| e.unwrap().path());
        let mut paths: Vec<PathBuf> = listed.filter(|p| p.extension().is_some_and(|e| e == "json")).collect();
        paths.sort();
        paths.iter().map(|p| serde_json::from_slice(&std::fs::read(p).unwrap()).unwrap()).collect()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn header<'a>(message: &'a Value, name: &str) -> Vec<&'a str> {
    let headers = message["headers"].as_array().unwrap().iter();
    headers.filter(|h| h[0].as_str() == Some(name)).map(|h| h[1].as_str().unwrap()).collect()
}

/// A private authority and a certificate of it for 127.0.0.1.
fn authority(folder: &Path) {
    let run = |args: &str| {
        let mut command = Command::new("openssl");
        command.current_dir(folder).args(args.split('|')).stderr(Stdio::null());
        assert!(command.status().unwrap().success(), "{args}");
    };
    let key = "-newkey|ec|-pkeyopt|ec_paramgen_curve:prime256v1|-nodes";
    run(&format!("req|-x509|{key}|-keyout|ca.key|-out|ca.pem|-subj|/CN=Test authority|-days|2"));
    run(&format!("req|{key}|-keyout|key.pem|-out|server.csr|-subj|/CN=mail"));
    std::fs::write(folder.join("ext"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n").unwrap();
    run(
        "x509|-req|-in|server.csr|-CA|ca.pem|-CAkey|ca.key|-CAcreateserial|-extfile|ext|-out|cert.pem|-days|2",
    );
}

fn secret(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("login");
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path
}

/// `overt alerts --test-mail`, which asks no registry.
fn test_mail(smtp: &str, more: &[&str]) -> (i32, String) {
    let args = ["alerts", "--operator", "acme", "--site", "hall", "--state", "none.json", "--test-mail"];
    let mail = ["--mail-from", "overt@acme.example", "--mail-to", "duty@acme.example", "--smtp", smtp];
    let patience: &[&str] = if more.contains(&"--timeout") { &[] } else { &["--timeout", "2s"] };
    offline(&[&args[..], &mail, patience, more].concat())
}

#[test]
fn a_test_mail_is_taken_plain_on_this_machine_by_starttls_and_by_tls_with_a_private_authority() {
    let folder = tempfile::tempdir().unwrap();
    authority(folder.path());
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (cert, key, ca) = (path("cert.pem"), path("key.pem"), path("ca.pem"));
    let login = secret(folder.path(), "user\npass word\n").to_str().unwrap().to_owned();

    let plain = MailServer::start(&[]);
    let (code, said) = test_mail(&format!("smtp://127.0.0.1:{}", plain.port), &[]);
    assert!(code == 0 && said.contains("took a test mail for duty@acme.example"), "{said}");
    assert_eq!(plain.taken()[0]["encrypted"], false);

    let guarded = ["--login", "user", "pass word"];
    let upgraded = MailServer::start(&[&["--starttls", &cert, &key], &guarded[..]].concat());
    let url = format!("smtp+starttls://localhost:{}", upgraded.port);
    let (code, said) = test_mail(&url, &["--smtp-ca", &ca, "--smtp-login", &login]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(upgraded.taken()[0]["encrypted"], true);
    let (code, said) = test_mail(&url, &["--smtp-login", &login]);
    assert!(code != 0 && said.contains("not trusted") && said.contains("--smtp-ca"), "{said}");
    let wrong = secret(folder.path(), "user\nanother\n").to_str().unwrap().to_owned();
    let (code, said) = test_mail(&url, &["--smtp-ca", &ca, "--smtp-login", &wrong]);
    assert!(code != 0 && said.contains("refuses the user or the password"), "{said}");
    assert!(!said.contains("another"), "no password in what is said: {said}");
    assert_eq!(upgraded.taken().len(), 1);

    let wrapped = MailServer::start(&["--tls", &cert, &key]);
    let (code, said) = test_mail(&format!("smtps://127.0.0.1:{}", wrapped.port), &["--smtp-ca", &ca]);
    assert_eq!(code, 0, "{said}");
    let (code, said) = test_mail(&format!("smtp+starttls://127.0.0.1:{}", plain.port), &[]);
    assert!(code != 0 && said.contains("STARTTLS"), "never less than what was asked for: {said}");
    assert_eq!(plain.taken().len(), 1);
}

#[test]
fn what_would_go_out_unencrypted_or_with_a_password_that_others_can_read_is_refused_before_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let login = secret(folder.path(), "user\npassword\n");
    let shown = login.to_str().unwrap();
    let (code, said) = test_mail("smtp://mail.example", &[]);
    assert!(code == 2 && said.contains("--smtp-unencrypted"), "{said}");
    let (code, said) = test_mail("smtp://mail.example", &["--smtp-unencrypted", "--smtp-login", shown]);
    assert!(code == 2 && said.contains("without encryption"), "{said}");
    let (code, said) = test_mail("smtps://user:password@mail.example", &[]);
    assert!(code == 2 && said.contains("do not belong on the command line"), "{said}");
    std::fs::set_permissions(&login, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (code, said) = test_mail("smtps://127.0.0.1:1", &["--smtp-login", shown]);
    assert!(code == 2 && said.contains("chmod 600"), "{said}");
    secret(folder.path(), "only one line");
    let (code, said) = test_mail("smtps://127.0.0.1:1", &["--smtp-login", shown]);
    assert!(code == 2 && said.contains("expected two lines"), "{said}");
    let (code, said) = test_mail("smtps://127.0.0.1:1", &["--smtp-ca", shown]);
    assert!(code == 2 && said.contains("no certificate in it"), "{said}");
}

/// A server that takes connections and goes on like this.
fn misbehaving(answer: fn(TcpStream)) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || answer(connection));
        }
    });
    port
}

fn drip(mut connection: TcpStream) {
    while connection.write_all(b"2").is_ok() {
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn hang(connection: TcpStream) {
    std::thread::sleep(Duration::from_secs(60));
    drop(connection);
}

#[test]
fn a_server_that_hangs_or_drips_is_left_in_good_time() {
    for (answer, why) in [(hang as fn(TcpStream), "does not answer"), (drip, "does not come to an end")] {
        let url = format!("smtp://127.0.0.1:{}", misbehaving(answer));
        let begun = Instant::now();
        let (code, said) = test_mail(&url, &["--timeout", "300ms"]);
        assert!(code != 0 && said.contains(why), "{said}");
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    }
}

/// A webhook that takes everything, and counts.
fn webhook() -> (u16, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&count);
    std::thread::spawn(move || {
        for mut connection in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(connection.try_clone().unwrap());
            let (mut line, mut length) = (String::new(), 0);
            while reader.read_line(&mut line).unwrap_or(0) > 2 {
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            std::io::Read::read_exact(&mut reader, &mut vec![0; length]).unwrap();
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let _ = connection.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
        }
    });
    (port, count)
}

#[test]
fn who_did_not_take_an_alert_is_told_again_and_nobody_else() {
    let world = World::new();
    let (hook, hooked) = webhook();
    let hooked = || hooked.load(std::sync::atomic::Ordering::SeqCst);
    let (state, settings) = (world.path("alerts.json"), world.path("alerts.toml"));
    std::fs::write(&settings, "[rule.unregistered-device]\nhold_minutes = 0\n[rule.silent-device]\non = false\n[rule.silent-site]\non = false\n").unwrap();
    let look = |smtp: &str, to: &str| {
        let hook = format!("http://127.0.0.1:{hook}/");
        let (state, settings) = (state.to_str().unwrap(), settings.to_str().unwrap());
        let what = ["alerts", "--operator", "acme", "--site", "hall", "--last", "12d", "--timeout", "300ms"];
        let post = ["--webhook", &hook, "--mail-from", "overt@acme.example", "--mail-to", to, "--smtp", smtp];
        world.run(&[&what[..], &["--state", state, "--settings", settings], &post].concat())
    };
    let both = "duty@acme.example,gone@acme.example";
    let silent = format!("smtp://127.0.0.1:{}", misbehaving(hang));
    let (code, said) = look(&silent, both);
    assert!(code == 2 && said.contains("does not answer") && said.contains("not taken by all"), "{said}");
    let told = hooked();
    assert!(told > 0, "a mail server that hangs does not hold up the webhook");

    let picky = MailServer::start(&["--refuse", "gone@acme.example"]);
    let (code, said) = look(&format!("smtp://127.0.0.1:{}", picky.port), both);
    assert!(code == 2 && said.contains("does not take mail for gone@acme.example: "), "{said}");
    assert_eq!((picky.taken().len(), hooked()), (told, told), "who took it is not told again");

    let kind = MailServer::start(&[]);
    let (code, said) = look(&format!("smtp://127.0.0.1:{}", kind.port), both);
    assert_eq!(code, 0, "{said}");
    assert_eq!((kind.taken().len(), hooked()), (told, told));
    let (first, later) = (&picky.taken()[0], &kind.taken()[0]);
    assert_eq!(
        (&first["to"][0], &later["to"][0]),
        (&"duty@acme.example".into(), &"gone@acme.example".into())
    );
    for name in ["Message-ID", "Date", "Subject"] {
        assert_eq!(header(first, name), header(later, name), "the same message");
        assert_eq!(header(first, name).len(), 1);
    }
    assert_eq!(first["defects"], Value::Array(vec![]));
    assert!(first["ascii"] == true && first["longest"].as_u64().unwrap() <= 998, "{first}");
    assert!(header(first, "Subject")[0].contains("opened 新: unregistered-device at hall"), "{first}");
    assert_eq!(header(first, "Auto-Submitted"), ["auto-generated"]);
    let body = first["body"].as_str().unwrap();
    assert!(body.contains("This is new. 这是新出现的差异。") && body.contains("提出异议"), "{body}");

    let (code, said) = look(&format!("smtp://127.0.0.1:{}", kind.port), both);
    assert!(code == 0 && said.contains("Nothing new"), "{said}");
    assert_eq!((kind.taken().len(), hooked()), (told, told));
}
