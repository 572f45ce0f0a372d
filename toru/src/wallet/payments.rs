//! A file of payments: who is meant by each row, and how much of what.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use encoding::{Amount, Ticket, Tz4Address};
use inbox::v2::{Memo, Name};
use wallet::limits::MAX_FILE_BYTES;
use wallet::packing::Payment;
use wallet::pay::PaymentRequest;
use wallet::payments::{Row, Source};
use wallet::sheet::{self, Mistake};
use wallet::state::{Account, RollupState};
use wallet::ticket::Token;

use super::error::payment::mistakes;
use super::error::result::Lacking;
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
        let problem =
            format!("the file is longer than {} bytes", grouped(&MAX_FILE_BYTES.to_string()));
        return Err(mistakes(path, &[Mistake::new(1, &problem)]));
    }
    Ok(bytes)
}

/// Where a file is from, as it is remembered.
pub(super) fn source(path: &Path, bytes: &[u8]) -> Source {
    Source { name: shown_path(path), digest: sheet::digest(bytes) }
}

/// Reads payments of one account. All mistakes of the file are told at once.
pub(super) fn read(
    session: &Session<'_>,
    state: &RollupState<'_>,
    payer: &Account,
    path: &Path,
    bytes: &[u8],
    args: &SheetArgs<'_>,
) -> Result<SheetPayments, Failure> {
    let payers = Payers { all: vec![(String::new(), *payer)], usual: Some(0), of_rows: false };
    let (_, read) = read_rows(session, state, payers, path, bytes, args)?;
    let mut indexes = session.known_indexes()?;
    if args.by_index {
        let accounts: BTreeSet<Tz4Address> = read.iter().map(|row| row.row.to).collect();
        let tickets: Vec<Ticket> = read.iter().fold(Vec::new(), |mut all, row| {
            if !all.contains(&row.row.ticket) {
                all.push(row.row.ticket.clone());
            }
            all
        });
        let accounts: Vec<Tz4Address> = accounts.into_iter().collect();
        session.wallet.learn_indexes(&mut indexes, &accounts, &tickets)?;
    }
    let (mut rows, mut payments) = (Vec::new(), Vec::new());
    for SheetRow { row, token, memo, .. } in read {
        // Only an index that no reorganisation of layer 1 can change is relied on, and no node has said otherwise.
        let known = indexes.index_of(&row.to).filter(|_| args.by_index);
        let to = known.map_or(Name::Address(row.to), Name::Index);
        payments.push(Payment { to, token, amount: row.amount, memo });
        rows.push(row);
    }
    Ok(SheetPayments { rows, payments })
}

/// Who pays the rows of a file.
pub(super) struct Payers {
    /// Every account that pays, and how it is written.
    pub all: Vec<(String, Account)>,
    /// Which of them pays the rows that do not say it.
    pub usual: Option<usize>,
    /// Whether rows may say it.
    pub of_rows: bool,
}

/// A row of a file, looked up.
pub(super) struct SheetRow {
    /// Which of the payers pays it.
    pub payer: usize,
    /// The receiver as it is written.
    pub name: String,
    /// The payment as it is kept.
    pub row: Row,
    /// What is known of its ticket.
    pub token: Token,
    /// Its remark.
    pub memo: Option<Memo>,
}

/// Reads the rows of a file, and who pays them. All mistakes of the file are told at once.
pub(super) fn read_rows(
    session: &Session<'_>,
    state: &RollupState<'_>,
    payers: Payers,
    path: &Path,
    bytes: &[u8],
    args: &SheetArgs<'_>,
) -> Result<(Payers, Vec<SheetRow>), Failure> {
    let columns = if payers.of_rows { sheet::Payers::OfRows } else { sheet::Payers::One };
    let sheet = sheet::read(bytes, args.ignored, columns);
    let sheet = sheet.map_err(|found| mistakes(path, &found))?;
    if payers.usual.is_none() && !sheet.says_payers {
        return Err(Failure::usage(
            "it is not said who pays",
            "--from FROM says who pays all rows, and a column from who pays each",
        ));
    }
    let remark = memo(args.memo)?;
    let tokens = state.tokens()?;
    let mut lookup =
        Lookup { session, state, payers, tokens, known: HashMap::new(), named: HashMap::new() };
    let mut wrong = sheet.mistakes;
    let mut rows = Vec::new();
    for row in &sheet.rows {
        if let Some(mut found) = lookup.row(row, &mut wrong)? {
            found.memo = found.memo.or_else(|| remark.clone());
            found.row.memo = found.memo.as_ref().and_then(bytes_of);
            rows.push(found);
        }
    }
    if wrong.is_empty() && rows.is_empty() {
        wrong.push(Mistake::new(1, "there is no payment in it"));
    }
    if !wrong.is_empty() {
        wrong.sort();
        return Err(mistakes(path, &wrong));
    }
    Ok((lookup.payers, rows))
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
    payers: Payers,
    tokens: Vec<Token>,
    /// Tickets by who pays, and by what they were called.
    known: HashMap<(usize, String), Result<Token, String>>,
    /// Payers by what they were called.
    named: HashMap<String, usize>,
}

