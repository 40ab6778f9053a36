//! A decision with everything that led to it: provisions with their articles, facts used, obligations, charges, and what a
//! missing fact would change.

use crate::case::{Case, CaseError};
use crate::effect::{Disposition, Effect};
use crate::fact::Fact;
use crate::judge::{Decision, Judge};
use crate::judgement::{Charged, Cited, CodeNamed, Judgement, Owed, Standing};
use crate::law::{Base, Several};
use crate::missing::missing;
use crate::provision::{Polarity, Provision};
use crate::rulebook::Rulebook;
use crate::slice::{Mask, Slice};
use crate::value::Value;

impl Judge<'_> {
    /// What follows for a case, and why.
    ///
    /// # Errors
    ///
    /// [`CaseError`] if the case names something that does not exist or says what makes no sense.
    pub fn explain(&mut self, case: &Case) -> Result<Judgement, CaseError> {
        let resolved = self.resolve(case)?;
        let selected = self.selected(&resolved);
        let slice = &selected.own;
        let decision = self.decide_resolved(&resolved);
        let explaining = Explaining { rulebook: self.rulebook(), slice, case };
        let (sure, possible) = slice.effects(decision.sure);
        let code = (decision.disposition == Disposition::DataIndustry)
            .then(|| explaining.code(decision.sure))
            .flatten();
        let also = explaining.also(decision.effective, decision.disposition);
        let provisions = explaining.provisions(&decision);
        let review = (decision.disposition == Disposition::ManualReview).then(|| {
            if decision.imprecise_place {
                "places within the one named have rules of their own: name the smaller place".to_owned()
            } else if decision.truncated {
                "so many facts are missing that not every combination was tried".to_owned()
            } else if decision.could_be.len() > 1 {
                let names: Vec<&str> = decision.could_be.iter().map(|d| d.name()).collect();
                format!("it depends on missing facts: {}", names.join(" or "))
            } else {
                match (sure, possible) {
                    (None, None) => "no provision speaks of this work at this place and date".to_owned(),
                    (_, Some(possible)) => {
                        format!("the provision that leads to {possible} may not decide alone")
                    }
                    (Some(sure), None) => format!("whether {sure} is lifted may not be decided alone"),
                }
            }
        });
        Ok(Judgement {
            disposition: decision.disposition,
            also,
            review,
            code,
            provisions,
            obligations: explaining.obligations(&decision),
            charges: explaining.charges(&decision),
            missing: missing(self, &resolved, &selected, &decision),
            could_be: decision.could_be,
            rulebook: self.rulebook().jurisdiction.clone(),
            digest: self.rulebook().digest.clone(),
        })
    }
}

struct Explaining<'a> {
    rulebook: &'a Rulebook,
    slice: &'a Slice,
    case: &'a Case,
}

impl<'a> Explaining<'a> {
    /// Provisions of a mask, in the order of the rulebook.
    fn of(&self, mask: Mask) -> impl Iterator<Item = (usize, &'a Provision)> {
        self.slice.of(self.rulebook, mask)
    }

    fn code(&self, sure: Mask) -> Option<CodeNamed> {
        let provision = self
            .of(sure)
            .map(|(_, p)| p)
            .find(|p| p.effect == Effect::DataIndustry && p.decides() && p.code.is_some())?;
        let code = self.rulebook.codes.get(provision.code?)?;
        Some(CodeNamed {
            classification: self.rulebook.classifications.get(code.classification)?.name.clone(),
            code: code.code.clone(),
            name: code.name.clone(),
            original: code.original.clone(),
            grade: provision.code_grade.min(code.grade),
        })
    }

    /// Effects that surely apply beside the disposition.
    fn also(&self, effective: Mask, disposition: Disposition) -> Vec<Effect> {
        let mut also: Vec<Effect> = self
            .of(effective)
            .filter(|(_, p)| {
                p.decides() && p.effect != Effect::Oblige && Disposition::of(p.effect) != Some(disposition)
            })
            .map(|(_, p)| p.effect)
            .collect();
        also.sort_unstable();
        also.dedup();
        also.reverse();
        also
    }

    fn provisions(&self, decision: &Decision) -> Vec<Cited> {
        let Decision { sure, effective, disposition, .. } = *decision;
        let mut cited: Vec<Cited> = self
            .of(decision.possible)
            .map(|(i, p)| {
                let standing = if sure >> i & 1 == 0 {
                    Standing::Depends
                } else if !p.decides() {
                    Standing::MayNotDecide
                } else if effective >> i & 1 == 1 && Disposition::of(p.effect) == Some(disposition) {
                    Standing::Decides
                } else {
                    Standing::Applies
                };
                self.cited(p, standing)
            })
            .collect();
        cited.sort_by_key(|c| (c.standing, std::cmp::Reverse(c.effect)));
        cited
    }

