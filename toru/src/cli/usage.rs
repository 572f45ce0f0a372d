//! What is said where a command line is not understood, and where there is nothing on it.

use std::ffi::OsString;

use clap::Command;

use crate::error::Failure;
use layer1::plain::one_line;

/// Where to begin: what `toru` alone prints.
pub(super) const BEGIN: &str = "\
toru: a transaction kernel for Tezos smart rollups, its sandbox and its wallet

Where to begin:
  toru dev                                 start a sandbox with ten funded accounts, dev0 to dev9
and beside it, in another terminal:
  toru balance dev0                        what an account holds
  toru send 5 demo dev0 dev1 --wait        a payment, seen through
  toru key new alice                       a key of your own

toru --help lists all commands, and each has a --help of its own.
";

/// What is said of a command line that clap does not understand. It writes a paragraph with the problem,
/// perhaps one with a tip, and not always the usage. We keep to one line for the problem and one for what
/// to do.
pub(super) fn wrong(rendered: &str, usage: &str) -> Failure {
    let mut paragraphs = rendered.split("\n\n");
    let problem = paragraphs.next().unwrap_or_default();
    let tip = paragraphs.find_map(|paragraph| paragraph.trim_start().strip_prefix("tip: "));
    let tip = tip.and_then(|tip| tip.lines().next());
    // What follows `--` is no option, so that those behind it would not be understood.
    let tip = tip.filter(|tip| !tip.starts_with("to pass '"));
    let problem = words(problem.strip_prefix("error: ").unwrap_or(problem));
    let problem = problem.replace("invalid digit found in string", "expected a whole number");
    // An option with a ticket is not cut off by a #.
    let is_cut = problem.contains("not provided")
        && !problem.contains("--fee ")
        && ["<TICKET>", "<ACCOUNT>"].iter().any(|name| problem.contains(name));
    let tip = if is_cut { Some("a shell takes #0 for a comment: write '#0'") } else { tip };
    Failure::usage(problem, hint(tip, usage))
}

/// What is said of a command that has commands of its own, where none is named.
pub(super) fn incomplete(usage: &str) -> Failure {
    let problem = format!("nothing to do: {} has commands of its own", command_of(usage));
    Failure::usage(problem, hint(None, usage))
}

/// The usage of the command that a command line names, as far as it names one.
pub(super) fn usage_of(mut command: Command, args: &[OsString]) -> String {
    command.build();
    let mut named = &command;
    for arg in args.iter().skip(1).take_while(|arg| *arg != "--") {
        named = named.find_subcommand(arg).unwrap_or(named);
    }
    let usage = named.clone().render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage);
    usage.lines().map(words).collect::<Vec<_>>().join(", or ")
}

fn hint(tip: Option<&str>, usage: &str) -> String {
    let tip = tip.map_or_else(String::new, |tip| format!("{}; ", words(tip)));
    // Of many forms the first one is enough to go on from: all of them are several lines.
    let mut forms = usage.split(", or ");
    let (first, rest) = (forms.next().unwrap_or_default(), forms.count());
    let (shown, more) = if rest > 1 { (first, "has other forms") } else { (usage, "says more") };
    format!("{tip}usage: {shown}; {} --help {more}", command_of(usage))
}

/// The words of a usage before its options and arguments: `toru tx craft`.
fn command_of(usage: &str) -> String {
    let is_name = |word: &&str| word.starts_with(|c: char| c.is_ascii_lowercase());
    usage.split_whitespace().take_while(is_name).collect::<Vec<_>>().join(" ")
}

fn words(text: &str) -> String {
    one_line(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn the_usage_is_that_of_the_command_that_is_named() {
        for (line, expected) in [
            ("toru", "toru [OPTIONS] <COMMAND>"),
            ("toru rum", "toru [OPTIONS] <COMMAND>"),
            ("toru key new x --wrods", "toru key new [OPTIONS] <NAME>"),
            ("toru key --keys k show", "toru key show [OPTIONS] <NAME>"),
            ("toru test -- key", "toru test [OPTIONS] <FILE.yaml>..."),
            ("toru swap", "toru swap [OPTIONS] <COMMAND>"),
        ] {
            let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(usage_of(Cli::command(), &args), expected, "{line}");
        }
        let send = usage_of(Cli::command(), &["toru".into(), "send".into()]);
        assert!(send.starts_with("toru send ") && send.contains(", or toru send "), "{send}");
    }

    #[test]
    fn tips_that_help_nobody_are_left_out() {
        let said = |rendered: &str| {
            let failure = wrong(rendered, "toru send");
            assert_eq!(failure.kind(), "usage");
            (failure.to_string(), failure.hints().concat())
        };
        let dashes = "error: unexpected argument '-5' found\n\n  tip: to pass '-5' as a value, use \
                      '-- -5'\n";
        assert_eq!(said(dashes).1, "usage: toru send; toru send --help says more");
        let number =
            "error: invalid value 'x' for '--timeout <SECONDS>': invalid digit found in string";
        assert!(said(number).0.ends_with("'--timeout <SECONDS>': expected a whole number"));
        let forms = "toru tx A, or toru tx B, or toru tx C";
        assert_eq!(hint(None, forms), "usage: toru tx A; toru tx --help has other forms");
        let cut = "error: the following required arguments were not provided:\n  <TICKET>\n";
        assert!(said(cut).1.starts_with("a shell takes #0 for a comment: write '#0'; usage: "));
    }

    #[test]
    fn the_tip_comes_first() {
        let rendered = "error: unexpected argument '--wiat' found\n\n  tip: a similar argument \
                        exists: '--wait'\n\nUsage: toru tx\n";
        let failure = wrong(rendered, "toru tx <COMMAND>");
        assert_eq!(failure.to_string(), "unexpected argument '--wiat' found");
        assert_eq!(
            failure.hints().concat(),
            "a similar argument exists: '--wait'; usage: toru tx <COMMAND>; toru tx --help says more"
        );
    }
}
