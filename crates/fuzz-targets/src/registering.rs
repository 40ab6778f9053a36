//! Files of registrations: tables, documents, and what other programs list.

use registration::import::{Mapping, inventory, kubernetes, slurm};
use registration::{MAX_MISTAKES, Mistakes, Reading, Register, Wishes, difference, fleet, fleet_text};

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 6, 1);

fn reading() -> Reading<'static> {
    Reading::new(rulebook::shipped_vocabulary(), TODAY).at("hall".parse().ok())
}

/// What holds of every answer; what was read of a table is written and read again.
fn judged(outcome: Result<Wishes, Mistakes>) {
    let wishes = match outcome {
        Ok(wishes) => wishes.subjects,
        Err(mistakes) => {
            assert!(
                (1..=MAX_MISTAKES).contains(&mistakes.list.len()),
                "a refusal without a reason, or with too many"
            );
            return;
        }
    };
    let found = difference(&wishes, &Register::default(), TODAY);
    assert_eq!(found.lines.len(), wishes.len(), "in an empty register everything is new");
    let text = fleet_text(&wishes);
    let devices = wishes.iter().filter(|w| w.kind == statement::Kind::Device).count();
    let again = fleet(text.as_bytes(), &reading());
    assert_eq!(again.map(|w| w.subjects.len()), Ok(devices), "what was written cannot be read: {text}");
}

/// A fleet, and the same bytes as an inventory.
pub fn table(bytes: &[u8]) {
    judged(fleet(bytes, &reading()));
    let mapping = Mapping::new([("tag".to_owned(), "id".to_owned())]);
    judged(inventory(bytes, &mapping, &reading()).map(|(wishes, _)| wishes));
}

/// Tables of both kinds.
pub fn table_seeds() -> Vec<Vec<u8>> {
    let fleet = "id,site,from,until,device,model,serial,power_nominal\nrack-1,hall,2026-01-01,,,S21,'-SN1; b,3531\n\"rack-2\",hall,,2027-01-01,,\"a,b\",,\n";
    let utf16: Vec<u8> = format!("\u{feff}{fleet}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        fleet.into(),
        utf16,
        b"Tag;Serial;Room\r\nA 1;x;3\r\n".to_vec(),
        b"id,site,model\nr,h,\xb1\xc8\n".to_vec(),
    ]
}

/// A document.
pub fn document(bytes: &[u8]) {
    judged(registration::document(bytes, &reading()));
}

/// Documents in both forms.
pub fn document_seeds() -> Vec<Vec<u8>> {
    let toml = "[[operator]]\nid = \"acme\"\ntitle = \"Acme\"\nkind = \"company\"\nfields = { party.reg_no = \"9\" }\n[[site]]\nid = \"hall\"\noperator = \"acme\"\nplace = \"CN\"\nfacts = { site.load_w = \"2 MW\" }\n[[device]]\nid = \"r\"\nfrom = 2026-01-01\nfields = { serial = [\"a\", \"b\"], made = 2025-01-01 }\n";
    let json = r#"{"workload":[{"id":"w","site":"hall","from":"2026-01-01","fields":{"work":{"activity":"training","token_reward":false}}}]}"#;
    vec![toml.into(), json.into()]
}

/// What Slurm and Kubernetes list.
pub fn import(bytes: &[u8]) {
    judged(kubernetes(bytes, &reading()));
    judged(slurm(&String::from_utf8_lossy(bytes), &reading()));
}

/// Lists of nodes.
pub fn import_seeds() -> Vec<Vec<u8>> {
    let nodes = r#"{"items":[{"metadata":{"name":"gpu-1","labels":{"nvidia.com/gpu.product":"NVIDIA-H100"}},"status":{"capacity":{"nvidia.com/gpu":"8"}}}]}"#;
    let conf = "NodeName=DEFAULT Gres=gpu:a100:4\nNodeName=node[01-10,15] CPUs=64\nPartitionName=gpu Nodes=node[01-03],login1\n";
    vec![nodes.into(), conf.into()]
}
