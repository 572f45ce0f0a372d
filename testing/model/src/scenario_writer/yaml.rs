//! YAML, line by line.

/// A text as YAML takes it for nothing else.
pub fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with(':')
        && !matches!(text, "true" | "false" | "null" | "yes" | "no");
    match is_plain {
        true => text.to_owned(),
        false => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

/// Adds a line.
pub fn line(text: &mut String, indent: usize, line: &str) {
    text.push_str(&" ".repeat(indent));
    text.push_str(line);
    text.push('\n');
}

/// `key: none`, or `key:` and a list whose items are one text or a list of them.
pub fn list(text: &mut String, key: &str, none: &str, items: impl Iterator<Item = Vec<String>>) {
    let items: Vec<Vec<String>> = items.collect();
    if items.is_empty() {
        return line(text, 6, &format!("- {key}: {none}"));
    }
    line(text, 6, &format!("- {key}:"));
    for item in items {
        for (number, part) in item.iter().enumerate() {
            let mark = match (item.len(), number) {
                (1, _) => "- ",
                (_, 0) => "- - ",
                _ => "  - ",
            };
            line(text, 10, &format!("{mark}{}", scalar(part)));
        }
    }
}
