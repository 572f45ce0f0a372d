//! A history in words, for a terminal of 80 columns.

use explain::outcome::with_code;
use layer1::plain::grouped as thousands;
use tx_kernel::results::ResultCode;

use super::super::grid::grouped;
use super::super::ticket_list::cell;
use super::super::times::utc_minute;
use super::shown::Shown;
use super::source::History;

/// Columns of a terminal that has not been made wider.
const WIDTH: usize = 80;
/// What is before the second line of a move.
const INDENT: &str = "         ";
/// Levels that a history may be behind its node before that is said.
const BEHIND: u32 = 5;

/// Whose it is, and how far the history is.
pub(super) fn title(label: &str, level: i32, history: &History, is_empty: bool) -> String {
    let nothing = if is_empty { "no such moves, " } else { "" };
    let url = history.client.url();
    let mut text = format!("{label}\n{nothing}history of {url} up to level {level}\n");
    let behind = history.status.behind.filter(|behind| *behind >= BEHIND);
    if let Some(behind) = behind {
        text.push_str(&format!("its node is {} levels further\n", thousands(behind)));
    }
    text
}

/// Two lines for each move, and titles above the first one.
pub(super) fn table(moves: &[Shown], with_titles: bool, is_verbose: bool) -> String {
    if moves.is_empty() {
        return String::new();
    }
    let firsts: Vec<[String; 4]> = moves.iter().map(first_line).collect();
    let titles = ["level", "when (UTC)", "amount", "ticket"].map(str::to_owned);
    let width = |at: usize| {
        let all = firsts.iter().chain(std::iter::once(&titles)).filter_map(|cells| cells.get(at));
        all.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths = [width(0).max(INDENT.len() - 2), width(1), width(2)];
    let line = |[level, when, amount, ticket]: &[String; 4]| {
        let [levels, whens, amounts] = widths;
        let line = format!("{level:>levels$}  {when:<whens$}  {amount:>amounts$}  {ticket}");
        format!("{}\n", line.trim_end())
    };
    let mut text = if with_titles { line(&titles) } else { String::new() };
    for (one, first) in moves.iter().zip(&firsts) {
        text.push_str(&line(first));
        text.push_str(&wrapped(&second_line(one)));
        if is_verbose && let Some(hash) = &one.told.hash {
            text.push_str(&format!("{INDENT}{hash}\n"));
        }
    }
    text
}

/// What is said below the table.
pub(super) fn end(told: usize, has_more: bool) -> String {
    match has_more {
        true => format!("the last {}; --limit 0 shows all\n", thousands(told)),
        false => String::new(),
    }
}

/// Level, time, amount with its sign if it has moved, and ticket.
fn first_line(one: &Shown) -> [String; 4] {
    let sign = match (one.is_applied(), one.is_in) {
        (false, _) => "",
        (true, true) => "+",
        (true, false) => "-",
    };
    let index = match (&one.token.pinned, one.token.known_index()) {
        (None, Some(index)) => format!(" #{index}"),
        _ => String::new(),
    };
    [
        one.told.level.to_string(),
        one.told.time.and_then(utc_minute).unwrap_or_default(),
        format!("{sign}{}", grouped(&one.decimal())),
        format!("{}{index}", cell(&one.token)),
    ]
}

/// Whom, memo, and what became of it where nothing moved.
fn second_line(one: &Shown) -> String {
    let told = &one.told;
    let other = match &one.name {
        Some(name) => format!("{name} ({})", one.other),
        None => one.other.clone(),
    };
    let whom = match (told.kind.as_str(), one.is_in) {
        ("deposit", _) => format!("deposited by {other}"),
        ("withdrawal", _) => {
            let entrypoint = told.entrypoint.as_deref().unwrap_or_default();
            let pays = told.pays.as_ref().map_or_else(String::new, |pays| format!(" for {pays}"));
            format!("withdrawn to {other}%{entrypoint}{pays}")
        }
        (_, true) => format!("from {other}"),
        (_, false) => format!("to {other}"),
    };
    let memo = told.memo.as_ref().map_or_else(String::new, |memo| format!(", memo {memo}"));
    let state = match told.state.as_str() {
        "applied" => String::new(),
        "waits" => "; it waits: the kernel has put it off".to_owned(),
        "unknown" => "; what became of it is not known".to_owned(),
        _ => match &told.result {
            Some(result) => {
                let code = ResultCode::from_number(result.number);
                format!("; not applied: {}", with_code(&result.reason, code))
            }
            None => "; not applied".to_owned(),
        },
    };
    format!("{whom}{memo}{state}")
}

/// Words on lines that fit, each behind the indent. A word that fits no line is on a line of its own.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { continue };
        let fits = INDENT.len() + line.chars().count() + 1 + word.chars().count() <= WIDTH;
        match (line.is_empty(), fits) {
            (true, _) => line.push_str(word),
            (false, true) => line.push_str(&format!(" {word}")),
            (false, false) => lines.push(word.to_owned()),
        }
    }
    lines.iter().map(|line| format!("{INDENT}{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_between_words() {
        let words =
            "to tz4HVR6aty9KwsQFHh81C1G7gBdhxT8kuytm, memo one two three four five six seven";
        let text = wrapped(words);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert_eq!(text.split_whitespace().collect::<Vec<_>>().join(" "), words);
        assert_eq!(text.lines().count(), 2);
        let long = "x".repeat(100);
        assert_eq!(
            wrapped(&format!("a {long} b")),
            format!("{INDENT}a\n{INDENT}{long}\n{INDENT}b\n")
        );
    }
}
