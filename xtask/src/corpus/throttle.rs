//! Holds a running tree back to a share of the time by stopping and continuing it, as `cpulimit` does.

use super::tree::Tree;
use rustix::process::{Pid, Signal, kill_process};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// One period of work and rest.
const PERIOD: Duration = Duration::from_millis(100);

/// Holds back until dropped.
pub struct Throttle {
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Throttle {
    /// Lets `tree` run for `percent` of each period.
    pub fn start(tree: Arc<Mutex<Tree>>, percent: u32) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&done);
        let thread = std::thread::spawn(move || {
            let work = PERIOD * percent.min(100) / 100;
            while !flag.load(Ordering::Relaxed) {
                let members = lock(&tree, Tree::update);
                signal(&members, Signal::CONT);
                std::thread::sleep(work);
                signal(&members, Signal::STOP);
                std::thread::sleep(PERIOD.saturating_sub(work));
            }
            signal(&lock(&tree, Tree::update), Signal::CONT);
        });
        Self { done, thread: Some(thread) }
    }
}

impl Drop for Throttle {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Works with the tree; a poisoned lock still holds a usable tree.
pub fn lock<T>(tree: &Mutex<Tree>, work: impl FnOnce(&mut Tree) -> T) -> T {
    work(&mut tree.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
}

/// Sends one signal to each process; those that ended meanwhile do not matter.
pub fn signal(pids: &[u32], signal: Signal) {
    for pid in pids.iter().filter_map(|p| Pid::from_raw(i32::try_from(*p).ok()?)) {
        let _ = kill_process(pid, signal);
    }
}
