//! What every request needs, and the two things every handler asks of it: whether something may be done, and to do what blocks.

use crate::audit::{Audit, Entry};
use crate::caller::{Caller, LimitKey};
use crate::limit::{Limiter, Rate};
use crate::metrics::Metrics;
use crate::problem::{Kind, Problem};
use crate::token::Tokens;
use access::{Access, Action, Actor, Decision, Object, Scope};
use jiff::Timestamp;
use registry::store::Store;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};

/// One in how many of the calls that block may work on a large body.
const LARGE_PART: usize = 4;

/// What may be set.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How often one credential may ask.
    pub credential_rate: Rate,
    /// How often one address may ask without a credential.
    pub address_rate: Rate,
    /// How many calls to the store run at once.
    pub blocking: usize,
    /// How long a request may take in all, its body included.
    pub deadline: Duration,
    /// Where the time comes from.
    pub now: fn() -> Timestamp,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            credential_rate: Rate { per_second: 100.0, burst: 400.0 },
            address_rate: Rate { per_second: 50.0, burst: 200.0 },
            blocking: 32,
            deadline: Duration::from_secs(30),
            now: Timestamp::now,
        }
    }
}

/// What every request needs; cheap to clone.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    access: Access,
    open: BTreeSet<Action>,
    tokens: Arc<dyn Tokens>,
    store: Arc<dyn Store>,
    audit: Audit,
    metrics: Metrics,
    credentials: Limiter<LimitKey>,
    addresses: Limiter<LimitKey>,
    blocking: Arc<Semaphore>,
    large: Semaphore,
    ready: AtomicBool,
}

impl App {
    /// Puts it together.
    #[must_use]
    pub fn new(
        settings: Settings,
        access: Access,
        tokens: Arc<dyn Tokens>,
        store: Arc<dyn Store>,
        audit: Audit,
    ) -> Self {
        let open = (Action::ALL.iter().copied())
            .filter(|action| access.decide(&Actor::Nobody, *action, &Object::Registry).allowed)
            .collect();
        let inner = Inner {
            access,
            open,
            tokens,
            store,
            audit,
            metrics: Metrics::new(),
            credentials: Limiter::new(settings.credential_rate),
            addresses: Limiter::new(settings.address_rate),
            blocking: Arc::new(Semaphore::new(settings.blocking.max(1))),
            large: Semaphore::new((settings.blocking / LARGE_PART).max(1)),
            ready: AtomicBool::new(true),
            settings,
        };
        Self { inner: Arc::new(inner) }
    }

    /// What is counted.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    /// Says whether requests should be sent here: `/readyz` answers accordingly.
    pub fn set_ready(&self, ready: bool) {
        self.inner.ready.store(ready, Ordering::Relaxed);
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.inner.ready.load(Ordering::Relaxed)
    }

    pub(crate) fn tokens(&self) -> &dyn Tokens {
        &*self.inner.tokens
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.inner.settings.now)()
    }

    pub(crate) fn deadline(&self) -> Duration {
        self.inner.settings.deadline
    }

    /// Takes `units` out of somebody's bucket: one for a request, more for what costs more.
    ///
    /// # Errors
    ///
    /// [`Kind::TooMany`] with the time to wait.
    pub fn limit(&self, key: &LimitKey, units: f64, now: Instant) -> Result<(), Problem> {
        let buckets = match key {
            LimitKey::Named(_) => &self.inner.credentials,
            LimitKey::Address(_) => &self.inner.addresses,
        };
        buckets.take(key.clone(), units, now).map_err(|wait| {
            self.inner.metrics.limited();
            // Rounded up: whoever waits as long as told is let through.
            Problem::new(Kind::TooMany).after_seconds(wait.as_secs().saturating_add(1))
        })
    }

    /// Whether `caller` may do `action` to `object`. Goes into the audit log, unless everybody may do it, or it is an accepted
    /// submission, which the log itself keeps.
    ///
    /// # Errors
    ///
    /// [`Kind::Unauthenticated`] or [`Kind::Forbidden`]; [`Kind::Unavailable`] if the audit log cannot be written.
    pub async fn authorise(&self, caller: &Caller, action: Action, object: &Object) -> Result<(), Problem> {
        if self.anyone_may(action, object) {
            return Ok(());
        }
        let decision = self.inner.access.decide(&caller.actor, action, object);
        if !(decision.allowed && action == Action::SubmitStatement) {
            self.write_down(caller, action, object, &decision).await?;
        }
        if decision.allowed {
            return Ok(());
        }
        self.inner.metrics.denied(action.name());
        Err(refusal(caller, action))
    }

    /// Whether `caller` may do it: for choosing among many what to show. Nothing is written down, since nothing is refused.
    #[must_use]
    pub fn may(&self, caller: &Caller, action: Action, object: &Object) -> bool {
        self.inner.access.decide(&caller.actor, action, object).allowed
    }

    /// The same for something that was looked up and may not be there: whether it is, is told only to who may see it.
    ///
    /// # Errors
    ///
    /// As [`App::authorise`]; [`Kind::NotFound`] if it is not there and the caller may do this to whatever there is.
    pub async fn authorise_found(
        &self,
        caller: &Caller,
        action: Action,
        object: Option<&Object>,
    ) -> Result<(), Problem> {
        match object {
            Some(object) => self.authorise(caller, action, object).await,
            None => {
                // Nobody's: what only those may reach who may reach everything.
                self.authorise(caller, action, &Object::of_operator("")).await?;
                Err(Problem::new(Kind::NotFound))
            }
        }
    }

    /// Whether no credential is needed. What is done to the registry itself was decided once, at the start.
    fn anyone_may(&self, action: Action, object: &Object) -> bool {
        match action.scope() {
            Scope::Registry => self.inner.open.contains(&action),
            Scope::Holding => self.inner.access.decide(&Actor::Nobody, action, object).allowed,
        }
    }

    async fn write_down(
        &self,
        caller: &Caller,
        action: Action,
        object: &Object,
        decision: &Decision,
    ) -> Result<(), Problem> {
        let entry = Entry {
            time: self.now(),
            who: &caller.name,
            role: caller.actor.role(),
            action,
            object,
            decision,
            peer: caller.peer.address,
        };
        self.inner.audit.write(&entry).await.map_err(|_| Problem::new(Kind::Unavailable))
    }

    /// A place among the few large bodies that are worked on at once, so that there are threads left for the small ones. Held
    /// until it is dropped.
    ///
    /// # Errors
    ///
    /// [`Kind::Internal`] never: it is not closed.
    pub async fn large(&self) -> Result<SemaphorePermit<'_>, Problem> {
        self.inner.large.acquire().await.map_err(|_| Problem::new(Kind::Internal))
    }

    /// Runs what blocks on a thread for that; no more at once than the settings say.
    ///
    /// # Errors
    ///
    /// [`Kind::Internal`] if it panics.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Store) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let internal = || Problem::new(Kind::Internal);
        let permit = Arc::clone(&self.inner.blocking).acquire_owned().await.map_err(|_| internal())?;
        let store = Arc::clone(&self.inner.store);
        let run = move || {
            // Held until the work is done, even if nobody waits for it any more.
            let _permit = permit;
            work(&*store)
        };
        tokio::task::spawn_blocking(run).await.map_err(|_| internal())
    }
}

fn refusal(caller: &Caller, action: Action) -> Problem {
    match caller.actor {
        Actor::Nobody => Problem::with(Kind::Unauthenticated, format!("'{action}' needs a token")),
        _ => {
            Problem::with(Kind::Forbidden, format!("role '{}' may not '{action}' here", caller.actor.role()))
        }
    }
}
