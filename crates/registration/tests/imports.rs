//! Lists from what exists, and what they are read as.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use jiff::civil::date;
use registration::import::{Mapping, hostlist::expand, inventory, kubernetes, slurm};
use registration::{Reading, Wishes, fleet, fleet_text};

fn reading() -> Reading<'static> {
    Reading::new(rulebook::shipped_vocabulary(), date(2026, 6, 1)).at("hall".parse().ok())
}

/// Names with class, model and count.
fn devices(wishes: &Wishes) -> Vec<(String, String)> {
    let field = |w: &registration::Wish, name: &str| {
        w.fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default()
    };
    let words = |w: &registration::Wish| {
        ["device.class", "device.model", "device.count"]
            .map(|name| field(w, name))
            .join(" ")
            .trim_end()
            .to_owned()
    };
    wishes.subjects.iter().map(|w| (w.id.to_string(), words(w))).collect()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

const NODES: &str = "NodeName=gpu01 Arch=x86_64 CoresPerSocket=32
   CPUAlloc=0 CPUTot=128 CPULoad=0.10
   Gres=gpu:h100:8(S:0-1)
   OS=Linux 5.15.0-88-generic #98-Ubuntu SMP Mon Oct 2 2023
   State=IDLE Partitions=gpu

NodeName=cpu01 Arch=x86_64 CoresPerSocket=64
   Gres=(null)
   State=DOWN Reason=disk NodeName [root@2026-01-01]
";

#[test]
fn nodes_of_slurm_become_devices() {
    let wishes = slurm(NODES, &reading()).unwrap();
    assert_eq!(devices(&wishes), pairs(&[("gpu01", "gpu h100 8"), ("cpu01", "cpu")]));
    assert_eq!(wishes.subjects[1].line, 7);
    assert_eq!(wishes.subjects[0].within.as_ref().unwrap().as_str(), "hall");
}

#[test]
fn a_configuration_with_brackets_and_defaults_names_every_node() {
    let conf = "# two racks\nClusterName=c\nNodeName=DEFAULT Gres=gpu:a100:4\nNodeName=node[08-10,15] CPUs=64 # here\nNodeName=login1 Gres=gpu:2\nPartitionName=all Nodes=node[08-09],extra-1 Default=YES\n";
    let wishes = slurm(conf, &reading()).unwrap();
    assert_eq!(
        devices(&wishes),
        pairs(&[
            ("node08", "gpu a100 4"),
            ("node09", "gpu a100 4"),
            ("node10", "gpu a100 4"),
            ("node15", "gpu a100 4"),
            ("login1", "gpu  2"),
            ("extra-1", ""),
        ])
    );
}

#[test]
fn partitions_alone_name_their_nodes() {
    let shown = "PartitionName=gpu\n   AllowGroups=ALL AllowAccounts=ALL\n   Nodes=gpu[1-3]\n   State=UP TotalCPUs=384 TotalNodes=3\n";
    let names: Vec<String> = devices(&slurm(shown, &reading()).unwrap()).into_iter().map(|d| d.0).collect();
    assert_eq!(names, ["gpu1", "gpu2", "gpu3"]);
}

#[test]
fn lists_of_hosts_are_as_slurm_writes_them_or_refused() {
    assert_eq!(expand("a[1-2]b[03-04],c").unwrap(), ["a1b03", "a1b04", "a2b03", "a2b04", "c"]);
    for wrong in
        ["a[2-1]", "a[1", "a[x]", "a[]", "a[0-999999999]", "a[0-99999]b[0-99999]", "a[1]b[1]c[1]d[1]"]
    {
        assert!(expand(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn nodes_of_kubernetes_become_devices() {
    let list = serde_json::json!({ "apiVersion": "v1", "kind": "List", "items": [
        { "metadata": { "name": "gpu-1.example", "labels": { "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3" } },
          "status": { "capacity": { "cpu": "192", "nvidia.com/gpu": "8" } } },
        { "metadata": { "name": "web-1", "labels": { "node.kubernetes.io/instance-type": "m5.large" } },
          "status": { "capacity": { "cpu": "2", "nvidia.com/gpu": "0" } } },
    ]});
    let wishes = kubernetes(list.to_string().as_bytes(), &reading()).unwrap();
    assert_eq!(
        devices(&wishes),
        pairs(&[("gpu-1.example", "gpu NVIDIA-H100-80GB-HBM3 8"), ("web-1", "cpu m5.large")])
    );
    let said = kubernetes(b"NAME STATUS\ngpu-1 Ready\n", &reading()).unwrap_err().list[0].to_string();
    assert!(said.contains("kubectl get nodes -o json"), "{said}");
}

#[test]
fn an_inventory_is_read_by_its_own_names_and_says_what_it_left_out() {
    let text = "Asset Tag;Serial No.;Model;Room\r\nA 17;SN-1;S21;2.04\r\n";
    let mapping = Mapping::new([("asset tag".into(), "id".into()), ("Serial No.".into(), "serial".into())]);
    let (wishes, ignored) = inventory(text.as_bytes(), &mapping, &reading()).unwrap();
    assert_eq!((wishes.subjects[0].id.as_str(), ignored), ("a-17", vec!["room".to_owned()]));
    assert!(wishes.subjects[0].fields.contains(&("device.serial".to_owned(), "SN-1".to_owned())));
    let wrong = Mapping::new([("asset tag".into(), "id".into()), ("romm".into(), "site".into())]);
    let said = inventory(text.as_bytes(), &wrong, &reading()).unwrap_err().list[0].to_string();
    assert!(said.contains("'romm' is no field; did you mean 'room'?"), "{said}");
}

#[test]
fn what_was_imported_can_be_written_as_a_fleet_and_read_again() {
    let wishes = slurm(NODES, &reading()).unwrap();
    let again = fleet(fleet_text(&wishes.subjects).as_bytes(), &reading()).unwrap();
    assert_eq!(devices(&again), devices(&wishes));
}

#[test]
fn a_list_without_nodes_or_without_a_site_is_refused() {
    let said = slurm("hello\n", &reading()).unwrap_err().list[0].to_string();
    assert!(said.contains("no nodes were found"), "{said}");
    let nowhere = Reading::new(rulebook::shipped_vocabulary(), date(2026, 6, 1));
    let said = slurm(NODES, &nowhere).unwrap_err().list[0].to_string();
    assert!(said.contains("no site is named"), "{said}");
}
