//! Fills the named places of a command line. Only known names are replaced, so that shell braces stay as they are.

/// Names and their values.
#[derive(Clone, Debug, Default)]
pub struct Fill(Vec<(&'static str, String)>);

impl Fill {
    /// Sets one value.
    pub fn set(&mut self, name: &'static str, value: impl ToString) {
        self.0.retain(|(n, _)| *n != name);
        self.0.push((name, value.to_string()));
    }

    /// The text with `{name}` replaced. `${name}` belongs to the shell and stays.
    pub fn apply(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            let (before, from) = rest.split_at(at);
            filled.push_str(before);
            let shell = before.ends_with('$');
            match self.0.iter().find(|(n, _)| !shell && named(from, n)) {
                Some((name, value)) => {
                    filled.push_str(&self.apply(value));
                    rest = from.get(name.len() + 2..).unwrap_or_default();
                }
                None => {
                    filled.push('{');
                    rest = from.get(1..).unwrap_or_default();
                }
            }
        }
        filled.push_str(rest);
        filled
    }
}

fn named(text: &str, name: &str) -> bool {
    text.strip_prefix('{').and_then(|t| t.strip_prefix(name)).is_some_and(|t| t.starts_with('}'))
}

#[cfg(test)]
mod tests {
    use super::Fill;

    #[test]
    fn only_known_names_are_filled_and_values_may_hold_names() {
        let mut fill = Fill::default();
        fill.set("threads", 2);
        fill.set("args", "-t {threads}");
        assert_eq!(fill.apply("x {args} ${threads} {other} {1..3}"), "x -t 2 ${threads} {other} {1..3}");
    }
}
