//! What is typed at the terminal and not to be shown there.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};

use keys::Zeroizing;
use rpassword::{ConfigBuilder, read_password_with_config};
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};

/// The terminal of this process, wherever its standard input and output are.
const TERMINAL: &str = "/dev/tty";
/// What Ctrl-C sends.
const CTRL_C: u8 = 3;

/// Somebody pressed Ctrl-C.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub(super) struct Pressed;

/// Asks for a line. The terminal is told not to show what is typed before it shows that it is asked for:
/// so nothing of it is seen however soon it is typed. It is told otherwise again after the line,
/// and after Ctrl-C too, which comes as an error with [`Pressed`] in it.
pub(super) fn ask(prompt: &str) -> io::Result<Zeroizing<String>> {
    let mut terminal = OpenOptions::new().read(true).write(true).open(TERMINAL)?;
    let hidden = Hidden::begin(terminal.try_clone()?)?;
    terminal.write_all(prompt.as_bytes())?;
    let keys = Box::new(Keys(terminal.try_clone()?));
    let config = ConfigBuilder::new().input_reader(keys).output_discard().build();
    let typed = read_password_with_config(config).map(Zeroizing::new);
    drop(hidden);
    // The end of the line has not been shown either.
    terminal.write_all(b"\n")?;
    typed
}

/// While it lives, the terminal shows nothing of what is typed, and hands it on key by key.
struct Hidden {
    terminal: File,
    before: Termios,
}

impl Hidden {
    fn begin(terminal: File) -> io::Result<Self> {
        let before = tcgetattr(&terminal)?;
        let mut modes = before.clone();
        modes.local_modes -=
            LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG;
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(&terminal, OptionalActions::Now, &modes)?;
        Ok(Hidden { terminal, before })
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // A terminal that is gone shows nothing any more.
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
    }
}

/// The keys that are pressed, until it is Ctrl-C.
struct Keys(File);

impl Read for Keys {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        match buffer[..count].contains(&CTRL_C) {
            true => Err(io::Error::other(Pressed)),
            false => Ok(count),
        }
    }
}
