//! Tickets and balances in the rollup's state.

use accounts::TICKET_RECORDS;
use encoding::{Amount, Kt1Address, Ticket, TicketContent, TicketIndex};
use inbox::v2::TicketName;
use tx_kernel::layout::STATE;

use super::{Account, RollupState};
use crate::error::{StateError, TicketError, one_line};
use crate::limits::{HOLDINGS_TICKETS, NAMED_TICKETS};
use crate::ticket::{Token, find, named};

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
    /// [`NAMED_TICKETS`]. Anybody can deposit new ones, so that there may be more than one would ask for.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn tokens(&self) -> Result<Vec<Token>, StateError> {
        if self.ticket_count()? <= NAMED_TICKETS {
            self.fetch(&[STATE, TICKET_RECORDS].concat());
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
    /// As for [`Self::read`]; in the inner result, when no ticket fits, or several do.
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
}
