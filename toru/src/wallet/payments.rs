//! A file of payments: who is meant by each row, and how much of what.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use encoding::{Amount, Ticket};
use inbox::v2::{Memo, Name};
use wallet::limits::MAX_FILE_BYTES;
use wallet::packing::Payment;
use wallet::pay::PaymentRequest;
use wallet::payments::{Row, Source};
use wallet::sheet::{self, Mistake};
use wallet::state::{Account, RollupState};
use wallet::ticket::Token;

use super::error::payment::mistakes;
use super::grid::grouped;
use super::memo::{bytes_of, memo};
use super::session::Session;
use crate::error::{Failure, shown_path};
use crate::exit::Exit;

/// The payments of a file.
pub(super) struct SheetPayments {
    /// Each as it is kept.
    pub rows: Vec<Row>,
    /// Each as it is signed.
    pub payments: Vec<Payment>,
}

/// The bytes of a file of payments.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let file = File::open(path).map_err(Failure::reading(path))?;
    let mut bytes = Vec::new();
    // One byte more than there may be shows that there are more.
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(Failure::reading(path))?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len > MAX_FILE_BYTES) {
        let problem = format!("the file is longer than {MAX_FILE_BYTES} bytes");
        return Err(mistakes(path, &[Mistake::new(1, &problem)]));
    }
    Ok(bytes)
}

/// Where a file is from, as it is remembered.
pub(super) fn source(path: &Path, bytes: &[u8]) -> Source {
    Source { name: shown_path(path), digest: sheet::digest(bytes) }
}

/// Reads payments. All mistakes of the file are told at once.
pub(super) fn read(
    session: &Session<'_>,
    state: &RollupState<'_>,
    payer: &Account,
    path: &Path,
    bytes: &[u8],
    args: &SheetArgs<'_>,
) -> Result<SheetPayments, Failure> {
    let sheet = sheet::read(bytes, args.ignored).map_err(|found| mistakes(path, &found))?;
    let remark = memo(args.memo)?;
    let finalized = if args.by_index { session.wallet.finalized_state()? } else { None };
    let tokens = state.tokens()?;
    let mut lookup = Lookup { session, state, payer, tokens, known: HashMap::new() };
    let mut wrong = sheet.mistakes;
    let (mut rows, mut payments) = (Vec::new(), Vec::new());
    for row in &sheet.rows {
        match lookup.row(row, &mut wrong)? {
            None => {}
            Some((kept, token)) => {
                // Only an index that no reorganisation of layer 1 can change is relied on.
                let known = match &finalized {
                    Some(finalized) => finalized.index(&kept.to)?,
                    None => None,
                };
                let to = known.map_or(Name::Address(kept.to), Name::Index);
                let memo = kept.memo.clone().map(Memo::Bytes).or_else(|| remark.clone());
                let kept = Row { memo: memo.as_ref().and_then(bytes_of), ..kept };
                payments.push(Payment { to, token, amount: kept.amount, memo });
                rows.push(kept);
            }
        }
    }
    if wrong.is_empty() && rows.is_empty() {
        wrong.push(Mistake::new(1, "there is no payment in it"));
    }
    if !wrong.is_empty() {
        wrong.sort();
        return Err(mistakes(path, &wrong));
    }
    Ok(SheetPayments { rows, payments })
}

/// How a file is read.
pub(super) struct SheetArgs<'a> {
    /// Titles that are passed over.
    pub ignored: &'a [String],
    /// The remark of rows that have none of their own.
    pub memo: Option<&'a str>,
    /// Whether accounts are named by their indexes.
    pub by_index: bool,
}

/// What words of a file mean.
struct Lookup<'s, 'n> {
    session: &'s Session<'s>,
    state: &'s RollupState<'n>,
    payer: &'s Account,
    tokens: Vec<Token>,
    /// Tickets by what they were called.
    known: HashMap<String, Result<Token, String>>,
}

