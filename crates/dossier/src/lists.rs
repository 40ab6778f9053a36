//! The lists of a dossier's document: filings, contested findings, and what it does not prove.
//!
//! Must not leave out an item without a word.

use crate::document::{below, both, mixed};
use crate::gather::Gather;
use crate::tell::label;
use crate::words;
use documents::{Block, Style, Text};
use statement::person::key_of;

/// Most filings and matters that the document lists; all of them are files of the dossier.
const MAX_LISTED: usize = 500;

/// Filings.
pub fn filed(gather: &Gather<'_>) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(both("Filings", "申报"))];
    let items: Vec<Text> = gather
        .filings
        .iter()
        .take(MAX_LISTED)
        .map(|filing| {
            let f = &filing.body;
            let text = Text::styled(Style::Mono, f.obligation.as_str());
            let text = text.and(format!(
                ", {} to {}, version {}, checked by {} ",
                f.from, f.to, f.version, f.checked_by
            ));
            let text =
                text.in_language("zh", Style::Dim, format!("第 {} 版，核对人 {}", f.version, f.checked_by));
            match f.signature.as_deref().and_then(|s| key_of(s).ok()) {
                Some(key) => {
                    text.and(format!(", signed with {key} ")).in_language("zh", Style::Dim, "已签名")
                }
                None => text,
            }
        })
        .collect();
    blocks.extend(list(items, gather.filings.len(), "None in this file.", "本文件中无。"));
    blocks
}

fn list(items: Vec<Text>, count: usize, english: &str, chinese: &str) -> Vec<Block> {
    if items.is_empty() {
        return vec![Block::Paragraph(both(english, chinese))];
    }
    let mut blocks = Vec::new();
    if items.len() < count {
        let here = format!("The first {} of {count}; the others are files of the dossier.", items.len());
        blocks.push(Block::Paragraph(here.into()));
    }
    blocks.push(Block::List(items));
    blocks
}

/// Contested findings.
pub fn contested(gather: &Gather<'_>) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(both("Contested", "异议"))];
    let item = |matter: &crate::sum::Written<statement::Contested>| {
        let last = gather.answered.iter().rev().find(|a| a.body.id == matter.body.id);
        let text = Text::styled(Style::Mono, matter.body.id.as_str());
        let text = text.and(format!(": {} (", label(gather, matter.body.device)));
        let outcome = last.map_or("open 未决", |a| a.body.outcome.word());
        let mut text = text;
        text.0.extend(mixed(outcome).0);
        text.and(")")
    };
    let items: Vec<Text> = gather.contested.iter().take(MAX_LISTED).map(item).collect();
    blocks.extend(list(items, gather.contested.len(), "Nothing.", "无。"));
    blocks
}

/// What it does not prove.
pub fn limits(gather: &Gather<'_>) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(both("What this does not prove", "本文件不能证明"))];
    let items =
        words::LIMITS.iter().map(|(english, chinese)| below(format!("{english}."), format!("{chinese}。")));
    blocks.push(Block::List(items.collect()));
    if gather.hidden > 0 {
        let n = gather.hidden;
        let entries = if n == 1 {
            "1 entry of the log stands in this file as its hash: it is"
        } else {
            "entries of the log stand in this file as their hash: they are"
        };
        let count = if n == 1 { String::new() } else { format!("{n} ") };
        blocks.push(Block::Paragraph(below(
            format!("{count}{entries} of others, of other times, or left out."),
            format!("{n} 个条目仅以哈希值列出：属于他人、其他时期，或已略去。"),
        )));
    }
    blocks
}
