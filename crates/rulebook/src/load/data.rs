//! The data of a rulebook: places, instruments, limits, codes, charges, obligations.

use super::at::At;
use crate::diagnostic::{Diagnostic, line_of};
use crate::document::Document;
use crate::document::{HolidayText, InstrumentText};
use crate::formula::Formula;
use crate::law::{Charge, Classification, Code, Instrument, Limit, Place};
use crate::obligation::{Holiday, Obligation};
use crate::value::shorten;
use crate::vocabulary::Vocabulary;
use jiff::civil::Date;

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
    pub formulas: Vec<Formula>,
    /// Places that lie within one whose name is still to be looked up, since it may stand in an included rulebook.
    within: Vec<Within>,
}

struct Within {
    place: usize,
    larger: String,
    file: String,
    line: usize,
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
            for formula in &document.formula {
                self.formula(formula, vocabulary, &mut at);
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
        consistent(text, (from, until), proposed, at);
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
}

/// Whether the dates of an instrument go together, and whether it says where it was read.
fn consistent(
    text: &InstrumentText,
    (from, until): (Option<Date>, Option<Date>),
    proposed: bool,
    at: &mut At<'_>,
) {
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
}
