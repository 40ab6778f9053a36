//! What one connection has been told so far. Decides replies and the next difficulty; reads no socket and no clock.

use crate::work::MAX_DIFFICULTY;
use crate::{Dialect, Work, reply};
use serde_json::Value;

/// Difficulty of the first job: even a slow hash finds a share within seconds.
const FIRST_DIFFICULTY: u64 = 64;
/// Shares after which a fast miner is given harder work at once.
const MANY_SHARES: u32 = 8;

/// One miner's conversation.
#[derive(Clone, Debug)]
pub struct Session {
    /// What is spoken.
    pub dialect: Dialect,
    /// The job given last.
    pub work: Work,
    /// Shares and solved blocks handed in.
    pub accepted: u64,
    /// Whether the miner has introduced itself, so that jobs may be pushed.
    pub open: bool,
    /// The algorithm that the miner asked for, where its dialect lets it.
    pub algorithm: Option<String>,
    since_job: u32,
}

impl Session {
    /// A conversation in which nothing has been said.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        let work = Work { number: 1, difficulty: FIRST_DIFFICULTY };
        Self { dialect, work, accepted: 0, open: false, algorithm: None, since_job: 0 }
    }

    /// What to say to one message of the miner: its answer, then whatever is pushed along with it.
    #[must_use]
    pub fn answer(&mut self, message: &str) -> Vec<Value> {
        let Ok(request) = serde_json::from_str::<Value>(message) else {
            return vec![reply::not_understood()];
        };
        let mut says = reply::to(self, &request);
        if self.since_job >= MANY_SHARES {
            says.extend(self.harder());
        }
        says
    }

    /// Counts one share.
    pub(crate) fn accept(&mut self) {
        self.accepted += 1;
        self.since_job += 1;
    }

    /// The next job, `seconds` after the last: its difficulty aims at one share a second.
    #[must_use]
    pub fn next_job(&mut self, seconds: f64) -> Vec<Value> {
        let rate = f64::from(self.since_job) / seconds.max(0.1);
        let difficulty = (self.work.difficulty as f64 * rate.clamp(0.25, 16.0)) as u64;
        self.give(difficulty)
    }

    fn harder(&mut self) -> Vec<Value> {
        self.give(self.work.difficulty.saturating_mul(8))
    }

    fn give(&mut self, difficulty: u64) -> Vec<Value> {
        self.since_job = 0;
        self.work = Work { number: self.work.number + 1, difficulty: difficulty.clamp(1, MAX_DIFFICULTY) };
        if self.open && !self.dialect.is_asked_over_http() { reply::push(self) } else { Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn opened(dialect: Dialect) -> Session {
        let mut session = Session::new(dialect);
        let _ = session.answer(&json!({"id":1,"method":"mining.subscribe","params":["m/1"]}).to_string());
        let _ = session.answer(&json!({"id":2,"method":"mining.authorize","params":["w","x"]}).to_string());
        session
    }

    #[test]
    fn a_fast_miner_is_given_harder_work_before_the_next_job_is_due() {
        let mut session = opened(Dialect::Bitcoin);
        let before = session.work;
        let share =
            json!({"id":4,"method":"mining.submit","params":["w","1","00000000","0","1"]}).to_string();
        let last = (0..MANY_SHARES).map(|_| session.answer(&share)).last().unwrap();
        assert_eq!(session.work.difficulty, before.difficulty * 8);
        assert!(last.iter().any(|m| m["method"] == "mining.set_difficulty"));
    }

    #[test]
    fn a_slow_miner_is_given_easier_work() {
        let mut session = opened(Dialect::Bitcoin);
        let before = session.work.difficulty;
        assert!(session.next_job(3.0).iter().any(|m| m["method"] == "mining.notify"));
        assert!(session.work.difficulty < before);
    }

    #[test]
    fn nothing_is_pushed_before_the_miner_has_introduced_itself() {
        let mut session = Session::new(Dialect::Monero);
        assert!(session.next_job(3.0).is_empty());
    }

    #[test]
    fn a_message_that_is_not_json_is_answered_with_an_error() {
        let says = Session::new(Dialect::Zcash).answer("\u{1}\u{2}not json");
        assert_eq!(says[0]["error"]["code"], -32700);
    }
}
