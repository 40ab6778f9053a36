//! The first page of a dossier: what a judge reads, in English and Chinese, without scripts and without anything from outside.
//!
//! Must not say more than the entries do; every figure names how it came about.

use crate::gather::Gather;
use crate::sum::Sum;
use crate::tell::{activity_of, by, label};
use crate::words;
use registry::disposition;
use statement::Filed;
use statement::person::key_of;
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");
/// Most devices that the page lists; the others are in `summary.json`.
pub const MAX_DEVICES: usize = 20;
/// Milliseconds of an hour.
pub const HOUR: u64 = 3_600_000;
/// Millijoules of a watt-hour.
const WATT_HOUR: u64 = 3_600_000;

/// Text that is safe in HTML.
fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Marks that turn the direction of text could show another reading than the record holds.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// An amount with one decimal, from whole units and their parts.
pub fn tenth(amount: u64, unit: u64) -> String {
    let tenths = (u128::from(amount) * 10 + u128::from(unit) / 2) / u128::from(unit.max(1));
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Energy in words, with what was not metered.
pub fn energy(sum: &Sum) -> String {
    match (sum.energy_mj, sum.unmetered) {
        (None, _) => "not metered <span lang=\"zh\">未计量</span>".to_owned(),
        (Some(mj), 0) => format!("{} kWh", tenth(mj, WATT_HOUR * 1_000)),
        (Some(mj), n) => format!(
            "{} kWh; {n} findings not metered <span lang=\"zh\">{n} 项未计量</span>",
            tenth(mj, WATT_HOUR * 1_000)
        ),
    }
}

/// The page.
#[must_use]
pub fn summary(gather: &Gather<'_>) -> String {
    let mut out = String::new();
    head(&mut out, gather);
    short(&mut out, gather);
    activities(&mut out, gather);
    dispositions(&mut out, gather);
    devices(&mut out, gather);
    filed(&mut out, gather);
    contested(&mut out, gather);
    limits(&mut out, gather);
    out.push_str("</main></body></html>\n");
    out
}

fn head(out: &mut String, gather: &Gather<'_>) {
    let name =
        gather.operators.last().map_or_else(|| gather.scope.operator.clone(), |o| o.body.title.clone());
    let (name, scope) = (safe(&name), &gather.scope);
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>Dossier: {name}, {} to {}</title><style>{STYLE}</style></head><body><main>\n\
         <h1>What the computing power of {name} did</h1>\n<p class=\"zh\" lang=\"zh\">{name} 的算力用途</p>\n\
         <p>{} to {} ({}). <span class=\"zh\" lang=\"zh\">{} 至 {}。</span></p>\n",
        scope.from,
        scope.to,
        scope.from,
        scope.to,
        safe(&scope.zone),
        scope.from,
        scope.to
    );
}

fn short(out: &mut String, gather: &Gather<'_>) {
    let spoke = gather.devices.values().filter(|d| d.statements > 0).count();
    let silent = gather.devices.len() - spoke;
    let _ = write!(
        out,
        "<p>{spoke} devices signed {} statements in this period; {silent} enrolled devices said nothing. Each statement is in a log \
         that nobody can rewrite unnoticed; this page follows from them and is checked with them.</p>\n\
         <p class=\"zh\" lang=\"zh\">本期内 {spoke} 台设备签署了 {} 份陈述；{silent} 台已登记设备没有陈述。每份陈述都在无法被悄然改写的日志中；\
         本页由这些陈述得出，并与其一同核验。</p>\n",
        gather.statements, gather.statements
    );
}

