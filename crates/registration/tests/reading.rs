//! Files of registrations: what is read, what is refused, at which line and with which help.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use jiff::civil::{Date, date};
use registration::{MAX_MISTAKES, MAX_ROWS, Mistakes, Reading, Said, Wishes, fleet};
use statement::Kind;
use std::io::Read;

const TODAY: Date = date(2026, 6, 1);

fn reading() -> Reading<'static> {
    Reading::new(rulebook::shipped_vocabulary(), TODAY)
}

fn read(text: impl AsRef<[u8]>) -> Result<Wishes, Mistakes> {
    fleet(text.as_ref(), &reading())
}

/// The one mistake of a table, as it is said.
fn mistake(text: impl AsRef<[u8]>) -> String {
    let mistakes = read(text).unwrap_err().list;
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    mistakes[0].to_string()
}

fn value(wishes: &Wishes, at: usize, field: &str) -> String {
    wishes.subjects[at].fields.iter().find(|(name, _)| name == field).unwrap().1.clone()
}

#[test]
fn a_fleet_is_read_with_short_and_long_names_of_fields() {
    let wishes = read("id,site,from,manufacturer,device.model,serial,power_nominal\nrack-1,hall,2026-01-01,Acme,S21,a; b,3531 W\n").unwrap();
    let wish = &wishes.subjects[0];
    assert_eq!((wish.kind, wish.line, wish.id.as_str()), (Kind::Device, 2, "rack-1"));
    assert_eq!((wish.from, wish.until), (Some(date(2026, 1, 1)), Said::Unsaid));
    assert_eq!(value(&wishes, 0, "device.manufacturer"), "Acme");
    assert_eq!(value(&wishes, 0, "device.serial"), "a; b");
    assert_eq!(value(&wishes, 0, "device.power_nominal"), "3531");
}

#[test]
fn tables_of_spreadsheets_in_other_countries_are_read() {
    let semicolons = "\u{feff}id;site;model\r\nrack-1;hall;矿机\r\n";
    let tabs = "id\tsite\tmodel\nrack-1\thall\t矿机\n";
    for text in [semicolons, tabs] {
        assert_eq!(value(&read(text).unwrap(), 0, "device.model"), "矿机");
    }
    let little: Vec<u8> = semicolons.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = semicolons.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [little, big] {
        assert_eq!(
            read(bytes).unwrap(),
            read(semicolons).unwrap(),
            "UTF-16 with a mark says what UTF-8 says"
        );
    }
}

#[test]
fn text_that_is_not_utf_8_is_refused_once_with_its_line_and_how_to_convert_it() {
    let with = |bytes: &[u8]| {
        [b"id,site,model\nrack-1,hall,S21\nrack-2,hall,".as_slice(), bytes, b"\nrack-3,hall,\xff\xff\n"]
            .concat()
    };
    // 比特币 in GB 18030, Майнер in Windows-1251, Gerät in Windows-1252.
    for (bytes, looks, iconv) in [
        (b"\xb1\xc8\xcc\xd8\xb1\xd2".as_slice(), "GB18030", "iconv -f GB18030"),
        (b"\xcc\xe0\xe9\xed\xe5\xf0".as_slice(), "Windows-1251", "iconv -f WINDOWS-1251"),
        (b"Ger\xe4t".as_slice(), "Windows-1252", "iconv -f WINDOWS-1252"),
        (b"S\x002\x001\x00".as_slice(), "UTF-16 without", "iconv -f UTF-16LE"),
    ] {
        let said = mistake(with(bytes));
        assert!(
            said.starts_with("line 3: this is not UTF-8") && said.contains(looks) && said.contains(iconv),
            "{said}"
        );
    }
}

#[test]
fn what_a_spreadsheet_would_calculate_is_refused_and_an_apostrophe_says_that_it_is_meant() {
    for formula in ["=1+1", "@SUM(A1)", "-cmd|' /C calc'!A0", "+A1", "＝A1"] {
        let said = mistake(format!("id,site,serial\nrack-1,hall,\"{formula}\"\n"));
        assert!(said.contains("line 2: device.serial:") && said.contains("apostrophe"), "{said}");
        let meant = read(format!("id,site,serial\nrack-1,hall,\"'{formula}\"\n")).unwrap();
        assert_eq!(value(&meant, 0, "device.serial"), formula);
    }
    let said = mistake("id,site,serial\nrack-1,hall,-SN0017\n");
    assert!(said.contains("begins with '-'"), "nobody can tell such a serial number from a formula: {said}");
    let dialled =
        read("id,site,party.phone,energy.intake_temperature\nrack-1,hall,+47 22 00 00 00,-5.5\n").unwrap();
    assert_eq!(value(&dialled, 0, "party.phone"), "+47 22 00 00 00");
    assert_eq!(value(&dialled, 0, "energy.intake_temperature"), "-5.5");
}

