//! Devices that an authority or a TPM vouches for, with the tools that people have for it: OpenSSL and tpm2-tools.

use crate::support::{Running, World, outcome, overt, text};
use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Runs a tool in a folder; it has to succeed.
fn tool(world: &World, name: &str, args: &[&str]) {
    let mut command = Command::new(name);
    command.args(args).current_dir(world.path("")).env("TPM2TOOLS_TCTI", tcti(world));
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("{name}: {e}; the packages openssl, swtpm and tpm2-tools have it"));
    assert!(output.status.success(), "{name} {args:?}: {}", text(&output.stderr));
}

/// A registry with an operator, and a key that may vouch there; gives the key's short name.
fn registry(world: &World, kind: &str, algorithm: &str) -> (Running, String) {
    let registry = world.serve();
    world.hall(&registry, "1");
    let ask = ["--data", &world.data(), "--registry", &registry.url];
    let authority =
        ["authority", &world.path("key.pem"), "--operator", "acme", "--kind", kind, "--algorithm", algorithm];
    let said = overt(&[&["admin"], &ask[..], &authority].concat());
    let id = said.split_whitespace().nth(1).unwrap().to_owned();
    (registry, id)
}

/// Writes what is to be signed.
fn request(world: &World) {
    let device = ["--data", &world.path("device"), "--site", "hall", "--label", "rack 7"];
    overt(&[&["enrol", "--to-be-signed", &world.path("request.bin")], &device[..]].concat());
}

/// Enrols with the signature; the device has this grade then.
fn enrolled(world: &World, registry: &Running, voucher: &str, grade: &str) {
    let device =
        ["--data", &world.path("device"), "--site", "hall", "--label", "rack 7", "--registry", &registry.url];
    let signature = world.path("request.sig");
    let vouched = ["enrol", "--voucher", voucher, "--signature", &signature];
    // Not for another label: the authority has signed this one.
    let other =
        outcome(&[&vouched[..], &device[..4], &["--label", "rack 8", "--registry", &registry.url]].concat());
    assert_eq!(other.status.code(), Some(2), "{}", text(&other.stdout));
    assert!(text(&other.stderr).contains("does not hold"), "{}", text(&other.stderr));
    overt(&[&vouched[..], &device[..]].concat());
    let devices = overt(&["admin", "--data", &world.data(), "--registry", &registry.url, "devices"]);
    let devices: Vec<Value> = serde_json::from_str(&devices).unwrap();
    assert_eq!(
        (devices.len(), &devices[0]["grade"], &devices[0]["label"]),
        (1, &grade.into(), &"rack 7".into())
    );
}

#[test]
fn an_ed25519_authority_vouches_with_openssl() {
    let world = World::new();
    tool(&world, "openssl", &["genpkey", "-algorithm", "ed25519", "-out", "private.pem"]);
    tool(&world, "openssl", &["pkey", "-in", "private.pem", "-pubout", "-out", "key.pem"]);
    let (registry, id) = registry(&world, "authority", "ed25519");
    request(&world);
    let sign =
        ["pkeyutl", "-sign", "-rawin", "-inkey", "private.pem", "-in", "request.bin", "-out", "request.sig"];
    tool(&world, "openssl", &sign);
    enrolled(&world, &registry, &id, "authority");
}

#[test]
fn a_p256_authority_vouches_with_openssl() {
    let world = World::new();
    let key = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "private.pem"];
    tool(&world, "openssl", &key);
    tool(&world, "openssl", &["pkey", "-in", "private.pem", "-pubout", "-out", "key.pem"]);
    let (registry, id) = registry(&world, "authority", "p256");
    request(&world);
    tool(
        &world,
        "openssl",
        &["dgst", "-sha256", "-sign", "private.pem", "-out", "request.sig", "request.bin"],
    );
    enrolled(&world, &registry, &id, "authority");
}

/// A TPM in software.
struct Tpm(Child);

impl Drop for Tpm {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn tcti(world: &World) -> String {
    format!("swtpm:path={}", world.path("tpm.sock"))
}

impl Tpm {
    fn start(world: &World) -> Self {
        std::fs::create_dir(world.path("tpm")).unwrap();
        let socket = world.path("tpm.sock");
        let (server, control) =
            (format!("type=unixio,path={socket}"), format!("type=unixio,path={socket}.ctrl"));
        let state = format!("dir={}", world.path("tpm"));
        let mut command = Command::new("swtpm");
        command.args(["socket", "--tpm2", "--flags", "not-need-init,startup-clear", "--tpmstate", &state]);
        command.args(["--server", &server, "--ctrl", &control]).stdout(Stdio::null()).stderr(Stdio::null());
        let why = "no swtpm: install the packages swtpm and tpm2-tools, or set OVERT_WITHOUT_TPM=1 to leave this out";
        let child = Self(command.spawn().expect(why));
        let until = Instant::now() + Duration::from_secs(30);
        while !Path::new(&socket).exists() {
            assert!(Instant::now() < until, "swtpm does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        child
    }
}

/// A tool of tpm2-tools. The TPM has few slots, and nobody here empties them but we.
fn tpm2(world: &World, name: &str, args: &[&str]) {
    tool(world, name, args);
    tool(world, "tpm2_flushcontext", &["-t"]);
}

#[test]
fn a_device_whose_request_its_tpm_signed_has_the_grade_tpm() {
    if std::env::var_os("OVERT_WITHOUT_TPM").is_some_and(|value| value == "1") {
        println!("SKIPPED: OVERT_WITHOUT_TPM=1");
        return;
    }
    let world = World::new();
    let _tpm = Tpm::start(&world);
    tpm2(&world, "tpm2_createprimary", &["-C", "o", "-G", "ecc256", "-c", "primary.ctx"]);
    let key = "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign";
    let create =
        ["-C", "primary.ctx", "-G", "ecc256:ecdsa-sha256", "-a", key, "-u", "key.pub", "-r", "key.priv"];
    tpm2(&world, "tpm2_create", &create);
    tpm2(&world, "tpm2_load", &["-C", "primary.ctx", "-u", "key.pub", "-r", "key.priv", "-c", "key.ctx"]);
    tpm2(&world, "tpm2_readpublic", &["-c", "key.ctx", "-f", "pem", "-o", "key.pem"]);
    let (registry, id) = registry(&world, "tpm", "p256");
    request(&world);
    tpm2(
        &world,
        "tpm2_sign",
        &["-c", "key.ctx", "-g", "sha256", "-f", "plain", "-o", "request.sig", "request.bin"],
    );
    enrolled(&world, &registry, &id, "tpm");
}
