//! What arrives: the kernel's records, and where it sends none the processes found busy by their processor time.

use super::Sensors;
use crate::perf::Record;
use crate::procfs::maps::{Mapping, device};
use crate::{scan, usage};

/// `PROT_READ`, `PROT_WRITE`, `PROT_EXEC`.
const PROTECTION: (u32, u32, u32) = (1, 2, 4);

impl Sensors {
    /// Takes one of the kernel's records in; `touched` gets the process that was sampled.
    pub(super) fn take(&mut self, record: Record, touched: &mut Vec<u32>) {
        match record {
            Record::Sample { pid: 0 | u32::MAX, .. } => {}
            Record::Sample { pid, tid, address, time } => {
                if self.table.sampled(pid, tid, address, time, &mut self.reader) {
                    self.first_sample(pid);
                }
                touched.push(pid);
            }
            Record::Fork { pid, tid, parent, time } if pid == tid => self.table.forked(pid, parent, time),
            Record::Exit { pid, tid, .. } if pid == tid => self.table.exited(pid),
            Record::Comm { pid, exec: true, name, .. } => self.table.executed(pid, name),
            Record::Comm { pid, tid, name, .. } if pid == tid => self.table.renamed(pid, name),
            Record::Map(map) => {
                let mapping = Mapping {
                    start: map.start,
                    end: map.start.saturating_add(map.length),
                    offset: map.offset,
                    readable: map.protection & PROTECTION.0 != 0,
                    writable: map.protection & PROTECTION.1 != 0,
                    executable: map.protection & PROTECTION.2 != 0,
                    shared: false,
                    device: device(map.device.0.into(), map.device.1.into()),
                    inode: map.inode,
                    path: if map.inode == 0 && map.path == "//anon" { "".into() } else { map.path.into() },
                };
                self.table.mapped(map.pid, mapping);
            }
            Record::Lost(count) => self.lost = self.lost.saturating_add(count),
            Record::Fork { .. } | Record::Exit { .. } | Record::Comm { .. } => {}
        }
    }

    /// Finds busy processes by their processor time, and follows those that may be followed.
    pub(super) fn scan(&mut self, touched: &mut Vec<u32>) {
        let now = self.now_us();
        let Some(busy) = self.scan.run(&mut self.table, &mut self.reader, now) else { return };
        self.sampler.follow(&scan::threads(&busy));
        for &pid in &busy {
            self.first_sample(pid);
        }
        touched.extend(busy);
    }

    /// Takes the counters of a process that becomes busy, so that the slice has something to subtract.
    fn first_sample(&mut self, pid: u32) {
        let (began, now) = (self.slice_began, self.now_us() / 1000);
        let Some(entry) = self.table.get_mut(pid) else { return };
        entry.last_seen = self.slices + 1;
        let fresh = entry.counters.as_ref().is_some_and(|(at, _)| *at >= began.0);
        let young = entry.counters.is_none() && entry.key.start >= began.1;
        if fresh || young || (entry.known && entry.counters.is_some()) {
            return;
        }
        if let Some(stat) = self.reader.stat(pid).filter(|s| entry.is(s)) {
            entry.verified = true;
            entry.counters = Some((now, usage::read(&mut self.reader, pid, &stat, &[])));
        }
    }
}
