//! History: sums and rows of findings, as JSON, CSV, Parquet or a chart.

use super::{Running, device_id};
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Kind, Problem};
use crate::service::Service;
use access::{Action, Actor, Object};
use axum::Extension;
use axum::extract::{Query as Asked, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use facts::Activity;
use jiff::tz::TimeZone;
use serde::Deserialize;
use store_parquet::{Bucket, Group, Query, chart, write_csv, write_json, write_parquet};
use utoipa::{IntoParams, ToSchema};

/// Most milliseconds that a question may span where it asks for a chart: ten years.
const MAX_SPAN: i64 = 10 * 366 * 86_400_000;
/// Most rows of one answer.
const MAX_ROWS: usize = 10_000;

/// A question to the history.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Question {
    /// Begin, milliseconds since 1970.
    pub from_ms: Option<i64>,
    /// End, milliseconds since 1970.
    pub to_ms: Option<i64>,
    /// Only this device.
    pub device: Option<String>,
    /// Only this operator.
    pub operator: Option<String>,
    /// Only this site.
    pub site: Option<String>,
    /// Only workloads whose name holds this.
    pub workload: Option<String>,
    /// Only this activity.
    pub activity: Option<String>,
    /// Only this disposition.
    pub disposition: Option<String>,
    /// What lines stand for: `device`, `workload`, `activity`, `disposition`, `site`, `operator`, `none`, or `rows` for single rows.
    pub group: Option<String>,
    /// Length of a step of time in seconds, for answers over time.
    #[param(minimum = 1)]
    pub step_s: Option<i64>,
    /// A time at which a step begins, milliseconds since 1970: a local midnight, for days.
    pub origin_ms: Option<i64>,
    /// `json`, `csv`, `parquet` or `svg`.
    #[param(inline)]
    pub format: Option<Format>,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// JSON.
    #[default]
    Json,
    /// CSV.
    Csv,
    /// Parquet.
    Parquet,
    /// An area chart of power and compute by activity.
    Svg,
}

