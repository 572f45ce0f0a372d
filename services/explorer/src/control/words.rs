//! What does the same elsewhere: a command line, and a call of HTTP.

use super::commands::Call;

/// Where commands find a sandbox unless they are told.
const USUAL_ENDPOINT: &str = "127.0.0.1:8932";

/// A command line, as a shell takes it. It names the sandbox where that is not at its usual address.
pub(crate) fn command_line(endpoint: &str, arguments: &[String]) -> String {
    let address = endpoint.strip_prefix("http://").unwrap_or(endpoint);
    let names = (address != USUAL_ENDPOINT).then(|| format!("--endpoint={address}"));
    let first = arguments.first().map(String::as_str);
    let command = if first == Some("dev") { 2 } else { 1 };
    let (command, rest) = arguments.split_at(command.min(arguments.len()));
    let words = command.iter().chain(&names).chain(rest).map(|argument| word(argument));
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
        let here = "http://127.0.0.1:8932";
        assert_eq!(command_line(here, &arguments), "toru send '--memo=it'\\''s $HOME' 5 ''");
        let bake = ["dev", "mine", "3"].map(str::to_owned);
        let elsewhere = command_line("http://127.0.0.1:9000", &bake);
        assert_eq!(elsewhere, "toru dev mine --endpoint=127.0.0.1:9000 3");
        let call = Call { path: "/dev/mine".to_owned(), body: json!({"levels": 3}) };
        let expected = "curl http://127.0.0.1:8932/dev/mine --json '{\"levels\":3}'";
        assert_eq!(curl("http://127.0.0.1:8932", &call), expected);
    }
}
