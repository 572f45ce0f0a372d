//! The exit codes: one meaning each, for all commands.

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It did its work.
    Done,
    /// It looked, and what it looked at is otherwise than it should be.
    No,
    /// What it was given cannot be used.
    Input,
    /// Somebody who was asked says no.
    Refused,
    /// Nobody answers who could say.
    NoAnswer,
    /// What was waited for has not come.
    NotYet,
    /// A kernel will never run again.
    Stuck,
    /// Our own fault, or the machine's.
    Internal,
    /// Somebody pressed Ctrl-C.
    Interrupted,
}

/// The table, as it stands at the end of every help text and manual page. A macro, so that others can be
/// put before it.
macro_rules! exit_codes {
    () => {
        "Exit codes: 0 done; 1 the answer is no: a scenario's result differs, a count differs, a kernel \
        does not build, or two builds of it differ; 2 bad usage or input: on the command line, in a \
        file, a module that breaks a rule, a wrong password; 3 refused by the kernel, by layer 1 or by \
        the sandbox, or the simulation says that it would be, or tickets are not backed; 4 the node does \
        not answer, or its answer is invalid; 5 not there yet when the time to wait was over, or not known; 6 the kernel is stuck; \
        70 internal failure; 130 interrupted by Ctrl-C."
    };
}

pub(crate) use exit_codes;

/// The table alone.
pub const EXIT_CODES: &str = exit_codes!();

impl Exit {
    /// All of them, in the order of their codes.
    pub const ALL: [Exit; 9] = [
        Exit::Done,
        Exit::No,
        Exit::Input,
        Exit::Refused,
        Exit::NoAnswer,
        Exit::NotYet,
        Exit::Stuck,
        Exit::Internal,
        Exit::Interrupted,
    ];

    /// What the process ends with. 70 is what sysexits.h has for a fault of the program itself, 130 what
    /// shells report of one that SIGINT ended.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::No => 1,
            Exit::Input => 2,
            Exit::Refused => 3,
            Exit::NoAnswer => 4,
            Exit::NotYet => 5,
            Exit::Stuck => 6,
            Exit::Internal => 70,
            Exit::Interrupted => 130,
        }
    }

    /// The same in a word: the `code` of an error in JSON that has none of its own.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Exit::Done => "done",
            Exit::No => "no",
            Exit::Input => "input",
            Exit::Refused => "refused",
            Exit::NoAnswer => "no_answer",
            Exit::NotYet => "not_yet",
            Exit::Stuck => "stuck",
            Exit::Internal => "internal",
            Exit::Interrupted => "interrupted",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_in_help_and_the_one_in_the_docs_have_every_code() {
        let docs = include_str!("../../docs/wallet.md");
        let table = EXIT_CODES.strip_prefix("Exit codes: ").unwrap();
        let rows: Vec<(u8, &str)> = table
            .trim_end_matches('.')
            .split("; ")
            .map(|row| row.split_once(' ').unwrap())
            .map(|(code, meaning)| (code.parse().unwrap(), meaning))
            .collect();
        assert_eq!(rows.len(), Exit::ALL.len());
        for (exit, (code, _)) in Exit::ALL.iter().zip(rows) {
            assert_eq!(exit.code(), code);
            let row = format!("| {code} | `{}` |", exit.word());
            assert!(docs.contains(&row), "docs/wallet.md has no {row}");
        }
    }
}
