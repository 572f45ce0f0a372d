//! Runs a command for a limited time, and reads what it prints within a limit.

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::limits::{COMMAND_LOOK, MAX_OUTPUT_BYTES, MAX_WORDS_CHARS, OUTPUT_TIME};
use crate::schedule::Ended;

/// How a command has ended. What it says of itself is not believed: the node is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandEnd {
    /// Whether anything was sent to layer 1, as far as that can be seen.
    pub ended: Ended,
    /// The hash of an operation that it has named.
    pub operation: Option<String>,
    /// What went wrong, if it says that something did.
    pub why: Option<String>,
}

impl CommandEnd {
    /// Nothing was sent, for this reason.
    #[must_use]
    pub fn refused(why: String) -> Self {
        Self { ended: Ended::Refused, operation: None, why: Some(why) }
    }
}

/// Runs a command to its end, or ends it after a time.
#[must_use]
pub fn run(line: &[String], time: Duration) -> CommandEnd {
    let Some((program, arguments)) = line.split_first() else {
        return CommandEnd::refused("there is no command".to_owned());
    };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Ctrl-C at a terminal must not cut an operation off; and its children end with it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let why = error.to_string();
            let why = why.split(" (os error").next().unwrap_or_default();
            return CommandEnd::refused(format!("cannot run {program}: {why}"));
        }
    };
    let out = child.stdout.take().map(collect);
    let err = child.stderr.take().map(collect);
    let ended = wait(&mut child, time);
    let until = Instant::now() + OUTPUT_TIME;
    let text = |pipe: Option<Receiver<Vec<u8>>>| {
        let left = until.saturating_duration_since(Instant::now());
        let bytes = pipe.and_then(|pipe| pipe.recv_timeout(left).ok()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let (out, err) = (text(out), text(err));
    let operation = operation(&out).or_else(|| operation(&err)).map(str::to_owned);
    let said = if err.trim().is_empty() { &out } else { &err };
    let told = |what: String| match last_words(said) {
        words if words.is_empty() => what,
        words => format!("{what}: {words}"),
    };
    match ended {
        Some(Ok(0)) => CommandEnd { ended: Ended::Sent, operation, why: None },
        Some(Ok(code)) => {
            // It names no operation before it has made one.
            let ended = if operation.is_some() { Ended::Unknown } else { Ended::Refused };
            CommandEnd {
                ended,
                operation,
                why: Some(told(format!("the command ends with {code}"))),
            }
        }
        Some(Err(())) => {
            let why = Some(told("a signal has ended the command".to_owned()));
            CommandEnd { ended: Ended::Unknown, operation, why }
        }
        None => {
            let seconds = time.as_secs();
            let why = Some(told(format!("the command has not ended in {seconds} seconds")));
            CommandEnd { ended: Ended::Unknown, operation, why }
        }
    }
}

/// Waits for the end: its exit code, or that a signal has ended it. `None` if it had to be ended.
fn wait(child: &mut Child, time: Duration) -> Option<Result<i32, ()>> {
    let until = Instant::now() + time;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.code().ok_or(())),
            // It cannot be waited for: nothing is known of it.
            Err(_) => return Some(Err(())),
            Ok(None) => {}
        }
        if Instant::now() >= until {
            end(child);
            return None;
        }
        thread::sleep(COMMAND_LOOK);
    }
}

/// Ends it, and what it has started.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Ok(raw) = i32::try_from(child.id())
        && let Some(group) = rustix::process::Pid::from_raw(raw)
    {
        // It has a group of its own, and is not waited for yet, so that the number is still its own.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// Reads a pipe to its end, and keeps the beginning and the end within a limit.
fn collect(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let (mut kept, mut buffer) = (Vec::new(), [0; 4_096]);
        loop {
            match pipe.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    kept.extend(buffer.iter().take(count));
                    if kept.len() > MAX_OUTPUT_BYTES {
                        // What it says last is what it failed with.
                        let half = MAX_OUTPUT_BYTES / 2;
                        let cut = kept.len().saturating_sub(half);
                        kept.drain(half.min(cut)..cut);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        // Nobody may be waiting any more.
        let _ = sender.send(kept);
    });
    receiver
}

/// The hash of an operation in what a command says: `o`, and 50 more characters of base58.
fn operation(text: &str) -> Option<&str> {
    let is_base58 = |c: char| c.is_ascii_alphanumeric() && !"0OIl".contains(c);
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.find(|word| word.len() == 51 && word.starts_with('o') && word.chars().all(is_base58))
}

/// The end of what a command says, on one line.
fn last_words(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let skipped = words.chars().count().saturating_sub(MAX_WORDS_CHARS);
    let cut: String = words.chars().skip(skipped).collect();
    let cut = layer1::plain::one_line(&cut);
    if skipped > 0 { format!("…{cut}") } else { cut }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const HASH: &str = "ooJHHMPnLFf6HyTFMGdLcVVJ2hgpk3Df9kTWAoqHAqdPmiJMJbF";

    fn sh(script: &str) -> CommandEnd {
        shell(script, Duration::from_secs(20))
    }

    fn shell(script: &str, time: Duration) -> CommandEnd {
        run(&["sh".to_owned(), "-c".to_owned(), script.to_owned()], time)
    }

    #[test]
    fn ends_of_commands() {
        let done = sh(&format!("echo \"Operation hash is '{HASH}'\""));
        let operation = Some(HASH.to_owned());
        assert_eq!(done, CommandEnd { ended: Ended::Sent, operation, why: None });
        let refused = sh("echo 'Error:'; echo >&2 '  no such\n  contract'; exit 3");
        assert_eq!(refused.ended, Ended::Refused);
        assert_eq!(refused.why.unwrap(), "the command ends with 3: no such contract");
        // It has made an operation, whatever it says then.
        let unknown = sh(&format!("echo {HASH}; echo timeout >&2; exit 1"));
        assert_eq!(unknown.ended, Ended::Unknown);
        assert_eq!(unknown.operation.as_deref(), Some(HASH));
        assert_eq!(sh("kill -9 $$").ended, Ended::Unknown);
        let missing = run(&["/no/such/client".to_owned()], Duration::from_secs(1));
        assert_eq!(missing.why.unwrap(), "cannot run /no/such/client: No such file or directory");
        assert_eq!(missing.ended, Ended::Refused);
    }

    #[test]
    fn one_that_hangs_is_ended_with_its_children() {
        let begin = Instant::now();
        let hung = shell("sleep 600 & echo working; sleep 600", Duration::from_secs(3));
        assert!(begin.elapsed() < Duration::from_secs(300));
        assert_eq!(hung.ended, Ended::Unknown);
        assert_eq!(hung.why.unwrap(), "the command has not ended in 3 seconds: working");
        // Children that outlive it hold its output open, and are not waited for.
        let begin = Instant::now();
        assert_eq!(sh("sleep 600 & exit 0").ended, Ended::Sent);
        assert!(begin.elapsed() < Duration::from_secs(300));
    }

    #[test]
    fn what_it_prints_is_bounded_and_on_one_line() {
        let long = sh("yes 0123456789 | head -c 3000000; echo the end >&2; exit 1");
        assert_eq!(long.why.unwrap(), "the command ends with 1: the end");
        let long = sh("yes 0123456789 | head -c 3000000; echo the end; exit 1").why.unwrap();
        assert!(long.ends_with("the end") && long.len() < MAX_WORDS_CHARS + 100, "{long}");
        let steered = sh("printf 'a\\033[2Jb'; exit 1").why.unwrap();
        assert!(!steered.contains('\u{1b}'), "{steered:?}");
    }
}
