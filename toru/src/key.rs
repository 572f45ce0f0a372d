//! `toru key`: secret keys by name, in a folder.

mod ask;
mod failure;
mod reserved;
mod show;
#[cfg(unix)]
mod terminal;
mod unlock;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use keys::{KeystoreError, Kind, Name, Path, Secret};

use crate::Output;
use crate::error::Failure;
use crate::progress::Progress;
use ask::Asker;
pub use failure::KeyFailure;
use failure::in_keystore;
use reserved::{is_like_an_address, is_of_sandboxes};
use show::Shown;
pub use unlock::Keyring;

/// `toru key`.
#[derive(Debug, Args)]
#[command(
    after_help = concat!(
        "Passwords and secrets are asked for at the terminal; where standard input is none, each is \
        read from a line of it, in the order in which they would be asked for. ",
        crate::exit_codes!()
    )
)]
pub struct KeyArgs {
    /// What to do.
    #[command(subcommand)]
    command: KeyCommand,

    /// Folder of the keys [default: $XDG_DATA_HOME/toru/keys, or ~/.local/share/toru/keys]
    #[arg(long, value_name = "DIR", global = true, env = "TORU_KEYS")]
    keys: Option<PathBuf>,

    /// Take the password of the key's file from the first line of this file
    ///
    /// A byte order mark before it is dropped, here and before whatever comes from standard input.
    #[arg(long, value_name = "FILE", global = true, env = "TORU_PASSWORD_FILE")]
    password_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Make a key and keep it under a password
    New {
        /// The name: a letter, then letters, digits, '_' or '-'
        name: Name,
        /// Grow it from 24 words (BIP-39), and print them: they are the key
        ///
        /// It stands at m/12381/1729/0/0 of the tree of EIP-2333 that grows from the words.
        #[arg(long)]
        words: bool,
        /// Print one JSON object: name, tz4, public_key, path, file, and words with --words
        #[arg(long)]
        json: bool,
    },
    /// Keep a key that there is already
    Import {
        /// The name: a letter, then letters, digits, '_' or '-'
        name: Name,
        /// Read the key as Octez writes it: BLsk…, or BLesk… and its passphrase
        #[arg(long, required_unless_present = "mnemonic", conflicts_with = "mnemonic")]
        octez: bool,
        /// Read the key's words (BIP-39, English)
        #[arg(long)]
        mnemonic: bool,
        /// Which key of those words: ACCOUNT in m/12381/1729/ACCOUNT/0
        #[arg(long, default_value_t = 0, requires = "mnemonic")]
        account: u32,
        /// Print one JSON object: name, tz4, public_key, path, file
        #[arg(long)]
        json: bool,
    },
    /// Print a key as Octez reads it (octez-client import secret key NAME unencrypted:BLsk…)
    Export {
        /// Which key
        name: Name,
        /// Plain, or under a passphrase
        #[arg(long, value_enum)]
        format: Format,
        /// Print a plain secret without asking whether that is meant
        #[arg(long)]
        yes: bool,
    },
    /// List all keys
    List {
        /// Print one JSON object: {"keys": [{name, tz4, public_key, path, file}]}
        #[arg(long)]
        json: bool,
    },
    /// Show a key's account and public key
    Show {
        /// Which key
        name: Name,
        /// Print one JSON object: name, tz4, public_key, path, file
        #[arg(long)]
        json: bool,
    },
    /// Remove a key for good
    Rm {
        /// Which key
        name: Name,
        /// Remove it without asking whether that is meant
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The secret, plain
    #[value(name = "BLsk")]
    Plain,
    /// The secret under a passphrase
    #[value(name = "BLesk")]
    Encrypted,
}

/// Does what the command says.
pub fn execute(args: &KeyArgs, json: bool) -> Result<Output, Failure> {
    let folder = args.keys.clone().map_or_else(default_folder, Ok)?;
    let keys = Keys {
        store: keys::Keystore::new(folder),
        asker: Asker { password_file: args.password_file.as_deref() },
        is_quiet: json,
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
        KeyCommand::Export { name, format, yes } => keys.export(name, *format, *yes, json),
        KeyCommand::List { json } => keys.list(*json),
        KeyCommand::Show { name, json } => keys.shown(name)?.output(*json),
        KeyCommand::Rm { name, yes } => {
            // A file that is damaged can be removed too.
            let account = match keys.shown(name) {
                Ok(shown) => shown.tz4.unwrap_or_else(|| show::NO_PUBLIC_KEY.to_owned()),
                Err(failure @ Failure::Key(KeyFailure::Keystore(KeystoreError::Missing(_)))) => {
                    return Err(failure);
                }
                Err(_) => "its file is damaged".to_owned(),
            };
            ask::confirm(*yes, "removing a key", &format!("Remove {name} ({account}) for good?"))?;
            keys.store.remove(name).map_err(in_keystore)?;
            let told = serde_json::json!({"removed": name.to_string()});
            Ok(if json { crate::out::json_line(&told)?.into() } else { Output::default() })
        }
    }
}

/// Where keys are if nobody says otherwise.
pub(crate) fn default_folder() -> Result<PathBuf, Failure> {
    Ok(data_folder().ok_or(KeyFailure::NoFolder)?.join("keys"))
}

/// XDG's folder for a user's data, and what is ours in it.
pub(crate) fn data_folder() -> Option<PathBuf> {
    let variable = |name| {
        std::env::var_os(name).map(PathBuf::from).filter(|folder: &PathBuf| folder.is_absolute())
    };
    let data = variable("XDG_DATA_HOME")
        .or_else(|| variable("HOME").map(|home| home.join(".local/share")))?;
    Some(data.join("toru"))
}

/// The folder, and whoever is asked for passwords.
struct Keys<'a> {
    store: keys::Keystore,
    asker: Asker<'a>,
    /// Whether no progress is to be shown.
    is_quiet: bool,
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
        show::print_secret(&self.shown(name)?.with_words(&words, json)?)
    }

    fn keep(&self, name: &Name, secret: &Secret, path: Option<Path>) -> Result<(), Failure> {
        let password = self.asker.new_password()?;
        let path = path.map(|path| path.to_string()).unwrap_or_default();
        let sealing = Progress::unless(self.is_quiet, "putting the key under the password");
        let file =
            keys::KeyFile::seal(name, secret, path, &password).map_err(KeyFailure::Sealing)?;
        drop(sealing);
        self.store.add(name, &file).map_err(in_keystore)
    }

    fn export(
        &self,
        name: &Name,
        format: Format,
        yes: bool,
        json: bool,
    ) -> Result<Output, Failure> {
        let file = self.store.get(name).map_err(in_keystore)?;
        if format == Format::Plain {
            let question = format!("Show the secret of {name} to whoever sees this screen?");
            ask::confirm(yes, "a plain secret", &question)?;
        }
        let secret = self.open(name, &file)?;
        let text = match format {
            Format::Plain => keys::secret_text(&secret),
            Format::Encrypted => {
                keys::encrypt(&secret, &ask::new_secret("passphrase for the BLesk")?)
                    .map_err(KeyFailure::Encrypted)?
            }
        };
        if json {
            return show::print_secret(&show::secret_json(name, &text)?);
        }
        // Making room for it would leave a copy behind.
        let mut line = keys::Zeroizing::new(String::with_capacity(text.len() + 1));
        line.push_str(&text);
        line.push('\n');
        show::print_secret(&line)
    }

    fn open(&self, name: &Name, file: &keys::KeyFile) -> Result<Secret, Failure> {
        let password = self.asker.password()?;
        let _opening = Progress::unless(self.is_quiet, "opening the key's file");
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
