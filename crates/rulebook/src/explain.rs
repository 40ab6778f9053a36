//! A decision with everything that led to it: provisions with their articles, facts used, obligations, charges, and what a
//! missing fact would change.

use crate::case::{Case, CaseError};
use crate::effect::{Disposition, Effect};
use crate::grade::Grade;
use crate::judge::{Decision, Judge, Resolved, Selected};
use crate::provision::{Polarity, Provision};
use crate::region::{MISSING, Regions};
use crate::rulebook::{Base, Due, Rulebook, Several};
use crate::slice::{Mask, Slice};
use crate::value::Value;
use crate::vocabulary::{Fact, Kind};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What part a provision has in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It decides the disposition.
    Decides,
    /// It applies, and a stricter one decides, or it only adds duties.
    Applies,
    /// It applies but may not decide: it is unverified, inferred or only proposed.
    MayNotDecide,
    /// Whether it applies depends on a missing fact.
    Depends,
}

/// A provision in an answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cited {
    /// Its part in the answer.
    pub standing: Standing,
    /// Its id.
    pub provision: String,
    /// What it does.
    pub effect: Effect,
    /// Whether it lifts the effect instead.
    pub lifts: bool,
    /// Title of the instrument.
    pub instrument: String,
    /// Its title in the original language.
    pub instrument_original: String,
    /// Number of the instrument.
    pub number: String,
    /// The article.
    pub article: String,
    /// Title of the provision.
    pub title: String,
    /// Its text.
    pub text: String,
    /// Its text in the original language.
    pub original: String,
    /// How well it is known.
    pub grade: Grade,
    /// Whether its instrument is only proposed.
    pub proposed: bool,
    /// The known facts that it asked for.
    pub used: BTreeMap<String, Value>,
    /// The missing facts that it asked for.
    pub lacks: Vec<String>,
}

/// An industry code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CodeNamed {
    /// Classification, for instance GB/T 4754-2017.
    pub classification: String,
    /// The code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its name in the original language.
    pub original: String,
    /// How well it is known that this work belongs to it.
    pub grade: Grade,
}

/// An obligation that follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Owed {
    /// Its id.
    pub obligation: String,
    /// Its title.
    pub title: String,
    /// Its title in the original language.
    pub original: String,
    /// Who owes it.
    pub who: String,
    /// To whom.
    pub to: String,
    /// When.
    pub due: Due,
    /// How well it is known.
    pub grade: Grade,
    /// The provision that imposes it.
    pub provision: String,
    /// Whether its provision is only proposed.
    pub proposed: bool,
    /// Whether it follows from provisions that may decide, whatever the missing facts are.
    pub certain: bool,
}

/// A charge that follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Charged {
    /// Its id.
    pub charge: String,
    /// What it is.
    pub text: String,
    /// Ten-thousandths of the currency's unit for one kWh.
    pub rate_e4: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// Which energy it is taken on.
    pub base: Base,
    /// The amount in hundredths of the currency's unit, rounded down, where the energy is known.
    pub amount_e2: Option<i64>,
    /// How well it is known.
    pub grade: Grade,
    /// Whether it follows from a provision that may decide, whatever the missing facts are.
    pub certain: bool,
}

/// A value of a missing fact, and where it would lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Would {
    /// The value or range, in words.
    pub value: String,
    /// The disposition with this value alone known.
    pub disposition: Disposition,
    /// Every disposition that then remains open.
    pub could_be: Vec<Disposition>,
}

/// A missing fact that bears on the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Its name, or `operator` for the kind of operator.
    pub fact: String,
    /// What it means.
    pub label: String,
    /// Where it comes from.
    pub asked_of: String,
    /// Where its values would lead.
    pub would: Vec<Would>,
}