/// Ask the history. Names of workloads are for those who may read statements; others ask by activity, device or site.
#[utoipa::path(
    get, path = "/api/v1/history", tag = "history", operation_id = "history", params(Question),
    responses(
        (status = 200, description = "The answer in the form that was asked for", content_type = "application/json"),
        (status = 400, description = "A question that makes no sense", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn read(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Asked(question): Asked<Question>,
) -> Result<Response, Problem> {
    let mut query = query(&question)?;
    let rows = question.group.as_deref() == Some("rows");
    let names = rows || query.workload.is_some() || query.group == Group::Workload;
    bound(&app, &service, &caller, &question, &mut query, names).await?;
    let format = question.format.unwrap_or_default();
    let answered = app.blocking(move |_| answer(&service, &query, rows, format)).await?;
    let (media, bytes) = answered.map_err(|e| match e {
        store_parquet::Error::Question { .. } => Problem::with(Kind::Malformed, e.to_string()),
        _ => Problem::new(Kind::Unavailable),
    })?;
    Ok(([(header::CONTENT_TYPE, media)], bytes).into_response())
}

/// What each workload of each device did over each step, with the statements that say so.
#[utoipa::path(
    get, path = "/api/v1/spells", tag = "history", operation_id = "spells", params(Question),
    responses(
        (status = 200, description = "What was done, and what was said; `group` and `format` are passed over", body = serde_json::Value, content_type = "application/json"),
        (status = 400, description = "A question that makes no sense, or too many lines", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not for this role", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such site", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn spells(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Asked(question): Asked<Question>,
) -> Result<Response, Problem> {
    let mut query = query(&question)?;
    if let Some(site) = &question.site {
        let object = super::object_of_site(&service.registry().core().state, &super::name(site)?);
        app.authorise_found(&caller, Action::ReadStatement, object.as_ref()).await?;
    }
    bound(&app, &service, &caller, &question, &mut query, true).await?;
    let answered = app.blocking(move |_| service.facts().spells(&query)).await?;
    let spells = answered.map_err(|e| match e {
        store_parquet::Error::Question { .. } => Problem::with(Kind::Malformed, e.to_string()),
        _ => Problem::new(Kind::Unavailable),
    })?;
    let text = serde_json::to_vec(&spells).map_err(|_| Problem::new(Kind::Internal))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}

/// Narrows a question to what the caller may see, and authorises it.
async fn bound(
    app: &App,
    service: &Service,
    caller: &Caller,
    question: &Question,
    query: &mut Query,
    names: bool,
) -> Result<(), Problem> {
    let action = if names { Action::ReadStatement } else { Action::ReadHistory };
    if caller.actor == Actor::Nobody {
        return Err(Problem::new(Kind::Unauthenticated));
    }
    if caller.actor == Actor::Administrator {
        return app.authorise(caller, action, &Object::of_operator("")).await;
    }
    // Everybody else sees sites one by one, as the policies say.
    let (mut allowed, mut refused) = (Vec::new(), None);
    let sites: Vec<(String, String)> = {
        let core = service.registry().core();
        core.state
            .sites
            .keys()
            .filter_map(|id| core.state.site(id))
            .map(|s| (s.operator.to_string(), s.id.to_string()))
            .collect()
    };
    for (operator, site) in sites {
        let asked = question.site.as_ref().is_none_or(|s| *s == site)
            && question.operator.as_ref().is_none_or(|o| *o == operator);
        if !asked {
            continue;
        }
        let object = Object::of_site(operator, site.clone());
        if app.may(caller, action, &object) {
            allowed.push(site);
        } else {
            refused = Some(object);
        }
    }
    if allowed.is_empty() {
        // Nothing may be seen: the refusal is written down like any other.
        return app.authorise(caller, action, &refused.unwrap_or_else(|| Object::of_operator(""))).await;
    }
    query.sites = allowed;
    Ok(())
}

fn query(question: &Question) -> Result<Query, Problem> {
    let wrong = |why: String| Problem::with(Kind::Malformed, why);
    let group = match question.group.as_deref().unwrap_or("activity") {
        "device" => Group::Device,
        "workload" => Group::Workload,
        "activity" => Group::Activity,
        "disposition" => Group::Disposition,
        "site" => Group::Site,
        "operator" => Group::Operator,
        "none" | "rows" => Group::None,
        _ => {
            return Err(wrong(
                "group: expected device, workload, activity, disposition, site, operator, none or rows"
                    .to_owned(),
            ));
        }
    };
    let activities = question
        .activity
        .as_deref()
        .map(str::parse::<Activity>)
        .transpose()
        .map_err(|e| wrong(e.to_string()))?;
    let now = i64::try_from(crate::service::now_ms()).unwrap_or(i64::MAX);
    let to_ms = question.to_ms.unwrap_or(now);
    let from_ms = question.from_ms.unwrap_or_else(|| to_ms.saturating_sub(86_400_000));
    if from_ms < 0 || to_ms < from_ms || to_ms.saturating_sub(from_ms) > MAX_SPAN {
        return Err(wrong(
            "from_ms and to_ms: expected a span of at most ten years, begin before end".to_owned(),
        ));
    }
    let step_s = match (question.step_s, question.format) {
        (Some(step), _) if step < 1 => return Err(wrong("step_s: expected at least 1".to_owned())),
        (None, Some(Format::Svg)) => Some(chart::step_ms(to_ms - from_ms) / 1_000),
        (step, _) => step,
    };
    Ok(Query {
        from_ms,
        to_ms,
        devices: question.device.as_deref().map(device_id).transpose()?.map(|d| d.0).into_iter().collect(),
        operators: question.operator.clone().into_iter().collect(),
        sites: question.site.clone().into_iter().collect(),
        workload: question.workload.clone(),
        activities: activities.into_iter().collect(),
        dispositions: question.disposition.clone().into_iter().collect(),
        group: if question.format == Some(Format::Svg) { Group::Activity } else { group },
        bucket: step_s.map(|s| Bucket {
            every_ms: s.saturating_mul(1_000),
            origin_ms: question.origin_ms.unwrap_or(0),
        }),
        statements: false,
    })
}

fn answer(
    service: &Service,
    query: &Query,
    rows: bool,
    format: Format,
) -> Result<(&'static str, Vec<u8>), store_parquet::Error> {
    let mut out = Vec::new();
    if rows {
        let page = service.facts().rows(query, true, MAX_ROWS, None)?;
        return write(&page.rows, format, &mut out).map(|media| (media, out));
    }
    let lines = service.facts().query(query)?;
    if format == Format::Svg {
        let bucket = query.bucket.unwrap_or(Bucket { every_ms: 3_600_000, origin_ms: 0 });
        let chart = chart::Chart {
            title: None,
            language: chart::Language::English,
            zone: TimeZone::UTC,
            from_ms: query.from_ms,
            to_ms: query.to_ms,
            bucket,
            answers: &lines,
        };
        return Ok(("image/svg+xml", chart::areas(&chart).into_bytes()));
    }
    write(&lines, format, &mut out).map(|media| (media, out))
}

fn write<L: store_parquet::Line>(
    lines: &[L],
    format: Format,
    out: &mut Vec<u8>,
) -> Result<&'static str, store_parquet::Error> {
    match format {
        Format::Csv => write_csv(lines, out).map(|()| "text/csv; charset=utf-8; header=present"),
        Format::Parquet => write_parquet(lines, out).map(|()| "application/vnd.apache.parquet"),
        Format::Json | Format::Svg => write_json(lines, out).map(|()| "application/json"),
    }
}
