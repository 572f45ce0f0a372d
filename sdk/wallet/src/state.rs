//! The rollup's state at one block, read from a node value by value as it is needed: a host that can
//! only be read, under the kernel's own code.

use std::cell::RefCell;
use std::collections::HashMap;

use accounts::{Ledger, StoredKey};
use encoding::{
    AccountIndex, Amount, Counter, Kt1Address, Level, RollupAddress, Ticket, TicketContent,
    TicketIndex, Tz4Address,
};
use host::code::{BAD_OFFSET, NO_VALUE, READONLY};
use host::{Call, CallHandler, HostError, Subtree};
use inbox::v2::TicketName;
use tx_kernel::layout::STATE;
use tx_kernel::view::View;

use crate::error::{RpcError, StateError, TicketError, one_line};
use crate::limits::{HOLDINGS_TICKETS, NAMED_TICKETS};
use crate::rpc::{Block, Node};
use crate::ticket::{Token, find, named};
use crate::transaction::Signable;

/// No code of the PVM: the node has not answered, and [`RollupState::read`] says why.
const UNANSWERED: i32 = -1_000;

/// The state at a block.
#[derive(Debug)]
pub struct RollupState<'n> {
    node: &'n Node,
    rollup: RollupAddress,
    block: Block,
    values: RefCell<HashMap<String, Option<Vec<u8>>>>,
    failure: RefCell<Option<RpcError>>,
}

/// An account as it is at a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose.
    pub address: Tz4Address,
    /// Its index in the registry; none before its first deposit or transfer, or its registration.
    pub index: Option<AccountIndex>,
    /// The counter that its next operation carries.
    pub counter: Counter,
    /// Whether its key is registered: it may sign batches.
    pub registered: bool,
}

/// What an account holds, as far as it was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holdings {
    /// The tickets and how much of each.
    pub held: Vec<(Token, Amount)>,
    /// How many tickets were looked at: the first of the rollup's.
    pub looked: u32,
    /// How many the rollup knows.
    pub of: u32,
}

impl<'n> RollupState<'n> {
    /// The state at a block, by the block's name; it stays that of this block.
    ///
    /// # Errors
    /// When the node does not tell, or the rollup has no state of this kernel.
    pub fn at(node: &'n Node, block: &str) -> Result<Self, StateError> {
        let rollup = node.rollup()?;
        let block = node.block(block)?;
        let (values, failure) = (RefCell::default(), RefCell::default());
        let state = RollupState { node, rollup, block, values, failure };
        if state.read(|host| Ok(View::new(host).is_readable()))? {
            Ok(state)
        } else {
            Err(StateError::NotOurs { rollup, level: state.block.level })
        }
    }

