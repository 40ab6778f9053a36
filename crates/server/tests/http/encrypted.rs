//! TLS, client certificates, and that tokens do not cross a network in the clear.

use crate::client::Answer;
use crate::world::World;
use access::Actor;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use server::{Credential, Listen, ListenError, TlsFiles};
use sha2::{Digest, Sha256};
use std::path::Path;
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn certified(by: &Authority, usage: ExtendedKeyUsagePurpose) -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
    params.extended_key_usages = vec![usage];
    (params.signed_by(&key, by).unwrap(), key)
}

fn files(folder: &Path, server: &Authority, clients: Option<&Authority>) -> TlsFiles {
    let (certificate, key) = certified(server, ExtendedKeyUsagePurpose::ServerAuth);
    let write = |name: &str, text: String| {
        std::fs::write(folder.join(name), text).unwrap();
        folder.join(name)
    };
    TlsFiles {
        certificates: write("certificate.pem", certificate.pem()),
        key: write("key.pem", key.serialize_pem()),
        client_authorities: clients.map(|authority| write("clients.pem", authority.pem())),
    }
}

fn get(
    world: &World,
    path: &str,
    trusted: &Authority,
    client: Option<&(rcgen::Certificate, KeyPair)>,
) -> Result<Answer, ureq::Error> {
    let trusted = Certificate::from_der(trusted.der()).to_owned();
    let client = client.map(|(certificate, key)| {
        let certificate = Certificate::from_der(certificate.der()).to_owned();
        ClientCert::new_with_certs(
            &[certificate],
            PrivateKey::from_pem(key.serialize_pem().as_bytes()).unwrap(),
        )
    });
    let tls =
        TlsConfig::builder().root_certs(RootCerts::new_with_certs(&[trusted])).client_cert(client).build();
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).tls_config(tls).build().into();
    agent.get(format!("https://{}{path}", world.address())).call().map(Answer::of)
}

#[test]
fn tokens_do_not_cross_a_network_in_the_clear_unless_that_is_said() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let bind = |address: &str, insecure_plaintext| {
        let listen = Listen { address: address.parse().unwrap(), tls: None, insecure_plaintext };
        runtime.block_on(listen.bind())
    };
    for outside in ["0.0.0.0:0", "[::]:0", "192.0.2.1:443", "[::ffff:192.0.2.1]:443"] {
        let error = bind(outside, false).unwrap_err();
        assert!(matches!(error, ListenError::Plaintext(_)), "{outside}: {error}");
        assert!(error.to_string().contains("--insecure-plaintext"));
    }
    assert!(bind("127.0.0.1:0", false).is_ok());
    assert!(bind("0.0.0.0:0", true).is_ok());
}

#[test]
fn an_encrypted_server_is_believed_by_its_authority_only() {
    let (folder, mine, other) = (tempfile::tempdir().unwrap(), authority(), authority());
    let world = World::with_tls(files(folder.path(), &mine, None));
    let answer = get(&world, "/healthz", &mine, None).unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
    assert!(get(&world, "/healthz", &other, None).is_err());
}

#[test]
fn plain_text_is_not_answered_where_encryption_is_expected() {
    let (folder, mine) = (tempfile::tempdir().unwrap(), authority());
    let world = World::with_tls(files(folder.path(), &mine, None));
    let mut plain = world.open();
    plain.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(!plain.rest().starts_with(b"HTTP"));
    assert_eq!(get(&world, "/healthz", &mine, None).unwrap().status, 200);
}

#[test]
fn a_client_certificate_stands_for_whom_the_registry_says() {
    let (folder, mine, clients) = (tempfile::tempdir().unwrap(), authority(), authority());
    let world = World::with_tls(files(folder.path(), &mine, Some(&clients)));
    let client = || certified(&clients, ExtendedKeyUsagePurpose::ClientAuth);
    let (known, stranger) = (client(), client());
    world.tokens().keep(Credential {
        name: "ops".into(),
        digest: Sha256::digest(known.0.der()).into(),
        actor: Actor::Administrator,
        expires: None,
        label: "ops".into(),
    });
    let status = |client| get(&world, "/metrics", &mine, client).unwrap().status;
    assert_eq!(status(Some(&known)), 200);
    assert_eq!(status(Some(&stranger)), 401, "signed by the authority and registered as nobody");
    assert_eq!(status(None), 401, "without certificate and token");
    let foreign = certified(&authority(), ExtendedKeyUsagePurpose::ClientAuth);
    assert!(get(&world, "/metrics", &mine, Some(&foreign)).is_err(), "signed by somebody else");
}

#[test]
fn files_that_hold_no_certificate_or_key_are_named() {
    let (folder, mine) = (tempfile::tempdir().unwrap(), authority());
    let good = files(folder.path(), &mine, Some(&mine));
    assert!(good.load().is_ok());
    let cases = [
        (TlsFiles { certificates: good.key.clone(), ..good.clone() }, "key.pem: expected a certificate"),
        (
            TlsFiles { key: good.certificates.clone(), ..good.clone() },
            "certificate.pem: expected a private key",
        ),
        (TlsFiles { key: folder.path().join("none"), ..good.clone() }, "none: "),
        (TlsFiles { client_authorities: Some(good.key.clone()), ..good.clone() }, "key.pem: expected a cert"),
    ];
    for (files, expected) in cases {
        let error = files.load().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
