//! The data of a rulebook: places, instruments, limits, codes, charges, obligations.

use super::due;
use crate::annotation::has_markup;
use crate::case::nearest;
use crate::diagnostic::{Diagnostic, line_of};
use crate::document::Document;
use crate::document::{ChargeText, CodeText, HolidayText, InstrumentText, LimitText, ObligationText};
use crate::rulebook::{Base, Charge, Classification, Code, Holiday, Instrument, Limit, Obligation, Place};
use crate::value::{Unit, decimal, shorten};
use crate::vocabulary::{Vocabulary, suffix};
use jiff::civil::Date;
use toml::Spanned;

/// The data of a rulebook and those that it includes.
#[derive(Default)]
pub struct Data {
    pub places: Vec<Place>,
    pub instruments: Vec<Instrument>,
    pub limits: Vec<Limit>,
    pub classifications: Vec<Classification>,
    pub codes: Vec<Code>,
    pub charges: Vec<Charge>,
    pub obligations: Vec<Obligation>,
    pub holidays: Vec<Holiday>,
    /// Places that lie within one whose name is still to be looked up, since it may stand in an included rulebook.
    within: Vec<Within>,
}

struct Within {
    place: usize,
    larger: String,
    file: String,
    line: usize,
}

/// One file while it is read.
struct At<'a> {
    file: String,
    text: &'a str,
    wrong: &'a mut Vec<Diagnostic>,
}

impl At<'_> {
    fn error<T>(&mut self, item: &Spanned<T>, rule: &'static str, message: String, help: &str) {
        let line = line_of(self.text, item.span().start);
        self.wrong.push(Diagnostic::error((&self.file, line), rule, message, help));
    }

    fn date(&mut self, text: &Spanned<String>) -> Option<Date> {
        let date = text.get_ref().parse().ok();
        if date.is_none() {
            let message = format!("'{}' is no date", shorten(text.get_ref()));
            self.error(text, "date", message, "write YYYY-MM-DD, a day that exists");
        }
        date
    }

    /// The position of what is referred to by name.
    fn position<'n>(
        &mut self,
        name: &Spanned<String>,
        what: &'static str,
        known: impl Iterator<Item = &'n str> + Clone,
    ) -> Option<usize> {
        let found = known.clone().position(|k| k == name.get_ref());
        if found.is_none() {
            let near = nearest(name.get_ref(), known);
            let message = format!("no {what} '{}'", shorten(name.get_ref()));
            let help = if near.is_empty() { String::new() } else { format!("did you mean '{near}'?") };
            self.error(name, "reference", message, &help);
        }
        found
    }

    /// Whether the name is new.
    fn fresh<'n>(
        &mut self,
        name: &Spanned<String>,
        what: &'static str,
        mut known: impl Iterator<Item = &'n str>,
    ) -> bool {
        let fresh = !known.any(|k| k == name.get_ref());
        if !fresh {
            self.error(
                name,
                "duplicate",
                format!("the {what} '{}' is there twice", shorten(name.get_ref())),
                "give one of them another id",
            );
        }
        fresh
    }

    /// Texts of law are plain text: no control characters, no markup.
    fn plain(&mut self, near: &Spanned<String>, texts: &[&str]) {
        for text in texts.iter().filter(|t| has_markup(t)) {
            self.error(
                near,
                "text",
                format!("control characters or markup in '{}'", shorten(text)),
                "texts of law are plain text",
            );
        }
    }
}

impl Data {
    /// Adds the data files of one rulebook. Names of files get the prefix in messages.
    pub fn add(
        &mut self,
        prefix: &str,
        documents: Vec<(&str, &str, Document)>,
        vocabulary: &Vocabulary,
        wrong: &mut Vec<Diagnostic>,
    ) {
        let mut later = Vec::new();
        for (name, text, document) in documents {
            let mut at = At { file: format!("{prefix}{name}"), text, wrong };
            for place in &document.place {
                self.place(place, &mut at);
            }
            for instrument in &document.instrument {
                self.instrument(instrument, &mut at);
            }
            for holiday in &document.holiday {
                self.holiday(holiday, &mut at);
            }
            later.push((name, text, document));
        }
        for (name, text, document) in &later {
            let mut at = At { file: format!("{prefix}{name}"), text, wrong };
            for limit in &document.limit {
                self.limit(limit, &mut at);
            }
            for c in &document.classification {
                let instrument =
                    at.position(&c.instrument, "instrument", self.instruments.iter().map(|i| i.id.as_str()));
                if at.fresh(&c.id, "classification", self.classifications.iter().map(|c| c.id.as_str())) {
                    let (id, name, original) = (c.id.get_ref().clone(), c.name.clone(), c.original.clone());
                    self.classifications.extend(instrument.map(|instrument| Classification {
                        id,
                        name,
                        original,
                        instrument,
                    }));
                }
            }
            for charge in &document.charge {
                self.charge(charge, &mut at);
            }
            for obligation in &document.obligation {
                self.obligation(obligation, vocabulary, &mut at);
            }
        }
        for (name, text, document) in &later {
            let mut at = At { file: format!("{prefix}{name}"), text, wrong };
            for code in &document.code {
                self.code(code, &mut at);
            }
        }
    }

