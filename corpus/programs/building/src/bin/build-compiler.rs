//! A small compiler, written out: scans and parses a language of functions, folds constants, numbers values, allocates
//! registers and emits assembler text.

use std::collections::HashMap;
use std::fmt::Write;

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Number(i64),
    Name(String),
    Pair(char, Box<Node>, Box<Node>),
}

struct Parser<'a> {
    words: std::iter::Peekable<std::slice::Iter<'a, String>>,
}

impl Parser<'_> {
    fn sum(&mut self) -> Node {
        let mut left = self.product();
        while let Some(word) = self.words.next_if(|w| matches!(w.as_str(), "+" | "-")) {
            left = Node::Pair(word.as_bytes()[0] as char, Box::new(left), Box::new(self.product()));
        }
        left
    }

    fn product(&mut self) -> Node {
        let mut left = self.atom();
        while self.words.next_if(|w| w.as_str() == "*").is_some() {
            left = Node::Pair('*', Box::new(left), Box::new(self.atom()));
        }
        left
    }

    fn atom(&mut self) -> Node {
        match self.words.next().map(String::as_str) {
            Some("(") => {
                let inner = self.sum();
                self.words.next();
                inner
            }
            Some(word) => word.parse().map_or_else(|_| Node::Name(word.to_owned()), Node::Number),
            None => Node::Number(0),
        }
    }
}

fn scan(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if !c.is_whitespace() {
            words.push(c.to_string());
        }
    }
    words
}

fn fold(node: Node) -> Node {
    let Node::Pair(sign, left, right) = node else { return node };
    match (fold(*left), fold(*right)) {
        (Node::Number(a), Node::Number(b)) => Node::Number(match sign {
            '+' => a.wrapping_add(b),
            '-' => a.wrapping_sub(b),
            _ => a.wrapping_mul(b),
        }),
        (left, right) => Node::Pair(sign, Box::new(left), Box::new(right)),
    }
}

fn emit(node: &Node, known: &mut HashMap<String, usize>, out: &mut String) -> usize {
    let key = format!("{node:?}");
    if let Some(&register) = known.get(&key) {
        return register;
    }
    let register = known.len();
    let _ = match node {
        Node::Number(n) => writeln!(out, "  mov r{}, #{n}", register % 16),
        Node::Name(name) => writeln!(out, "  ldr r{}, [{name}]", register % 16),
        Node::Pair(sign, left, right) => {
            let (a, b) = (emit(left, known, out), emit(right, known, out));
            let operation = match sign {
                '+' => "add",
                '-' => "sub",
                _ => "mul",
            };
            writeln!(out, "  {operation} r{}, r{}, r{}", known.len() % 16, a % 16, b % 16)
        }
    };
    known.insert(key, known.len());
    known.len() - 1
}

fn main() {
    let options = runner::Options::read();
    options.run(|thread, shift| {
        let mut random = runner::Random(thread as u64);
        while shift.goes_on() {
            let terms: Vec<String> = (0..200)
                .map(|_| {
                    format!("(x{} * {} + {})", random.next() % 20, random.next() % 9, random.next() % 99)
                })
                .collect();
            let words = scan(&terms.join(" + "));
            let tree = fold(Parser { words: words.iter().peekable() }.sum());
            let mut out = String::new();
            emit(&tree, &mut HashMap::new(), &mut out);
            std::hint::black_box(out);
        }
    });
}
