//! What the history looks like outside: pictures, tables and files, also with texts that mean harm.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use facts::{Activity, TokenState};
use jiff::tz::TimeZone;
use store_parquet::chart::{self, Chart, Language};
use store_parquet::{Answer, Bucket, Facts, Key, Query, Row, Sums, Workload};
use store_parquet::{write_csv, write_json, write_json_lines, write_parquet};

const HOSTILE: &str = "=cmd|' /C calc'!A0\u{1b}[2J\"</text><script>alert(1)</script>\n@x";
const MINUTE: i64 = 60_000;
/// 2026-11-20 16:00 UTC: midnight in Shanghai.
const BEGIN: i64 = 1_795_190_400_000;

fn hostile() -> Row {
    Row {
        ordinal: 0,
        device: [7; 16],
        sequence: 1,
        operator: HOSTILE.to_owned(),
        site: " +site".to_owned(),
        from_ms: BEGIN,
        duration_ms: 60_000,
        workload: Some(Workload { id: [9; 8], name: HOSTILE.to_owned() }),
        activity: Activity::Mining,
        share: 1000,
        probability: 990,
        algorithm: Some("-randomx".to_owned()),
        token: TokenState::Seen,
        disposition: Some("@prohibited".to_owned()),
        cpu_ms: 60_000,
        energy_mj: Some(5_000_000),
    }
}

/// Answers by activity with every step but a few, uneven and the same each time.
fn answers(activities: &[Activity], steps: i64, every_ms: i64) -> Vec<Answer> {
    let mut answers = Vec::new();
    for step in (0..steps).filter(|step| !(steps * 4 / 10..steps * 45 / 100).contains(step)) {
        for (at, activity) in activities.iter().enumerate() {
            let wave = (step * 7 + at as i64 * 11) % 23 + 40 * ((step * 3 / steps + at as i64) % 3);
            let cpu = (wave * every_ms).cast_unsigned() / (at as u64 + 1);
            let sums = Sums {
                statements: None,
                findings: 10,
                cpu_ms: cpu,
                energy_mj: (at % 5 != 4).then_some(cpu * 12),
                unmetered: if at % 5 == 4 { 10 } else { 0 },
                first_ms: BEGIN + step * every_ms,
                last_ms: BEGIN + (step + 1) * every_ms,
            };
            answers.push(Answer { key: Key::Activity(*activity), bucket_ms: Some(sums.first_ms), sums });
        }
    }
    answers
}

fn picture(activities: &[Activity], length: i64, language: Language, title: Option<&str>) -> String {
    let every_ms = chart::step_ms(length);
    chart::areas(&Chart {
        title,
        language,
        zone: TimeZone::get("Asia/Shanghai").unwrap(),
        from_ms: BEGIN,
        to_ms: BEGIN + length,
        bucket: Bucket { every_ms, origin_ms: BEGIN },
        answers: &answers(activities, length / every_ms, every_ms),
    })
}

const FEW: [Activity; 3] = [Activity::Training, Activity::Mining, Activity::Idle];

#[test]
fn a_picture_stays_as_it_was_looked_at() {
    let found = picture(&FEW, 60 * MINUTE, Language::English, None);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hour.svg");
    if std::env::var_os("OVERT_BLESS").is_some() {
        std::fs::write(path, &found).unwrap();
    }
    assert!(
        found == std::fs::read_to_string(path).unwrap(),
        "the picture changed; look at it, then set OVERT_BLESS=1"
    );
}

/// With OVERT_PICTURES=FOLDER the pictures are left there to be looked at.
#[test]
fn every_picture_is_well_formed_and_names_what_it_draws() {
    let hour = 60 * MINUTE;
    let cases: [(&str, &[Activity], i64, Language); 6] = [
        ("few-hour-en", &FEW, hour, Language::English),
        ("few-month-zh", &FEW, 30 * 24 * hour, Language::Chinese),
        ("many-month-en", &Activity::ALL, 30 * 24 * hour, Language::English),
        ("many-hour-zh", &Activity::ALL, hour, Language::Chinese),
        ("many-day-en", &Activity::ALL[..8], 24 * hour, Language::English),
        ("nothing", &[], hour, Language::English),
    ];
    for (name, activities, length, language) in cases {
        let svg = picture(activities, length, language, None);
        well_formed(&svg);
        if language == Language::English {
            assert!(activities.iter().all(|a| svg.contains(&a.name().replace('-', " "))), "{name}");
        }
        assert!(svg.contains("<title>") && svg.contains("<desc>") && svg.contains("prefers-color-scheme"));
        if let Some(folder) = std::env::var_os("OVERT_PICTURES") {
            let folder = std::path::Path::new(&folder);
            std::fs::write(folder.join(format!("{name}-light.svg")), &svg).unwrap();
            // A renderer that knows no preference shows the dark one when its rules stand by themselves.
            let dark = svg.replace("@media (prefers-color-scheme:dark){", "").replace(
                "}
@media print",
                "@media print",
            );
            std::fs::write(folder.join(format!("{name}-dark.svg")), dark).unwrap();
        }
    }
}

