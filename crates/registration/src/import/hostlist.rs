//! Lists of hosts as Slurm writes them: `node[01-10,15],login1`.

use crate::mistake::Fault;

/// Most hosts of one list.
pub const MAX_HOSTS: usize = 300_000;
/// Most brackets in one name.
const MAX_BRACKETS: usize = 3;

/// The names of a list, in its order.
///
/// # Errors
///
/// [`Fault`] where it is no such list, or one of too many names.
pub fn expand(list: &str) -> Result<Vec<String>, Fault> {
    let mut hosts = Vec::new();
    for part in parts(list) {
        let part = part.trim();
        if !part.is_empty() {
            each(String::new(), part, 0, &mut hosts)?;
        }
    }
    Ok(hosts)
}

/// The list cut at the commas outside of brackets.
fn parts(list: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    list.split(move |c| {
        inside = match c {
            '[' => true,
            ']' => false,
            _ => inside,
        };
        c == ',' && !inside
    })
}

fn each(before: String, rest: &str, depth: usize, hosts: &mut Vec<String>) -> Result<(), Fault> {
    let wrong = || Fault::value("hosts", rest, "a list such as node[01-10,15]");
    let Some((plain, bracket)) = rest.split_once('[') else {
        if hosts.len() >= MAX_HOSTS {
            return Err(Fault::value("hosts", rest, format!("at most {MAX_HOSTS} names")));
        }
        hosts.push(before + rest);
        return Ok(());
    };
    let (ranges, after) = bracket.split_once(']').ok_or_else(wrong)?;
    if depth >= MAX_BRACKETS {
        return Err(wrong());
    }
    for range in ranges.split(',') {
        let (first, last) = range.trim().split_once('-').unwrap_or((range.trim(), range.trim()));
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| text.parse::<usize>().ok()).flatten()
        };
        let (from, to) = number(first).zip(number(last)).ok_or_else(wrong)?;
        if to < from || to - from >= MAX_HOSTS {
            return Err(wrong());
        }
        // Slurm keeps the zeros of the first number.
        let width = first.len().min(MAX_HOSTS.ilog10() as usize * 3);
        for n in from..=to {
            each(format!("{before}{plain}{n:0width$}"), after, depth + 1, hosts)?;
        }
    }
    Ok(())
}