    /// The node that is asked.
    #[must_use]
    pub fn node(&self) -> &'n Node {
        self.node
    }

    /// The rollup.
    #[must_use]
    pub fn rollup(&self) -> &RollupAddress {
        &self.rollup
    }

    /// The block.
    #[must_use]
    pub fn block(&self) -> &Block {
        &self.block
    }

    /// The level that comes after the block's.
    #[must_use]
    pub fn next_level(&self) -> Level {
        Level(self.block.level.0.saturating_add(1))
    }

    /// Runs code of the kernel over this state.
    ///
    /// # Errors
    /// When the node does not tell something it needs, or what it tells is not of the kernel's layout.
    pub fn read<T>(
        &self,
        run: impl FnOnce(&Self) -> Result<T, HostError>,
    ) -> Result<T, StateError> {
        let result = run(self);
        // Code that takes an unanswered question for a missing value must not go unnoticed.
        match self.failure.borrow_mut().take() {
            Some(failure) => Err(failure.into()),
            None => result.map_err(StateError::Layout),
        }
    }

    /// Runs code over the ledger.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn ledger<T>(
        &self,
        run: impl FnOnce(&mut Ledger<'_, Self>) -> Result<T, HostError>,
    ) -> Result<T, StateError> {
        self.read(|host| run(&mut Ledger::open(Subtree::new(host, STATE))?))
    }

    /// The account of an address, whether the rollup knows it or not.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn account(&self, address: &Tz4Address) -> Result<Account, StateError> {
        self.ledger(|ledger| {
            let found = ledger.find(address)?;
            let key = found.map(|found| ledger.key(found.index)).transpose()?.flatten();
            Ok(Account {
                address: *address,
                index: found.map(|found| found.index),
                counter: found.map_or(Counter::FIRST, |found| found.counter),
                registered: key.is_some_and(|key: StoredKey| key.proven),
            })
        })
    }

    /// Those of the signers of some transactions who are registered.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn registered(&self, transactions: &[Signable]) -> Result<Vec<Tz4Address>, StateError> {
        let mut registered = Vec::new();
        for signer in transactions.iter().flat_map(Signable::signers) {
            if !registered.contains(&signer) && self.account(&signer)?.registered {
                registered.push(signer);
            }
        }
        Ok(registered)
    }

    /// The index of an address in the registry, if it has one.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn index(&self, address: &Tz4Address) -> Result<Option<AccountIndex>, StateError> {
        self.ledger(|ledger| ledger.find_index(address))
    }

    /// The address of an account by its index in the registry, if there is such an account.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn address(&self, index: AccountIndex) -> Result<Option<Tz4Address>, StateError> {
        self.ledger(|ledger| match ledger.has_account(index) {
            true => ledger.account(index).map(|account| Some(account.address)),
            false => Ok(None),
        })
    }

    /// How many tickets the rollup has ever held.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn ticket_count(&self) -> Result<u32, StateError> {
        self.ledger(|ledger| Ok(ledger.tickets()))
    }

    /// The tickets that the rollup has ever held, in the order of their indexes: the first
    /// [`NAMED_TICKETS`]. Anybody can deposit new ones, so that there may be more than one would ask for.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn tokens(&self) -> Result<Vec<Token>, StateError> {
        if self.ticket_count()? <= NAMED_TICKETS {
            self.fetch(&format!("{STATE}/tickets/record"));
        }
        self.ledger(|ledger| {
            let all = (0..ledger.tickets().min(NAMED_TICKETS)).map(TicketIndex);
            all.map(|index| Ok(Token::new(index, ledger.ticket(index)?))).collect()
        })
    }

    /// The ticket of an index, if there is one.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn token_at(&self, index: TicketIndex) -> Result<Option<Token>, StateError> {
        self.ledger(|ledger| match index.0 < ledger.tickets() {
            true => ledger.ticket(index).map(|ticket| Some(Token::new(index, ticket))),
            false => Ok(None),
        })
    }

    /// The ticket that a batch names, if the rollup knows it.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn token_named(&self, name: &TicketName) -> Result<Option<Token>, StateError> {
        match name {
            TicketName::Index(index) => self.token_at(*index),
            TicketName::Full(ticket) => {
                let index = self.ledger(|ledger| ledger.find_ticket(&ticket.hash()))?;
                Ok(index.map(|index| Token::new(index, ticket.clone())))
            }
        }
    }

    /// The ticket that is named so that it can be looked up: by its index, or with its ticketer if its
    /// content is a text.
    fn direct(&self, wanted: &str) -> Result<Option<Token>, StateError> {
        if let Some(index) = wanted.strip_prefix('#') {
            let index = crate::amount::index(index).map(TicketIndex);
            return index.map_or(Ok(None), |index| self.token_at(index));
        }
        let Some((ticketer, name)) = wanted.split_once('/') else { return Ok(None) };
        let Ok(ticketer) = Kt1Address::from_base58(ticketer) else { return Ok(None) };
        let content = TicketContent::String(name.as_bytes().to_vec());
        self.token_named(&TicketName::Full(Ticket { ticketer, content }))
    }

    /// The ticket that a name means to somebody, as [`crate::ticket::find`] has it: what they hold is
    /// looked at only where the name alone does not settle it.
    ///
    /// # Errors
    /// As for [`Self::read`]; within, when there is none, or there are several.
    pub fn token(
        &self,
        tokens: &[Token],
        holder: &Account,
        wanted: &str,
    ) -> Result<Result<Token, TicketError>, StateError> {
        let all = match named(tokens, wanted) {
            Ok(all) => all,
            Err(error @ TicketError::Unknown(_)) => {
                if let Some(token) = self.direct(wanted)? {
                    return Ok(Ok(token));
                }
                let (looked, of) = (u32::try_from(tokens.len()), self.ticket_count()?);
                let looked = looked.unwrap_or(u32::MAX);
                let wanted = one_line(wanted);
                let error = match looked < of {
                    true => TicketError::NotAmongFirst { wanted, looked, of },
                    false => error,
                };
                return Ok(Err(error));
            }
            Err(error) => return Ok(Err(error)),
        };
        let mut held = Vec::new();
        if all.len() > 1 {
            for token in all {
                if !self.balance(holder, token.index)?.is_zero() {
                    held.push(token.index);
                }
            }
        }
        Ok(find(tokens, &held, wanted).cloned())
    }

    /// What an account holds of a ticket.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn balance(&self, account: &Account, ticket: TicketIndex) -> Result<Amount, StateError> {
        match account.index {
            Some(index) => self.ledger(|ledger| ledger.balance(index, ticket)),
            None => Ok(Amount::ZERO),
        }
    }

    /// What an account holds, in the order of the tickets' indexes; nothing that is zero. Only the first
    /// [`HOLDINGS_TICKETS`] tickets are asked for: anybody can deposit new ones, and each is a question
    /// of its own.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn holdings(&self, account: &Account) -> Result<Holdings, StateError> {
        let of = self.ticket_count()?;
        let looked = of.min(HOLDINGS_TICKETS);
        let Some(index) = account.index else {
            return Ok(Holdings { looked: of, of, held: vec![] });
        };
        let held = self.ledger(|ledger| {
            let mut held = Vec::new();
            for ticket in (0..looked).map(TicketIndex) {
                let amount = ledger.balance(index, ticket)?;
                if !amount.is_zero() {
                    held.push((Token::new(ticket, ledger.ticket(ticket)?), amount));
                }
            }
            Ok(held)
        })?;
        Ok(Holdings { looked, of, held })
    }

    /// Fetches all values of a folder with one request. A node that does not serve that is asked for each
    /// of them later.
    fn fetch(&self, folder: &str) {
        let Ok(all) = self.node.values(&self.block.hash, folder) else { return };
        let mut values = self.values.borrow_mut();
        for (name, value) in all {
            values.insert(format!("{folder}/{name}"), Some(value));
        }
    }

    /// What is at a path, as `store_has` says it.
    fn has_at(&self, path: &[u8]) -> i32 {
        let Some(is_value) = self.value(path, |value| value.is_some()) else { return UNANSWERED };
        let text = String::from_utf8_lossy(path);
        // A node may list a value itself as a subkey without a name.
        match self.node.subkeys(&self.block.hash, &text) {
            Ok(below) => {
                i32::from(is_value) + if below.iter().any(|name| !name.is_empty()) { 2 } else { 0 }
            }
            Err(error) => {
                self.failure.borrow_mut().get_or_insert(error);
                UNANSWERED
            }
        }
    }

    /// A value, from memory if it was asked for before.
    fn value<T>(&self, path: &[u8], use_it: impl FnOnce(Option<&[u8]>) -> T) -> Option<T> {
        let path = std::str::from_utf8(path).ok()?;
        if let Some(known) = self.values.borrow().get(path) {
            return Some(use_it(known.as_deref()));
        }
        match self.node.value(&self.block.hash, path) {
            Ok(value) => {
                let result = use_it(value.as_deref());
                self.values.borrow_mut().insert(path.to_owned(), value);
                Some(result)
            }
            Err(error) => {
                self.failure.borrow_mut().get_or_insert(error);
                None
            }
        }
    }
}

