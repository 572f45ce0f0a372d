//! Tickets and balances in the rollup's state.

use std::collections::BTreeSet;

use accounts::{Ledger, TICKET_RECORDS};
use encoding::{Amount, Kt1Address, Ticket, TicketContent, TicketIndex};
use host::HostError;
use inbox::v2::TicketName;
use tx_kernel::layout::STATE;

use super::{Account, RollupState};
use crate::error::{StateError, TicketError, one_line};
use crate::limits::{HOLDINGS_TICKETS, NAMED_TICKETS};
use crate::ticket::{Candidates, Token, candidates, choose};

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

impl RollupState<'_> {
    /// How many tickets the rollup has ever held.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn ticket_count(&self) -> Result<u32, StateError> {
        self.ledger(|ledger| Ok(ledger.tickets()))
    }

    /// The tickets that the rollup has ever held, in the order of their indexes: the first
    /// [`NAMED_TICKETS`], and those that are pinned. Anybody can deposit new ones, so that there may be more
    /// than one would ask for.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn tokens(&self) -> Result<Vec<Token>, StateError> {
        if self.ticket_count()? <= NAMED_TICKETS {
            self.fetch(&[STATE, TICKET_RECORDS].concat());
        }
        self.ledger(|ledger| {
            let first = ledger.tickets().min(NAMED_TICKETS);
            let pinned = self.pinned_from(ledger, first)?;
            let all = (0..first).map(TicketIndex).chain(pinned);
            all.map(|index| Ok(Token::new(index, ledger.ticket(index)?, self.pins()))).collect()
        })
    }

    /// The pinned tickets that the rollup knows from an index on, where there is anything from there on.
    fn pinned_from(
        &self,
        ledger: &mut Ledger<'_, Self>,
        first: u32,
    ) -> Result<BTreeSet<TicketIndex>, HostError> {
        let mut found = BTreeSet::new();
        if first < ledger.tickets() {
            for pin in self.pins().entries() {
                let index = ledger.find_ticket(&pin.ticket.hash())?;
                found.extend(index.filter(|index| index.0 >= first));
            }
        }
        Ok(found)
    }

    /// The ticket of an index, if there is one.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn token_at(&self, index: TicketIndex) -> Result<Option<Token>, StateError> {
        self.ledger(|ledger| match index.0 < ledger.tickets() {
            true => ledger.ticket(index).map(|ticket| Some(Token::new(index, ticket, self.pins()))),
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
                Ok(index.map(|index| Token::new(index, ticket.clone(), self.pins())))
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

    /// A ticket with what is known of it; one that the rollup has never held has no index.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn token_of(&self, tokens: &[Token], ticket: &Ticket) -> Result<Token, StateError> {
        if let Some(token) = tokens.iter().find(|token| token.ticket == *ticket) {
            return Ok(token.clone());
        }
        // One beyond those that are looked through for names.
        let found = self.token_named(&TicketName::Full(ticket.clone()))?;
        Ok(found.unwrap_or_else(|| Token::unindexed(ticket.clone(), self.pins())))
    }

    /// The ticket that a name means, as [`crate::ticket::candidates`] has it. Where contents of several say
    /// the name, it means the one that the `holder` holds, if there is a holder: so nobody can come between
    /// by having a ticket of the same name.
    ///
    /// # Errors
    /// As for [`Self::read`]; in the inner result, when no ticket fits, or several do.
    pub fn token(
        &self,
        tokens: &[Token],
        holder: Option<&Account>,
        wanted: &str,
    ) -> Result<Result<Token, TicketError>, StateError> {
        let fitting = match candidates(tokens, self.pins(), wanted) {
            Ok(Candidates::Pinned(pin)) => return self.token_of(tokens, &pin.ticket).map(Ok),
            Ok(Candidates::Fitting(fitting)) => fitting,
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
        if let Some(holder) = holder.filter(|_| fitting.len() > 1) {
            for token in &fitting {
                if !self.balance(holder, token)?.is_zero() {
                    held.push(token.index);
                }
            }
        }
        Ok(choose(&fitting, &held, wanted).cloned())
    }

    /// What an account holds of a ticket.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn balance(&self, account: &Account, token: &Token) -> Result<Amount, StateError> {
        match (account.index, token.known_index()) {
            (Some(index), Some(ticket)) => self.ledger(|ledger| ledger.balance(index, ticket)),
            _ => Ok(Amount::ZERO),
        }
    }

    /// What an account holds, in the order of the tickets' indexes; nothing that is zero. Only the first
    /// [`HOLDINGS_TICKETS`] tickets and those that are pinned are asked for: anybody can deposit new ones,
    /// and each is a question of its own.
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
            let pinned = self.pinned_from(ledger, looked)?;
            for ticket in (0..looked).map(TicketIndex).chain(pinned) {
                let amount = ledger.balance(index, ticket)?;
                if !amount.is_zero() {
                    let token = Token::new(ticket, ledger.ticket(ticket)?, self.pins());
                    held.push((token, amount));
                }
            }
            Ok(held)
        })?;
        Ok(Holdings { looked, of, held })
    }
}
