//! Whether a plan is carried out: not if it is only to be shown, or the kernel would refuse it; otherwise if
//! the user says yes.

use encoding::Tz4Address;
use serde_json::json;
use wallet::in_flight::InFlight;

use super::counted::counted;
use super::error::result::ResultError;
use super::plan::Plan;
use super::session::Session;
use crate::cli::groups::ConfirmArgs;
use crate::error::Failure;
use crate::ui::{Output, json_line};

/// What is said where nobody has said yes.
const UNCONFIRMED: &str = "nothing was sent: it was not confirmed";
/// The same where something was to be signed, and not sent.
const UNSIGNED: &str = "nothing was signed: it was not confirmed";

impl Session<'_> {
    /// Shows a plan, and finds out whether it is to be carried out. What is returned instead of a yes is
    /// all there is to say.
    pub fn confirm_plan(&self, plan: &Plan, args: &ConfirmArgs) -> Result<Option<Output>, Failure> {
        self.ui.say_words(&plan.text())?;
        let refusal = plan.passes().err().map(Failure::from);
        if args.dry_run || refusal.is_some() {
            let text = match self.ui.is_json() {
                true => json_line(&json!({"plan": plan.json(), "sent": false}))?,
                false if refusal.is_none() => "nothing was sent\n".to_owned(),
                false => String::new(),
            };
            return Ok(Some(Output { text, refused: refusal }));
        }
        self.confirm(args, "Send it?").map(|()| None)
    }

    /// Fails unless the user says yes, beforehand or now.
    pub fn confirm(&self, args: &ConfirmArgs, question: &str) -> Result<(), Failure> {
        self.ui.confirm(args.yes, question, UNCONFIRMED)
    }

    /// The same before something is signed that is not sent.
    pub fn confirm_signing(&self, args: &ConfirmArgs, question: &str) -> Result<(), Failure> {
        self.ui.confirm(args.yes, question, UNSIGNED)
    }

    /// Fails if a transaction of that account is on its way: the next one would carry the same counter.
    pub fn check_in_flight(&self, account: &Tz4Address) -> Result<(), Failure> {
        match self.wallet.in_flight(account)? {
            InFlight::Signed => {
                Err(ResultError::StillWaiting { account: *account, hash: None }.into())
            }
            InFlight::Nothing { unsigned } => self.note_unsigned(account, unsigned),
        }
    }

    /// Tells of messages that name an account without its signature.
    pub fn note_unsigned(&self, account: &Tz4Address, unsigned: usize) -> Result<(), Failure> {
        if unsigned > 0 {
            let name = self.by_address(*account)?.label();
            let messages = counted(unsigned, "message");
            self.ui.tell(&format!(
                "note: {messages} in the node's queue for {name}, without a good signature: not counted\n"
            ));
        }
        Ok(())
    }
}