/// Tags close in order, and outside of them stands no `<`.
fn well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    for tag in svg.split('<').skip(1).map(|rest| rest.split_once('>').unwrap().0) {
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty());
}

#[test]
fn time_without_statements_is_a_gap_and_not_nothing() {
    let with = picture(&FEW, 60 * MINUTE, Language::English, None);
    assert!(with.contains("class=\"oc-gap\" x=") && with.contains("Grey: no statements"));
    let every_ms = MINUTE;
    let mut answers = answers(&FEW, 60, every_ms);
    answers.retain(|answer| answer.bucket_ms.is_some_and(|at| at < BEGIN + 10 * MINUTE));
    let bucket = Bucket { every_ms, origin_ms: BEGIN };
    let chart = Chart {
        title: None,
        language: Language::English,
        zone: TimeZone::UTC,
        from_ms: BEGIN,
        to_ms: BEGIN + 10 * MINUTE,
        bucket,
        answers: &answers,
    };
    assert!(!chart::areas(&chart).contains("class=\"oc-gap\" x="));
}

#[test]
fn a_hostile_title_is_only_a_text() {
    let svg = picture(&FEW, 60 * MINUTE, Language::English, Some(HOSTILE));
    well_formed(&svg);
    assert!(!svg.contains("<script") && !svg.contains('\u{1b}') && svg.contains("&lt;script&gt;"));
}

#[test]
fn no_cell_runs_as_a_formula_or_moves_the_cursor() {
    let mut out = Vec::new();
    write_csv(&[hostile()], &mut out).unwrap();
    let text = String::from_utf8(out.clone()).unwrap();
    assert!(!text.contains('\u{1b}'));
    let mut csv = csv::Reader::from_reader(out.as_slice());
    let record = csv.records().next().unwrap().unwrap();
    for cell in record.iter() {
        assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{cell}");
    }
    assert!(record[3].starts_with("'=cmd"));
    let mut lines = Vec::new();
    write_json_lines(&[hostile(), hostile()], &mut lines).unwrap();
    let lines = String::from_utf8(lines).unwrap();
    assert_eq!(lines.lines().count(), 2);
    let value: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(value["workload"]["name"], HOSTILE);
    assert_eq!(value["device"], "07070707070707070707070707070707");
}

#[test]
fn rows_written_as_parquet_are_a_history_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut out = Vec::new();
    write_parquet(&[hostile()], &mut out).unwrap();
    let name = "findings-00000000000000000000-00000000000000000000.parquet";
    std::fs::write(folder.path().join(name), out).unwrap();
    let facts = Facts::open(folder.path()).unwrap();
    let query = Query { to_ms: i64::MAX, ..Query::default() };
    assert_eq!(facts.rows(&query, true, 10, None).unwrap().rows, [hostile()]);
}

#[test]
fn answers_are_written_in_every_form() {
    let answers = answers(&FEW, 2, MINUTE);
    let (mut json, mut csv, mut parquet) = (Vec::new(), Vec::new(), Vec::new());
    write_json(&answers, &mut json).unwrap();
    write_csv(&answers, &mut csv).unwrap();
    write_parquet(&answers, &mut parquet).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json[0]["activity"], "training");
    assert_eq!(String::from_utf8(csv).unwrap().lines().count(), answers.len() + 1);
    let reader =
        parquet::file::serialized_reader::SerializedFileReader::new(bytes::Bytes::from(parquet)).unwrap();
    use parquet::file::reader::FileReader;
    let row = reader.get_row_iter(None).unwrap().next().unwrap().unwrap().to_string();
    assert!(row.contains("training") && row.contains("energy_mj"), "{row}");
}
