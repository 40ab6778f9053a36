//! A recording in the place of the sensors: played at its own pace, through the same observation as a live look.
//!
//! Must not alter what was recorded, and must not hurry: intervals are of the clock on the wall.

use crate::daemon::Sense;
use crate::looker::Watch;
use facts::Looked;
use identify::Observation;
use std::time::{Duration, Instant};
use wire::Recording;

/// Plays a recording once.
pub struct Player {
    recording: Recording,
    observation: Observation,
    began: Option<Instant>,
    next: usize,
}

impl Player {
    /// Gets ready; the clock of the recording starts at the first look.
    #[must_use]
    pub fn new(recording: Recording) -> Self {
        let window = u64::try_from(Watch::WINDOW.as_millis()).unwrap_or(u64::MAX);
        let observation = Observation::new(recording.machine.clone()).with_window(window);
        Self { recording, observation, began: None, next: 0 }
    }

    /// Time from now until the next slice ends.
    fn until_next(&self) -> Duration {
        let Some(slice) = self.recording.slices.get(self.next) else { return Duration::ZERO };
        let played = self.began.map_or(Duration::ZERO, |began| began.elapsed());
        Duration::from_millis(slice.to_ms).saturating_sub(played)
    }
}

impl Sense for Player {
    fn rest(&self) -> Duration {
        self.until_next()
    }

    fn look(&mut self) -> Option<Looked> {
        self.began.get_or_insert_with(Instant::now);
        if !self.until_next().is_zero() {
            return None;
        }
        let slice = self.recording.slices.get(self.next)?;
        self.next += 1;
        self.observation.absorb(slice);
        Some(self.observation.looked())
    }

    fn is_over(&self) -> bool {
        self.next >= self.recording.slices.len()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use facts::{Arch, Machine, Privilege, Slice};

    fn recording(ends: &[u64]) -> Recording {
        let machine = Machine {
            arch: Arch::X86_64,
            kernel: "6.1".into(),
            cpus: 2,
            memory: 1 << 30,
            privilege: Privilege::Machine,
        };
        let slice = |to_ms| Slice { from_ms: 0, to_ms, ..Slice::default() };
        Recording::new("2026-01-01T00:00:00Z".into(), machine, ends.iter().map(|ms| slice(*ms)).collect())
    }

    #[test]
    fn every_slice_is_played_once_and_none_before_its_time() {
        let mut player = Player::new(recording(&[0, 0, 86_400_000]));
        assert!(player.look().is_some() && player.look().is_some());
        assert!(player.look().is_none(), "a slice that ends in a day was played now");
        assert!(!player.is_over());
        assert!(player.rest() > Duration::from_secs(86_000));
    }

    #[test]
    fn a_recording_ends_with_its_last_slice() {
        let mut player = Player::new(recording(&[0]));
        assert!(!player.is_over());
        player.look().unwrap();
        assert!(player.is_over() && player.look().is_none());
        assert!(Player::new(recording(&[])).is_over());
    }
}