    /// Looks up the places that others lie within, once all rulebooks are read.
    pub fn finish(&mut self, wrong: &mut Vec<Diagnostic>) {
        for within in std::mem::take(&mut self.within) {
            let larger = self.places.iter().position(|p| p.code == within.larger);
            if larger.is_none() || larger == Some(within.place) {
                let message = format!("no larger place '{}'", shorten(&within.larger));
                wrong.push(Diagnostic::error(
                    (&within.file, within.line),
                    "place",
                    message,
                    "name a place of this rulebook or of one that it includes",
                ));
            } else if let Some(place) = self.places.get_mut(within.place) {
                place.within = larger;
            }
        }
    }

    fn place(&mut self, place: &crate::document::PlaceText, at: &mut At<'_>) {
        if !at.fresh(&place.code, "place", self.places.iter().map(|p| p.code.as_str())) {
            return;
        }
        at.plain(&place.code, &[place.code.get_ref(), &place.name, &place.original]);
        if let Some(larger) = &place.within {
            let line = line_of(at.text, larger.span().start);
            let (file, larger) = (at.file.clone(), larger.get_ref().clone());
            self.within.push(Within { place: self.places.len(), larger, file, line });
        }
        let (name, original) = (place.name.clone(), place.original.clone());
        self.places.push(Place { code: place.code.get_ref().clone(), name, original, within: None });
    }

    fn instrument(&mut self, text: &InstrumentText, at: &mut At<'_>) {
        let fresh = at.fresh(&text.id, "instrument", self.instruments.iter().map(|i| i.id.as_str()));
        at.plain(&text.id, &[&text.title, &text.original, &text.number, &text.issuer, &text.note]);
        let dated = at.date(&text.dated);
        let from = text.from.as_ref().and_then(|d| at.date(d));
        let until = text.until.as_ref().and_then(|d| at.date(d));
        let proposed = match text.status.as_ref().map(|s| (s, s.get_ref().as_str())) {
            None => false,
            Some((_, "proposed")) => true,
            Some((span, other)) => {
                at.error(
                    span,
                    "status",
                    format!("status = '{}'", shorten(other)),
                    "leave it out, or write 'proposed'",
                );
                false
            }
        };
        if let (Some(from), Some(until), Some(span)) = (from, until, &text.until)
            && until < from
        {
            at.error(
                span,
                "date",
                format!("until {until} is before from {from}"),
                "the last day in force is not before the first",
            );
        }
        if proposed == text.from.is_some() {
            let message = if proposed {
                "a proposal with a first day in force"
            } else {
                "an instrument without a first day in force"
            };
            at.error(
                &text.id,
                "date",
                message.to_owned(),
                "an instrument has `from`; a proposal has `status = \"proposed\"` instead",
            );
        }
        if text.sources.iter().all(|s| s.trim().is_empty()) {
            at.error(
                &text.id,
                "citation",
                format!("'{}' names no source", text.id.get_ref()),
                "say where it was read",
            );
        }
        let Some(dated) = dated.filter(|_| fresh) else { return };
        self.instruments.push(Instrument {
            id: text.id.get_ref().clone(),
            title: text.title.clone(),
            original: text.original.clone(),
            number: text.number.clone(),
            issuer: text.issuer.clone(),
            dated,
            from,
            until,
            proposed,
            grade: text.grade,
            sources: text.sources.clone(),
            note: text.note.clone(),
        });
    }

    fn holiday(&mut self, text: &HolidayText, at: &mut At<'_>) {
        let day = text.day.get_ref();
        let full: Option<Date> =
            if day.len() == 5 { format!("2024-{day}").parse().ok() } else { day.parse().ok() };
        match full {
            Some(date) => self.holidays.push(Holiday {
                year: (day.len() != 5).then(|| date.year()),
                month: date.month(),
                day: date.day(),
                name: text.name.clone(),
                grade: text.grade,
            }),
            None => at.error(
                &text.day,
                "date",
                format!("'{}' is no day", shorten(day)),
                "write MM-DD or YYYY-MM-DD",
            ),
        }
    }

    fn limit(&mut self, text: &LimitText, at: &mut At<'_>) {
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

    fn code(&mut self, text: &CodeText, at: &mut At<'_>) {
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

    fn charge(&mut self, text: &ChargeText, at: &mut At<'_>) {
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

    fn obligation(&mut self, text: &ObligationText, vocabulary: &Vocabulary, at: &mut At<'_>) {
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
}
