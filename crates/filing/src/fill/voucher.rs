//! Claims of computing vouchers: the evidence of each contract, and that nothing is claimed twice. Must not pay by what was
//! declared alone: what was observed of the work stands beside it.

use super::Filling;
use super::registered::said;
use crate::amount::Decimal;
use crate::error::FillError;
use crate::form::{Cell, Table};
use crate::observed::Sum;
use registration::Entry;
use statement::Name;

/// The claim.
const CLAIM: &str = "cn.voucher-claim";
/// The evidence of a contract, registered with the workload that it pays for.
const COLUMNS: [&str; 17] = [
    "claim.work",
    "contract.number",
    "contract.supplier",
    "contract.supplier_id",
    "contract.from",
    "contract.to",
    "contract.amount",
    "contract.resource",
    "contract.quantity",
    "work.activity",
    "contract.platform_order",
    "contract.invoice",
    "contract.payment",
    "contract.other_subsidy",
    "claim.activity_seen",
    "work.hours",
    "claim.energy",
];
/// What may be claimed once whatever the period is.
const ONCE: [(&str, &str); 2] =
    [("contract.invoice", "invoice"), ("contract.platform_order", "platform order")];
/// What may be claimed once for the same days.
const ONCE_A_DAY: [(&str, &str); 2] = [("contract.number", "contract"), ("claim.work", "hours of workload")];

impl Filling<'_> {
    pub(super) fn voucher(&mut self) -> Result<Option<Table>, FillError> {
        if self.obligation.id != CLAIM {
            return Ok(None);
        }
        let under_contract =
            |e: &Entry| e.registration.fields.iter().any(|(field, _)| field.starts_with("contract."));
        let works: Vec<(&Name, &Entry)> =
            self.workloads().into_iter().filter(|(_, e)| under_contract(e)).collect();
        if works.is_empty() {
            return Ok(None);
        }
        let rows: Vec<Vec<Cell>> = works
            .iter()
            .map(|(name, entry)| COLUMNS.iter().map(|c| self.of_claim(name, entry, c)).collect())
            .collect();
        let table = self.table("claims", "Contracts claimed for", &COLUMNS, rows);
        self.refuse_twice(&table)?;
        Ok(Some(table))
    }

    fn of_claim(&mut self, name: &Name, entry: &Entry, column: &str) -> Cell {
        if let Some(cell) = self.typed(column, Some(name)) {
            return cell;
        }
        match column {
            "claim.work" => {
                let versions = vec![super::registered::version(entry, column)];
                Cell::of(name.as_str(), crate::form::Source::Registered { versions })
            }
            "claim.activity_seen" | "work.hours" | "claim.energy" => self.seen_of_claim(name, entry, column),
            _ => match said(entry, column) {
                Some(cell) => self.suited(column, cell, entry),
                None => self.gap(column, "", format!("register {column} of workload {name}")),
            },
        }
    }

    fn seen_of_claim(&mut self, name: &Name, entry: &Entry, column: &str) -> Cell {
        let rows = match self.rows_of(name, entry) {
            Ok(rows) => rows,
            Err(known) => {
                return self.gap(column, &known, "register workloads so that they can be told apart");
            }
        };
        let Some(sum) = Sum::of(rows.iter().copied()) else {
            let todo = "have the devices send statements, or hand in the platform's own record";
            return self.gap(column, "no statement says it", todo);
        };
        let coverage = self.seen.coverage();
        match column {
            "claim.activity_seen" => {
                let mut seen: Vec<&str> = rows.iter().map(|r| r.activity.name()).collect();
                seen.sort_unstable();
                seen.dedup();
                let seen = seen.join("; ");
                if let Some(declared) = entry.registration.field("work.activity").filter(|d| *d != seen) {
                    self.note(format!("Workload {name} is claimed as {declared}; {seen} was observed."));
                }
                sum.cell(seen, "activities that statements of the workload name", coverage)
            }
            "work.hours" => {
                let hours = Decimal::hours(sum.seen_ms).to_string();
                sum.cell(hours, "time of the statements that say it, of all devices", coverage)
            }
            _ => match sum.energy(coverage) {
                Ok(kwh) => sum.cell(
                    kwh.to_string(),
                    "energy of the workload, summed over devices and hours",
                    coverage,
                ),
                Err(known) => self.gap(column, &known, "meter the devices"),
            },
        }
    }

    /// Holds a claim against those that were made before. A claim of the same operator for the same period is amended by it.
    fn refuse_twice(&self, table: &Table) -> Result<(), FillError> {
        let period = self.period;
        for earlier in self.inputs.earlier.iter().filter(|f| f.form.obligation == CLAIM) {
            let own = earlier.operator == self.inputs.operator.as_str();
            if own && (earlier.from, earlier.to) == (period.from, period.to) {
                continue;
            }
            let overlap = earlier.from <= period.to && period.from <= earlier.to;
            let once = ONCE.iter().chain(ONCE_A_DAY.iter().filter(|_| overlap));
            let Some(before) = earlier.table("claims") else { continue };
            for (column, what) in once.filter(|(column, _)| *column != "claim.work" || own) {
                if let Some(value) = shared(table, before, column) {
                    return Err(FillError::DoubleClaim {
                        what: (*what).to_owned(),
                        value: crate::json::short(&value),
                        operator: earlier.operator.clone(),
                        from: earlier.from,
                        to: earlier.to,
                    });
                }
            }
        }
        Ok(())
    }
}

/// A value that both lists have in a column.
fn shared(table: &Table, earlier: &Table, column: &str) -> Option<String> {
    let values = |t: &Table| -> Vec<String> {
        (0..t.rows.len()).filter_map(|row| t.cell(row, column)?.value.clone()).collect()
    };
    let before = values(earlier);
    values(table).into_iter().find(|value| before.contains(value))
}
