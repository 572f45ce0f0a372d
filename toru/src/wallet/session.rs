//! What every command of the wallet begins with: a node, keys, somebody to talk to.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use encoding::{RollupAddress, Ticket, Tz4Address};
use layer1::address::{Address, Role};
use wallet::block_times::DatedLevel;
use wallet::indexes::KnownIndexes;
use wallet::known_rollups::KnownRollups;
use wallet::recognition::used_tickets;
use wallet::session::{SIMULATED_ROLLUP, Session as Connection};
use wallet::state::RollupState;

use super::account_ref::AccountRef;
use super::folders;
use crate::cli::groups::{PaymentsArgs, WalletArgs, WithdrawalLogArgs};
use crate::error::Failure;
use crate::key::{self, Keyring};
use crate::ui::Ui;

/// What every command of the wallet works with.
pub(super) struct Session<'u> {
    pub(super) ui: &'u Ui,
    pub(super) wallet: Connection,
    pub(super) keyring: Keyring<'u>,
    /// Whether plans are shown whole.
    pub(super) verbose: bool,
    /// Whether the sandbox's accounts may be named: on the rollup that it simulates, as what is signed
    /// for that is worth nothing anywhere else.
    pub(super) dev_keys: bool,
    /// The accounts whose keys are here, once they have been looked for.
    pub(super) here: OnceCell<Vec<AccountRef>>,
    /// The head of layer 1 that the node told first, with its time: how long levels take is seen by those
    /// that come later.
    pub(super) first_head: OnceCell<DatedLevel>,
    /// Where payments are recorded, and where withdrawals are.
    records: (PaymentsArgs, WithdrawalLogArgs),
}

impl<'u> Session<'u> {
    pub(super) fn open(args: &WalletArgs, ui: &'u Ui) -> Result<Self, Failure> {
        let wanted = args.at.rollup.as_deref().map(rollup).transpose()?;
        let known = key::data_folder().map(|folder| KnownRollups::in_folder(&folder));
        let wallet = Connection::connect(&args.at.endpoint, wanted.as_ref(), known.as_ref())?;
        let dev_keys = wallet.is_simulated();
        Self::over(wallet, dev_keys, args, ui)
    }

    /// A session that asks no node, about something of that rollup. It has to be the one that is meant.
    pub(super) fn offline(
        args: &WalletArgs,
        found: &RollupAddress,
        ui: &'u Ui,
    ) -> Result<Self, Failure> {
        let wanted = args.at.rollup.as_deref().map(rollup).transpose()?;
        if let Some(wanted) = wanted.filter(|wanted| wanted != found) {
            let problem = format!("the file is for {found}, not for {wanted}");
            let failure = Failure::input(problem).of_kind("other_rollup");
            return Err(failure.with_hint("--rollup, or TORU_ROLLUP, says which rollup is meant"));
        }
        let wallet = Connection::offline(&args.at.endpoint, *found)?;
        Self::over(wallet, *found == SIMULATED_ROLLUP, args, ui)
    }

    fn over(
        wallet: Connection,
        dev_keys: bool,
        args: &WalletArgs,
        ui: &'u Ui,
    ) -> Result<Self, Failure> {
        // Without a folder of their own, users have pinned nothing.
        let pins = folders::pins(&args.pins, wallet.rollup()).ok();
        let wallet = wallet.with_pins(pins.as_ref())?;
        let keyring = Keyring::new(&args.keyring, ui);
        let (verbose, here, first_head) = (args.verbose, OnceCell::new(), OnceCell::new());
        let records = (folders::usual_payments(), folders::usual_withdrawals());
        Ok(Session { ui, wallet, keyring, verbose, dev_keys, here, first_head, records })
    }

    /// The same where payments are recorded in a folder that was named.
    pub(super) fn with_payments(mut self, args: &PaymentsArgs) -> Self {
        self.records.0 = args.clone();
        self
    }

    /// What is remembered of the rollup's indexes. Nothing is of a simulated one, which begins anew whenever somebody
    /// says so.
    pub(super) fn known_indexes(&self) -> Result<KnownIndexes, Failure> {
        let rollup = self.wallet.rollup();
        Ok(match key::data_folder().filter(|_| !self.wallet.is_simulated()) {
            Some(folder) => KnownIndexes::in_folder(&folder.join("indexes"), rollup)?,
            None => KnownIndexes::forgetful(rollup),
        })
    }

    /// The same where withdrawals are recorded in a folder that was named.
    pub(super) fn with_withdrawals(mut self, args: &WithdrawalLogArgs) -> Self {
        self.records.1 = args.clone();
        self
    }

    /// The tickets that were paid or withdrawn from here before: by an account, or by any.
    pub(super) fn used_tickets(
        &self,
        account: Option<&Tz4Address>,
    ) -> Result<BTreeSet<Ticket>, Failure> {
        let (payments, withdrawals) = &self.records;
        let payments = folders::payments(payments, self.wallet.rollup());
        let withdrawals = folders::withdrawals(withdrawals, self.wallet.rollup());
        match (payments, withdrawals) {
            (Ok(payments), Ok(withdrawals)) => Ok(used_tickets(&payments, &withdrawals, account)?),
            // Without a folder, nothing is recorded.
            _ => Ok(BTreeSet::new()),
        }
    }

    /// The state at the head.
    pub(super) fn state(&self) -> Result<RollupState<'_>, Failure> {
        Ok(self.wallet.state()?)
    }
}

/// The rollup that an option names.
pub(super) fn rollup(text: &str) -> Result<RollupAddress, Failure> {
    let address = Address::parse_as(Role::Rollup, text);
    let address = address.map_err(|problem| Failure::option("--rollup", text, &problem))?;
    Ok(RollupAddress(address.hash))
}
