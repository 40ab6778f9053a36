//! Faults to come: which of the next writes fail, and how. Shared between a test and the store or medium that it lets fail.
//!
//! Must not touch a store or a file itself.

use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, PoisonError};

/// How a write fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Without having taken effect.
    Before,
    /// Having taken effect: only the answer was lost.
    After,
    /// With this many parts of 256 of it done, rounded down: a torn write.
    Torn(u8),
}

/// Which writes fail.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    plan: Arc<Mutex<Plan>>,
}

#[derive(Debug, Default)]
struct Plan {
    done: u64,
    at: Option<(u64, Fault)>,
    all: Option<ErrorKind>,
}

impl Faults {
    /// Lets one write fail: the next is number 0.
    pub fn fail(&self, number: u64, how: Fault) {
        self.with(|plan| plan.at = Some((plan.done + number, how)));
    }

    /// Lets every write fail from now on, like a full disk ([`ErrorKind::StorageFull`]) or a read-only one does.
    pub fn fail_all(&self, kind: ErrorKind) {
        self.with(|plan| plan.all = Some(kind));
    }

    /// Lets nothing fail any more.
    pub fn clear(&self) {
        self.with(|plan| (plan.at, plan.all) = (None, None));
    }

    /// How many writes there were so far, those that failed included.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.with(|plan| plan.done)
    }

    /// What happens to the next write.
    pub(crate) fn next(&self) -> Next {
        self.with(|plan| {
            let number = plan.done;
            plan.done += 1;
            if let Some(kind) = plan.all {
                return Next::Refused(kind);
            }
            match plan.at {
                Some((at, how)) if at == number => Next::Fails(how),
                _ => Next::Works,
            }
        })
    }

    fn with<T>(&self, call: impl FnOnce(&mut Plan) -> T) -> T {
        call(&mut self.plan.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What happens to one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Works,
    Fails(Fault),
    Refused(ErrorKind),
}

impl Next {
    /// Does `whole`, or lets it fail.
    pub(crate) fn run<T>(self, whole: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        match self {
            Self::Works => whole(),
            Self::Fails(Fault::After) => whole().and(Err(injected())),
            Self::Fails(_) => Err(injected()),
            Self::Refused(kind) => Err(kind.into()),
        }
    }
}

/// How much of `length` a torn write gets done.
pub(crate) fn part(length: usize, of_256: u8) -> usize {
    length.saturating_mul(usize::from(of_256)) / 256
}

/// The error of an injected fault.
pub(crate) fn injected() -> io::Error {
    io::Error::other("a fault that the test asked for")
}
