//! What a command says and asks: every word goes through here, so that nothing others wrote steers a
//! terminal; with `--json` all of it is JSON, errors too.

use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::rc::Rc;

use layer1::plain::{visible, visible_json};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::error::Failure;
use crate::exit::Exit;
use crate::progress::Progress;

/// What a command came to.
#[derive(Debug, Default)]
pub struct Output {
    /// To be printed.
    pub text: String,
    /// To be reported after that: the command did its work, and the answer is no.
    pub refused: Option<Failure>,
}

impl From<String> for Output {
    fn from(text: String) -> Self {
        Self { text, refused: None }
    }
}

/// Whom a command talks to.
pub struct Ui {
    json: bool,
    out: RefCell<Box<dyn Write>>,
    watched: RefCell<Box<dyn Write>>,
}

impl Ui {
    /// Standard output and standard error of this process. Whether it says JSON is looked for before the
    /// command line is read, so that what is wrong with that is JSON too.
    #[must_use]
    pub fn of_process(args: &[OsString]) -> Self {
        let json = args.iter().take_while(|arg| *arg != "--").any(|arg| arg == "--json");
        Ui::new(json, Box::new(io::stdout()), Box::new(io::stderr()))
    }

    /// One that prints JSON into memory, for who runs a command in this process.
    pub(crate) fn in_memory() -> (Self, Printed) {
        let printed = Printed::default();
        (Ui::new(true, Box::new(printed.clone()), Box::new(io::sink())), printed)
    }

    fn new(json: bool, out: Box<dyn Write>, watched: Box<dyn Write>) -> Self {
        Ui { json, out: RefCell::new(out), watched: RefCell::new(watched) }
    }

    /// Whether it says JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Prints at once: what comes after it may take long. That nobody reads it (`toru … | head`) is no
    /// failure.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn say(&self, text: &str) -> Result<(), Failure> {
        let text = if self.json { visible_json(text) } else { visible(text) };
        self.write(text.as_bytes())
    }

    /// Prints lines that end as RFC 4180 has them, with CR and LF.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn say_csv(&self, text: &str) -> Result<(), Failure> {
        let lines: Vec<_> = text.split("\r\n").map(visible).collect();
        self.write(lines.join("\r\n").as_bytes())
    }

    /// Prints words at once; JSON comes later, as one object.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn say_words(&self, text: &str) -> Result<(), Failure> {
        if self.json { Ok(()) } else { self.say(text) }
    }

    /// Goes up so many rows of the terminal, and takes away what is there and below.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn clear(&self, rows: usize) -> Result<(), Failure> {
        if rows == 0 { Ok(()) } else { self.write(format!("\x1b[{rows}A\x1b[J").as_bytes()) }
    }

    fn write(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = self.out.borrow_mut();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::output(&error)),
            _ => Ok(()),
        }
    }

    /// Tells whoever watches, on standard error. That it is closed is no failure: nobody is left to tell.
    pub fn tell(&self, text: &str) {
        let mut watched = self.watched.borrow_mut();
        let _ = watched.write_all(visible(text).as_bytes()).and_then(|()| watched.flush());
    }

    /// Begins something that may take its time, said as "building the kernel".
    pub fn progress(&self, what: impl Into<String>) -> Progress {
        Progress::unless(self.json, what)
    }

    /// Has the user say yes, beforehand or now. `refusal` is said if they do not.
    ///
    /// # Errors
    /// When they do not, or nobody is there to be asked.
    pub fn confirm(&self, yes: bool, question: &str, refusal: &str) -> Result<(), Failure> {
        if yes {
            return Ok(());
        }
        if io::stdin().is_terminal() {
            // Whoever cannot see the question will not say yes to it.
            self.tell(&format!("{question} (yes/no) "));
            let mut answer = String::new();
            let _ = io::stdin().read_line(&mut answer);
            if ["y", "yes"].contains(&answer.trim().to_lowercase().as_str()) {
                return Ok(());
            }
        }
        let failure = Failure::input(refusal).of_kind("not_confirmed");
        Err(failure.with_hint("--yes says so beforehand"))
    }

    /// What a command came to: as JSON, or in words.
    ///
    /// # Errors
    /// When it is nothing that JSON can say.
    pub fn answer(
        &self,
        told: &impl Serialize,
        words: impl FnOnce() -> String,
    ) -> Result<Output, Failure> {
        Ok(Output::from(if self.json { json_line(told)? } else { words() }))
    }

    /// Says what a command came to, and returns the exit code.
    pub fn end(&self, outcome: Result<Output, Failure>) -> Exit {
        let (text, failure) = match outcome {
            Ok(Output { text, refused }) => (text, refused),
            Err(failure) => (String::new(), Some(failure)),
        };
        let said = match &failure {
            Some(failure) if self.json => json_line(&with_error(&text, failure)),
            _ => Ok(text),
        };
        let unsaid = said.and_then(|text| self.say(&text)).err();
        if let Some(failure) = failure.as_ref().filter(|_| !self.json).or(unsaid.as_ref()) {
            self.complain(failure);
        }
        unsaid.or(failure).map_or(Exit::Done, |failure| failure.exit())
    }

    fn complain(&self, failure: &Failure) {
        let hints = failure.hints().iter().map(|hint| format!("hint: {hint}\n"));
        self.tell(&format!("error: {failure}\n{}", hints.collect::<String>()));
    }
}

