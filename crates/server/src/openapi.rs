//! The description of the API (OpenAPI 3.1), generated from the handlers and checked in as `schemas/openapi.json`.

use crate::app::App;
use crate::caller::Caller;
use crate::problem::{self, Problem};
use access::{Action, Object};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::sync::OnceLock;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi, PartialSchema, ToSchema};

/// What is not said by a handler.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "overt registry",
        description = "Statements of what computing power does, in a log that anyone can verify. Errors are problem details (RFC 9457).",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    paths(crate::static_log::tile),
    components(schemas(Problem)),
    modifiers(&Tokens),
    tags(
        (name = "log", description = "The log as static files; for anyone"),
        (name = "statements", description = "Statements of devices and their receipts"),
        (name = "devices", description = "Devices, their keys and chains"),
        (name = "records", description = "Operators, sites, authorities, erasures: versions in the log"),
        (name = "registrations", description = "What people say of operators, sites, devices and workloads"),
        (name = "filings", description = "Filings that a person has checked and signed"),
        (name = "contests", description = "Contested findings and their answers"),
        (name = "tokens", description = "Tokens of people and programs"),
        (name = "evidence", description = "Evidence that stays on devices, handed out on request"),
        (name = "history", description = "What was found over time"),
        (name = "registry", description = "How the registry stands and what it judges by"),
        (name = "health", description = "Whether the registry is up"),
    )
)]
pub struct Api;

/// A body of bytes that are no text: a string whose characters are bytes, as OpenAPI has it.
pub enum Octets {}

impl PartialSchema for Octets {
    fn schema() -> RefOr<Schema> {
        let binary = SchemaFormat::KnownFormat(KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(binary)).build().into()
    }
}

impl ToSchema for Octets {}

struct Tokens;

impl Modify for Tokens {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let description = "A token as `ovt_<name>_<secret>`, or a client certificate in its place";
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description)).build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// The description of the whole API.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut api = crate::routes::all().merge(crate::api::routes()).into_openapi();
    for item in api.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            operation.responses.responses.insert("default".to_owned(), RefOr::T(any_problem()));
        }
    }
    api
}

/// What every operation may answer besides what it says of itself: a bad token, too many requests, too slow.
fn any_problem() -> utoipa::openapi::Response {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new().description("A problem").content(problem::MEDIA_TYPE, content).build()
}

/// This description.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "health", operation_id = "openapi",
    responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value, content_type = "application/json")))]
pub async fn read_openapi(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    static TEXT: OnceLock<String> = OnceLock::new();
    app.authorise(&caller, Action::ReadOpenapi, &Object::Registry).await?;
    let text = TEXT.get_or_init(|| openapi().to_json().unwrap_or_default());
    Ok(([(header::CONTENT_TYPE, "application/json")], text.as_str()).into_response())
}
