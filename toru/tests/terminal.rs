//! What somebody at a terminal sees: prompts that do not show what is typed, questions that do, and a line
//! of progress for what takes its time.
//!
//! The terminal is a pseudo-terminal with the usual settings: it echoes what is typed unless a program turns
//! that off. It is read until the kernel says that nobody has it open any more, so nothing shown is missed.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{Read, Write};
use std::process::Child;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::common::Folder;
use crate::common::sandbox::Sandbox;
use crate::common::signals::catches_interrupts;
use pty_process::blocking::{Command, Pty, open};

const TORU: &str = env!("CARGO_BIN_EXE_toru");

const BLSK: &str = "BLsk1eGhiPQXKtvvkBeXzmtVVJs6KPhEF45drF7MLjoCDcSnTGuyjL";
const TZ4: &str = "tz4TFJdv9Jd44FtBMAxi3KQT7AtazhVyaPa6";
const PASSWORD: &str = "a-very-secret-password";
/// For anything that does come.
const PATIENCE: Duration = Duration::from_secs(120);
/// What is shown after a second would have come by then.
const LONG_ENOUGH: Duration = Duration::from_secs(3);
const CTRL_C: &str = "\x03";
const CTRL_U: &str = "\x15";
const BACKSPACE: &str = "\x7f";
/// What every escape code begins with.
const ESCAPE: char = '\x1b';

/// `toru` at a terminal.
struct Terminal {
    child: Child,
    keyboard: Arc<Pty>,
    screen: Receiver<Vec<u8>>,
    /// All that was shown so far.
    seen: String,
    /// Up to where it has been waited for.
    read: usize,
}

impl Terminal {
    /// Runs `toru` with these arguments, with the terminal's type in `term`.
    fn start(folder: &Folder, arguments: &str, term: &str) -> Self {
        Self::run(folder, &format!("exec {TORU} {arguments}"), term)
    }

    /// Runs a shell's command line.
    fn run(folder: &Folder, command: &str, term: &str) -> Self {
        let (pty, end) = open().unwrap();
        let child = Command::new("/bin/sh")
            .args(["-c", command])
            .current_dir(&folder.0)
            .env("TERM", term)
            .spawn(end)
            .unwrap();
        let keyboard = Arc::new(pty);
        let output = keyboard.clone();
        let (sender, screen) = channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = (&*output).read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Terminal { child, keyboard, screen, seen: String::new(), read: 0 }
    }

    /// Takes in what is shown until then. Says whether there may be more.
    fn look_until(&mut self, end: Instant) -> bool {
        match self.screen.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(bytes) => self.seen.push_str(&String::from_utf8_lossy(&bytes)),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return false,
        }
        true
    }

    /// Waits until something new is shown.
    fn expect(&mut self, text: &str) -> &mut Self {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.seen[self.read..].find(text) {
                self.read += at + text.len();
                return self;
            }
            assert!(self.look_until(end), "no {text:?} in {:?}", self.seen);
        }
    }

    fn types(&mut self, keys: &str) -> &mut Self {
        (&*self.keyboard).write_all(keys.as_bytes()).unwrap();
        self
    }

    /// Waits for its end: exit code, and all that was shown.
    fn end(mut self) -> (Option<i32>, String) {
        let end = Instant::now() + PATIENCE;
        while self.look_until(end) {}
        (self.child.wait().unwrap().code(), std::mem::take(&mut self.seen))
    }
}

fn at_terminal(folder: &Folder, command: &str) -> Terminal {
    Terminal::start(folder, &format!("key {command} --keys k"), "xterm")
}

/// A folder with Octez's key as alice, made at a terminal.
fn with_alice(name: &str) -> Folder {
    let folder = Folder::new(name);
    let mut terminal = at_terminal(&folder, "import alice --octez");
    terminal.expect("secret key (BLsk… or BLesk…): ").types(&format!("{BLSK}\n"));
    terminal.expect("new password: ").types(&format!("{PASSWORD}\n"));
    terminal.expect("once more, the password: ").types(&format!("{PASSWORD}\n"));
    let (code, seen) = terminal.end();
    assert_eq!(code, Some(0), "{seen}");
    assert!(seen.contains(TZ4), "{seen}");
    hides(&seen, &[BLSK, PASSWORD]);
    folder
}

/// Neither a secret nor a good part of it is on the screen.
fn hides(seen: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(!seen.contains(&secret[..secret.len() / 2]), "{seen}");
        assert!(!seen.contains(&secret[secret.len() / 2..]), "{seen}");
    }
}

