//! Containers, pods, jobs and services, named from cgroup paths.
//!
//! The forms are those of systemd (`man systemd.slice`), Docker, containerd, CRI-O, Podman, LXC, Kubernetes'
//! kubelet with both cgroup drivers, and Slurm. A path that matches none names no unit: processes are then
//! grouped by their tree.

use facts::UnitKind;

/// A unit that a cgroup path names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Unit {
    pub kind: UnitKind,
    pub name: String,
}

/// Length of a container identifier in hex digits, as all common runtimes make it.
const CONTAINER_ID: usize = 64;
/// How much of a container identifier people read.
const SHORT_ID: usize = 12;

/// The unit that this cgroup path names, if any.
pub(crate) fn from_cgroup(path: &str) -> Option<Unit> {
    let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
    slurm(&parts).or_else(|| pod(&parts)).or_else(|| container(&parts)).or_else(|| service(&parts))
}

fn unit(kind: UnitKind, name: impl Into<String>) -> Option<Unit> {
    Some(Unit { kind, name: name.into() })
}

/// `/slurm/uid_1000/job_42/step_0` and `/system.slice/slurmstepd.scope/job_42/step_0/…`.
fn slurm(parts: &[&str]) -> Option<Unit> {
    parts.iter().find(|p| p.starts_with("slurm"))?;
    let job = parts.iter().find_map(|p| p.strip_prefix("job_"))?;
    unit(UnitKind::Slurm, format!("job {job}"))
}

/// `/kubepods/burstable/pod<uid>/…` and `/kubepods.slice/…/kubepods-burstable-pod<uid>.slice/…`.
fn pod(parts: &[&str]) -> Option<Unit> {
    parts.iter().find(|p| p.starts_with("kubepods"))?;
    let name = parts.iter().rev().find_map(|p| {
        let p = p.strip_suffix(".slice").unwrap_or(p);
        p.strip_prefix("pod").or_else(|| p.rsplit_once("-pod").map(|(_, uid)| uid))
    })?;
    unit(UnitKind::Pod, format!("pod {}", name.replace('_', "-")))
}

fn container(parts: &[&str]) -> Option<Unit> {
    for pair in parts.windows(2) {
        if let [runtime @ ("lxc" | "machine.slice"), name] = pair {
            return unit(UnitKind::Container, format!("{runtime} {}", name.trim_end_matches(".scope")));
        }
    }
    parts.iter().rev().find_map(|part| {
        if let Some(name) = part.strip_prefix("lxc.payload.") {
            return unit(UnitKind::Container, format!("lxc {name}"));
        }
        let bare = part.strip_suffix(".scope").unwrap_or(part);
        let (runtime, id) = match bare.rsplit_once('-').or_else(|| bare.rsplit_once(':')) {
            Some((runtime, id)) => (runtime, id),
            None => (runtime_of(parts), bare),
        };
        let hex = id.len() == CONTAINER_ID && id.bytes().all(|b| b.is_ascii_hexdigit());
        let runtime = if runtime.is_empty() { "container" } else { runtime };
        hex.then(|| id.get(..SHORT_ID)).flatten().and_then(|short| {
            unit(UnitKind::Container, format!("{} {short}", runtime.trim_start_matches("cri-")))
        })
    })
}

/// With the cgroupfs driver the runtime is a parent folder: `/docker/<id>`.
fn runtime_of<'a>(parts: &[&'a str]) -> &'a str {
    parts.iter().find(|p| matches!(**p, "docker" | "podman" | "crio" | "containerd")).copied().unwrap_or("")
}

/// `/system.slice/nginx.service`, also inside a user's manager; the manager itself and sessions are no unit.
fn service(parts: &[&str]) -> Option<Unit> {
    let name = parts.iter().rev().find_map(|p| p.strip_suffix(".service"))?;
    let manager = name.starts_with("user@") || name == "init";
    (!manager).then(|| Unit { kind: UnitKind::Service, name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "3f4b8c1d2e5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

    fn named(path: &str) -> Option<(UnitKind, String)> {
        from_cgroup(path).map(|u| (u.kind, u.name))
    }

    #[test]
    fn runtimes_are_named_with_both_cgroup_drivers() {
        let container = |name: &str| Some((UnitKind::Container, name.to_owned()));
        assert_eq!(named(&format!("/docker/{ID}")), container("docker 3f4b8c1d2e5a"));
        assert_eq!(named(&format!("/system.slice/docker-{ID}.scope")), container("docker 3f4b8c1d2e5a"));
        assert_eq!(named(&format!("/machine.slice/libpod-{ID}.scope")).unwrap().0, UnitKind::Container);
        assert_eq!(named(&format!("/default/{ID}")), container("container 3f4b8c1d2e5a"));
        assert_eq!(named("/lxc.payload.web"), container("lxc web"));
    }

    #[test]
    fn a_pod_is_named_rather_than_its_container() {
        let uid = "0b1c2d3e_4f50_6172_8394_a5b6c7d8e9f0";
        let path = format!(
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{uid}.slice/cri-containerd-{ID}.scope"
        );
        assert_eq!(named(&path).unwrap(), (UnitKind::Pod, format!("pod {}", uid.replace('_', "-"))));
        assert_eq!(named(&format!("/kubepods/besteffort/pod{uid}/{ID}")).unwrap().0, UnitKind::Pod);
    }

    #[test]
    fn slurm_jobs_and_services_are_named_and_sessions_are_not() {
        assert_eq!(
            named("/slurm/uid_1000/job_42/step_0/task_0").unwrap(),
            (UnitKind::Slurm, "job 42".into())
        );
        assert_eq!(named("/system.slice/slurmstepd.scope/job_7/step_batch").unwrap().1, "job 7");
        assert_eq!(named("/system.slice/nginx.service").unwrap(), (UnitKind::Service, "nginx".into()));
        assert_eq!(named("/user.slice/user-1000.slice/session-3.scope"), None);
        assert_eq!(named("/user.slice/user-1000.slice/user@1000.service/init.scope"), None);
        assert_eq!(named("/process/73de25d4939cb5987ae413351607d3c1"), None);
        assert_eq!(named("/"), None);
    }
}
