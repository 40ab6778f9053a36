//! Nodes as `kubectl get nodes -o json` lists them.

use super::{Found, wishes};
use crate::mistake::{Fault, Mistakes};
use crate::reading::Reading;
use crate::wish::Wishes;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Most bytes of a list: some tens of thousands of nodes.
pub const MAX_LIST: usize = 256 << 20;

#[derive(Deserialize)]
struct List {
    items: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    metadata: Metadata,
    #[serde(default)]
    status: Status,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
struct Status {
    #[serde(default)]
    capacity: BTreeMap<String, serde_json::Value>,
}

/// Resources by which device plugins announce accelerators, with the label that names the product.
const ACCELERATORS: [(&str, &str, &str); 4] = [
    ("nvidia.com/gpu", "nvidia.com/gpu.product", "gpu"),
    ("amd.com/gpu", "amd.com/gpu.product-name", "gpu"),
    ("gpu.intel.com/i915", "gpu.intel.com/product", "gpu"),
    ("huawei.com/Ascend910", "node.kubernetes.io/npu.chip.name", "npu"),
];
/// The label of the kind of machine.
const MACHINE: &str = "node.kubernetes.io/instance-type";

/// Reads a list of nodes as devices at the site of `reading`.
///
/// # Errors
///
/// Mistakes; JSON has no lines to name.
pub fn kubernetes(bytes: &[u8], reading: &Reading<'_>) -> Result<Wishes, Mistakes> {
    let stop = |line, fault| {
        let mut mistakes = Mistakes::default();
        mistakes.stop(line, fault);
        mistakes
    };
    if bytes.len() > MAX_LIST {
        let field = "the list".to_owned();
        return Err(stop(0, Fault::Long { field, found: bytes.len(), most: MAX_LIST }));
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let list: List = serde_json::from_slice(bytes).map_err(|e| {
        let message =
            format!("{}; expected the output of kubectl get nodes -o json", crate::shorten(&e.to_string()));
        stop(e.line() as u64, Fault::Form { message })
    })?;
    let found = list.items.into_iter().map(|node| Found {
        line: 0,
        fields: fields(&node),
        called: node.metadata.name,
    });
    wishes(found.collect(), reading, Mistakes::default())
}

fn fields(node: &Node) -> Vec<(&'static str, String)> {
    let label = |name: &str| node.metadata.labels.get(name).cloned();
    let count = |name: &str| {
        let value = node.status.capacity.get(name)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok()).filter(|n| *n > 0)
    };
    let machine = label(MACHINE).unwrap_or_default();
    match ACCELERATORS.iter().find_map(|(resource, product, class)| Some((count(resource)?, product, class)))
    {
        Some((count, product, class)) => vec![
            ("device.class", (*class).to_owned()),
            ("device.model", label(product).unwrap_or(machine)),
            ("device.count", count.to_string()),
        ],
        None => vec![("device.class", "cpu".to_owned()), ("device.model", machine)],
    }
}