#[test]
fn a_new_password_is_typed_twice_and_never_shown() {
    let folder = Folder::new("terminal-new");
    let mut terminal = at_terminal(&folder, "new bob");
    terminal.expect("new password: ").types(&format!("{PASSWORD}\n"));
    terminal.expect("once more, the password: ").types("something-else\n");
    let (code, seen) = terminal.end();
    assert_eq!(code, Some(2), "{seen}");
    assert!(seen.contains("error: the password was typed in two ways\r\n"), "{seen}");
    hides(&seen, &[PASSWORD, "something-else"]);
    assert!(!folder.0.join("k/bob.json").exists(), "nothing is kept");

    let mut terminal = at_terminal(&folder, "new bob");
    terminal.expect("new password: ").types("\n");
    let (code, seen) = terminal.end();
    assert_eq!(code, Some(2), "{seen}");
    assert!(seen.contains("error: the password is empty (control"), "{seen}");

    let mut terminal = at_terminal(&folder, "new bob");
    terminal.expect("new password: ").types(&format!("{PASSWORD}\n"));
    terminal.expect("once more, the password: ").types(&format!("{PASSWORD}\n"));
    let (code, seen) = terminal.end();
    assert_eq!(code, Some(0), "{seen}");
    assert!(seen.contains("account     tz4"), "{seen}");
    hides(&seen, &[PASSWORD]);
    assert!(folder.0.join("k/bob.json").exists());
}

#[test]
fn a_line_is_edited_unseen_and_the_terminal_is_left_as_it_was() {
    let folder = with_alice("terminal-edited");
    let settings = "stty -a | tr ';' '\\n' | tr ' ' '\\n' | grep -xE -e '-?(echo|icanon|isig)'";
    let export = "key export alice --format BLsk --yes --keys k";
    for (keys, code, shown) in [
        // A wrong line that is taken back, a slip, an arrow key.
        (format!("mistaken{CTRL_U}{PASSWORD}x{BACKSPACE}{ESCAPE}[A\n"), 0, BLSK),
        (format!("mistaken{CTRL_C}"), 130, "error: interrupted, and nothing is kept"),
    ] {
        let line = format!("{TORU} {export}; echo code $?; {settings}; echo end");
        let mut terminal = Terminal::run(&folder, &line, "xterm");
        terminal.expect("password: ").types(&keys);
        terminal.expect(shown).expect(&format!("code {code}\r\n")).expect("end");
        let (_, seen) = terminal.end();
        hides(&seen, &["mistaken", PASSWORD]);
        let (_, settings) = seen.split_once(&format!("code {code}\r\n")).unwrap();
        let mut settings: Vec<&str> = settings.lines().collect();
        settings.sort();
        assert_eq!(settings, ["echo", "end", "icanon", "isig"], "{seen}");
    }
}

#[test]
fn a_plain_secret_is_shown_to_whoever_says_yes_and_has_the_password() {
    let folder = with_alice("terminal-export");
    let question = "Show the secret of alice to whoever sees this screen? (yes/no) ";
    let mut terminal = at_terminal(&folder, "export alice --format BLsk");
    terminal.expect(question).types("no\n");
    let (code, seen) = terminal.end();
    assert_eq!(code, Some(2), "{seen}");
    assert!(seen.contains("error: a plain secret has to be confirmed\r\n"), "{seen}");

    let mut terminal = at_terminal(&folder, "export alice --format BLsk");
    // What is no secret is shown as it is typed: so this terminal would show a password too.
    terminal.expect(question).types("yes\n").expect("yes\r\n");
    terminal.expect("password: ").types(&format!("{PASSWORD}\n"));
    let (code, seen) = terminal.end();
    assert_eq!(code, Some(0), "{seen}");
    assert!(seen.ends_with(&format!("{BLSK}\r\n")), "{seen}");
    hides(&seen, &[PASSWORD]);

    let mut terminal = at_terminal(&folder, "export alice --format BLsk --yes");
    terminal.expect("password: ").types("mistaken-one\n");
    let (code, seen) = terminal.end();
    assert_eq!(code, Some(2), "{seen}");
    assert!(seen.contains("error: k/alice.json: wrong password\r\n"), "{seen}");
    hides(&seen, &["mistaken-one", BLSK]);
}

#[test]
fn passphrases_are_hidden_both_ways() {
    let folder = with_alice("terminal-passphrase");
    const PASSPHRASE: &str = "some-other-passphrase";
    let mut terminal = at_terminal(&folder, "export alice --format BLesk");
    terminal.expect("password: ").types(&format!("{PASSWORD}\n"));
    terminal.expect("new passphrase for the BLesk: ").types(&format!("{PASSPHRASE}\n"));
    terminal.expect("once more, the passphrase for the BLesk: ").types(&format!("{PASSPHRASE}\n"));
    let (code, seen) = terminal.end();
    assert_eq!(code, Some(0), "{seen}");
    hides(&seen, &[PASSWORD, PASSPHRASE, BLSK]);
    let sealed = seen.trim_end().lines().next_back().unwrap().to_owned();
    let sealed = &sealed[sealed.rfind("BLesk").unwrap()..];

    let mut terminal = at_terminal(&folder, "import again --octez");
    terminal.expect("secret key (BLsk… or BLesk…): ").types(&format!("{sealed}\n"));
    terminal.expect("passphrase of the BLesk: ").types(&format!("{PASSPHRASE}\n"));
    terminal.expect("new password: ").types(&format!("{PASSWORD}\n"));
    terminal.expect("once more, the password: ").types(&format!("{PASSWORD}\n"));
    let (code, seen) = terminal.end();
    assert_eq!(code, Some(0), "{seen}");
    assert!(seen.contains(TZ4), "{seen}");
    hides(&seen, &[PASSWORD, PASSPHRASE, sealed]);
}