impl CallHandler for RollupState<'_> {
    fn handle(&self, call: Call<'_>) -> i32 {
        match call {
            // There is no inbox to read, and nobody reads a log.
            Call::ReadInput { .. } | Call::WriteDebug { .. } => 0,
            Call::StoreHas { path } => self.has_at(path),
            Call::StoreValueSize { path } => {
                match self.value(path, |value| value.map(<[u8]>::len)) {
                    Some(Some(size)) => i32::try_from(size).unwrap_or(i32::MAX),
                    Some(None) => NO_VALUE,
                    None => UNANSWERED,
                }
            }
            Call::StoreRead { path, offset, into } => {
                let copied = self.value(path, |value| copy_from(value, offset, into));
                copied.unwrap_or(UNANSWERED)
            }
            Call::WriteOutput { .. }
            | Call::StoreDelete { .. }
            | Call::StoreCopy { .. }
            | Call::StoreMove { .. }
            | Call::StoreWrite { .. } => READONLY,
            Call::RevealPreimage { .. } | Call::RevealMetadata { .. } => NO_VALUE,
        }
    }
}

/// Copies a value from an offset on, as far as there is room. Returns how many bytes, or a code.
fn copy_from(value: Option<&[u8]>, offset: usize, into: &mut [u8]) -> i32 {
    let Some(value) = value else { return NO_VALUE };
    let Some(rest) = value.get(offset..) else { return BAD_OFFSET };
    let copied = into.iter_mut().zip(rest).map(|(to, from)| *to = *from).count();
    i32::try_from(copied).unwrap_or(i32::MAX)
}
