//! The control panel: its forms, and what the last ones came to.

use askama::Template;
use history::{Page, WithdrawalRow, WithdrawalWord};
use layer1::plain::grouped;

use crate::answer::Answer;
use crate::control::actions::{ACTIONS, Action};
use crate::control::done::Outcome;
use crate::control::field::FieldKind;
use crate::control::form::Form;
use crate::control::post::call_before;
use crate::control::words::command_line;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::limits::PANEL_EXECUTABLE;
use crate::parts::{LongName, Sum, token};
use crate::visit::Visit;

/// An action with what does the same.
#[derive(Debug)]
struct Shown {
    action: &'static Action,
    command: Option<String>,
    call: Option<String>,
}

/// A withdrawal that layer 1 executes for whoever asks.
#[derive(Debug)]
struct Executable {
    level: i32,
    index: u32,
    sum: Sum,
    pays: LongName,
}

#[derive(Template)]
#[template(path = "control.html")]
struct ControlPage {
    frame: Frame,
    token: String,
    actions: Vec<Shown>,
    payers: Vec<String>,
    layer1: Vec<String>,
    done: Vec<Outcome>,
    /// The one that was done just now.
    last: u64,
    head: Option<String>,
    waiting: Option<String>,
    executable: Vec<Executable>,
}

impl ControlPage {
    fn is_payer(kind: &FieldKind) -> bool {
        *kind == FieldKind::Payer
    }

    fn is_number(kind: &FieldKind) -> bool {
        *kind == FieldKind::Number
    }
}

/// Makes it.
///
/// # Errors
/// When there is none, the request is malformed, or the index cannot be read.
pub(crate) fn page(visit: &Visit<'_>) -> Result<Answer, Failure> {
    let panel = visit.site.panel.as_ref().ok_or_else(Failure::no_page)?;
    visit.asks_only(&["done"])?;
    let last = visit.asked("done")?.and_then(|text| text.parse().ok()).unwrap_or(0);
    let endpoint = visit.site.heads.node().endpoint();
    let actions = ACTIONS.iter().map(|action| {
        let usual = (action.arguments)(&Form::usual(action.fields)).ok();
        let call = usual.as_ref().map(|arguments| call_before(panel, endpoint, arguments));
        Shown { action, command: usual.map(|usual| command_line(endpoint, &usual)), call }
    });
    let executable = visit.read(|reader| reader.withdrawals(true, Page::first(0)))?.rows;
    let executable = executable.iter().filter_map(|row| executable_of(visit, row));
    let head = visit.look.seen();
    let page = ControlPage {
        frame: Frame::new(visit, "Control"),
        token: panel.token().to_owned(),
        actions: actions.collect(),
        payers: panel.commands.payers(),
        layer1: panel.commands.layer1_names(),
        done: panel.done().last(),
        last,
        head: head.map(|head| head.level().to_string()),
        waiting: head.and_then(|head| head.last_queue()).map(|queue| grouped(queue.messages)),
        executable: executable.take(PANEL_EXECUTABLE).collect(),
    };
    Ok(Answer::Page(page.render()?))
}

fn executable_of(visit: &Visit<'_>, row: &WithdrawalRow) -> Option<Executable> {
    let (level, index) = row.outbox.filter(|_| row.stage == WithdrawalWord::Executable)?;
    let moved = &row.moved;
    let pays = moved.pays.as_deref().or(moved.outside.as_deref()).unwrap_or_default();
    Some(Executable {
        level: level.0,
        index,
        sum: Sum::of(moved.amount, &token(&moved.ticket, &visit.pins)),
        pays: LongName::outside(pays),
    })
}
