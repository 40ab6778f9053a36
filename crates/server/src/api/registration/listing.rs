//! Registrations as they are read: every version that the caller may see, without persons for those who may not see them.

use super::{kind, object};
use crate::api::{Running, name};
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Kind as Problems, Problem};
use access::{Action, Actor};
use axum::extract::{Query, State};
use axum::{Extension, Json};
use registry::Version;
use serde::{Deserialize, Serialize};
use statement::{Kind, Name};
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use utoipa::{IntoParams, ToSchema};

/// Most versions of one page.
const PAGE: usize = 1_000;

/// Which registrations.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Only those of this kind.
    pub kind: Option<String>,
    /// Only what was ever within this operator or site: all its versions, those elsewhere too, which end its time there.
    pub within: Option<String>,
    /// Only those of this name.
    pub id: Option<String>,
    /// Only those after this one, `kind/id`, for the next page.
    pub after: Option<String>,
}

/// A page of versions.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Registrations {
    /// In order of kind, name and version.
    pub registrations: Vec<VersionRecord>,
    /// What to ask after for the next page; none after the last.
    pub next: Option<String>,
}

/// One version.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionRecord {
    /// `operator`, `site`, `device` or `workload`.
    pub kind: &'static str,
    /// Its name.
    pub id: String,
    /// Version, from 1.
    pub version: u32,
    /// The operator of a site, the site of a device or workload.
    pub within: Option<String>,
    /// The first day on which it is true.
    pub from: String,
    /// The last day, where one is known.
    pub until: Option<String>,
    /// The enrolled device that is meant.
    pub device: Option<String>,
    /// Fields by name.
    pub fields: BTreeMap<String, String>,
    /// Names of fields that are there and not shown to this caller, because they hold persons.
    pub withheld: Vec<String>,
    /// Whether the rulebook asks for a second person.
    pub awaits_approval: bool,
    /// Whether it counts.
    pub counts: bool,
    /// Who registered it.
    pub by: String,
    /// When, milliseconds since 1970.
    pub at_ms: u64,
    /// The ordinal of its record in the log.
    pub ordinal: u64,
    /// The second person's word, where it was given.
    pub word: Option<WordRecord>,
}

/// A second person's word.
#[derive(Debug, Serialize, ToSchema)]
pub struct WordRecord {
    /// Whether it was approved.
    pub approved: bool,
    /// Who said so.
    pub by: String,
    /// When, milliseconds since 1970.
    pub at_ms: u64,
    /// What the person said to it.
    pub note: String,
}

/// Versions that the caller may see.
#[utoipa::path(
    get, path = "/api/v1/registrations", tag = "registrations", operation_id = "registrations", params(Which),
    responses(
        (status = 200, description = "About 1,000 versions at most; ask again after `next`", body = Registrations),
        (status = 400, description = "A question that makes no sense", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    State(app): State<App>,
    Extension(service): Running,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Json<Registrations>, Problem> {
    if caller.actor == Actor::Nobody {
        return Err(Problem::new(Problems::Unauthenticated));
    }
    let wanted = which.kind.as_deref().map(kind).transpose()?;
    let id = which.id.as_deref().map(name).transpose()?;
    let within = which.within.as_deref().map(name).transpose()?;
    let after = which.after.as_deref().map(after).transpose()?;
    let may = app.clone();
    let page = app.blocking(move |_| {
        let core = service.registry().core();
        let state = &core.state;
        let sensitive = |field: &str| {
            let mut books = service.registry().rules().books();
            books.any(|(book, _)| book.vocabulary().field(field).is_some_and(|f| f.sensitive))
        };
        let mut known: HashMap<String, (bool, bool)> = HashMap::new();
        let mut page = Registrations::default();
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        for ((kind, name), versions) in state.registered.versions.range((from, Bound::Unbounded)) {
            if wanted.is_some_and(|w| w != *kind) || id.as_ref().is_some_and(|id| id != name) {
                continue;
            }
            if page.registrations.len() >= PAGE {
                page.next = page.registrations.last().map(|v| format!("{}/{}", v.kind, v.id));
                break;
            }
            let inside = |w| versions.iter().any(|v| v.registration.within.as_ref() == Some(w));
            if !within.as_ref().is_none_or(inside) {
                continue;
            }
            for version in versions {
                let r = &version.registration;
                let object = object(state, r);
                let (seen, persons) = *known.entry(object.to_string()).or_insert_with(|| {
                    let may = |action| may.may(&caller, action, &object);
                    (may(Action::ReadRecord), may(Action::ReadPersonal))
                });
                if seen {
                    page.registrations.push(shown(version, |field| !persons && sensitive(field)));
                }
            }
        }
        page
    });
    Ok(Json(page.await?))
}

fn after(text: &str) -> Result<(Kind, Name), Problem> {
    let malformed = || Problem::with(Problems::Malformed, "after: expected kind/id");
    let (word, id) = text.split_once('/').ok_or_else(malformed)?;
    Ok((kind(word)?, name(id)?))
}

fn shown(version: &Version, withheld: impl Fn(&str) -> bool) -> VersionRecord {
    let r = &version.registration;
    let (hidden, fields): (Vec<_>, Vec<_>) = r.fields.iter().cloned().partition(|(name, _)| withheld(name));
    VersionRecord {
        kind: r.kind.word(),
        id: r.id.to_string(),
        version: r.version,
        within: r.within.as_ref().map(ToString::to_string),
        from: r.from.to_string(),
        until: r.until.map(|day| day.to_string()),
        device: r.device.map(|id| id.to_string()),
        fields: fields.into_iter().collect(),
        withheld: hidden.into_iter().map(|(name, _)| name).collect(),
        awaits_approval: r.awaits_approval,
        counts: version.counts(),
        by: version.by.clone(),
        at_ms: version.at_ms,
        ordinal: version.ordinal,
        word: version.word.as_ref().map(|w| WordRecord {
            approved: w.approved,
            by: w.by.clone(),
            at_ms: w.at_ms,
            note: w.note.clone(),
        }),
    }
}
