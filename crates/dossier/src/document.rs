//! The first page of a dossier as a document to print and hand over: the same facts as the page, in English and Chinese.
//!
//! Must not say more than the entries do; every figure names how it came about.

use crate::gather::Gather;
use crate::lists::{contested, filed, limits};
use crate::page::{HOUR, MAX_DEVICES, energy, tenth};
use crate::tell::{activity_of, by, label, summary_json};
use crate::words;
use documents::{Attachment, Block, Cell, Column, Document, Relationship, Style, Table, Text};
use registry::disposition;

/// English with Chinese behind it.
pub fn both(english: &str, chinese: &str) -> Text {
    Text::plain(english).and(" ").in_language("zh", Style::Dim, chinese)
}

/// English with Chinese on a line of its own.
pub fn below(english: impl Into<String>, chinese: impl Into<String>) -> Text {
    Text::plain(english).in_language("zh", Style::Below, chinese)
}

fn column(heading: Text, width: u8, number: bool) -> Column {
    Column { heading, width, number }
}

/// The document.
pub fn summary(gather: &Gather<'_>) -> Document {
    let scope = &gather.scope;
    let name = gather.operators.last().map_or_else(|| scope.operator.clone(), |o| o.body.title.clone());
    let mut blocks = head(gather);
    blocks.extend(activities(gather));
    blocks.extend(dispositions(gather));
    blocks.extend(devices(gather));
    blocks.extend(filed(gather));
    blocks.extend(contested(gather));
    blocks.extend(limits(gather));
    blocks.extend(checked(gather));
    let (year, month, day) = (scope.to.year(), scope.to.month(), scope.to.day());
    Document {
        name: format!("Dossier: {name}, {} to {}", scope.from, scope.to),
        description: format!(
            "What the computing power of {name} did, from signed statements in a public log"
        ),
        language: "en".to_owned(),
        date: (
            u16::try_from(year).unwrap_or_default(),
            u8::try_from(month).unwrap_or_default(),
            u8::try_from(day).unwrap_or_default(),
        ),
        ident: format!("overt.dossier {} {} {} {}", scope.operator, scope.from, scope.to, scope.zone),
        title: Text::plain(format!("What the computing power of {name} did")),
        subtitle: Text::default().in_language("zh", Style::Plain, format!("{name} 的算力用途")),
        running: Text::plain(format!("Dossier · {name} · {} to {}", scope.from, scope.to)),
        footer: Text::plain("overt.dossier/1 · check it with overt verify").and(" ").in_language(
            "zh",
            Style::Plain,
            "请用 overt verify 核验",
        ),
        blocks,
        attachments: attachments(gather),
    }
}

fn attachments(gather: &Gather<'_>) -> Vec<Attachment> {
    let mut all = vec![Attachment {
        name: "summary.json".to_owned(),
        media: "application/json".to_owned(),
        description: "the figures that this document shows".to_owned(),
        relationship: Relationship::Source,
        content: summary_json(gather).into_bytes(),
    }];
    if !gather.checkpoint.is_empty() {
        all.push(Attachment {
            name: "checkpoint.txt".to_owned(),
            media: "text/plain".to_owned(),
            description: "the signed checkpoint of the log to which all proofs lead".to_owned(),
            relationship: Relationship::Supplement,
            content: gather.checkpoint.clone().into_bytes(),
        });
    }
    all
}

fn head(gather: &Gather<'_>) -> Vec<Block> {
    let scope = &gather.scope;
    let spoke = gather.devices.values().filter(|d| d.statements > 0).count();
    let silent = gather.devices.len() - spoke;
    let said = gather.statements;
    let strong = |text: String| Text::styled(Style::Strong, text);
    let pairs = vec![
        (both("Operator", "运营者"), strong(scope.operator.clone())),
        (
            both("Period", "期间"),
            strong(format!("{} to {}", scope.from, scope.to)).and(format!(" ({})", scope.zone)),
        ),
        (both("Devices", "设备"), strong(spoke.to_string()).and(format!(" spoke, {silent} said nothing"))),
        (both("Statements", "陈述"), strong(said.to_string()).and(" signed in this period")),
    ];
    let english = format!(
        "{spoke} devices signed {said} statements in this period; {silent} enrolled devices said nothing. Each statement is in a log \
         that nobody can rewrite unnoticed; this document follows from them and is checked with them."
    );
    let chinese = format!(
        "本期内 {spoke} 台设备签署了 {said} 份陈述；{silent} 台已登记设备没有陈述。每份陈述都在无法被悄然改写的日志中；\
         本文件由这些陈述得出，并与其一同核验。"
    );
    vec![Block::Pairs(pairs), Block::Note(below(english, chinese))]
}

