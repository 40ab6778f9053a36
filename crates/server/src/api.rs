//! The API under `/api/v1`: each module answers for one kind of thing, authorises before it looks, and blocks nowhere.

mod backup;
mod bundle;
mod chain;
mod contest;
mod device;
mod enrolment;
mod evidence;
mod filing;
mod history;
mod record;
mod registration;
mod status;
mod submission;
mod token;

use crate::app::App;
use crate::problem::{Kind, Problem};
use crate::service::Service;
use access::Object;
use axum::extract::{DefaultBodyLimit, Extension};
use jiff::civil::Date;
use registry::{AdmitError, CommandError, ReceiptError, State};
use statement::{DeviceId, Name};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The running registry, as handlers get it.
pub type Running = Extension<Arc<Service>>;

/// All routes of the API.
pub fn routes() -> OpenApiRouter<App> {
    let large = OpenApiRouter::new()
        .routes(routes!(submission::submit))
        .routes(routes!(evidence::put, evidence::get))
        .routes(routes!(enrolment::batch))
        .routes(routes!(registration::register, registration::list))
        .routes(routes!(filing::file, filing::list))
        .layer(DefaultBodyLimit::max(registry::MAX_BODY));
    OpenApiRouter::new()
        .merge(large)
        .routes(routes!(submission::read))
        .routes(routes!(submission::receipt))
        .routes(routes!(enrolment::enrol, device::list))
        .routes(routes!(device::read, device::revoke))
        .routes(routes!(enrolment::rotate))
        .routes(routes!(chain::position))
        .routes(routes!(chain::receipt))
        .routes(routes!(chain::receipts))
        .routes(routes!(chain::statement))
        .routes(routes!(evidence::want))
        .routes(routes!(record::write_operator, record::read_operator))
        .routes(routes!(record::write_site, record::read_site))
        .routes(routes!(record::vouch))
        .routes(routes!(record::erase))
        .routes(routes!(registration::approve))
        .routes(routes!(filing::read_document))
        .routes(routes!(contest::contest, contest::list))
        .routes(routes!(contest::answer))
        .routes(routes!(contest::counts))
        .routes(routes!(token::issue, token::list))
        .routes(routes!(token::revoke))
        .routes(routes!(history::read))
        .routes(routes!(history::spells))
        .routes(routes!(bundle::read))
        .routes(routes!(backup::make))
        .routes(routes!(status::read))
        .routes(routes!(status::policy))
        .routes(routes!(status::rulebook))
}

/// What a device is to the access policies.
fn object_of(state: &State, id: DeviceId) -> Option<Object> {
    let device = state.devices.get(&id)?;
    let site = state.site(&device.site)?;
    Some(Object::of_device(site.operator.to_string(), site.id.to_string(), id.to_string()))
}

/// What a site is to them.
fn object_of_site(state: &State, id: &Name) -> Option<Object> {
    state.site(id).map(|site| Object::of_site(site.operator.to_string(), site.id.to_string()))
}

fn device_id(text: &str) -> Result<DeviceId, Problem> {
    text.parse().map_err(|e: statement::NotHex| Problem::with(Kind::Malformed, format!("device: {e}")))
}

fn name(text: &str) -> Result<Name, Problem> {
    text.parse().map_err(|e: statement::NameError| Problem::with(Kind::Malformed, e.to_string()))
}

fn day(what: &str, text: &str) -> Result<Date, Problem> {
    let expected = || format!("{what}: expected YYYY-MM-DD, found '{text}'");
    text.parse().map_err(|_| Problem::with(Kind::Malformed, expected()))
}

/// A registry that did not take something.
fn not_taken(error: &AdmitError) -> Problem {
    match error {
        AdmitError::Body(error) => Problem::with(Kind::Malformed, error.to_string()),
        AdmitError::Command(error) => refused(error),
        AdmitError::Stopped { why } => {
            Problem::with(Kind::Unavailable, format!("the registry has stopped: {why}"))
        }
        _ => Problem::new(Kind::Unavailable),
    }
}

/// A wish that was refused.
fn refused(error: &CommandError) -> Problem {
    let kind = match error {
        CommandError::Request(_) => Kind::Malformed,
        CommandError::Exists { .. } => Kind::Conflict,
        _ => Kind::Refused,
    };
    Problem::with(kind, error.to_string())
}

/// A receipt that is not there.
fn no_receipt(error: &ReceiptError) -> Problem {
    match error {
        ReceiptError::NotYet { .. } => Problem::with(Kind::NotFound, error.to_string()).after_seconds(1),
        _ => Problem::new(Kind::Unavailable),
    }
}
