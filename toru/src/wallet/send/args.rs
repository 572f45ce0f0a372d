//! The command line of `toru send`, and the command that goes on with what it begins.

use std::path::PathBuf;

use clap::Args;
use layer1::plain::one_line;

use crate::cli::groups::{
    ENDPOINT, EndpointArgs, KeyringArgs, MemoArgs, PaymentsArgs, SendingArgs, ValidForArgs,
    WalletArgs,
};
use crate::error::Failure;
use crate::exit::EXIT_CODES;

/// `toru send`.
#[derive(Debug, Args)]
#[command(
    after_help = EXIT_CODES,
    override_usage = "toru send [OPTIONS] AMOUNT TICKET FROM TO\n       \
                      toru send [OPTIONS] AMOUNT TICKET --from FROM --to TO\n       \
                      toru send [OPTIONS] --file FILE.csv --from FROM\n       \
                      toru send [OPTIONS] --file FILE.csv --resume"
)]
pub struct SendArgs {
    /// How much, in the unit of the ticket: 12.5
    #[arg(
        value_name = "AMOUNT",
        required_unless_present = "file",
        requires = "ticket",
        allow_negative_numbers = true
    )]
    pub(in crate::wallet) amount: Option<String>,

    /// Which ticket: NAME, KT1…/NAME, or #N
    #[arg(value_name = "TICKET")]
    pub(in crate::wallet) ticket: Option<String>,

    /// Who pays: a key's name, or dev0 to dev9 of the sandbox
    #[arg(value_name = "FROM", conflicts_with = "from")]
    pub(in crate::wallet) payer: Option<String>,

    /// Who is paid: a key's name, tz4…, #N, or dev0 to dev9 of the sandbox
    #[arg(value_name = "TO", conflicts_with = "receiver")]
    pub(in crate::wallet) to: Option<String>,

    /// Pay everybody in this file: rows of to,amount,ticket and optionally memo, below a line of these titles
    ///
    /// As many payments as fit a message are made together, all of them or none. A long file is one batch
    /// for each message. Commas, semicolons or tabs separate the fields.
    #[arg(long, value_name = "FILE.csv", conflicts_with = "amount")]
    pub(in crate::wallet) file: Option<PathBuf>,

    /// With --file: columns to ignore
    #[arg(long, value_name = "TITLE,…", value_delimiter = ',', requires = "file")]
    pub(in crate::wallet) ignore_columns: Vec<String>,

    /// Who pays
    #[arg(long, value_name = "FROM")]
    pub(in crate::wallet) from: Option<String>,

    /// Who is paid
    #[arg(long = "to", value_name = "TO", conflicts_with = "file")]
    pub(in crate::wallet) receiver: Option<String>,

    /// With --file: name accounts by their indexes in the rollup's registry, as the node tells them; a
    /// payment takes 5 bytes instead of about 25
    #[arg(long, requires = "file")]
    pub(in crate::wallet) by_index: bool,

    /// Go on with what was begun: send again what was signed, and sign anew only what can no longer be
    /// applied
    #[arg(long, conflicts_with = "again")]
    pub(in crate::wallet) resume: bool,

    /// Pay it a second time, whatever became of the first
    #[arg(long)]
    pub(in crate::wallet) again: bool,

    /// Its remark.
    #[command(flatten)]
    pub(in crate::wallet) memo: MemoArgs,

    /// How long it can be applied.
    #[command(flatten)]
    pub(in crate::wallet) expiry: ValidForArgs,

    /// Where payments are recorded.
    #[command(flatten)]
    pub(in crate::wallet) records: PaymentsArgs,

    /// Where.
    #[command(flatten)]
    pub(in crate::wallet) wallet: WalletArgs,

    /// How.
    #[command(flatten)]
    pub(in crate::wallet) sending: SendingArgs,
}

impl SendArgs {
    /// Who pays.
    pub(in crate::wallet) fn payer(&self) -> Result<&str, Failure> {
        let payer = self.payer.as_deref().or(self.from.as_deref());
        payer.ok_or_else(|| missing("it is not said who pays", "--from FROM says who pays; usage: toru send AMOUNT TICKET FROM TO; toru send --help says more"))
    }

    /// Who is paid, of a single payment.
    pub(in crate::wallet) fn receiver(&self) -> Result<&str, Failure> {
        let receiver = self.to.as_deref().or(self.receiver.as_deref());
        receiver.ok_or_else(|| {
            missing(
                "the receiver is missing",
                "--to TO says who is paid; a shell takes #1 for a comment: write '#1'; \
                 usage: toru send AMOUNT TICKET FROM TO; toru send --help says more",
            )
        })
    }

    /// The command that goes on with it, from where this one was given: with everything that decides which
    /// payment it is, and where it is looked for; by that way, if one is named.
    pub(in crate::wallet) fn resuming(&self, via: Option<&str>) -> String {
        let words = match &self.file {
            Some(file) => format!("--file {}", shell(&file.display().to_string())),
            None => {
                let words = [&self.amount, &self.ticket, &self.payer, &self.to];
                let words: Vec<String> =
                    words.into_iter().flatten().map(|word| shell(word)).collect();
                let named = [("--from", &self.from), ("--to", &self.receiver)];
                let named = named.into_iter().filter_map(|(name, value)| {
                    value.as_ref().map(|value| format!(" {name} {}", shell(value)))
                });
                format!("{}{}", words.join(" "), named.collect::<String>())
            }
        };
        let folder = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let EndpointArgs { endpoint, rollup } = &self.wallet.at;
        let KeyringArgs { keys, password_file } = &self.wallet.keyring;
        let endpoint = (endpoint != ENDPOINT).then(|| endpoint.clone());
        // A remark makes a single payment another one. A file's rows are on record with theirs.
        let memo = self.memo.memo.clone().filter(|_| self.file.is_none());
        let options = [
            ("--memo", None, memo),
            ("--via", Some("TORU_BATCHER"), via.map(str::to_owned)),
            ("--payments", Some("TORU_PAYMENTS"), folder(&self.records.payments)),
            ("--endpoint", Some("TORU_ENDPOINT"), endpoint),
            ("--rollup", Some("TORU_ROLLUP"), rollup.clone()),
            ("--keys", Some("TORU_KEYS"), folder(keys)),
            ("--tickets", Some("TORU_TICKETS"), folder(&self.wallet.pins.tickets)),
            ("--password-file", Some("TORU_PASSWORD_FILE"), folder(password_file)),
        ];
        let options = options.into_iter().filter_map(|(name, variable, value)| {
            // What the environment says, it says to the next command too.
            let is_said = |value: &String| {
                variable.and_then(std::env::var_os).is_some_and(|said| said == value.as_str())
            };
            let value = value.filter(|value| !is_said(value))?;
            Some(format!(" {name} {}", shell(&value)))
        });
        let options: String = options.collect();
        let by_index = if self.by_index { " --by-index" } else { "" };
        format!("toru send {words}{options}{by_index} --resume")
    }
}

fn missing(problem: &str, hint: &str) -> Failure {
    Failure::usage(problem, hint)
}

/// A word as a shell takes it.
fn shell(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/%+:,@".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", one_line(word).replace('\'', "'\\''")),
    }
}
