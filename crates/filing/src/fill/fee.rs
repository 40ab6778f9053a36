//! The fee that follows from the energy, where the rulebook is certain of its rate. Must not take an upper bound for a rate.

use super::Filling;
use crate::amount::Decimal;
use crate::form::{Cell, Source};
use crate::ground;
use rulebook::{Base, Case, Charged, Judge, Value};
use statement::Kind;

impl Filling<'_> {
    pub(super) fn fee(&mut self) -> Cell {
        let field = "energy.fee";
        let todo = "settle the rate with the authority, and type the amount";
        let Some(case) = self.mining_case() else {
            return self.gap(field, "the place of the site is not known", "register site.place of the site");
        };
        let Ok(judgement) = Judge::new(self.inputs.rulebook).explain(&case) else {
            return self.gap(field, "the case cannot be judged", "register the facts of the site");
        };
        match judgement.charges.as_slice() {
            [one] if one.certain => self.charge(one),
            [] => self.gap(field, "no charge of the rulebook applies", todo),
            several => {
                let list: Vec<String> = several
                    .iter()
                    .map(|c| {
                        let rate = Decimal::hundredths(c.rate_e4 / 100);
                        let sure = if c.certain { "certain" } else { "not certain" };
                        format!("{} ({rate} {}/kWh, {}, {sure})", c.text, c.currency, c.grade)
                    })
                    .collect();
                let known = format!("the rate is not certain: {}", list.join("; or "));
                self.gap(field, &known, todo)
            }
        }
    }

    /// Rate times energy, rounded down to hundredths.
    fn charge(&mut self, charge: &Charged) -> Cell {
        let base = match charge.base {
            Base::Mining => "energy.kwh_mining",
            Base::Account => "energy.kwh_total",
        };
        let energy = self.typed(base, None).unwrap_or_else(|| self.amount(base));
        let rate = format!("{}", Decimal::hundredths(charge.rate_e4 / 100));
        let Some(kwh) = energy.value.as_deref().and_then(Decimal::parse) else {
            let known = format!(
                "the rate is {rate} {}/kWh ({}); the energy is not known",
                charge.currency, charge.text
            );
            return self.gap("energy.fee", &known, format!("hand in a reading of {base}"));
        };
        let product = kwh.thousandths().map(|wh| i128::from(wh) * i128::from(charge.rate_e4) / 100_000);
        let Some(amount) = product.and_then(|p| i64::try_from(p).ok()) else {
            return self.gap("energy.fee", "the amount is too large", "check the reading");
        };
        let rulebook = self.inputs.rulebook;
        let law = rulebook.charges.iter().find(|c| c.id == charge.charge);
        let instrument =
            law.and_then(|c| rulebook.instruments.get(c.instrument)).map_or("", |i| i.title.as_str());
        let citation = format!("{instrument}, {} ({})", law.map_or("", |c| c.article.as_str()), charge.grade);
        let formula = format!("{base} × {rate} {}/kWh, rounded down to hundredths", charge.currency);
        let from = vec![(base.to_owned(), kwh.to_string())];
        Cell::of(Decimal::hundredths(amount).to_string(), Source::Computed { formula, from, citation })
    }

    /// The case of the site's mining on the last day of the period.
    fn mining_case(&self) -> Option<Case> {
        let crate::inputs::Inputs { register, rulebook, operator, known, .. } = *self.inputs;
        let site = self.sites.first()?;
        let mut case = ground::case(register, rulebook, known, (operator, site), self.period.to)?;
        "mining".clone_into(&mut case.activity);
        let (from, to) = (self.period.from, self.period.to);
        for (_, stretches) in register.within(Kind::Workload, site, from, to) {
            let mining = |s: &&registration::Stretch<'_>| {
                s.entry.registration.field("work.activity") == Some("mining")
            };
            if let Some(last) = stretches.last().filter(mining) {
                ground::declare(&mut case, rulebook, last.entry);
            }
        }
        case.facts.entry("work.token_link".to_owned()).or_insert_with(|| Value::Choice("seen".to_owned()));
        Some(case)
    }
}
