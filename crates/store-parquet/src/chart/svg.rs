//! Writing SVG: numbers short, every text escaped. It must not know what is drawn.

use std::fmt::Write;

/// A picture being written.
pub struct Svg {
    out: String,
}

/// Light and dark by what the reader's system prefers; no custom properties, which printers' programs do not know.
const STYLE: &str = "
.oc{font-family:system-ui,'Noto Sans','Noto Sans CJK SC','Microsoft YaHei',sans-serif;font-size:12px}
.oc text{fill:#1f2328}.oc .oc-paper{fill:#ffffff}.oc .oc-title{font-size:17px;font-weight:600}
.oc .oc-panel{font-size:13px;font-weight:600}.oc .oc-tick,.oc .oc-note{fill:#57606a}
.oc .oc-grid{stroke:#d8dee4;stroke-width:1;fill:none}.oc .oc-axis{stroke:#57606a;stroke-width:1;fill:none}
.oc .oc-area{stroke:#ffffff;stroke-width:.7;stroke-linejoin:round}
.oc .oc-gap{fill:#eaeef2}.oc .oc-swatch{stroke:#57606a;stroke-width:.7}
.oc .oc-direct{font-size:11px;font-weight:600;fill:#1f2328;stroke:#ffffff;stroke-width:3.5px;paint-order:stroke;stroke-linejoin:round}
@media (prefers-color-scheme:dark){
.oc text{fill:#e6edf3}.oc .oc-paper{fill:#0d1117}.oc .oc-tick,.oc .oc-note{fill:#9aa4af}
.oc .oc-grid{stroke:#30363d}.oc .oc-axis{stroke:#9aa4af}.oc .oc-area{stroke:#0d1117}
.oc .oc-gap{fill:#1c2129}.oc .oc-swatch{stroke:#9aa4af}
.oc .oc-direct{fill:#e6edf3;stroke:#0d1117}
}
@media print{.oc .oc-paper{fill:#ffffff}.oc text{fill:#000000}.oc .oc-direct{fill:#000000;stroke:#ffffff}}
";

impl Svg {
    /// Begins a picture with its title and description for those who cannot see it.
    pub fn new(width: f64, height: f64, title: &str, description: &str) -> Self {
        let mut svg = Self { out: String::with_capacity(64 << 10) };
        let (width, height) = (number(width), number(height));
        let label = escape(title);
        svg.raw(&format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"oc\" role=\"img\" aria-label=\"{label}\" \
             width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n<title>{label}</title>\n\
             <desc>{}</desc>\n<style>{STYLE}</style>\n\
             <rect class=\"oc-paper\" width=\"{width}\" height=\"{height}\"/>\n",
            escape(description)
        ));
        svg
    }

    /// Adds markup that is the program's own.
    pub fn raw(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    /// Adds a text, escaped.
    pub fn text(&mut self, class: &str, x: f64, y: f64, anchor: &str, text: &str) {
        let (x, y, text) = (number(x), number(y), escape(text));
        let anchor = if anchor == "start" { String::new() } else { format!(" text-anchor=\"{anchor}\"") };
        let _ = writeln!(self.out, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\"{anchor}>{text}</text>");
    }

    /// Adds a line.
    pub fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let (x1, y1, x2, y2) = (number(from.0), number(from.1), number(to.0), number(to.1));
        let _ = writeln!(self.out, "<path class=\"{class}\" d=\"M{x1} {y1}L{x2} {y2}\"/>");
    }

    /// Adds a rectangle; `fill` is empty where the class says it.
    pub fn rect(&mut self, class: &str, fill: &str, from: (f64, f64), size: (f64, f64)) {
        let (x, y, width, height) = (number(from.0), number(from.1), number(size.0), number(size.1));
        let fill = if fill.is_empty() { String::new() } else { format!(" fill=\"{fill}\"") };
        let _ = writeln!(
            self.out,
            "<rect class=\"{class}\"{fill} x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
        );
    }

    /// Ends the picture.
    pub fn finish(mut self) -> String {
        self.out.push_str("</svg>\n");
        self.out
    }
}

/// A coordinate: two digits behind the point at most, and never "not a number".
pub fn number(value: f64) -> String {
    let text = format!("{:.2}", if value.is_finite() { value } else { 0.0 });
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A text that cannot end or begin markup, without characters that XML 1.0 does not allow.
pub fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_control_characters_come_out_as_text() {
        assert_eq!(escape("<script>\u{1b}\u{0}\"'&"), "&lt;script&gt;\u{fffd}\u{fffd}&quot;&#39;&amp;");
        assert_eq!([number(1.0), number(0.126), number(f64::NAN)], ["1", "0.13", "0"]);
    }
}