fn activities(gather: &Gather<'_>) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(both("What was seen", "观察到的活动"))];
    let mut sums: Vec<_> = by(gather, |h| h.activity).into_iter().collect();
    sums.sort_by_key(|(place, sum)| (std::cmp::Reverse(sum.cpu_ms), *place));
    if sums.is_empty() {
        blocks.push(Block::Paragraph(both("Nothing.", "无。")));
        return blocks;
    }
    let most = sums.iter().map(|(_, s)| s.cpu_ms).max().unwrap_or(0).max(1);
    let all: u64 = sums.iter().map(|(_, s)| s.cpu_ms).sum::<u64>().max(1);
    let row = |(place, sum): &(usize, crate::sum::Sum)| {
        let activity = activity_of(*place);
        let bar = u128::from(sum.cpu_ms) * 1_000 / u128::from(most);
        vec![
            Cell::Text(both(activity.name(), words::activity(activity))),
            Cell::Number(tenth(sum.cpu_ms, HOUR).into()),
            Cell::Number(format!("{} %", tenth(sum.cpu_ms.saturating_mul(100), all)).into()),
            Cell::Bar(u16::try_from(bar).unwrap_or(1_000)),
            Cell::Text(mixed(&energy(sum))),
        ]
    };
    blocks.push(Block::Table(Table {
        caption: both("Processor time by activity", "按活动划分的处理器时间"),
        columns: vec![
            column(both("Activity", "活动"), 5, false),
            column(both("Hours", "小时"), 3, true),
            column(both("Share", "占比"), 3, true),
            column(Text::default(), 4, false),
            column(both("Energy", "电量"), 5, false),
        ],
        rows: sums.iter().map(row).collect(),
        headed: true,
        small: false,
    }));
    blocks
}

/// English words with Chinese ones between them, each in its language.
pub fn mixed(text: &str) -> Text {
    let mut out = Text::default();
    let mut run = (false, String::new());
    for c in text.chars() {
        let chinese = if c == ' ' { run.0 } else { !c.is_ascii() };
        if chinese != run.0 {
            let (was, text) = std::mem::replace(&mut run, (chinese, String::new()));
            out = out.in_language(
                if was { "zh" } else { "" },
                if was { Style::Dim } else { Style::Plain },
                text,
            );
        }
        run.1.push(c);
    }
    let (was, text) = run;
    out.in_language(if was { "zh" } else { "" }, if was { Style::Dim } else { Style::Plain }, text)
}

fn dispositions(gather: &Gather<'_>) -> Vec<Block> {
    let mut rows = Vec::new();
    for (code, sum) in by(gather, |h| h.disposition) {
        let (english, chinese) = disposition(code).map_or(
            ("not judged: idle, or no rulebook for the place", "未作判断：空闲，或该地没有规则"),
            |d| (d.name(), words::disposition(d)),
        );
        rows.push(vec![
            Cell::Text(both(english, chinese)),
            Cell::Number(sum.findings.to_string().into()),
            Cell::Number(tenth(sum.cpu_ms, HOUR).into()),
        ]);
    }
    let mut blocks = vec![Block::Heading(both("What the rulebook says of it", "规则的处置"))];
    if !rows.is_empty() {
        blocks.push(Block::Table(Table {
            caption: Text::default(),
            columns: vec![
                column(both("Disposition", "处置"), 6, false),
                column(both("Findings", "项"), 2, true),
                column(both("Hours", "小时"), 2, true),
            ],
            rows,
            headed: true,
            small: false,
        }));
    }
    blocks.push(Block::Paragraph(both(
        "Provisions and articles are in judgements.json.",
        "条文见 judgements.json。",
    )));
    blocks
}

fn devices(gather: &Gather<'_>) -> Vec<Block> {
    let (count, shown) = (gather.devices.len(), gather.devices.len().min(MAX_DEVICES));
    let row = |(id, seen): (&statement::DeviceId, &crate::sum::DeviceSeen)| {
        let said = Style::Gap;
        let statements = seen.statements.to_string();
        let statements =
            if seen.statements == 0 { Text::styled(said, statements) } else { statements.into() };
        vec![
            Cell::Text(label(gather, *id).into()),
            Cell::Text(seen.site.as_ref().map_or("", |s| s.as_str()).into()),
            Cell::Number(statements),
            Cell::Number(tenth(seen.covered_ms, HOUR).into()),
        ]
    };
    let mut blocks = vec![Block::Heading(both("Devices", "设备"))];
    if count == 0 {
        blocks.push(Block::Paragraph(both("None.", "无。")));
        return blocks;
    }
    blocks.push(Block::Table(Table {
        caption: both(&format!("{shown} of {count}; all are in summary.json"), &format!("共 {count} 台")),
        columns: vec![
            column(both("Device", "设备"), 6, false),
            column(both("Site", "场地"), 4, false),
            column(both("Statements", "陈述"), 3, true),
            column(both("Hours covered", "覆盖小时"), 4, true),
        ],
        rows: gather.devices.iter().take(MAX_DEVICES).map(row).collect(),
        headed: true,
        small: false,
    }));
    blocks
}

fn checked(gather: &Gather<'_>) -> Vec<Block> {
    let mut blocks = vec![
        Block::Heading(both("How to check it", "如何核验")),
        Block::Paragraph(below(
            "Keep this document with the dossier that it came in, and run overt verify on that file, offline, with a policy from \
             somebody you trust. It sets this document again from the entries and compares every byte.",
            "请将本文件与其所在的卷宗一并保存，并用可信来源的策略离线运行 overt verify：它由条目重新排版本文件，并逐字节比对。",
        )),
    ];
    let lines: Vec<&str> = gather.checkpoint.lines().take(3).collect();
    if let [origin, size, root] = lines.as_slice() {
        blocks.push(Block::Pairs(vec![
            (both("Log", "日志"), Text::plain(*origin)),
            (both("Batches", "批次"), Text::plain(*size)),
            (both("Root", "根"), Text::styled(Style::Mono, *root)),
        ]));
    }
    blocks
}
