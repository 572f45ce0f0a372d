//! Says at a terminal what takes its time, and takes the line away when it is done.
//!
//! Only a terminal is told, on standard error, and nothing before a second is over: what is done sooner
//! leaves no trace. There are no colours. Whoever sends standard error elsewhere, has a terminal that
//! cannot go back in a line (`TERM=dumb`), or asks for JSON, sees nothing and no escape code.

use std::convert::Infallible;
use std::env;
use std::ffi::OsStr;
use std::io::{self, IsTerminal};
use std::sync::Once;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use layer1::plain::visible;

/// What is done within this is not worth a line.
const DELAY: Duration = Duration::from_secs(1);
/// How often the line is drawn anew.
const TICK: Duration = Duration::from_millis(125);

/// While it is not known how much there is to do.
const WAITING: &str = "{spinner} {msg} ({elapsed})";
/// Once it is.
const COUNTING: &str = "{spinner} {msg} [{bar:24}] {pos} of {len} ({elapsed})";

/// Something that may take its time. It is over when this is dropped.
pub struct Progress(Option<Line>);

struct Line {
    bar: ProgressBar,
    counts: Once,
    /// Dropped to say that it is over.
    going_on: Option<Sender<Infallible>>,
    /// Shows the line when the delay is over.
    later: Option<JoinHandle<()>>,
}

impl Progress {
    /// Begins something, said as "building the kernel" or "waiting for level 12".
    pub fn wait(what: impl Into<String>) -> Self {
        Self::unless(false, what)
    }

    /// The same, and nothing is ever shown if it is to be `quiet`, as with `--json`.
    pub fn unless(quiet: bool, what: impl Into<String>) -> Self {
        let term = env::var_os("TERM");
        if quiet || !is_fit(io::stderr().is_terminal(), term.as_deref()) {
            return Self(None);
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())
            .with_style(style(WAITING))
            .with_message(visible(&what.into()).into_owned());
        let (going_on, over) = mpsc::channel::<Infallible>();
        let shown = bar.clone();
        let later = thread::Builder::new().spawn(move || {
            if over.recv_timeout(DELAY) == Err(RecvTimeoutError::Timeout) {
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(TICK);
            }
        });
        // Without a thread to be had, the work goes on unseen.
        Self(later.ok().map(|later| Line {
            bar,
            counts: Once::new(),
            going_on: Some(going_on),
            later: Some(later),
        }))
    }

    /// So much of so much is done.
    pub fn at(&self, done: usize, of: usize) {
        let Some(Line { bar, counts, .. }) = &self.0 else { return };
        bar.set_length(u64::try_from(of).unwrap_or(u64::MAX));
        bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
        counts.call_once(|| bar.set_style(style(COUNTING)));
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.going_on = None;
        if let Some(later) = self.later.take() {
            // That it has panicked is no reason for the work to fail.
            let _ = later.join();
        }
        self.bar.finish_and_clear();
    }
}

/// Whether somebody sees it, at a terminal that can draw a line anew.
fn is_fit(is_terminal: bool, term: Option<&OsStr>) -> bool {
    is_terminal && term.is_some_and(|term| !term.is_empty() && term != "dumb")
}

/// A template of ours; the plainest one if indicatif does not take it, which the test rules out.
fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template);
    style
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .tick_chars("|/-\\ ")
        .progress_chars("=> ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_terminal_that_can_go_back_is_told() {
        for (is_terminal, term, expected) in [
            (true, Some("xterm-256color"), true),
            (true, Some("dumb"), false),
            (true, Some(""), false),
            (true, None, false),
            (false, Some("xterm-256color"), false),
        ] {
            assert_eq!(is_fit(is_terminal, term.map(OsStr::new)), expected, "{term:?}");
        }
    }

    #[test]
    fn the_templates_are_sound() {
        for template in [WAITING, COUNTING] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }

    #[test]
    fn one_that_nobody_sees_can_be_used() {
        let progress = Progress::unless(true, "nothing");
        assert!(progress.0.is_none());
        progress.at(1, 2);
    }
}
