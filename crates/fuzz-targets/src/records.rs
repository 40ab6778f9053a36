//! Records and books that lie on disk and may come from anybody.

use facts::{Arch, Code, Machine, Privilege, ProcessKey, Slice};
use signatures::Book;
use wire::{Case, Recording, recording};

/// Reads a recording, as packed bytes and, so that mutations reach past gzip, packed here from the same bytes.
pub fn recording(bytes: &[u8]) {
    for input in [bytes.to_vec(), packed(bytes)] {
        if let Ok(read) = recording::read(&*input) {
            assert!(read.slices.len() <= recording::MAX_SLICES, "{} slices", read.slices.len());
            let mut again = Vec::new();
            let written = recording::write(&mut again, &read);
            assert!(written.is_ok(), "what was read cannot be written");
        }
    }
}

/// Reads a case of a contested finding: what is taken names files of its own folder only, and can be written.
pub fn case(bytes: &[u8]) {
    if let Ok(case) = Case::from_json(bytes) {
        let leaves =
            |path: &String| path.starts_with('/') || path.split('/').any(|part| part.starts_with('.'));
        assert!(!case.files.keys().any(leaves), "a file outside of the folder");
        let again = case.to_json().ok().map(|text| Case::from_json(text.as_bytes()));
        assert!(matches!(again, Some(Ok(_))), "what was read cannot be written and read");
    }
}

/// A small case, and one that names a file elsewhere.
pub fn case_seeds() -> Vec<Vec<u8>> {
    let case = |path: &str| {
        format!(
            r#"{{"schema":"overt.case/1","id":"a","device":"d","workload":"w","first":0,"last":0,
            "agreed":{{"by":"i","at_ms":1,"ordinal":2}},"contested":{{"said":{{"by":"o","at_ms":1,"ordinal":1}},"grounds":"No.","material":{{}}}},
            "answers":[{{"said":{{"by":"i","at_ms":1,"ordinal":2}},"outcome":"overturned","reasons":"Yes."}}],
            "found":[{{"sequence":0,"from_ms":1,"duration_ms":60000,"name":"x","readings":[{{"activity":"mining","probability":0.5}}],"mixture":[],
            "algorithm":null,"token_link":"not-seen","evidence":[],"detail":null,"agent":"1"}}],
            "label":{{"outcome":"overturned","was":"mining","is_not":"mining","is":null,"is_by":null}},
            "again":{{"recordings":["{path}"],"note":""}},"files":{{"{path}":"00"}},"made":{{"by":"1","origin":"log","at_ms":1}}}}"#
        )
        .into_bytes()
    };
    vec![case("recordings/a.json.gz"), case("../a")]
}

/// A gzip file of stored blocks: no compression, so that the bytes inside stay as they were mutated.
fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut file = b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec();
    let mut blocks = bytes.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(0);
        file.push(u8::from(blocks.peek().is_none()));
        file.extend(length.to_le_bytes());
        file.extend((!length).to_le_bytes());
        file.extend_from_slice(block);
    }
    file.extend(crc32(bytes).to_le_bytes());
    file.extend(u32::try_from(bytes.len()).unwrap_or(0).to_le_bytes());
    file
}

/// CRC-32 of IEEE 802.3, as gzip wants it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |s, _| if s & 1 == 1 { (s >> 1) ^ 0xedb8_8320 } else { s >> 1 })
    })
}

/// A small recording, packed and as the document inside.
pub fn recording_seeds() -> Vec<Vec<u8>> {
    let process = ProcessKey { pid: 7, start: 99 };
    let code = Code { process, address: 0x1000, bytes: vec![0x90; 64] };
    let slice = Slice { from_ms: 0, to_ms: 500, code: vec![code], ..Slice::default() };
    let machine = Machine {
        arch: Arch::X86_64,
        kernel: "6.1".to_owned(),
        cpus: 2,
        memory: 1 << 30,
        privilege: Privilege::Machine,
    };
    let mut bytes = Vec::new();
    let recording = Recording::new("2026-01-01T00:00:00Z".to_owned(), machine, vec![slice]);
    if recording::write(&mut bytes, &recording).is_err() {
        bytes.clear();
    }
    let document = b"{\"schema\":\"overt-recording/1\",\"started\":\"\",\"machine\":{},\"slices\":[]}";
    vec![bytes, document.to_vec()]
}

/// Reads the books of constants, algorithms and names, parted by zero bytes.
pub fn book(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.splitn(3, '\0');
    let mut part = || parts.next().unwrap_or_default();
    if let Ok(book) = Book::parse(part(), part(), part()) {
        // A book that was accepted answers about anything.
        let _ = (book.table(bytes), book.immediate(u64::MAX), book.name_algorithm(&[("sha256", 1.0)], &[]));
        assert!(
            book.constants().iter().all(|c| book.constant(&c.name).is_some()),
            "a constant that is not found"
        );
    }
}

/// Small books of each kind.
pub fn book_seeds() -> Vec<Vec<u8>> {
    let constants = "[[constant]]\nname = \"sha256-h\"\nprimitive = \"sha256\"\nwhat = \"initial values\"\n\
                     source = \"FIPS 180-4\"\nspecific = 0.9\nwords32 = [\"6a09e667 bb67ae85 3c6ef372 a54ff53a\"]\n";
    let broken = constants.replace("words32", "words64");
    [format!("{constants}\0\0"), format!("{broken}\0[[algorithm]]\nname = \"a\"\n\0[[name]]\n")]
        .map(String::into_bytes)
        .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_here_is_unpacked_by_the_reader() {
        let wrong = br#"{"schema":"overt-recording/9"}"#;
        let error = recording::read(&*packed(wrong)).unwrap_err().to_string();
        assert!(error.contains("overt-recording/9"), "{error}");
    }
}