/// An answer with everything that led to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judgement {
    /// The disposition.
    pub disposition: Disposition,
    /// Every disposition that the missing facts leave open.
    pub could_be: Vec<Disposition>,
    /// Other effects that surely apply beside it.
    pub also: Vec<Effect>,
    /// Why a person has to look, where that is the answer.
    pub review: Option<String>,
    /// The industry code, for data industry.
    pub code: Option<CodeNamed>,
    /// The provisions, those that decide first.
    pub provisions: Vec<Cited>,
    /// What follows.
    pub obligations: Vec<Owed>,
    /// What is to be paid.
    pub charges: Vec<Charged>,
    /// Which missing facts would change the answer.
    pub missing: Vec<Missing>,
    /// Jurisdiction of the rulebook.
    pub rulebook: String,
    /// Digest of the rulebook.
    pub digest: String,
}

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
        let rulebook = self.rulebook;
        let positions = self.slice.provisions.iter().enumerate().filter(move |(i, _)| mask >> i & 1 == 1);
        positions.filter_map(move |(i, position)| rulebook.provisions.get(*position).map(|p| (i, p)))
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

/// Tries the values of each missing fact, and keeps the facts that bear on the answer: alone, or with others that are missing.
fn missing(judge: &mut Judge<'_>, case: &Resolved, selected: &Selected, now: &Decision) -> Vec<Missing> {
    let rulebook = judge.rulebook();
    let slices = || std::iter::once(&selected.own).chain(&selected.within);
    let facts: BTreeSet<usize> = slices().flat_map(|s| s.deciding.iter().copied()).collect();
    let mut missing = Vec::new();
    for position in facts.into_iter().filter(|f| case.regions.get(*f) == Some(&MISSING)) {
        let (Some(fact), Some(regions)) =
            (rulebook.vocabulary.facts().get(position), rulebook.regions.get(position))
        else {
            continue;
        };
        let count = u8::try_from(regions.len()).unwrap_or(MISSING);
        let would = (0..count).map(|region| {
            let mut with = case.clone();
            if let Some(at) = with.regions.get_mut(position) {
                *at = region;
            }
            would(judge, &with, words(fact, regions, region))
        });
        keep(&mut missing, &fact.name, &fact.label, &fact.asked_of, would.collect(), now);
    }
    if slices().any(|s| s.by_operator) && case.operator == MISSING {
        let kinds = rulebook.vocabulary.operators().iter().zip(0_u8..);
        let would = kinds
            .map(|(kind, operator)| would(judge, &Resolved { operator, ..case.clone() }, kind.name.clone()));
        keep(&mut missing, "operator", "the kind of operator", "registration", would.collect(), now);
    }
    if now.imprecise_place {
        let places =
            (0..rulebook.places.len()).filter(|p| *p != case.place && rulebook.lies_within(*p, case.place));
        let would = places.filter_map(|place| {
            let name = rulebook.places.get(place)?.code.clone();
            Some(would(judge, &Resolved { place, ..case.clone() }, name))
        });
        keep(&mut missing, "place", "the place within the one named", "registration", would.collect(), now);
    }
    missing
}

fn would(judge: &mut Judge<'_>, with: &Resolved, value: String) -> Would {
    let decision = judge.decide_resolved(with);
    Would { value, disposition: decision.disposition, could_be: decision.could_be }
}

fn keep(
    missing: &mut Vec<Missing>,
    fact: &str,
    label: &str,
    asked_of: &str,
    mut would: Vec<Would>,
    now: &Decision,
) {
    if would.iter().all(|w| w.disposition == now.disposition && w.could_be == now.could_be) {
        return;
    }
    // Neighbouring ranges that lead to the same are one.
    would.dedup_by(|next, kept| {
        let same = next.could_be == kept.could_be && kept.value.contains(" to ");
        if same
            && let (Some((first, _)), Some((_, last))) =
                (kept.value.split_once(" to "), next.value.split_once(" to "))
        {
            kept.value = format!("{first} to {last}");
        }
        same
    });
    missing.push(Missing {
        fact: fact.to_owned(),
        label: label.to_owned(),
        asked_of: asked_of.to_owned(),
        would,
    });
}

/// A region in words, ranges as `first to last`.
fn words(fact: &Fact, regions: &Regions, region: u8) -> String {
    match (&fact.kind, regions.range(region)) {
        (Kind::Quantity { unit, .. }, Some((first, last))) => {
            let last = last.map_or_else(|| "any".to_owned(), |l| crate::show::quantity(l, unit));
            format!("{} to {last}", crate::show::quantity(first, unit))
        }
        _ => regions.samples().get(usize::from(region)).map(Value::to_string).unwrap_or_default(),
    }
}
