//! What is known of an account: it is read from the states, and the engine adds what is pending.

use std::sync::mpsc::SyncSender;

use batcher_api::{AccountAnswer, ApiError};
use encoding::Tz4Address;

use crate::admission::Checks;
use crate::chain::{BlockState, Notes, Question, Resumable, TipStates};
use crate::engine::{AccountViews, Command, Reply, account_state};
use crate::error::Refused;
use crate::mempool::away;
use crate::pool::Away;

/// Somebody asks for an account.
pub(crate) struct AccountLook {
    commands: SyncSender<Command>,
    account: Tz4Address,
    tip: Result<TipStates, ApiError>,
    reply: Option<Reply<AccountAnswer>>,
}

impl AccountLook {
    /// The account is read as it is at the head, and in the last final level.
    pub(crate) fn new(
        checks: &Checks,
        commands: SyncSender<Command>,
        account: Tz4Address,
        reply: Reply<AccountAnswer>,
    ) -> Self {
        AccountLook { commands, account, tip: checks.tip(), reply: Some(reply) }
    }

    fn views(&self, tip: &TipStates) -> Result<AccountViews, Refused> {
        let view = |state: &BlockState| {
            let found = state.ledger(|ledger| account_state(ledger, &self.account));
            let found = found.map_err(|error| away(&error));
            found.map(|found| (state.block().level.0, found))
        };
        // What either of them misses is asked for at once.
        let (finalized, head) = (view(&tip.finalized), view(&tip.head));
        Ok(AccountViews { finalized: finalized?, head: head? })
    }

    fn refuse(&mut self, refused: Refused) {
        if let Some(reply) = self.reply.take() {
            let _ = reply.send(Err(refused));
        }
    }
}

impl Resumable for AccountLook {
    fn go_on(&mut self) -> Vec<Question> {
        let notes = Notes::default();
        let views = match &self.tip {
            Ok(tip) => self.views(&tip.noting(&notes)),
            Err(error) => Err(Refused::from(error.clone()).after(1)),
        };
        let missing = notes.take();
        if missing.is_empty() {
            match (views, self.reply.take()) {
                (Ok(views), Some(reply)) => {
                    // The engine has ended otherwise.
                    let command = Command::Account(self.account, Box::new(views), reply);
                    let _ = self.commands.send(command);
                }
                (Err(refused), reply) => {
                    self.reply = reply;
                    self.refuse(refused);
                }
                (Ok(_), None) => {}
            }
        }
        missing
    }

    fn give_up(&mut self, error: &Away) {
        self.refuse(away(error));
    }

    fn transactions(&self) -> usize {
        0
    }
}
