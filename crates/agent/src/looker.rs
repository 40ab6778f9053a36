//! One look, a continuous watch, and the replay of a recording.

use crate::pace::{Budget, Pace};
use facts::{Looked, Slice};
use identify::Observation;
use sense_linux::{OpenError, Options, Sensors};
use std::time::{Duration, Instant};
use wire::Recording;

/// The sensors, opened.
pub struct Looker {
    sensors: Sensors,
}

/// The outcome of one look.
pub struct Look {
    /// Everything observed.
    pub observation: Observation,
    /// The raw slices, as a recording keeps them.
    pub slices: Vec<Slice>,
}

impl Looker {
    /// Opens the sensors. `arguments` records the values of arguments too.
    ///
    /// # Errors
    ///
    /// Only if nothing at all can be observed.
    pub fn open(arguments: bool) -> Result<Self, OpenError> {
        let sensors = Sensors::open(Options { arguments, rate: Budget::LOOK.rate, capture: true })?;
        Ok(Self { sensors })
    }

    /// The machine that is looked at.
    #[must_use]
    pub fn machine(&self) -> facts::Machine {
        self.sensors.machine()
    }

    /// Looks for `duration`. `progress` is told the part done, 0 to 1, and ends the look early by returning
    /// `false`.
    pub fn look(&mut self, duration: Duration, mut progress: impl FnMut(f64) -> bool) -> Look {
        let mut look = Look { observation: Observation::new(self.machine()), slices: Vec::new() };
        let begin = Instant::now();
        let mut closed = begin;
        loop {
            let left = duration.saturating_sub(begin.elapsed());
            std::thread::sleep(Budget::LOOK.drain.min(left));
            self.sensors.drain();
            let done = begin.elapsed() >= duration;
            if done || closed.elapsed() >= Budget::LOOK.slice {
                closed = Instant::now();
                let slice = self.sensors.slice();
                look.observation.absorb(&slice);
                look.slices.push(slice);
            }
            let part = begin.elapsed().as_secs_f64() / duration.as_secs_f64().max(1e-3);
            if !progress(part.min(1.0)) || done {
                return look;
            }
        }
    }
}

/// A continuous look with a sliding window.
pub struct Watch {
    sensors: Sensors,
    observation: Observation,
    pace: Pace,
    budget: Budget,
    closed: Instant,
    drained: Instant,
}

impl Watch {
    /// How far back the findings of a watch reach.
    pub const WINDOW: Duration = Duration::from_secs(15);

    /// Opens the sensors for a watch.
    ///
    /// # Errors
    ///
    /// Only if nothing at all can be observed.
    pub fn open() -> Result<Self, OpenError> {
        let budget = Budget::DECIDING;
        let sensors = Sensors::open(Options { arguments: false, rate: budget.rate, capture: true })?;
        let window = u64::try_from(Self::WINDOW.as_millis()).unwrap_or(u64::MAX);
        let observation = Observation::new(sensors.machine()).with_window(window);
        let now = Instant::now();
        Ok(Self { sensors, observation, pace: Pace::default(), budget, closed: now, drained: now })
    }

    /// How long the caller may wait before the next [`Watch::tick`].
    #[must_use]
    pub fn rest(&self) -> Duration {
        self.budget.drain.saturating_sub(self.drained.elapsed())
    }

    /// Whether the findings have settled, so that less is spent.
    #[must_use]
    pub fn settled(&self) -> bool {
        self.budget == Budget::STEADY
    }

    /// Reads what is there. Gives findings when a slice was closed.
    pub fn tick(&mut self) -> Option<Looked> {
        if self.drained.elapsed() >= self.budget.drain {
            self.sensors.drain();
            self.drained = Instant::now();
        }
        let elapsed = self.closed.elapsed();
        if elapsed < self.budget.slice {
            return None;
        }
        self.closed = Instant::now();
        let slice = self.sensors.slice();
        self.observation.absorb(&slice);
        let looked = self.observation.looked();
        let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        let next = self.pace.next(&looked, elapsed_ms);
        self.spend(next, &slice);
        Some(looked)
    }

    /// Spends by the budget: what is settled is only glanced at, and all is looked at anew when it is not.
    fn spend(&mut self, next: Budget, slice: &Slice) {
        let settled = next == Budget::STEADY;
        if settled || self.settled() {
            slice.usage.iter().for_each(|usage| self.sensors.known(usage.process, settled));
        }
        if next != self.budget {
            self.sensors.set_rate(next.rate);
            self.budget = next;
        }
    }

    /// Everything observed inside the window.
    #[must_use]
    pub fn observation(&self) -> &Observation {
        &self.observation
    }
}

/// Runs a recording through the same path as a live look.
#[must_use]
pub fn replay(recording: &Recording) -> Observation {
    let mut observation = Observation::new(recording.machine.clone());
    for slice in &recording.slices {
        observation.absorb(slice);
    }
    observation
}
