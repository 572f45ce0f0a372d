//! What does the same elsewhere: a command line, and a call of HTTP.

use super::commands::Call;

/// A command line, as a shell takes it.
pub(crate) fn command_line(arguments: &[String]) -> String {
    let words = arguments.iter().map(|argument| word(argument));
    std::iter::once("toru".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// A call of HTTP, as a shell takes it.
pub(crate) fn curl(endpoint: &str, call: &Call) -> String {
    let url = word(&format!("{endpoint}{}", call.path));
    format!("curl {url} --json {}", word(&call.body.to_string()))
}

/// A word of a shell.
fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=+./:,%@".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_shell_takes_what_is_shown() {
        let arguments = ["send", "--memo=it's $HOME", "5", ""].map(str::to_owned);
        assert_eq!(command_line(&arguments), "toru send '--memo=it'\\''s $HOME' 5 ''");
        let call = Call { path: "/dev/mine".to_owned(), body: json!({"levels": 3}) };
        let expected = "curl http://127.0.0.1:8932/dev/mine --json '{\"levels\":3}'";
        assert_eq!(curl("http://127.0.0.1:8932", &call), expected);
    }
}
