//! A file of payments: `to,amount,ticket`, a line each.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use encoding::limits::INBOX_MESSAGE_BYTES;
use encoding::{Amount, TicketIndex};
use inbox::v2::{Move, Name, TicketName};
use wallet::error::StateError;
use wallet::limits::MAX_FILE_BYTES;
use wallet::state::{Account, State};
use wallet::ticket::Token;

use super::failure::WalletFailure;
use super::session::Session;
use crate::error::Failure;

/// Bytes of a message that are left for payments, beside the frame, a registration, the operation's
/// own fields with the longest memo, and the signature.
const ROOM: usize = INBOX_MESSAGE_BYTES - 500;

/// Reads payments, and puts as many together as a message has room for.
pub(super) fn read(
    session: &Session,
    state: &State<'_>,
    payer: &Account,
    path: &Path,
    by_place: bool,
) -> Result<Vec<Vec<Move>>, Failure> {
    let file = File::open(path).map_err(Failure::reading(path))?;
    let length = file.metadata().map_err(Failure::reading(path))?.len();
    let wrong = |line: u64, problem: String| WalletFailure::Csv {
        path: path.to_owned(),
        line,
        problem: crate::plain::one_line(&problem),
    };
    if length > MAX_FILE_BYTES {
        return Err(wrong(1, format!("the file is longer than {MAX_FILE_BYTES} bytes")).into());
    }
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let titles = reader.headers().map_err(|error| wrong(1, error.to_string()))?.clone();
    let column = |title: &str| titles.iter().position(|found| found.eq_ignore_ascii_case(title));
    let (Some(to), Some(amount), Some(of)) = (column("to"), column("amount"), column("ticket"))
    else {
        return Err(wrong(1, "expected the titles to,amount,ticket".to_owned()).into());
    };
    let tokens = state.tokens().map_err(WalletFailure::State)?;
    let places = match by_place.then(|| State::at(&session.node, "finalized")) {
        // Before the kernel's first level no place is final.
        None | Some(Err(StateError::NotOurs { .. })) => None,
        Some(state) => Some(state.map_err(WalletFailure::State)?),
    };
    let mut groups = Vec::new();
    let mut group = Group::default();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            wrong(line, error.to_string())
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let field = |at: usize| record.get(at).unwrap_or_default();
        let token = state.token(&tokens, payer, field(of)).map_err(WalletFailure::State)?;
        let token = token.map_err(|error| wrong(line, error.to_string()))?;
        let amount = token.parse(field(amount)).map_err(|error| wrong(line, error.to_string()))?;
        if amount.is_zero() {
            return Err(wrong(line, "the amount is zero".to_owned()).into());
        }
        let receiver = session
            .party(state, field(to))
            .map_err(|failure| wrong(line, failure.to_string()))?
            .address;
        if receiver == payer.address {
            return Err(wrong(line, "the payer pays themselves".to_owned()).into());
        }
        // A place that a reorganisation of layer 1 could change is none to rely on.
        let known = match &places {
            Some(places) => places.index(&receiver).map_err(WalletFailure::State)?,
            None => None,
        };
        let name = known.map_or(Name::Address(receiver), Name::Index);
        if !group.add(&token, name, amount, by_place) {
            groups.push(std::mem::take(&mut group).into_moves());
            group.add(&token, name, amount, by_place);
        }
    }
    if !group.by_ticket.is_empty() {
        groups.push(group.into_moves());
    }
    if groups.is_empty() {
        return Err(wrong(1, "there is no payment in it".to_owned()).into());
    }
    Ok(groups)
}

/// The payments of one message.
#[derive(Default)]
struct Group {
    by_ticket: BTreeMap<TicketIndex, (TicketName, Vec<(Name, Amount)>)>,
    bytes: usize,
}

impl Group {
    /// Takes a payment in, if there is room for it.
    fn add(&mut self, token: &Token, to: Name, amount: Amount, by_place: bool) -> bool {
        const LARGEST_NUMBER: usize = 12;
        let name = match to {
            Name::Index(_) | Name::Place(_) => 5,
            Name::Address(_) => 21,
        };
        let ticket = match by_place {
            true => TicketName::Index(token.index),
            false => TicketName::Full(token.ticket.clone()),
        };
        let new = match (&ticket, self.by_ticket.contains_key(&token.index)) {
            (_, true) => 0,
            (TicketName::Index(_), false) => 2 * LARGEST_NUMBER,
            (TicketName::Full(ticket), false) => 2 * LARGEST_NUMBER + ticket.to_record().len(),
        };
        let bytes = self.bytes + new + name + amount_bytes(amount);
        if bytes > ROOM && !self.by_ticket.is_empty() {
            return false;
        }
        self.bytes = bytes;
        let (_, to_all) = self.by_ticket.entry(token.index).or_insert((ticket, Vec::new()));
        to_all.push((to, amount));
        true
    }

    fn into_moves(self) -> Vec<Move> {
        let moves = self.by_ticket.into_values();
        moves.map(|(ticket, to)| Move::Transfers { ticket, to }).collect()
    }
}

/// Bytes of an amount in a batch.
fn amount_bytes(amount: Amount) -> usize {
    let mut bytes = Vec::new();
    encoding::write::amount(amount, &mut bytes);
    bytes.len()
}