fn activities(out: &mut String, gather: &Gather<'_>) {
    let mut sums: Vec<_> = by(gather, |h| h.activity).into_iter().collect();
    sums.sort_by_key(|(place, sum)| (std::cmp::Reverse(sum.cpu_ms), *place));
    let most = sums.iter().map(|(_, s)| s.cpu_ms).max().unwrap_or(0).max(1);
    let all: u64 = sums.iter().map(|(_, s)| s.cpu_ms).sum::<u64>().max(1);
    out.push_str(
        "<h2>What was seen <span class=\"zh\" lang=\"zh\">观察到的活动</span></h2>\n<div class=\"scroll\" role=\"region\" aria-label=\"What was seen\" tabindex=\"0\"><table>\
         <caption>Processor time by activity <span lang=\"zh\">按活动划分的处理器时间</span></caption>\
         <thead><tr><th scope=\"col\">Activity <span class=\"zh\" lang=\"zh\">活动</span></th><th scope=\"col\" class=\"n\">Hours \
         <span class=\"zh\" lang=\"zh\">小时</span></th><th scope=\"col\" class=\"n\">Share <span class=\"zh\" lang=\"zh\">占比</span></th>\
         <th scope=\"col\">Energy <span class=\"zh\" lang=\"zh\">电量</span></th><th scope=\"col\" aria-hidden=\"true\"></th></tr></thead><tbody>\n",
    );
    for (place, sum) in &sums {
        let activity = activity_of(*place);
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{} <span class=\"zh\" lang=\"zh\">{}</span></th><td class=\"n\">{}</td><td class=\"n\">{} %</td>\
             <td>{}</td><td aria-hidden=\"true\" style=\"width:25%\"><span class=\"bar\" style=\"width:{}%\"></span></td></tr>",
            activity.name(),
            words::activity(activity),
            tenth(sum.cpu_ms, HOUR),
            tenth(sum.cpu_ms.saturating_mul(100), all),
            energy(sum),
            sum.cpu_ms.saturating_mul(100) / most,
        );
    }
    if sums.is_empty() {
        out.push_str("<tr><td colspan=\"5\">Nothing. <span class=\"zh\" lang=\"zh\">无。</span></td></tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
}

fn dispositions(out: &mut String, gather: &Gather<'_>) {
    out.push_str(
        "<h2>What the rulebook says of it <span class=\"zh\" lang=\"zh\">规则的处置</span></h2>\n<div class=\"scroll\" role=\"region\" aria-label=\"What the rulebook says of it\" tabindex=\"0\"><table>\
         <thead><tr><th scope=\"col\">Disposition <span class=\"zh\" lang=\"zh\">处置</span></th><th scope=\"col\" class=\"n\">Findings \
         <span class=\"zh\" lang=\"zh\">项</span></th><th scope=\"col\" class=\"n\">Hours <span class=\"zh\" lang=\"zh\">小时</span></th></tr></thead><tbody>\n",
    );
    for (code, sum) in by(gather, |h| h.disposition) {
        let (english, chinese) = disposition(code).map_or(
            ("not judged: idle, or no rulebook for the place", "未作判断：空闲，或该地没有规则"),
            |d| (d.name(), words::disposition(d)),
        );
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{english} <span class=\"zh\" lang=\"zh\">{chinese}</span></th><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            sum.findings,
            tenth(sum.cpu_ms, HOUR)
        );
    }
    out.push_str("</tbody></table></div>\n<p>Provisions and articles are in <span class=\"mono\">judgements.json</span>. <span class=\"zh\" lang=\"zh\">条文见 judgements.json。</span></p>\n");
}

