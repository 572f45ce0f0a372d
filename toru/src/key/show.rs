//! What `toru key` prints: what is public of a key, and secrets where the user asks for them.

use std::path::PathBuf;

use keys::{KeyFile, KeystoreError, Name, Zeroizing};
use layer1::plain::one_line;
use serde::Serialize;

use crate::error::{Failure, shown_path};
use crate::key::failure::in_keystore;
use crate::ui::{Output, Ui};

/// Room for all that is printed of one key with its words, so that no copy of them is left behind when
/// it grows. A path in it can be longer than this; then there may be one.
const PRINTED_BYTES: usize = 16_384;

/// What is said of the account where another's file does not have the public key.
pub(super) const NO_PUBLIC_KEY: &str = "not known: the file has no public key";

/// What is public of a key.
#[derive(Serialize)]
pub(super) struct Shown {
    name: String,
    pub tz4: Option<String>,
    public_key: Option<String>,
    path: Option<String>,
    file: String,
}

#[derive(Serialize)]
struct WithWords<'a> {
    #[serde(flatten)]
    shown: &'a Shown,
    words: &'a str,
}

impl Shown {
    pub fn of(name: &Name, key: &KeyFile, file: PathBuf) -> Result<Self, Failure> {
        let public = key.public_key().map_err(|problem| {
            in_keystore(KeystoreError::KeyFile { path: file.clone(), problem })
        })?;
        Ok(Shown {
            name: name.to_string(),
            tz4: public.map(|public| public.address().to_string()),
            public_key: public.as_ref().map(keys::public_key_text),
            path: Some(one_line(&key.path)).filter(|path| !path.is_empty()),
            file: shown_path(&file),
        })
    }

    pub fn output(&self, json: bool) -> Result<Output, Failure> {
        let text = match json {
            true => String::clone(&*as_json(self)?),
            false => self.text(),
        };
        Ok(Output::from(text))
    }

    /// The same, with the words that it grows from.
    pub fn with_words(&self, words: &str, json: bool) -> Result<Zeroizing<String>, Failure> {
        if json {
            return as_json(&WithWords { shown: self, words });
        }
        let mut text = Zeroizing::new(String::with_capacity(PRINTED_BYTES));
        text.push_str(&self.text());
        text.push_str("\nWrite these words down. Whoever has them has the key:\n\n");
        for (i, word) in words.split(' ').enumerate() {
            text.push_str(if i % 6 == 0 { "  " } else { " " });
            text.push_str(word);
            if i % 6 == 5 {
                text.push('\n');
            }
        }
        Ok(text)
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let lines = [
            Some(("name", &*self.name)),
            Some(("account", self.tz4.as_deref().unwrap_or(NO_PUBLIC_KEY))),
            self.public_key.as_deref().map(|key| ("public key", key)),
            self.path.as_deref().map(|path| ("path", path)),
            Some(("file", &*self.file)),
        ];
        for (title, value) in lines.into_iter().flatten() {
            text.push_str(&format!("{title:<12}{value}\n"));
        }
        text
    }
}

/// All keys, one a line.
pub(super) fn list(all: &[Shown], json: bool) -> Result<String, Failure> {
    #[derive(Serialize)]
    struct List<'a> {
        keys: &'a [Shown],
    }
    if json {
        return Ok(String::clone(&*as_json(&List { keys: all })?));
    }
    let width = all.iter().map(|shown| shown.name.len()).max().unwrap_or_default();
    let account = |shown: &Shown| shown.tz4.clone().unwrap_or_else(|| NO_PUBLIC_KEY.to_owned());
    Ok(all.iter().map(|shown| format!("{:<width$}  {}\n", shown.name, account(shown))).collect())
}

/// A secret as JSON: `BLsk…` or `BLesk…`.
pub(super) fn secret_json(name: &Name, secret: &str) -> Result<Zeroizing<String>, Failure> {
    #[derive(Serialize)]
    struct Secret<'a> {
        name: &'a str,
        secret_key: &'a str,
    }
    as_json(&Secret { name: name.as_str(), secret_key: secret })
}

fn as_json(value: &impl Serialize) -> Result<Zeroizing<String>, Failure> {
    let failing = |error: String| Failure::internal(format!("cannot write JSON: {error}"));
    let mut bytes = Zeroizing::new(Vec::with_capacity(PRINTED_BYTES));
    serde_json::to_writer(&mut *bytes, value).map_err(|error| failing(error.to_string()))?;
    bytes.push(b'\n');
    let text = str::from_utf8(&bytes).map_err(|error| failing(error.to_string()))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Prints at once, so that no copy is kept for later. That the reader has gone is no failure.
pub(super) fn print_secret(ui: &Ui, text: &str) -> Result<Output, Failure> {
    ui.say(text).map(|()| Output::default())
}
