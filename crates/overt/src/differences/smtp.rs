//! Mails over SMTP: where the mail server is, how it is trusted, and one message to one address.
//!
//! Every address gets a message of its own, so that one that is refused holds up nobody else. Must not send a password, nor
//! anything to another machine, without encryption unless that was asked for; must not keep a password.

use super::place::{Place, Way};
use super::post::Untaken;
use crate::Failure;
use crate::registry::failed;
use crate::registry::folder::read_secret;
use crate::table::printable;
use discrepancy::alert::Mail;
use lettre::message::header::{ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{Address, Message, SmtpTransport, Transport};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, SystemTime};

/// Most addresses.
const MAX_ADDRESSES: usize = 20;
/// A whole conversation may take so many times what one answer may.
const CONVERSATION: u32 = 6;
/// Most bytes of a file of certificates.
const MAX_CA: u64 = 1 << 20;

/// Where mails go.
#[derive(Clone, Debug, clap::Args)]
pub struct MailArgs {
    /// Send each message as a mail to this address; several are allowed
    #[arg(long = "mail-to", value_name = "ADDRESS", value_delimiter = ',', requires_all = ["from", "smtp"])]
    pub to: Vec<Address>,
    /// The address that mails come from
    #[arg(long = "mail-from", value_name = "ADDRESS")]
    pub from: Option<Address>,
    /// The mail server: smtps://host:465, smtp+starttls://host:587, or smtp://host:25 without encryption
    #[arg(long, value_name = "URL")]
    pub smtp: Option<Place>,
    /// File of mode 0600 with the user on its first line and the password on its second
    #[arg(long, value_name = "FILE")]
    pub smtp_login: Option<PathBuf>,
    /// Trust only the certificates in this file, PEM; otherwise the public ones
    #[arg(long, value_name = "FILE")]
    pub smtp_ca: Option<PathBuf>,
    /// Allow smtp:// to another machine: everybody on the way can read and change what it says
    #[arg(long)]
    pub smtp_unencrypted: bool,
}

/// A mail server that is ready to be spoken to.
pub struct Relay {
    transport: SmtpTransport,
    server: String,
    from: Address,
    timeout: Duration,
}

impl MailArgs {
    /// Gets ready to send; sends nothing. None where no mail is asked for.
    pub fn relay(&self, timeout: Duration) -> Result<Option<Relay>, Failure> {
        let (Some(place), Some(from)) = (&self.smtp, &self.from) else { return Ok(None) };
        if self.to.len() > MAX_ADDRESSES {
            let why = format!("{} addresses, expected at most {MAX_ADDRESSES}", self.to.len());
            return Err(Failure::Usage(format!("--mail-to: {why}; use a list of the mail server")));
        }
        let server = format!("{}:{}", place.host, place.port);
        let open = place.way == Way::Plain && !place.here();
        if open && !self.smtp_unencrypted {
            return Err(Failure::Usage(format!(
                "--smtp: mails to {server} would not be encrypted; use smtps:// or smtp+starttls://, or say --smtp-unencrypted"
            )));
        }
        let mut builder =
            SmtpTransport::builder_dangerous(&place.host).port(place.port).timeout(Some(timeout));
        if let Some(path) = &self.smtp_login {
            if open {
                let why = format!("--smtp-login: the password would go to {server} without encryption");
                return Err(Failure::Usage(format!("{why}; use smtps:// or smtp+starttls://")));
            }
            builder = builder.credentials(login(path)?);
        }
        let tls = tls(place, self.smtp_ca.as_deref())?;
        builder = builder.tls(tls);
        Ok(Some(Relay { transport: builder.build(), server, from: from.clone(), timeout }))
    }
}

fn tls(place: &Place, ca: Option<&Path>) -> Result<Tls, Failure> {
    let mut parameters = TlsParameters::builder(place.host.clone()).certificate_store(match ca {
        Some(_) => CertificateStore::None,
        None => CertificateStore::WebpkiRoots,
    });
    if let Some(path) = ca {
        let wrong = |e: &dyn std::fmt::Display| failed(format!("--smtp-ca {}", path.display()), e);
        let length = std::fs::metadata(path).map_err(|e| wrong(&e))?.len();
        if length > MAX_CA {
            return Err(wrong(&format!("{length} bytes, expected at most {MAX_CA}")));
        }
        let pem = std::fs::read(path).map_err(|e| wrong(&e))?;
        if !pem.windows(27).any(|w| w == b"-----BEGIN CERTIFICATE-----") {
            return Err(wrong(&"no certificate in it, expected PEM"));
        }
        parameters = parameters.add_root_certificate(Certificate::from_pem(&pem).map_err(|e| wrong(&e))?);
    }
    let parameters = || parameters.build().map_err(|e| failed("TLS", e));
    Ok(match place.way {
        Way::Plain => Tls::None,
        Way::StartTls => Tls::Required(parameters()?),
        Way::Tls => Tls::Wrapper(parameters()?),
    })
}

