//! Tokens: issued once with their secret, listed without, ended; kept as records of the log.

use super::{Running, name};
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Kind, Problem};
use crate::service::now_ms;
use crate::token::NewToken;
use access::{Action, Actor, Object, Role};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use registry::Command;
use serde::{Deserialize, Serialize};
use statement::{Digest, Name, Token};
use utoipa::ToSchema;

/// A token that is wished for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenWish {
    /// Its name.
    pub name: String,
    /// `operator`, `inspector`, `reader`, `administrator`, or `enrolment` for a one-time token.
    pub role: String,
    /// The operator that it is bound to.
    pub operator: Option<String>,
    /// The sites that it is bound to.
    #[serde(default)]
    pub sites: Vec<String>,
    /// After how many seconds it ends; never where left out.
    #[schema(minimum = 1)]
    pub seconds: Option<u64>,
    /// How many devices an enrolment token lets in, 1 where left out.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub uses: Option<u32>,
}

/// A token with its secret, shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssuedToken {
    /// Its name.
    pub name: String,
    /// The whole token.
    pub token: String,
}

/// A token without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenRecord {
    /// Its name.
    pub name: String,
    /// The role that it gives.
    pub role: String,
    /// The operator that it is bound to.
    pub operator: Option<String>,
    /// The sites that it is bound to.
    pub sites: Vec<String>,
    /// When it ends, milliseconds since 1970.
    pub until_ms: Option<u64>,
    /// How many devices it may still let in.
    pub uses: u32,
}

/// What a token is to the access policies.
fn object(operator: Option<&str>, role: &str) -> Result<Object, Problem> {
    let wrong = || {
        Problem::with(
            Kind::Malformed,
            "role: expected operator, inspector, reader, administrator or enrolment",
        )
    };
    let role = Role::named(role)
        .filter(|r| !matches!(r, Role::Nobody | Role::Agent | Role::Relay))
        .ok_or_else(wrong)?;
    Ok(Object::token(operator.unwrap_or_default(), role))
}

fn object_of(token: &Token) -> Result<Object, Problem> {
    object(token.operator.as_ref().map(Name::as_str), &token.role)
}

/// Issue a token. Its secret is shown this once; only a hash of it is kept.
#[utoipa::path(
    post, path = "/api/v1/tokens", tag = "tokens", operation_id = "issue-token", request_body = TokenWish,
    responses(
        (status = 201, description = "The token", body = IssuedToken),
        (status = 400, description = "Not a role or name", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "There is one of this name", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No such operator or site", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn issue(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Json(wish): Json<TokenWish>,
) -> Result<(StatusCode, Json<IssuedToken>), Problem> {
    app.authorise(&caller, Action::IssueToken, &object(wish.operator.as_deref(), &wish.role)?).await?;
    let id = name(&wish.name)?;
    // Whoever may not issue the token that has this name is refused as for any that is not theirs, and not told that it is there.
    let before = service.registry().core().state.tokens.get(&id).map(object_of).transpose()?;
    if let Some(before) = before {
        app.authorise(&caller, Action::IssueToken, &before).await?;
    }
    let new = NewToken::make(&wish.name).map_err(|e| Problem::with(Kind::Malformed, e.to_string()))?;
    let sites = wish.sites.iter().map(|s| name(s)).collect::<Result<_, _>>()?;
    let enrolment = wish.role == Role::Enrolment.name();
    let token = Token {
        id,
        // An enrolment token travels whole inside a signed request; others are looked up by their name.
        secret: if enrolment { Digest::of(new.reveal().as_bytes()) } else { Digest(new.digest()) },
        role: wish.role,
        operator: wish.operator.as_deref().map(name).transpose()?,
        sites,
        until_ms: wish.seconds.map(|s| now_ms().saturating_add(s.saturating_mul(1_000))),
        uses: if enrolment { wish.uses.unwrap_or(1).clamp(1, 1_000_000) } else { 0 },
    };
    super::record::carry_out(&app, service, caller.name, Command::Token(token)).await?;
    Ok((StatusCode::CREATED, Json(IssuedToken { name: wish.name, token: new.reveal() })))
}

/// The tokens that the caller may see, without secrets.
#[utoipa::path(
    get, path = "/api/v1/tokens", tag = "tokens", operation_id = "tokens",
    responses(
        (status = 200, description = "The tokens", body = Vec<TokenRecord>),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
) -> Result<Json<Vec<TokenRecord>>, Problem> {
    if matches!(caller.actor, Actor::Nobody) {
        return Err(Problem::new(Kind::Unauthenticated));
    }
    let tokens: Vec<Token> = service.registry().core().state.tokens.values().cloned().collect();
    let may =
        |token: &Token| object_of(token).is_ok_and(|object| app.may(&caller, Action::ReadToken, &object));
    let record = |token: Token| TokenRecord {
        name: token.id.to_string(),
        role: token.role,
        operator: token.operator.map(|o| o.to_string()),
        sites: token.sites.iter().map(ToString::to_string).collect(),
        until_ms: token.until_ms,
        uses: token.uses,
    };
    Ok(Json(tokens.into_iter().filter(may).map(record).collect()))
}

/// End a token.
#[utoipa::path(
    delete, path = "/api/v1/tokens/{token}", tag = "tokens", operation_id = "end-token",
    params(("token" = String, Path, description = "Its name")),
    responses(
        (status = 204, description = "It has ended"),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such token", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn revoke(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Path(token): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = name(&token)?;
    let object = service.registry().core().state.tokens.get(&id).map(object_of).transpose()?;
    app.authorise_found(&caller, Action::RevokeToken, object.as_ref()).await?;
    super::record::carry_out(&app, service, caller.name, Command::EndToken(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