#[test]
fn a_key_is_removed_by_whoever_says_so() {
    let folder = with_alice("terminal-rm");
    let question = format!("Remove alice ({TZ4}) for good? (yes/no) ");
    for (answer, code) in [("", Some(2)), ("nyes", Some(2)), ("y", Some(0))] {
        let mut terminal = at_terminal(&folder, "rm alice");
        terminal.expect(&question).types(&format!("{answer}\n"));
        let (found, seen) = terminal.end();
        assert_eq!(found, code, "{seen}");
        assert_eq!(folder.0.join("k/alice.json").exists(), code == Some(2), "{seen}");
    }
}

/// A kernel that never ends, and two levels for it.
fn endless(name: &str) -> Folder {
    let folder = Folder::new(name);
    let kernel = wat::parse_str(
        r#"(module
            (memory (export "memory") 1)
            (func (export "kernel_run") (loop (br 0))))"#,
    );
    folder.file("endless.wasm", kernel.unwrap()).file("i.json", "[[], []]");
    folder
}

const ENDLESS: &str = "run --kernel endless.wasm --inputs i.json";

#[test]
fn what_takes_its_time_is_shown_and_taken_away() {
    let folder = endless("terminal-progress");
    let mut terminal = Terminal::start(&folder, ENDLESS, "xterm");
    terminal.expect("running levels [").expect("] 0 of 2 (").expect("running levels");
    terminal.types(CTRL_C);
    let (code, seen) = terminal.end();
    assert_eq!(code, Some(130), "{seen}");
    let (_, after) = seen.rsplit_once(" of 2 (").unwrap();
    let (line, rest) = after.split_once("error: ").unwrap();
    assert!(line.contains(&format!("{ESCAPE}[2K")), "the line is cleared: {seen:?}");
    assert!(rest.starts_with("level 0: interrupted, and nothing of it is kept\r\n"), "{seen:?}");
    assert!(!seen.contains(&format!("{ESCAPE}[3")), "no colours: {seen:?}");
}

#[test]
fn nothing_is_shown_where_it_could_not_be_taken_away_or_is_not_asked_for() {
    for (name, command, term) in [
        ("terminal-dumb", ENDLESS, "dumb"),
        ("terminal-json", &format!("{ENDLESS} --json"), "xterm"),
        ("terminal-file", &format!("{ENDLESS} 2>stderr"), "xterm"),
    ] {
        let folder = endless(name);
        let mut terminal = Terminal::start(&folder, command, term);
        let end = Instant::now() + LONG_ENOUGH;
        while terminal.look_until(end) {}
        assert_eq!(terminal.seen, "", "{name}");
        catches_interrupts(terminal.child.id());
        terminal.types(CTRL_C);
        let (code, mut seen) = terminal.end();
        assert_eq!(code, Some(130), "{name}: {seen}");
        seen.push_str(&fs::read_to_string(folder.0.join("stderr")).unwrap_or_default());
        let seen = seen.replace('\r', "").replace("^C", "");
        let said = "level 0: interrupted, and nothing of it is kept";
        match serde_json::from_str::<serde_json::Value>(&seen) {
            Ok(told) => {
                assert_eq!((told["error"]["message"].as_str(), name), (Some(said), "terminal-json"))
            }
            Err(_) => assert_eq!(seen, format!("error: {said}\n"), "{name}"),
        }
    }
}

#[test]
fn what_is_done_soon_leaves_no_trace() {
    let folder = Folder::new("terminal-soon");
    folder.file("i.json", "[[]]");
    // On a machine that is busy with other things even this may take a second, but not always.
    let leaves_no_trace = (0..5).any(|_| {
        let terminal = Terminal::start(&folder, "run --inputs i.json --native", "xterm");
        let (code, seen) = terminal.end();
        assert_eq!(code, Some(0), "{seen}");
        !seen.contains("running levels") && !seen.contains(ESCAPE)
    });
    assert!(leaves_no_trace);
}

#[test]
fn waiting_for_many_says_how_many_of_how_many_are_there() {
    let folder = Folder::new("terminal-many");
    let sandbox = Sandbox::start(&folder, &[]);
    let rows: String = (1..=400).map(|n| format!("dev{},{n},demo\n", 1 + n % 9)).collect();
    folder.file("pay.csv", format!("to,amount,ticket\n{rows}"));
    let send = "send --file pay.csv --from dev0 --yes --wait final --payments p";
    let command = format!("{send} --endpoint {}", sandbox.endpoint);
    let mut terminal = Terminal::start(&folder, &command, "xterm");
    terminal.expect("waiting until it is final").expect("0 of 3");
    sandbox.mine(3);
    let (code, seen) = terminal.end();
    assert_eq!(code, Some(0), "{seen}");
    assert!(seen.contains("400 of 400 payments made"), "{seen}");
}