    fn cited(&self, provision: &Provision, standing: Standing) -> Cited {
        let instrument = self.rulebook.instrument_of(provision);
        let facts = provision.table.facts.iter().filter_map(|f| self.rulebook.vocabulary.facts().get(*f));
        let (known, lacks): (Vec<&Fact>, Vec<&Fact>) =
            facts.partition(|f| self.case.facts.contains_key(&f.name));
        Cited {
            standing,
            provision: provision.id.clone(),
            effect: provision.effect,
            lifts: provision.polarity == Polarity::Forbid,
            instrument: instrument.map(|i| i.title.clone()).unwrap_or_default(),
            instrument_original: instrument.map(|i| i.original.clone()).unwrap_or_default(),
            number: instrument.map(|i| i.number.clone()).unwrap_or_default(),
            article: provision.article.clone(),
            title: provision.title.clone(),
            text: provision.text.clone(),
            original: provision.original.clone(),
            grade: provision.grade,
            proposed: provision.proposed,
            used: known
                .iter()
                .filter_map(|f| Some((f.name.clone(), self.case.facts.get(&f.name)?.clone())))
                .collect(),
            lacks: lacks.iter().map(|f| f.name.clone()).collect(),
        }
    }

    fn obligations(&self, decision: &Decision) -> Vec<Owed> {
        let mut owed: Vec<Owed> = Vec::new();
        for (_, provision) in self.of(decision.maybe_effective) {
            let imposed =
                provision.obliges.iter().filter_map(|o| Some((*o, self.rulebook.obligations.get(*o)?)));
            for (position, obligation) in imposed {
                let grade = obligation.grade.min(provision.grade);
                if let Some(known) = owed.iter_mut().find(|o| o.obligation == obligation.id) {
                    // Of several provisions that impose it, the best known one speaks.
                    if grade > known.grade {
                        (known.grade, known.provision) = (grade, provision.id.clone());
                    }
                    known.proposed &= provision.proposed;
                    continue;
                }
                owed.push(Owed {
                    obligation: obligation.id.clone(),
                    title: obligation.title.clone(),
                    original: obligation.original.clone(),
                    who: obligation.who.clone(),
                    to: obligation.to.clone(),
                    due: obligation.due.clone(),
                    grade,
                    provision: provision.id.clone(),
                    proposed: provision.proposed,
                    certain: decision.owed.contains(&position),
                });
            }
        }
        owed.sort_by_key(|o| !o.certain);
        owed
    }

    fn charges(&self, decision: &Decision) -> Vec<Charged> {
        let mut charged: Vec<Charged> = self
            .of(decision.maybe_effective)
            .filter_map(|(i, p)| {
                let charge = self.rulebook.charges.get(p.charge?)?;
                Some(Charged {
                    charge: charge.id.clone(),
                    text: charge.text.clone(),
                    rate_e4: charge.rate_e4,
                    currency: self.rulebook.currency.clone(),
                    base: charge.base,
                    amount_e2: self.amount(charge.rate_e4, charge.base),
                    grade: charge.grade.min(p.grade),
                    certain: decision.effective >> i & 1 == 1 && p.decides() && charge.grade.decides(),
                })
            })
            .collect();
        charged.sort_by_key(|c| (!c.certain, std::cmp::Reverse(c.rate_e4)));
        let highest = charged.iter().find(|c| c.certain).map(|c| c.rate_e4);
        if let Some(highest) = highest.filter(|_| self.rulebook.several == Several::Highest) {
            // One charge is owed: the highest certain one, unless a higher one that is not certain applies.
            let mut first = true;
            charged.retain(|c| c.rate_e4 > highest || std::mem::take(&mut first));
        }
        charged
    }

    /// Rate times energy, in whole numbers: ten-thousandths for a kWh times Wh, down to hundredths.
    fn amount(&self, rate_e4: i64, base: Base) -> Option<i64> {
        let name = match base {
            Base::Account => "energy.account_wh",
            Base::Mining => "energy.mining_wh",
        };
        let Some(Value::Quantity(wh)) = self.case.facts.get(name) else { return None };
        let product = i128::from(rate_e4) * i128::from(*wh) / (1000 * 100);
        i64::try_from(product).ok()
    }
}