#[test]
fn each_mistake_names_its_line_and_what_to_do() {
    let head = "id,site,from,until,model,power_nominal\n";
    for (text, word) in [
        (
            format!("{head}rack-1,hall,2026-13-01,,,\n"),
            "line 2: from: found '2026-13-01', expected a day that exists",
        ),
        (format!("{head}rack-1,hall,2026-1-1,,,\n"), "expected a day that exists, YYYY-MM-DD"),
        (format!("{head}rack-1,hall,2126-01-01,,,\n"), "lies outside of 1970-01-01 to 2036-06-01"),
        (
            format!("{head}rack-1,hall,2026-05-02,2026-05-01,,\n"),
            "until 2026-05-01 is before from 2026-05-02",
        ),
        (
            format!("{head}rack-1,,2026-05-02,,,\n"),
            "no site is named; name the site, in the file or with --site",
        ),
        (format!("{head}Rack 1,hall,,,,\n"), "id: found 'Rack 1', expected 1 to 64 of a-z"),
        (
            format!("{head}rack-1,hall,,,a,b,c\n"),
            "7 cells, and the first line names 6 columns; a comma inside",
        ),
        (format!("{head}rack-1,hall,,,,\"3,5\"\n"), "expected a number of W such as 12.5"),
        (
            format!("{head}rack-1,hall,,,{},\n", "x".repeat(5000)),
            "device.model: 5000 bytes, expected at most 4096",
        ),
        (format!("{head}rack-1,hall,,,a\u{1b}[31m,\n"), "text without control characters"),
        ("id,site,modle\n".to_owned(), "'modle' is no field; did you mean 'model'?"),
        ("id,site,manufacturer,device.manufacturer\n".to_owned(), "'device.manufacturer' stands there twice"),
        ("site,model\n".to_owned(), "no column 'id'"),
        (String::new(), "no column 'id'"),
        (
            "id,site\nrack-1,hall\nrack-1,hall\n".to_owned(),
            "line 3: device 'rack-1' stands in line 2 already",
        ),
        (
            "id,site,serial\na,hall,SN1\nb,hall,SN2\nc,hall,sn1\n".to_owned(),
            "line 4: serial number 'sn1' stands in line 2 already",
        ),
        ("id,site,device\na,hall,0011\n".to_owned(), "32 hexadecimal digits"),
    ] {
        let said = mistake(&text);
        assert!(said.contains(word), "expected '{word}': {said}");
        assert!(!said.chars().any(char::is_control), "{said:?}");
    }
}

#[test]
fn serial_numbers_of_two_makers_may_be_the_same() {
    assert!(read("id,site,manufacturer,serial\na,hall,Acme,1\nb,hall,Other,1\n").is_ok());
}

#[test]
fn all_mistakes_up_to_a_hundred_are_said_at_once() {
    let rows: String = (0..10).map(|n| format!("rack-{n},hall,{n}\n")).collect();
    assert_eq!(read(format!("id,site,device.made\n{rows}")).unwrap_err().list.len(), 10);
    let rows: String = (0..1000).map(|n| format!("rack-{n},hall,{n}\n")).collect();
    let mistakes = read(format!("id,site,device.made\n{rows}")).unwrap_err();
    assert_eq!(mistakes.list.len(), MAX_MISTAKES);
}

/// Ten million rows that are made while they are read; counts what was read of them.
struct Endless {
    row: u64,
    rest: Vec<u8>,
    read: u64,
    row_of: fn(u64) -> String,
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.rest.is_empty() && self.row < 10_000_000 {
            self.rest = (self.row_of)(self.row).into_bytes();
            self.row += 1;
        }
        let count = self.rest.len().min(into.len());
        into[..count].copy_from_slice(&self.rest[..count]);
        self.rest.drain(..count);
        self.read += count as u64;
        Ok(count)
    }
}

#[test]
fn ten_million_rows_are_refused_at_the_first_beyond_the_bound() {
    let row_of = |n| if n == 0 { "id,site\n".to_owned() } else { format!("r{n},h\n") };
    let mut source = Endless { row: 0, rest: vec![], read: 0, row_of };
    let mistakes = fleet(&mut source, &reading()).unwrap_err();
    assert!(mistakes.list[0].to_string().contains(&format!("more than {MAX_ROWS} rows; split the file")));
    assert!(source.row < MAX_ROWS + 50_000, "read on to row {}", source.row);
}

#[test]
fn a_quote_that_is_never_closed_does_not_swallow_the_file() {
    let row_of = |n| match n {
        0 => "id,site\n".to_owned(),
        1 => "\"rack-1,hall\n".to_owned(),
        n => format!("r{n},h\n"),
    };
    let mut source = Endless { row: 0, rest: vec![], read: 0, row_of };
    let mistakes = fleet(&mut source, &reading()).unwrap_err();
    let said = mistakes.list[0].to_string();
    assert!(said.starts_with("line 2: this row is longer than") && said.contains("quote"), "{said}");
    assert!(source.read < 4 << 20, "read {} bytes", source.read);
}
