//! Secrets come from the terminal, where they are not shown, or from lines of standard input or of a
//! file: never from the command line or the environment, which others can read.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use keys::{Password, Zeroizing};

use crate::error::Failure;
use crate::key::failure::{KeyFailure, LINE_BYTES_MAX};
use crate::text_file;

/// What standard input is called where it cannot be read.
const STDIN: &str = "standard input";
/// What the terminal is called then.
const TERMINAL: &str = "the terminal";

/// Asks for what a command needs.
pub(super) struct Asker<'a> {
    /// Where the password of the key's file is, if the user does not want to be asked.
    pub password_file: Option<&'a Path>,
}

impl Asker<'_> {
    /// The password of a key that there is.
    pub fn password(&self) -> Result<Password, Failure> {
        match self.in_file()? {
            Some(password) => Ok(password),
            None => self.secret("password").map(Password::new),
        }
    }

    /// The password for a new key.
    pub fn new_password(&self) -> Result<Password, Failure> {
        match self.in_file()? {
            Some(password) => not_empty(password, "password"),
            None => new_secret("password"),
        }
    }

    fn in_file(&self) -> Result<Option<Password>, Failure> {
        let Some(path) = self.password_file else { return Ok(None) };
        let file = File::open(path).map_err(Failure::reading(path))?;
        line(file, path, "password").map(|line| Some(Password::new(line)))
    }

    /// Something that is not to be shown.
    pub fn secret(&self, what: &'static str) -> Result<Zeroizing<String>, Failure> {
        secret(what, "")
    }
}

/// A new password or passphrase: twice, if somebody types it.
pub(super) fn new_secret(what: &'static str) -> Result<Password, Failure> {
    let first = not_empty(Password::new(secret(what, "new ")?), what)?;
    if io::stdin().is_terminal() && !first.is_same(&Password::new(secret(what, "once more, the ")?))
    {
        return Err(KeyFailure::NotTheSame(what).into());
    }
    Ok(first)
}

fn not_empty(password: Password, what: &'static str) -> Result<Password, Failure> {
    match password.is_empty() {
        true => Err(KeyFailure::Empty(what).into()),
        false => Ok(password),
    }
}

fn secret(what: &'static str, before: &str) -> Result<Zeroizing<String>, Failure> {
    if !io::stdin().is_terminal() {
        return line(input()?, Path::new(STDIN), what);
    }
    at_terminal(&format!("{before}{what}: "))
}

#[cfg(unix)]
fn at_terminal(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    use crate::key::terminal::{Pressed, ask};
    ask(prompt).map_err(|error| match error.get_ref() {
        Some(inner) if inner.is::<Pressed>() => KeyFailure::Interrupted.into(),
        _ => Failure::reading(Path::new(TERMINAL))(error),
    })
}

#[cfg(not(unix))]
fn at_terminal(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    let typed = rpassword::prompt_password(prompt).map(Zeroizing::new);
    typed.map_err(Failure::reading(Path::new(TERMINAL)))
}

/// Standard input without the buffer that std keeps, and does not zeroise.
#[cfg(unix)]
fn input() -> Result<impl Read, Failure> {
    use std::os::fd::AsFd;
    let input = io::stdin().as_fd().try_clone_to_owned();
    input.map(File::from).map_err(Failure::reading(Path::new(STDIN)))
}

/// Standard input.
#[cfg(not(unix))]
fn input() -> Result<impl Read, Failure> {
    Ok(io::stdin())
}

/// The next line, without its end. Byte by byte, so that the next one is left for others.
fn line(
    mut from: impl Read,
    path: &Path,
    what: &'static str,
) -> Result<Zeroizing<String>, Failure> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LINE_BYTES_MAX));
    let mut byte = Zeroizing::new([0]);
    loop {
        match from.read(&mut byte[..]) {
            Ok(0) if bytes.is_empty() => return Err(KeyFailure::NoLine(what).into()),
            Ok(0) => break,
            Ok(_) if byte[0] == b'\n' => break,
            Ok(_) if bytes.len() == LINE_BYTES_MAX => {
                return Err(KeyFailure::LongLine(what).into());
            }
            Ok(_) => bytes.push(byte[0]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Failure::reading(path)(error)),
        }
    }
    // A mark before a file or a stream is no part of the secret, and no line begins with one.
    let text = text_file::text(&bytes).map_err(|problem| KeyFailure::NotText(what, problem))?;
    Ok(Zeroizing::new(text.strip_suffix('\r').unwrap_or(text).to_owned()))
}
