//! `toru key`: secret keys by name, in a folder.

mod args;
mod ask;
mod failure;
mod reserved;
mod show;
#[cfg(unix)]
mod terminal;
mod unlock;

use std::path::PathBuf;

use keys::{KeystoreError, Kind, Name, Path, Secret};

use crate::error::Failure;
use crate::ui::{Output, Ui};
pub use args::KeyArgs;
use args::{Format, KeyCommand};
use ask::Asker;
pub use failure::KeyFailure;
use failure::in_keystore;
use reserved::{is_like_an_address, is_of_sandboxes};
use show::Shown;
pub use unlock::Keyring;

/// Does what the command says.
pub fn execute(args: &KeyArgs, ui: &Ui) -> Result<Output, Failure> {
    let folder = args.keys.clone().map_or_else(default_folder, Ok)?;
    let keys = Keys {
        store: keys::Keystore::new(folder),
        asker: Asker { password_file: args.password_file.as_deref() },
        ui,
    };
    match &args.command {
        KeyCommand::New { name, words, json } => keys.make(name, *words, *json),
        KeyCommand::Import { name, mnemonic: false, json, .. } => {
            keys.is_free(name)?;
            let secret = keys.asker.octez_key()?;
            keys.keep(name, &secret, None)?;
            keys.shown(name)?.output(*json)
        }
        KeyCommand::Import { name, account, json, .. } => {
            keys.is_free(name)?;
            let path = Path { account: *account };
            let words = keys.asker.secret("words")?;
            let secret = keys::secret_of_words(&words, path).map_err(KeyFailure::Words)?;
            keys.keep(name, &secret, Some(path))?;
            keys.shown(name)?.output(*json)
        }
        KeyCommand::Export { name, format, yes } => keys.export(name, *format, *yes),
        KeyCommand::List { json } => keys.list(*json),
        KeyCommand::Show { name, json } => keys.shown(name)?.output(*json),
        KeyCommand::Rm { name, yes } => {
            // A file that is damaged can be removed too.
            let account = match keys.store.get(name) {
                Err(error @ KeystoreError::Missing(_)) => return Err(in_keystore(error)),
                Err(_) => None,
                Ok(file) => Shown::of(name, &file, keys.store.path(name)).ok(),
            };
            let account = account.map_or_else(
                || "its file is damaged".to_owned(),
                |shown| shown.tz4.unwrap_or_else(|| show::NO_PUBLIC_KEY.to_owned()),
            );
            let question = format!("Remove {name} ({account}) for good?");
            ui.confirm(*yes, &question, "removing a key has to be confirmed")?;
            keys.store.remove(name).map_err(in_keystore)?;
            let told = serde_json::json!({"removed": name.to_string()});
            ui.answer(&told, String::new)
        }
    }
}

/// Where keys are if nobody says otherwise.
pub(crate) fn default_folder() -> Result<PathBuf, Failure> {
    Ok(data_folder().ok_or(KeyFailure::NoFolder)?.join("keys"))
}

/// XDG's folder for a user's data, and what is ours in it.
pub(crate) fn data_folder() -> Option<PathBuf> {
    user_folder("XDG_DATA_HOME", ".local/share")
}

/// XDG's folder for what can be made again, and what is ours in it.
pub(crate) fn cache_folder() -> Option<PathBuf> {
    user_folder("XDG_CACHE_HOME", ".cache")
}

/// What a variable names, or a folder in the user's own; and what is ours in it.
fn user_folder(variable: &str, at_home: &str) -> Option<PathBuf> {
    let folder = |name| {
        std::env::var_os(name).map(PathBuf::from).filter(|folder: &PathBuf| folder.is_absolute())
    };
    let all = folder(variable).or_else(|| folder("HOME").map(|home| home.join(at_home)))?;
    Some(all.join("toru"))
}

/// The folder, and whoever is asked for passwords.
struct Keys<'a> {
    store: keys::Keystore,
    asker: Asker<'a>,
    ui: &'a Ui,
}