fn devices(out: &mut String, gather: &Gather<'_>) {
    let (count, shown) = (gather.devices.len(), gather.devices.len().min(MAX_DEVICES));
    let _ = writeln!(
        out,
        "<h2>Devices <span class=\"zh\" lang=\"zh\">设备</span></h2>\n<div class=\"scroll\" role=\"region\" aria-label=\"Devices\" tabindex=\"0\"><table><caption>{shown} of {count}; all are in \
         summary.json <span lang=\"zh\">共 {count} 台</span></caption><thead><tr><th scope=\"col\">Device <span class=\"zh\" lang=\"zh\">设备</span></th>\
         <th scope=\"col\">Site <span class=\"zh\" lang=\"zh\">场地</span></th><th scope=\"col\" class=\"n\">Statements <span class=\"zh\" lang=\"zh\">陈述</span></th>\
         <th scope=\"col\" class=\"n\">Hours covered <span class=\"zh\" lang=\"zh\">覆盖小时</span></th></tr></thead><tbody>"
    );
    for (id, seen) in gather.devices.iter().take(MAX_DEVICES) {
        let silent = if seen.statements == 0 { " class=\"n warn\"" } else { " class=\"n\"" };
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td{silent}>{}</td><td class=\"n\">{}</td></tr>",
            safe(&label(gather, *id)),
            safe(seen.site.as_ref().map_or("", |s| s.as_str())),
            seen.statements,
            tenth(seen.covered_ms, HOUR)
        );
    }
    out.push_str("</tbody></table></div>\n");
}

/// The key that a person signed with, where there is one.
fn signed_with(filed: &Filed) -> String {
    let key = filed.signature.as_deref().and_then(|s| key_of(s).ok());
    key.map_or_else(String::new, |key| {
        let key = safe(&key.to_string());
        format!(
            ", signed with <span class=\"mono\">{key}</span> <span class=\"zh\" lang=\"zh\">已签名</span>"
        )
    })
}

fn filed(out: &mut String, gather: &Gather<'_>) {
    out.push_str("<h2>Filings <span class=\"zh\" lang=\"zh\">申报</span></h2>\n<ul>\n");
    for filing in &gather.filings {
        let f = &filing.body;
        let _ = writeln!(
            out,
            "<li><span class=\"mono\">{}</span>, {} to {}, version {}, checked by {} <span class=\"zh\" lang=\"zh\">第 {} 版，核对人 {}</span>{}</li>",
            safe(&f.obligation),
            f.from,
            f.to,
            f.version,
            safe(&f.checked_by),
            f.version,
            safe(&f.checked_by),
            signed_with(f)
        );
    }
    if gather.filings.is_empty() {
        out.push_str("<li>None in this file. <span class=\"zh\" lang=\"zh\">本文件中无。</span></li>\n");
    }
    out.push_str("</ul>\n");
}

fn contested(out: &mut String, gather: &Gather<'_>) {
    out.push_str("<h2>Contested <span class=\"zh\" lang=\"zh\">异议</span></h2>\n<ul>\n");
    for matter in &gather.contested {
        let last = gather.answered.iter().rev().find(|a| a.body.id == matter.body.id);
        let _ = writeln!(
            out,
            "<li><span class=\"mono\">{}</span>: {} ({})</li>",
            safe(matter.body.id.as_str()),
            safe(&label(gather, matter.body.device)),
            last.map_or("open <span lang=\"zh\">未决</span>", |a| a.body.outcome.word())
        );
    }
    if gather.contested.is_empty() {
        out.push_str("<li>Nothing. <span class=\"zh\" lang=\"zh\">无。</span></li>\n");
    }
    out.push_str("</ul>\n");
}

fn limits(out: &mut String, gather: &Gather<'_>) {
    if gather.hidden > 0 {
        let _ = writeln!(
            out,
            "<p>{} entries of the log stand in this file as their hash: they are of others, of other times, or were left out. \
             <span class=\"zh\" lang=\"zh\">{} 个条目仅以哈希值列出：属于他人、其他时期，或已略去。</span></p>",
            gather.hidden, gather.hidden
        );
    }
    out.push_str(
        "<h2>What this does not prove <span class=\"zh\" lang=\"zh\">本文件不能证明</span></h2>\n<ul>\n",
    );
    for (english, chinese) in words::LIMITS {
        let _ = writeln!(out, "<li>{english}. <span class=\"zh\" lang=\"zh\">{chinese}。</span></li>");
    }
    out.push_str("</ul>\n");
}
