//! Turns Markdown into pages, by `pulldown-cmark`, as a site generator does. `--input` gives the text.

use pulldown_cmark::{Options as Marks, Parser, html};

fn main() {
    let options = runner::Options::read();
    let own = "# Title\n\nSome *text* with `code`, a [link](x.html) and\n\n- a list\n- of two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n".repeat(200);
    let text = match &options.input {
        Some(_) => String::from_utf8_lossy(&options.data(1 << 18)).into_owned(),
        None => own,
    };
    options.run(|_, shift| {
        while shift.goes_on() {
            let mut page = String::new();
            html::push_html(&mut page, Parser::new_ext(&text, Marks::all()));
            std::hint::black_box(page);
        }
    });
}
