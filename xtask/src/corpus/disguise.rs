//! Copies of a program under another name, stripped or packed; and the sandbox around a command.

use super::places::Places;
use super::recipe::Recipe;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What `{exe}` stands for.
///
/// # Errors
///
/// A program that is not there, a tool that failed.
pub fn exe(places: &Places, recipe: &Recipe, named: &str) -> Result<String, String> {
    if recipe.rename.is_none() && !recipe.strip && !recipe.pack {
        return Ok(named.to_owned());
    }
    let original = find(named).ok_or_else(|| format!("'{named}' is not on the path"))?;
    let folder = places.disguised.join(recipe.title());
    std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    let own = original.file_name().and_then(|n| n.to_str()).unwrap_or("program");
    let copy = folder.join(recipe.rename.as_deref().unwrap_or(own));
    std::fs::copy(&original, &copy).map_err(|e| format!("{}: {e}", original.display()))?;
    if recipe.strip {
        tool(Command::new("strip").arg("--strip-all").arg(&copy))?;
    }
    if recipe.pack {
        pack(&copy)?;
    }
    Ok(copy.display().to_string())
}

/// What `{python}` stands for: renamed, it is a copy beside the original, so that its environment is found.
///
/// # Errors
///
/// A copy that cannot be made.
pub fn python(places: &Places, recipe: &Recipe) -> Result<String, String> {
    let python = places.python(&recipe.venv);
    let Some(name) = recipe.rename.as_ref().filter(|_| recipe.exe.is_none()) else {
        return Ok(python.display().to_string());
    };
    if !python.exists() {
        return Ok(python.display().to_string());
    }
    let copy = match recipe.venv.as_str() {
        "system" => places.disguised.join(name),
        _ => python.with_file_name(name),
    };
    std::fs::copy(&python, &copy).map_err(|e| format!("{}: {e}", python.display()))?;
    Ok(copy.display().to_string())
}

fn find(name: &str) -> Option<PathBuf> {
    if name.contains('/') {
        return PathBuf::from(name).canonicalize().ok();
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|d| d.join(name)).find(|p| p.is_file())?.canonicalize().ok()
}

/// UPX where it is installed, else gzexe, which unpacks to a deleted temporary file: Debian has both ideas,
/// though not UPX itself in every release.
fn pack(path: &Path) -> Result<(), String> {
    if super::install::on_path("upx") {
        return tool(Command::new("upx").args(["-q", "-1", "--force-overwrite"]).arg(path));
    }
    tool(Command::new("gzexe").arg(path))?;
    let _ = std::fs::remove_file(path.with_extension("~"));
    Ok(())
}

fn tool(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|e| format!("{command:?}: {e}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}

/// The arguments of the program that runs `text`: bash, or bash inside bubblewrap.
pub fn words(places: &Places, recipe: &Recipe, scratch: &Path, text: &str) -> Vec<String> {
    let shell = ["bash", "-c", text].map(str::to_owned);
    if !recipe.sandbox {
        return shell.to_vec();
    }
    let mut words: Vec<String> =
        ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]
            .map(str::to_owned)
            .to_vec();
    for folder in [&places.programs, &places.corpus, &places.work, &scratch.to_path_buf()] {
        let path = folder.display().to_string();
        words.extend(["--bind-try".to_owned(), path.clone(), path]);
    }
    words.extend(["--unshare-pid", "--die-with-parent", "--"].map(str::to_owned));
    words.extend(shell);
    words
}
