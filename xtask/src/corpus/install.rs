//! Provides what a recipe needs, once: Debian packages, Python and Node packages, prepared inputs.

use super::places::Places;
use super::recipe::Recipe;
use super::session::filled;
use super::started::Started;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Preparing inputs may compile or train; longer than this is a broken recipe. Seconds.
const LONGEST_SETUP: &str = "1200";

/// Installs and prepares.
///
/// # Errors
///
/// The first step that failed, with the end of what it said.
pub fn provide(places: &Places, recipe: &Recipe) -> Result<(), String> {
    let packages = locked(places, "packages")?;
    debian(&recipe.apt)?;
    if recipe.pack {
        debian(&["gzip".to_owned()])?;
    }
    if recipe.sandbox {
        debian(&["bubblewrap".to_owned()])?;
    }
    python(places, recipe)?;
    node(places, recipe)?;
    drop(packages);
    let _own = locked(places, &recipe.name)?;
    setup(places, recipe)
}

/// Two recordings at once must not prepare the same thing twice; the lock ends with the file.
fn locked(places: &Places, what: &str) -> Result<std::fs::File, String> {
    let file = std::fs::File::create(places.work.join(format!(".lock-{what}"))).map_err(|e| e.to_string())?;
    file.lock().map_err(|e| format!("cannot lock {what}: {e}"))?;
    Ok(file)
}

fn finish(what: &str, command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|e| format!("{what}: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let last: Vec<&str> = said.lines().rev().take(4).collect();
    Err(format!(
        "{what} ended with {}: {}",
        output.status,
        last.into_iter().rev().collect::<Vec<_>>().join(" | ")
    ))
}

fn debian(packages: &[String]) -> Result<(), String> {
    let missing: Vec<&String> = packages.iter().filter(|p| package_version(p).is_none()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    static UPDATED: OnceLock<Result<(), String>> = OnceLock::new();
    UPDATED
        .get_or_init(|| finish("apt-get update", Command::new("apt-get").args(["update", "-qq"])))
        .clone()
        .or_else(|error| if Path::new("/var/lib/apt/lists").exists() { Ok(()) } else { Err(error) })?;
    finish(
        "apt-get install",
        Command::new("apt-get")
            .args(["install", "-y", "-qq", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"])
            .args(missing)
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )
}

/// The installed version of a Debian package.
pub fn package_version(package: &str) -> Option<String> {
    let asked = ["-W", "-f", "${db:Status-Status} ${Version}", package];
    let output = Command::new("dpkg-query").args(asked).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.strip_prefix("installed ").map(str::to_owned)
}

fn python(places: &Places, recipe: &Recipe) -> Result<(), String> {
    if recipe.pip.is_empty() || recipe.venv == "system" {
        return Ok(());
    }
    let folder = places.venvs.join(&recipe.venv);
    let python = places.python(&recipe.venv);
    if !python.exists() {
        debian(&["python3-venv".to_owned(), "python3-dev".to_owned()])?;
        finish("python3 -m venv", Command::new("/usr/bin/python3").args(["-m", "venv"]).arg(&folder))?;
    }
    for package in &recipe.pip {
        let stamp = folder.join(format!(".has-{}", package.replace('/', "-")));
        if !stamp.exists() {
            let install = ["-m", "pip", "install", "-q", "--no-cache-dir", package.as_str()];
            finish("pip install", Command::new(&python).args(install))?;
            std::fs::write(&stamp, "").map_err(|e| e.to_string())?;
        }
    }
    Ok(())
}

fn node(places: &Places, recipe: &Recipe) -> Result<(), String> {
    for package in &recipe.npm {
        if !places.npm.join("node_modules").join(bare(package)).exists() {
            debian(&["nodejs".to_owned(), "npm".to_owned()])
                .or_else(|e| on_path("npm").then_some(()).ok_or(e))?;
            let install = ["install", "--no-audit", "--no-fund", "--silent", "--prefix"];
            finish("npm install", Command::new("npm").args(install).arg(&places.npm).arg(package))?;
        }
    }
    Ok(())
}

/// The package's name without the version that was asked for.
fn bare(package: &str) -> &str {
    match package.rfind('@') {
        Some(at) if at > 0 => package.get(..at).unwrap_or(package),
        _ => package,
    }
}

/// Whether a program of this name can be run.
pub fn on_path(name: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|p| std::env::split_paths(&p).any(|d| d.join(name).is_file()))
}

fn setup(places: &Places, recipe: &Recipe) -> Result<(), String> {
    let Some(text) = &recipe.setup else { return Ok(()) };
    let text = filled(places, recipe).apply(text);
    let digest = hex(&Sha256::digest(text.as_bytes()));
    let stamp = places.work.join(format!(".setup-{}", recipe.name));
    if std::fs::read_to_string(&stamp).is_ok_and(|s| s == digest) {
        return Ok(());
    }
    let words = ["timeout", LONGEST_SETUP, "bash", "-e", "-c", &text].map(str::to_owned);
    let output = places.scratch.join(format!("{}.setup.log", recipe.name));
    Started::new(&words, &places.work, output)?.finish().map_err(|e| format!("setup {e}"))?;
    std::fs::write(&stamp, digest).map_err(|e| e.to_string())
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Which version of the program runs: Debian's, PyPI's, npm's or a crate's of the corpus's own lock file.
pub fn version(places: &Places, recipe: &Recipe) -> String {
    let first = |kind: &str, list: &[String]| list.first().map(|p| format!("{kind}:{p}"));
    let asked = recipe
        .version
        .clone()
        .or_else(|| first("apt", &recipe.apt))
        .or_else(|| first("pip", &recipe.pip))
        .or_else(|| first("npm", &recipe.npm));
    let Some((kind, name)) = asked.as_deref().and_then(|a| a.split_once(':')) else {
        return "unknown".into();
    };
    let found = match kind {
        "apt" => package_version(name),
        "pip" => python_version(places, recipe, name),
        "npm" => node_version(places, name),
        "crate" => crate_version(places, name),
        _ => None,
    };
    format!("{kind} {name} {}", found.unwrap_or_else(|| "unknown".into()))
}

fn python_version(places: &Places, recipe: &Recipe, name: &str) -> Option<String> {
    let bare = name.split(['[', '=', '<', '>']).next().unwrap_or(name);
    let code = format!("import importlib.metadata as m; print(m.version('{bare}'))");
    let output = Command::new(places.python(&recipe.venv)).args(["-c", &code]).output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned()).filter(|v| !v.is_empty())
}

fn node_version(places: &Places, name: &str) -> Option<String> {
    let path = places.npm.join("node_modules").join(bare(name)).join("package.json");
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    json.get("version")?.as_str().map(str::to_owned)
}

fn crate_version(places: &Places, name: &str) -> Option<String> {
    let lock: toml::Table =
        std::fs::read_to_string(places.corpus.join("programs/Cargo.lock")).ok()?.parse().ok()?;
    let is = |p: &&toml::Value| p.get("name").and_then(toml::Value::as_str) == Some(name);
    lock.get("package")?.as_array()?.iter().find(is)?.get("version")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn a_node_package_is_named_without_its_version() {
        assert_eq!(bare("@aztec/bb.js@1.0"), "@aztec/bb.js");
        assert_eq!(bare("@aztec/bb.js"), "@aztec/bb.js");
        assert_eq!(bare("snarkjs@0.7"), "snarkjs");
    }
}
