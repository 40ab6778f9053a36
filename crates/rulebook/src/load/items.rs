//! What refers to instruments: thresholds, industry codes, charges, obligations.

use super::at::At;
use super::data::Data;
use super::due;
use crate::case::nearest;
use crate::document::{ChargeText, CodeText, FormulaText, LimitText, ObligationText};
use crate::formula::Formula;
use crate::law::{Base, Charge, Code, Limit};
use crate::obligation::Obligation;
use crate::value::{Unit, decimal, shorten};
use crate::vocabulary::{Vocabulary, suffix};

impl Data {
    pub(super) fn limit(&mut self, text: &LimitText, at: &mut At<'_>) {
        let instrument =
            at.position(&text.instrument, "instrument", self.instruments.iter().map(|i| i.id.as_str()));
        if !Unit::named(text.unit.get_ref()).is_some_and(Unit::is_base) {
            at.error(
                &text.unit,
                "unit",
                format!("'{}' is not a base unit", shorten(text.unit.get_ref())),
                "facts are kept in W, Wh, ‰, tce, t, USD, PFLOP …",
            );
        } else if !text.id.get_ref().ends_with(suffix(text.unit.get_ref())) {
            let help = format!("end the id with '{}'", suffix(text.unit.get_ref()));
            at.error(
                &text.id,
                "unit",
                format!("'{}' does not say that it is in {}", text.id.get_ref(), text.unit.get_ref()),
                &help,
            );
        }
        if text.value < 0 {
            at.error(&text.id, "range", format!("{} is negative", text.value), "limits are zero or more");
        }
        at.plain(&text.id, &[&text.text, &text.article]);
        let fresh = at.fresh(&text.id, "limit", self.limits.iter().map(|l| l.id.as_str()));
        let Some(instrument) = instrument.filter(|_| fresh) else { return };
        self.limits.push(Limit {
            id: text.id.get_ref().clone(),
            value: text.value,
            unit: text.unit.get_ref().clone(),
            text: text.text.clone(),
            grade: text.grade,
            instrument,
            article: text.article.clone(),
        });
    }

    pub(super) fn code(&mut self, text: &CodeText, at: &mut At<'_>) {
        let classification = at.position(
            &text.classification,
            "classification",
            self.classifications.iter().map(|c| c.id.as_str()),
        );
        let Some(classification) = classification else { return };
        let same = self.codes.iter().filter(|c| c.classification == classification);
        if at.fresh(&text.code, "code", same.map(|c| c.code.as_str())) {
            let (code, name, original) =
                (text.code.get_ref().clone(), text.name.clone(), text.original.clone());
            self.codes.push(Code { classification, code, name, original, grade: text.grade });
        }
    }

    pub(super) fn charge(&mut self, text: &ChargeText, at: &mut At<'_>) {
        let instrument =
            at.position(&text.instrument, "instrument", self.instruments.iter().map(|i| i.id.as_str()));
        let rate_e4 = decimal(text.rate.get_ref(), 4);
        if rate_e4.is_none() {
            at.error(
                &text.rate,
                "rate",
                format!("'{}' is no rate", shorten(text.rate.get_ref())),
                "write a decimal with at most four places",
            );
        }
        let base = match text.base.get_ref().as_str() {
            "account" => Some(Base::Account),
            "mining" => Some(Base::Mining),
            other => {
                at.error(
                    &text.base,
                    "base",
                    format!("base = '{}'", shorten(other)),
                    "expected 'account' or 'mining'",
                );
                None
            }
        };
        let fresh = at.fresh(&text.id, "charge", self.charges.iter().map(|c| c.id.as_str()));
        let (Some(instrument), Some(rate_e4), Some(base), true) = (instrument, rate_e4, base, fresh) else {
            return;
        };
        let (id, article) = (text.id.get_ref().clone(), text.article.clone());
        self.charges.push(Charge {
            id,
            rate_e4,
            base,
            text: text.text.clone(),
            grade: text.grade,
            instrument,
            article,
        });
    }

    pub(super) fn obligation(&mut self, text: &ObligationText, vocabulary: &Vocabulary, at: &mut At<'_>) {
        let instrument =
            at.position(&text.instrument, "instrument", self.instruments.iter().map(|i| i.id.as_str()));
        let due = due::read(text.due.get_ref());
        if let Err((message, help)) = &due {
            at.error(&text.due, "due", message.clone(), help);
        }
        for field in text.fields.iter().filter(|f| vocabulary.field(f.get_ref()).is_none()) {
            let near = nearest(field.get_ref(), vocabulary.fields().iter().map(|f| f.name.as_str()));
            at.error(
                field,
                "field",
                format!("no field '{}'", shorten(field.get_ref())),
                &format!("did you mean '{near}'?"),
            );
        }
        at.plain(
            &text.id,
            &[&text.title, &text.original, &text.who, &text.to, &text.form, &text.penalty, &text.note],
        );
        let fresh = at.fresh(&text.id, "obligation", self.obligations.iter().map(|o| o.id.as_str()));
        let (Some(instrument), Ok(due), true) = (instrument, due, fresh) else { return };
        self.obligations.push(Obligation {
            id: text.id.get_ref().clone(),
            title: text.title.clone(),
            original: text.original.clone(),
            who: text.who.clone(),
            to: text.to.clone(),
            form: text.form.clone(),
            fields: text.fields.iter().map(|f| f.get_ref().clone()).collect(),
            due,
            penalty: text.penalty.clone(),
            grade: text.grade,
            instrument,
            article: text.article.clone(),
            note: text.note.clone(),
        });
    }

    pub(super) fn formula(&mut self, text: &FormulaText, vocabulary: &Vocabulary, at: &mut At<'_>) {
        let instrument =
            at.position(&text.instrument, "instrument", self.instruments.iter().map(|i| i.id.as_str()));
        for field in text.numerator.iter().chain([&text.denominator, &text.field]) {
            at.position(field, "field", vocabulary.fields().iter().map(|f| f.name.as_str()));
        }
        let sound = text.scale.is_finite() && text.scale > 0.0 && text.least.is_finite();
        if !sound || text.numerator.is_empty() {
            at.error(
                &text.id,
                "formula",
                "a formula without a numerator or scale".to_owned(),
                "expected fields and a scale above zero",
            );
        }
        let from = text.from.as_ref().and_then(|d| at.date(d));
        let until = text.until.as_ref().and_then(|d| at.date(d));
        let Some((position, law)) = instrument.and_then(|i| Some((i, self.instruments.get(i)?))) else {
            return;
        };
        self.formulas.push(Formula {
            id: text.id.get_ref().clone(),
            title: text.title.clone(),
            field: text.field.get_ref().clone(),
            numerator: text.numerator.iter().map(|f| f.get_ref().clone()).collect(),
            denominator: text.denominator.get_ref().clone(),
            scale: text.scale,
            least: text.least,
            most: text.most,
            instrument: position,
            article: text.article.clone(),
            grade: text.grade,
            from: from.or(law.from).unwrap_or(law.dated),
            until: until.or(law.until),
            proposed: law.proposed,
        });
    }
}