impl Lookup<'_, '_> {
    /// What a row means; otherwise what is wrong with it, all of it, is among the mistakes.
    fn row(
        &mut self,
        row: &sheet::Row,
        mistakes: &mut Vec<Mistake>,
    ) -> Result<Option<(Row, Token)>, Failure> {
        let before = mistakes.len();
        let mut wrong = |problem: &str| mistakes.push(Mistake::new(row.line, problem));
        let to = match self.session.account_ref(self.state, &row.to) {
            Ok(reference) if reference.address == self.payer.address => {
                wrong("the payer pays themselves");
                None
            }
            Ok(reference) => Some(reference.address),
            // That the node does not answer is no mistake of a row.
            Err(failure) if failure.exit() == Exit::NoAnswer => return Err(failure),
            Err(failure) => {
                wrong(&failure.to_string());
                None
            }
        };
        let token = match self.token(&row.ticket)? {
            Ok(token) => Some(token),
            Err(problem) => {
                wrong(&problem);
                None
            }
        };
        let amount = token.as_ref().and_then(|token| match token.parse(&row.amount) {
            Ok(amount) if amount.is_zero() => {
                wrong("the amount is zero");
                None
            }
            Ok(amount) => Some(amount),
            Err(error) => {
                wrong(&error.to_string());
                None
            }
        });
        if let Err(failure) = memo(row.memo.as_deref()) {
            wrong(&failure.to_string());
        }
        Ok(match (to, token, amount) {
            (Some(to), Some(token), Some(amount)) if mistakes.len() == before => {
                let memo = row.memo.as_ref().map(|memo| memo.as_bytes().to_vec());
                let ticket = token.ticket.clone();
                Some((Row { line: row.line, to, ticket, amount, memo }, token))
            }
            _ => None,
        })
    }

    fn token(&mut self, wanted: &str) -> Result<Result<Token, String>, Failure> {
        if let Some(known) = self.known.get(wanted) {
            return Ok(known.clone());
        }
        let payer = self.payer;
        let token =
            self.session.token_among(self.state, &self.tokens, Some(payer), payer, wanted)?;
        let token = token.map_err(|error| error.to_string());
        self.known.insert(wanted.to_owned(), token.clone());
        Ok(token)
    }
}

/// The first row for which there is not enough, with what there is, what the rows up to it pay, and what
/// all of them do; `None` if there is enough.
pub(super) fn too_much(
    state: &RollupState<'_>,
    payer: &Account,
    request: &PaymentRequest,
) -> Result<Option<String>, Failure> {
    let mut totals: BTreeMap<&Ticket, u128> = BTreeMap::new();
    let mut first = None;
    let mut held: BTreeMap<&Ticket, Amount> = BTreeMap::new();
    for (row, payment) in request.rows.iter().zip(&request.payments) {
        let ticket = &payment.token.ticket;
        if !held.contains_key(ticket) {
            held.insert(ticket, state.balance(payer, &payment.token)?);
        }
        let has = held.get(ticket).copied().unwrap_or(Amount::ZERO);
        let total = totals.entry(ticket).or_default();
        *total = total.saturating_add(payment.amount.get().into());
        if first.is_none() && *total > has.get().into() {
            first = Some((row.line, &payment.token, has, *total));
        }
    }
    let Some((line, token, has, so_far)) = first else { return Ok(None) };
    let shown = |units: u128| grouped(&wallet::amount::digits(units, token.decimals));
    let all = totals.get(&token.ticket).copied().unwrap_or(so_far);
    let label = token.among(&state.tokens()?);
    let file = request.file.as_ref().map_or_else(String::new, |file| format!("{}, ", file.name));
    Ok(Some(format!(
        "{file}line {line}: balance too low: {} {label} available, {} requested by the rows up to it and \
         {} by all rows",
        shown(has.get().into()),
        shown(so_far),
        shown(all)
    )))
}