fn login(path: &Path) -> Result<Credentials, Failure> {
    let shown = path.display();
    let text = read_secret(path)?.ok_or_else(|| Failure::Usage(format!("{shown} is not there")))?;
    let mut lines = text.lines().map(str::to_owned);
    match (lines.next(), lines.next(), lines.next()) {
        (Some(user), Some(password), None) if !user.is_empty() => Ok(Credentials::new(user, password)),
        _ => Err(Failure::Usage(format!(
            "--smtp-login {shown}: expected two lines, the user and the password"
        ))),
    }
}

/// The part of a message's id before its `@`: the same whenever the same message is sent.
pub fn message_id(scope: &str, at_ms: u64, number: Option<u64>) -> String {
    let number = number.map_or_else(|| "test".to_owned(), |n| n.to_string());
    let whole = statement::Digest::of(format!("{scope} {at_ms} {number}").as_bytes()).to_string();
    format!("overt.{at_ms}.{number}.{}", whole.get(..16).unwrap_or(&whole))
}

impl Relay {
    /// The server as `host:port`.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Sends one mail to one address and waits until it is taken.
    pub fn send(&self, to: &Address, mail: &Mail, id: &str, at_ms: u64) -> Result<(), Untaken> {
        let message = self.message(to, mail, id, at_ms).map_err(|e| self.refused(to, &e))?;
        let (transport, (done, taken)) = (self.transport.clone(), mpsc::channel());
        // A server that answers a little now and then would never run into the time-out of one answer, and finding the
        // server's address has none at all. A thread that is given up ends with its connection.
        std::thread::spawn(move || done.send(transport.send(&message).map(|_| ())));
        match taken.recv_timeout(self.timeout.saturating_mul(CONVERSATION)) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.untaken(to, &error)),
            Err(_) => {
                Err(Untaken::Silent(format!("{} does not come to an end; it is tried again", self.server)))
            }
        }
    }

    fn message(
        &self,
        to: &Address,
        mail: &Mail,
        id: &str,
        at_ms: u64,
    ) -> Result<Message, lettre::error::Error> {
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .from(self.from.clone().into())
            .to(to.clone().into())
            .date(SystemTime::UNIX_EPOCH + Duration::from_millis(at_ms))
            .message_id(Some(format!("<{id}@{}>", self.from.domain())))
            .subject(mail.subject.as_str())
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .header(MIME_VERSION_1_0)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.body.clone())
    }

    fn refused(&self, to: &Address, why: &dyn std::fmt::Display) -> Untaken {
        let (to, why) = (printable(to.as_ref()), printable(&why.to_string()));
        Untaken::Refused(format!("{} does not take mail for {to}: {why}", self.server))
    }

    fn untaken(&self, to: &Address, error: &lettre::transport::smtp::Error) -> Untaken {
        let (server, why) = (&self.server, printable(&error.to_string()));
        let code = error.status().map(|code| code.to_string());
        match code.as_deref() {
            Some("530" | "534" | "535" | "538") => Untaken::Refused(format!(
                "{server} refuses the user or the password ({why}); look at --smtp-login"
            )),
            Some(_) if error.is_permanent() => self.refused(to, &why),
            Some(_) => Untaken::Later(format!(
                "{server} does not take mail for {} now: {why}",
                printable(to.as_ref())
            )),
            None if error.is_client() => Untaken::Refused(format!("{server}: {why}; look at --smtp")),
            None if why.contains("certificate") => Untaken::Refused(format!(
                "{server} shows a certificate that is not trusted ({why}); give the file of its authority with --smtp-ca"
            )),
            None => {
                Untaken::Silent(format!("{server} does not answer: {why}; look at --smtp and at the server"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_message_has_the_same_id_and_others_have_others() {
        assert_eq!(message_id("a", 1, Some(2)), message_id("a", 1, Some(2)));
        assert_ne!(message_id("a", 1, Some(2)), message_id("a", 1, Some(3)));
        assert_ne!(message_id("a", 1, Some(2)), message_id("b", 1, Some(2)));
    }
}
