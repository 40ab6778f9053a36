//! Who processes are: read while they live, handed out once.

use super::Sensors;
use crate::entry::{Detail, Entry};
use crate::procfs::{Reader, cgroup, status};
use facts::Process;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Most processes that are described in one drain, so that a storm of short ones cannot cost more.
const DESCRIBED: usize = 16;

impl Sensors {
    /// Reads who newly sampled processes are, while they live.
    pub(super) fn describe_new(&mut self, touched: &[u32]) {
        let mut described = 0;
        for &pid in touched {
            let Some(entry) = self.table.get_mut(pid) else { continue };
            if entry.detail.is_none() && !entry.ended && described < DESCRIBED {
                described += 1;
                entry.detail = describe(&mut self.reader, entry, self.options.arguments).map(Rc::new);
            }
        }
    }

    /// Processes to hand out: those sampled and their ancestors, unless they were before.
    pub(super) fn announce(&mut self) -> Vec<Process> {
        let busy: Vec<(u32, u64)> =
            self.table.iter_mut().filter(|e| e.samples() > 0).map(|e| (e.key.pid, e.key.start)).collect();
        let mut due: HashSet<u32> = HashSet::new();
        for (pid, _) in &busy {
            due.extend(self.table.unannounced_ancestors(*pid, &mut self.reader));
        }
        let parents: HashMap<u32, Rc<Detail>> =
            self.table.iter_mut().filter_map(|e| Some((e.key.pid, e.detail.clone()?))).collect();
        let mut processes = Vec::new();
        for entry in self.table.iter_mut() {
            if entry.announced || (!entry.is_busy() && !due.contains(&entry.key.pid)) {
                continue;
            }
            if entry.detail.is_none() && !entry.ended {
                entry.detail = describe(&mut self.reader, entry, self.options.arguments).map(Rc::new);
            }
            entry.announced = true;
            entry.ever_announced = true;
            processes.push(process(entry, &parents, &self.users));
        }
        processes.sort_by_key(|p| p.key);
        processes
    }
}

/// Reads who a live process is; `None` when it is gone or the number belongs to another by now.
fn describe(reader: &mut Reader, entry: &mut Entry, arguments: bool) -> Option<Detail> {
    let pid = entry.key.pid;
    let stat = reader.stat(pid).filter(|s| entry.is(s))?;
    entry.verified = true;
    entry.name = stat.name;
    let uid = reader.read(pid, "status").map(status::parse).map(|s| s.uid).unwrap_or(u32::MAX);
    let cgroup = reader.read(pid, "cgroup").map(cgroup::parse).unwrap_or_else(|_| "/".into());
    let exe = reader.link(pid, "exe").ok().map(|p| p.to_string_lossy().into_owned());
    let arguments = if arguments { reader.arguments(pid) } else { None };
    Some(Detail { uid, group: stat.group, session: stat.session, cgroup, exe, arguments })
}

/// The record of a process; one that ended unread is taken to be its parent's user and unit.
fn process(entry: &Entry, known: &HashMap<u32, Rc<Detail>>, users: &HashMap<u32, String>) -> Process {
    let inherited =
        || known.get(&entry.parent).map(|d| Detail { exe: None, arguments: None, ..(**d).clone() });
    let detail = match &entry.detail {
        Some(detail) => (**detail).clone(),
        None => inherited().unwrap_or(Detail { uid: u32::MAX, cgroup: "/".into(), ..Detail::default() }),
    };
    Process {
        key: entry.key,
        parent: entry.parent,
        group: detail.group,
        session: detail.session,
        name: entry.name.clone(),
        exe: detail.exe,
        uid: detail.uid,
        user: users.get(&detail.uid).cloned(),
        cgroup: detail.cgroup,
        arguments: detail.arguments,
    }
}
