//! How often somebody may ask: one bucket of tokens for each key, in bounded memory.
//!
//! The bucket is kept as one moment, the time at which it would be full again (the generic cell rate algorithm, ITU-T I.371):
//! a request moves it on by what the request costs, and is refused if that would put it further ahead than the burst allows.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Most keys that have a bucket of their own. Whoever comes when all are taken shares one bucket with the others who do.
const MAX_KEYS: usize = 65_536;
/// Least time between two looks for buckets that are full again.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// How often.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Units a second in the long run, over 0.
    pub per_second: f64,
    /// Units at once after a pause, at least 1.
    pub burst: f64,
}

impl Rate {
    fn time(self, units: f64) -> Duration {
        Duration::try_from_secs_f64(units / self.per_second.max(1e-6)).unwrap_or(Duration::MAX)
    }
}

/// Buckets by key.
#[derive(Debug)]
pub struct Limiter<K> {
    rate: Rate,
    most: usize,
    state: Mutex<State<K>>,
}

#[derive(Debug)]
struct State<K> {
    full_at: HashMap<K, Instant>,
    shared_full_at: Option<Instant>,
    swept: Option<Instant>,
}

impl<K: Eq + Hash> Limiter<K> {
    /// Buckets that fill at this rate.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self::with_keys(rate, MAX_KEYS)
    }

    /// The same with another bound on keys.
    #[must_use]
    pub fn with_keys(rate: Rate, most: usize) -> Self {
        let state = State { full_at: HashMap::new(), shared_full_at: None, swept: None };
        Self { rate, most, state: Mutex::new(state) }
    }

    /// Takes `units` out of the bucket of `key`.
    ///
    /// # Errors
    ///
    /// How long to wait, if there are not as many in it; nothing is taken then.
    pub fn take(&self, key: K, units: f64, now: Instant) -> Result<(), Duration> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(moment) = state.full_at.get_mut(&key) {
            *moment = self.moved(*moment, units, now)?;
        } else if state.full_at.len() < self.most || state.sweep(self.most, now) {
            let moment = self.moved(now, units, now)?;
            state.full_at.insert(key, moment);
        } else {
            let shared = state.shared_full_at.unwrap_or(now);
            state.shared_full_at = Some(self.moved(shared, units, now)?);
        }
        Ok(())
    }

    fn moved(&self, full_at: Instant, units: f64, now: Instant) -> Result<Instant, Duration> {
        let moved = full_at.max(now).checked_add(self.rate.time(units)).ok_or(Duration::MAX)?;
        let ahead = moved.saturating_duration_since(now);
        let most = self.rate.time(self.rate.burst.max(1.0));
        if ahead > most { Err(ahead - most) } else { Ok(moved) }
    }

    /// How many keys have a bucket now.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).full_at.len()
    }
}

impl<K: Eq + Hash> State<K> {
    /// Forgets buckets that are full again, which is what a new one would be; whether there is room now.
    fn sweep(&mut self, most: usize, now: Instant) -> bool {
        let due = self.swept.is_none_or(|at| now.saturating_duration_since(at) >= SWEEP_EVERY);
        if due {
            self.swept = Some(now);
            self.full_at.retain(|_, full_at| *full_at > now);
        }
        self.full_at.len() < most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { per_second: 2.0, burst: 4.0 };

    fn takes(limiter: &Limiter<u32>, key: u32, now: Instant) -> usize {
        (0..1000).take_while(|_| limiter.take(key, 1.0, now).is_ok()).count()
    }

    #[test]
    fn a_burst_is_let_through_and_then_the_rate() {
        let (limiter, start) = (Limiter::new(RATE), Instant::now());
        assert_eq!(takes(&limiter, 1, start), 4);
        assert_eq!(limiter.take(1, 1.0, start), Err(Duration::from_millis(500)));
        assert_eq!(takes(&limiter, 1, start + Duration::from_secs(1)), 2);
        assert_eq!(takes(&limiter, 1, start + Duration::from_secs(3600)), 4);
    }

    #[test]
    fn keys_do_not_take_from_one_another() {
        let (limiter, start) = (Limiter::new(RATE), Instant::now());
        assert_eq!(takes(&limiter, 1, start), 4);
        assert_eq!(takes(&limiter, 2, start), 4);
    }

    #[test]
    fn what_is_refused_takes_nothing() {
        let (limiter, start) = (Limiter::new(RATE), Instant::now());
        assert!(limiter.take(1, 5.0, start).is_err());
        assert_eq!(takes(&limiter, 1, start), 4);
    }

    #[test]
    fn a_flood_of_keys_takes_no_more_memory_and_leaves_the_known_alone() {
        let (limiter, start) = (Limiter::with_keys(RATE, 8), Instant::now());
        assert!(limiter.take(0, 1.0, start).is_ok());
        let through = (1..10_000).filter(|key| limiter.take(*key, 1.0, start).is_ok()).count();
        assert_eq!(limiter.keys(), 8);
        assert_eq!(through, 7 + 4, "seven buckets that were free and one that the rest share");
        assert_eq!(takes(&limiter, 0, start), 3, "the first key has its own bucket still");
        assert_eq!(takes(&limiter, 20_000, start + Duration::from_secs(60)), 4, "room again after the flood");
    }
}
