//! Words that pages and documents share: English, and the rulebook's language where it is one of these.

/// Words of a page, in the order in which [`Words::pair`] numbers them.
const WORDS: [(&str, [&str; 8]); 5] = [
    ("en", ["Field", "Value", "Source", "Missing", "Notes", "Period", "Gaps", "Answers"]),
    ("zh", ["字段", "填报值", "来源", "缺失", "说明", "期间", "缺失项", "填报内容"]),
    ("ru", ["Поле", "Значение", "Источник", "Отсутствует", "Примечания", "Период", "Пробелы", "Ответы"]),
    ("de", ["Feld", "Wert", "Quelle", "Fehlt", "Hinweise", "Zeitraum", "Lücken", "Angaben"]),
    ("nb", ["Felt", "Verdi", "Kilde", "Mangler", "Merknader", "Periode", "Mangler", "Svar"]),
];

/// More words, of documents only: English, Chinese, Russian, German, Norwegian.
const MORE: [[&str; 5]; 15] = [
    ["Operator", "运营者", "Оператор", "Betreiber", "Operatør"],
    ["Site", "场地", "Площадка", "Standort", "Sted"],
    ["Owed by", "义务人", "Кто обязан", "Verpflichtet", "Pliktig"],
    ["To", "报送", "Кому", "An", "Til"],
    ["Form", "表格", "Форма", "Formular", "Skjema"],
    ["Otherwise", "否则", "Иначе", "Andernfalls", "Ellers"],
    ["Law", "法律依据", "Норма", "Rechtsgrundlage", "Hjemmel"],
    ["Rulebook", "规则库", "Свод правил", "Regelwerk", "Regelverk"],
    ["Layout", "版式", "Макет", "Aufbau", "Oppsett"],
    ["Checked by", "核对人", "Проверил", "Geprüft von", "Kontrollert av"],
    ["Amendment", "更正", "Уточнение", "Berichtigung", "Endring"],
    ["Unit", "单位", "Единица", "Einheit", "Enhet"],
    ["To do", "待办", "Что сделать", "Zu tun", "Gjøres"],
    ["Sources", "来源", "Источники", "Quellen", "Kilder"],
    ["Row", "行", "Строка", "Zeile", "Rad"],
];

/// English, and the other language of a filing.
pub struct Words {
    english: [&'static str; 8],
    other: Option<(&'static str, usize, [&'static str; 8])>,
}

impl Words {
    /// For a rulebook's language, BCP 47.
    pub fn of(language: &str) -> Self {
        let english = WORDS.first().map(|(_, words)| *words).unwrap_or_default();
        let other = WORDS.iter().enumerate().skip(1).find(|(_, (code, _))| language.starts_with(code));
        Self { english, other: other.map(|(at, (code, words))| (*code, at, *words)) }
    }

    /// A word in English, and in the other language with its code.
    pub fn pair(&self, at: usize) -> (&'static str, Option<(&'static str, &'static str)>) {
        let english = self.english.get(at).copied().unwrap_or_default();
        let other = self.other.as_ref().and_then(|(code, _, words)| Some((*code, *words.get(at)?)));
        (english, other)
    }

    /// The same of an English word of documents.
    pub fn more(&self, english: &'static str) -> (&'static str, Option<(&'static str, &'static str)>) {
        let row = MORE.iter().find(|row| row.first() == Some(&english));
        let other = self.other.as_ref().and_then(|(code, at, _)| Some((*code, *row?.get(*at)?)));
        (english, other)
    }
}
