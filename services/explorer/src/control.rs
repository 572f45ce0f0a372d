//! The control panel of a sandbox: what can be done with it, each by a form that needs no JavaScript.
//!
//! `commands` is what does it, which the binary brings with it: the panel runs the command line that it shows.
//! `actions` is the table of what can be done, `form` reads what somebody sent, `post` checks that it comes from the
//! panel itself, and `done` keeps what the last ones came to. The page is in `pages/control`.

pub(crate) mod actions;
mod commands;
pub(crate) mod done;
pub(crate) mod field;
pub(crate) mod form;
pub(crate) mod post;
pub(crate) mod words;

pub use commands::{Call, Commands, Ran};

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::done::Done;

/// The panel of one process.
#[derive(Debug)]
pub(crate) struct Panel {
    /// What does it.
    pub commands: Arc<dyn Commands>,
    /// What every form of this process has in it, and nobody elsewhere knows.
    token: String,
    done: Mutex<Done>,
}

impl Panel {
    pub(crate) fn new(commands: Arc<dyn Commands>) -> Self {
        // Without anything to draw one from, no form is taken.
        let token = commands.token();
        Panel { commands, token, done: Mutex::default() }
    }

    /// What a form has to have in it.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Whether that is in a form.
    pub(crate) fn knows(&self, token: &str) -> bool {
        // How long it takes says nothing of where they differ.
        let differ = self.token.bytes().zip(token.bytes()).fold(0, |all, (a, b)| all | (a ^ b));
        !self.token.is_empty() && self.token.len() == token.len() && differ == 0
    }

    /// What the last ones came to.
    pub(crate) fn done(&self) -> MutexGuard<'_, Done> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
