//! Readers that share no code with what wrote a file: Debian's `poppler-utils`, `mupdf-tools` and `qpdf`. An error where one is
//! missing; `./check` installs them.

use std::fs;
use std::process::Command;

/// What Debian's MuPDF says of every file with a colour profile: it is built without support for them.
const NO_PROFILES: &str = "warning: ICC support is not available";

fn read(program: &str, arguments: &[&str], pdf: &[u8]) -> Result<String, String> {
    let wrong = |e: std::io::Error| format!("{program}: {e}; ./check installs it");
    let folder = tempfile::tempdir().map_err(wrong)?;
    let path = folder.path().join("document.pdf");
    fs::write(&path, pdf).map_err(wrong)?;
    let path = path.to_string_lossy().into_owned();
    let arguments = arguments.iter().map(|a| if *a == "FILE" { path.as_str() } else { *a });
    let output = Command::new(program).args(arguments).output().map_err(wrong)?;
    let errors = String::from_utf8_lossy(&output.stderr).replace(NO_PROFILES, "");
    if !output.status.success() || !errors.trim().is_empty() {
        return Err(format!("{program}: {errors}"));
    }
    String::from_utf8(output.stdout).map_err(|e| format!("{program}: {e}"))
}

/// All text, as poppler reads it.
///
/// # Errors
///
/// What the reader says, or that it is missing.
pub fn pdftotext(pdf: &[u8]) -> Result<String, String> {
    read("pdftotext", &["-raw", "FILE", "-"], pdf)
}

/// All text, as MuPDF reads it.
///
/// # Errors
///
/// What the reader says, or that it is missing.
pub fn mutool(pdf: &[u8]) -> Result<String, String> {
    read("mutool", &["draw", "-q", "-F", "txt", "FILE"], pdf)
}

/// Whether the file is whole, as qpdf sees it.
///
/// # Errors
///
/// What the reader says, or that it is missing.
pub fn qpdf(pdf: &[u8]) -> Result<(), String> {
    let found = read("qpdf", &["--check", "FILE"], pdf)?;
    if found.contains("No syntax or stream encoding errors found") { Ok(()) } else { Err(found) }
}