impl Lookup<'_, '_> {
    /// What a row means; otherwise what is wrong with it, all of it, is among the mistakes.
    fn row(
        &mut self,
        row: &sheet::Row,
        mistakes: &mut Vec<Mistake>,
    ) -> Result<Option<SheetRow>, Failure> {
        let before = mistakes.len();
        let mut wrong = |problem: &str| mistakes.push(Mistake::new(row.line, problem));
        let payer = match self.payer(row.from.as_deref())? {
            Ok(payer) => Some(payer),
            Err(problem) => {
                wrong(&problem);
                None
            }
        };
        let pays = payer.and_then(|payer| self.payers.all.get(payer));
        let pays = pays.map(|(_, account)| account.address);
        let to = match self.session.account_ref(self.state, &row.to) {
            Ok(reference) if pays == Some(reference.address) => {
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
        let token = match payer.map(|payer| self.token(payer, &row.ticket)).transpose()? {
            Some(Ok(token)) => Some(token),
            Some(Err(problem)) => {
                wrong(&problem);
                None
            }
            None => None,
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
        let remark = match memo(row.memo.as_deref()) {
            Ok(remark) => remark,
            Err(error) => {
                wrong(&error.to_string());
                None
            }
        };
        Ok(match (payer, to, token, amount) {
            (Some(payer), Some(to), Some(token), Some(amount)) if mistakes.len() == before => {
                let ticket = token.ticket.clone();
                let kept = Row { line: row.line, to, ticket, amount, memo: None };
                Some(SheetRow { payer, name: row.to.clone(), row: kept, token, memo: remark })
            }
            _ => None,
        })
    }

    /// Who pays a row that says so, or does not.
    fn payer(&mut self, from: Option<&str>) -> Result<Result<usize, String>, Failure> {
        let Some(word) = from else {
            let nobody = "it is not said who pays: write it under from, or give --from";
            return Ok(self.payers.usual.ok_or_else(|| nobody.to_owned()));
        };
        if let Some(known) = self.named.get(word) {
            return Ok(Ok(*known));
        }
        let reference = match self.session.account_ref(self.state, word) {
            Ok(reference) => reference,
            Err(failure) if failure.exit() == Exit::NoAnswer => return Err(failure),
            Err(failure) => return Ok(Err(failure.to_string())),
        };
        let known =
            self.payers.all.iter().position(|(_, account)| account.address == reference.address);
        let payer = match known {
            Some(known) => known,
            None => {
                let account = self.state.account(&reference.address)?;
                self.payers.all.push((word.to_owned(), account));
                self.payers.all.len() - 1
            }
        };
        self.named.insert(word.to_owned(), payer);
        Ok(Ok(payer))
    }

    fn token(&mut self, payer: usize, wanted: &str) -> Result<Result<Token, String>, Failure> {
        let key = (payer, wanted.to_owned());
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let Some((_, account)) = self.payers.all.get(payer) else {
            return Err(Failure::internal("a payer that is not there"));
        };
        let token =
            self.session.token_among(self.state, &self.tokens, Some(account), account, wanted)?;
        let token = token.map_err(|error| error.to_string());
        self.known.insert(key, token.clone());
        Ok(token)
    }
}

/// A file pays more than there is.
pub(super) struct TooMuch {
    /// The first row for which there is not enough, with what there is, what the rows up to it pay, and what all of
    /// them do.
    pub sentence: String,
    /// What all rows lack.
    pub lacking: Lacking,
}

/// Why there is not enough for all rows; `None` if there is. The payer is called so.
pub(super) fn too_much(
    state: &RollupState<'_>,
    payer: &Account,
    called: &str,
    request: &PaymentRequest,
) -> Result<Option<TooMuch>, Failure> {
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
    let sentence = format!(
        "{file}line {line}: balance too low: {} {label} available, {} requested by the rows up to it and \
         {} by all rows",
        shown(has.get().into()),
        shown(so_far),
        shown(all)
    );
    let units = all.saturating_sub(has.get().into());
    let lacking = Lacking {
        payer: called.to_owned(),
        amount: wallet::amount::digits(units, token.decimals),
        ticket: token.word(),
    };
    Ok(Some(TooMuch { sentence, lacking }))
}