impl Keys<'_> {
    /// Said before anything is asked for. That a file is never replaced is up to the keystore.
    fn is_free(&self, name: &Name) -> Result<(), Failure> {
        if is_like_an_address(name) {
            return Err(KeyFailure::LikeAnAddress(name.clone()).into());
        }
        match is_of_sandboxes(name) {
            true => Err(KeyFailure::Reserved(name.clone()).into()),
            false => self.store.check_free(name).map_err(in_keystore),
        }
    }

    fn make(&self, name: &Name, with_words: bool, json: bool) -> Result<Output, Failure> {
        self.is_free(name)?;
        if !with_words {
            let secret = Secret::generate().map_err(KeyFailure::NoRandomness)?;
            self.keep(name, &secret, None)?;
            return self.shown(name)?.output(json);
        }
        let path = Path { account: 0 };
        let words = keys::new_words().map_err(KeyFailure::NoRandomness)?;
        let secret = keys::secret_of_words(&words, path).map_err(KeyFailure::Words)?;
        self.keep(name, &secret, Some(path))?;
        show::print_secret(self.ui, &self.shown(name)?.with_words(&words, json)?)
    }

    fn keep(&self, name: &Name, secret: &Secret, path: Option<Path>) -> Result<(), Failure> {
        let password = self.asker.new_password()?;
        let path = path.map(|path| path.to_string()).unwrap_or_default();
        let sealing = self.ui.progress("putting the key under the password");
        let file =
            keys::KeyFile::seal(name, secret, path, &password).map_err(KeyFailure::Sealing)?;
        drop(sealing);
        self.store.add(name, &file).map_err(in_keystore)
    }

    fn export(&self, name: &Name, format: Format, yes: bool) -> Result<Output, Failure> {
        let file = self.store.get(name).map_err(in_keystore)?;
        if format == Format::Plain {
            let question = format!("Show the secret of {name} to whoever sees this screen?");
            self.ui.confirm(yes, &question, "a plain secret has to be confirmed")?;
        }
        let secret = self.open(name, &file)?;
        let text = match format {
            Format::Plain => keys::secret_text(&secret),
            Format::Encrypted => {
                keys::encrypt(&secret, &ask::new_secret("passphrase for the BLesk")?)
                    .map_err(KeyFailure::Encrypted)?
            }
        };
        if self.ui.is_json() {
            return show::print_secret(self.ui, &show::secret_json(name, &text)?);
        }
        // Making room for it would leave a copy behind.
        let mut line = keys::Zeroizing::new(String::with_capacity(text.len() + 1));
        line.push_str(&text);
        line.push('\n');
        show::print_secret(self.ui, &line)
    }

    fn open(&self, name: &Name, file: &keys::KeyFile) -> Result<Secret, Failure> {
        let password = self.asker.password()?;
        let _opening = self.ui.progress("opening the key's file");
        file.open(&password).map_err(|problem| {
            in_keystore(KeystoreError::KeyFile { path: self.store.path(name), problem })
        })
    }

    fn shown(&self, name: &Name) -> Result<Shown, Failure> {
        let file = self.store.get(name).map_err(in_keystore)?;
        Shown::of(name, &file, self.store.path(name))
    }

    fn list(&self, json: bool) -> Result<Output, Failure> {
        let (mut all, mut refused) = (Vec::new(), None);
        for name in self.store.names().map_err(in_keystore)? {
            match self.shown(&name) {
                Ok(shown) => all.push(shown),
                // The others are shown all the same.
                Err(failure) => refused = refused.or(Some(failure)),
            }
        }
        Ok(Output { text: show::list(&all, json)?, refused })
    }
}

impl Asker<'_> {
    /// A key as Octez writes it, with or without the word that its own file has before it.
    fn octez_key(&self) -> Result<Secret, Failure> {
        let line = self.secret("secret key (BLsk… or BLesk…)")?;
        let text = line.trim();
        let text = text.strip_prefix("unencrypted:").unwrap_or(text);
        let text = text.strip_prefix("encrypted:").unwrap_or(text);
        if Kind::of(text) != Some(Kind::Encrypted) {
            return Ok(keys::read_secret(text).map_err(KeyFailure::Octez)?);
        }
        let passphrase = keys::Password::new(self.secret("passphrase of the BLesk")?);
        Ok(keys::decrypt(text, &passphrase).map_err(KeyFailure::Encrypted)?)
    }
}
