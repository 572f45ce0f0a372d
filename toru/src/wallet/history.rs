//! `toru history`: what an account was paid, paid, deposited and withdrew, without a limit of time.

mod csv;
mod json;
mod shown;
pub(super) mod source;
mod text;
pub(super) mod transaction;

use clap::{Args, ValueEnum};
use encoding::Tz4Address;
use history::MoveKind;
use history::api::{MoveAnswer, Since};
use history::client::Wanted;
use history::limits::MAX_PAGE;

use self::shown::Shown;
use self::source::History;
use super::session::Session;
use crate::cli::groups::{HistoryArgs as SourceArgs, WalletArgs};
use crate::error::Failure;
use crate::exit::EXIT_CODES;
use crate::ui::{Output, Ui, json_line};

/// Moves that are shown unless somebody asks for more.
const USUAL_MOVES: u32 = 20;

/// `toru history`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct HistoryArgs {
    /// Whose: a key's name, tz4…, #N, or dev0 to dev9 of the sandbox
    #[arg(value_name = "ACCOUNT")]
    account: String,

    /// Only of this ticket: NAME, KT1…/NAME or #N
    #[arg(long, value_name = "TICKET")]
    ticket: Option<String>,

    /// Only of this level and later ones, or of this time on: a day in UTC such as 2026-11-30, or a time
    /// such as 2026-11-30T14:05:00Z
    #[arg(long, value_name = "LEVEL|DATE", value_parser = since, allow_negative_numbers = true)]
    since: Option<Since>,

    /// Only of this kind
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Option<Kind>,

    /// Leave out what was not applied: nothing moved
    #[arg(long)]
    applied: bool,

    /// Print CSV with a line of titles, and a line for each move
    ///
    /// The columns: level, time, kind, direction, amount, units, ticket, ticketer, ticket_hash, account, name, memo,
    /// state, code, reason, hash, message. The amount is in the unit of the ticket, units are the smallest ones. The
    /// account is the other one, or who it is on layer 1. A text that a spreadsheet would take for a formula has an
    /// apostrophe before it.
    #[arg(long)]
    csv: bool,

    /// How many moves are shown, newest first; 0: all
    #[arg(long, value_name = "N", default_value_t = USUAL_MOVES, allow_negative_numbers = true)]
    limit: u32,

    /// Which history.
    #[command(flatten)]
    history: SourceArgs,

    /// Where.
    #[command(flatten)]
    wallet: WalletArgs,
}

/// What a move is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// From layer 1 to the account
    Deposit,
    /// From one account to another
    Transfer,
    /// From the account to layer 1
    Withdrawal,
}

impl From<Kind> for MoveKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Deposit => MoveKind::Deposit,
            Kind::Transfer => MoveKind::Transfer,
            Kind::Withdrawal => MoveKind::Withdrawal,
        }
    }
}

fn since(text: &str) -> Result<Since, String> {
    text.parse().map_err(|problem: history::api::NotSince| problem.to_string())
}

/// Shows it. Words and CSV are printed as they come, a page at a time.
pub fn history(args: &HistoryArgs, ui: &Ui) -> Result<Output, Failure> {
    if args.csv && ui.is_json() {
        return Err(Failure::usage("--csv and --json at once", "each says what is printed"));
    }
    let session = Session::open(&args.wallet, ui)?;
    let history = session.history(&args.history)?;
    let (whose, label, ticket) = {
        let state = session.state()?;
        let reference = session.account_ref(&state, &args.account)?;
        let ticket = match &args.ticket {
            None => None,
            Some(word) => {
                let account = state.account(&reference.address)?;
                Some(session.token_of_all(&state, &account, word)?.ticket.hash())
            }
        };
        (reference.address, reference.label(), ticket)
    };
    let kind = args.kind.map(MoveKind::from);
    let wanted = Wanted { ticket, kind, since: args.since, applied: args.applied };
    let mut pages = Pages::new(&history, whose, wanted, args.limit);
    if ui.is_json() {
        return whole(&session, &history, &whose, pages).map(Output::from);
    }
    let mut is_first = true;
    while let Some((level, moves)) = pages.next()? {
        let shown = moves.into_iter().map(|one| Shown::new(&session, &whose, one));
        let shown = shown.collect::<Result<Vec<_>, _>>()?;
        if args.csv {
            let titles = if is_first { csv::titles() } else { String::new() };
            ui.say_csv(&(titles + &csv::lines(&shown)))?;
        } else {
            if is_first {
                ui.say(&text::title(&label, level, &history, shown.is_empty()))?;
            }
            ui.say(&text::table(&shown, is_first, session.verbose))?;
        }
        is_first = false;
    }
    if !args.csv {
        ui.say(&text::end(pages.told, pages.has_more()))?;
    }
    Ok(Output::default())
}

/// All of it in one object.
fn whole(
    session: &Session<'_>,
    history: &History,
    whose: &Tz4Address,
    mut pages: Pages<'_>,
) -> Result<String, Failure> {
    let (mut all, mut last) = (Vec::new(), 0);
    while let Some((level, moves)) = pages.next()? {
        last = level;
        for one in moves {
            all.push(json::shown(&Shown::new(session, whose, one)?));
        }
    }
    json_line(&json::whole(history, whose, last, all, pages.has_more()))
}

/// The moves of an account, page by page.
struct Pages<'h> {
    history: &'h History,
    whose: Tz4Address,
    wanted: Wanted,
    /// How many are shown at most; nothing for all.
    most: Option<usize>,
    /// How many were.
    told: usize,
    /// Where the next page begins; nothing before the first, and after the last.
    next: Option<String>,
    is_begun: bool,
}

impl<'h> Pages<'h> {
    fn new(history: &'h History, whose: Tz4Address, wanted: Wanted, limit: u32) -> Self {
        let most = usize::try_from(limit).ok().filter(|most| *most > 0);
        Pages { history, whose, wanted, most, told: 0, next: None, is_begun: false }
    }

    /// The next page, with the last level of the index. The first is there even if nothing is in it.
    fn next(&mut self) -> Result<Option<(i32, Vec<MoveAnswer>)>, Failure> {
        let rows = self.most.map_or(MAX_PAGE, |most| (most - self.told).min(MAX_PAGE));
        if self.is_begun && (self.next.is_none() || rows == 0) {
            return Ok(None);
        }
        let after = self.next.as_deref();
        let page = self.history.client.moves(&self.whose, &self.wanted, after, rows)?;
        self.is_begun = true;
        self.told += page.moves.len();
        self.next = page.next;
        Ok(Some((page.level, page.moves)))
    }

    /// Whether there are others than those that were shown.
    fn has_more(&self) -> bool {
        self.next.is_some()
    }
}