/// What was printed into memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Printed(Rc<RefCell<Vec<u8>>>);

impl Printed {
    /// All of it.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.borrow()).into_owned()
    }
}

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// JSON on a line.
///
/// # Errors
/// When it is nothing that JSON can say.
pub fn json_line(value: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string(value)
        .map_err(|error| Failure::internal(format!("cannot write JSON: {error}")))?;
    Ok(format!("{text}\n"))
}

/// The object that a command has printed, with the error in it.
fn with_error(text: &str, failure: &Failure) -> Value {
    let mut object = match serde_json::from_str(text) {
        Ok(Value::Object(object)) => object,
        _ => Map::new(),
    };
    let hint = (!failure.hints().is_empty()).then(|| failure.hints().join("; "));
    let error = json!({
        "code": failure.kind(), "message": failure.to_string(), "hint": hint,
    });
    object.insert("error".to_owned(), error);
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was written, shared with whoever writes; closed, it fails in one way or another.
    #[derive(Clone, Default)]
    struct Page(Rc<RefCell<Vec<u8>>>, Option<io::ErrorKind>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match self.1 {
                Some(kind) => Err(kind.into()),
                None => self.0.borrow_mut().write(bytes),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Page {
        fn text(&self) -> String {
            String::from_utf8(self.0.borrow().clone()).unwrap()
        }
    }

    fn ui(json: bool, closed: Option<io::ErrorKind>) -> (Ui, Page, Page) {
        let (out, watched) = (Page(Rc::default(), closed), Page::default());
        (Ui::new(json, Box::new(out.clone()), Box::new(watched.clone())), out, watched)
    }

    fn no() -> Output {
        let refused =
            Failure::new(Exit::Refused, "no\u{1b}[2J").with_hint("try").with_hint("again");
        Output { text: "{\"plan\": 1}\n".to_owned(), refused: Some(refused) }
    }

    #[test]
    fn words_and_errors_go_where_they_belong_and_steer_nothing() {
        let (ui, out, watched) = ui(false, None);
        assert_eq!(ui.end(Ok(no())), Exit::Refused);
        assert_eq!(out.text(), "{\"plan\": 1}\n");
        assert_eq!(watched.text(), "error: no\\u{1b}[2J\nhint: try\nhint: again\n");
    }

    #[test]
    fn lines_of_csv_end_as_they_should_and_nothing_in_them_steers() {
        let (ui, out, _) = ui(false, None);
        ui.say_csv("a,b\r\nc\rd,\u{1b}[2J\r\n").unwrap();
        assert_eq!(out.text(), "a,b\r\nc\\u{d}d,\\u{1b}[2J\r\n");
    }

    #[test]
    fn an_error_goes_into_the_object_that_there_is() {
        let error = json!({"code": "refused", "message": "no\u{1b}[2J", "hint": "try; again"});
        for (text, expected) in [
            ("", json!({"error": error})),
            ("{\"plan\": 1}\n", json!({"plan": 1, "error": error})),
            ("words\n", json!({"error": error})),
        ] {
            let (ui, out, watched) = ui(true, None);
            assert_eq!(ui.end(Ok(Output { text: text.to_owned(), ..no() })), Exit::Refused);
            let said: Value = serde_json::from_str(&out.text()).unwrap();
            assert_eq!(said, expected, "{text}");
            assert!(!out.text().contains('\u{1b}') && watched.text().is_empty());
        }
    }

    #[test]
    fn a_reader_that_has_gone_is_no_failure_and_a_full_disk_is_one() {
        let (gone, ..) = ui(false, Some(io::ErrorKind::BrokenPipe));
        assert_eq!(gone.end(Ok(Output::from("words\n".to_owned()))), Exit::Done);
        let (full, _, watched) = ui(false, Some(io::ErrorKind::StorageFull));
        assert_eq!(full.end(Ok(Output::from("words\n".to_owned()))), Exit::Internal);
        assert!(watched.text().contains("cannot write the output"), "{}", watched.text());
    }

    #[test]
    fn json_is_asked_for_before_what_is_no_option() {
        let args = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        for (line, expected) in
            [("toru tickets --json", true), ("toru tickets", false), ("toru key -- --json", false)]
        {
            assert_eq!(Ui::of_process(&args(line)).is_json(), expected, "{line}");
        }
    }
}
