//! The control panel: its forms, and what the last ones came to.

use askama::Template;
use layer1::plain::{grouped, quoted};

use crate::answer::Answer;
use crate::control::actions::{ACTIONS, Action};
use crate::control::done::Outcome;
use crate::control::field::FieldKind;
use crate::control::form::Form;
use crate::control::words::{command_line, curl};
use crate::executable::Executable;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::limits::PANEL_EXECUTABLE;
use crate::parts::count;
use crate::visit::{Visit, whole};

/// An action with what does the same.
#[derive(Debug)]
struct Shown {
    action: &'static Action,
    command: Option<String>,
    call: Option<String>,
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
    /// The oldest that can be executed.
    executable: Vec<Executable>,
    /// How many more there are.
    more: Option<String>,
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
    let last = match visit.asked("done")? {
        None => 0,
        Some(text) => {
            whole(&text).and_then(|number| u64::try_from(number).ok()).ok_or_else(|| {
                Failure::malformed(format!("done is a number, not {}", quoted(&text)))
            })?
        }
    };
    let endpoint = visit.site.heads.node().endpoint();
    let head = visit.look.seen().map(|head| head.level());
    let actions = ACTIONS.iter().map(|action| {
        let usual = (action.arguments)(&Form::usual(action.fields), head).ok();
        let call = usual.as_ref().and_then(|arguments| panel.commands.call(arguments));
        let call = call.map(|call| curl(endpoint, &call));
        Shown { action, command: usual.map(|usual| command_line(endpoint, &usual)), call }
    });
    let (executable, all) = visit
        .read(|reader| Ok((reader.executable(PANEL_EXECUTABLE)?, reader.count_executable()?)))?;
    let more = all.saturating_sub(u64::try_from(executable.len()).unwrap_or(u64::MAX));
    let seen = visit.look.seen();
    let page = ControlPage {
        frame: Frame::new(visit, "Control"),
        token: panel.token().to_owned(),
        actions: actions.collect(),
        payers: panel.commands.payers(),
        layer1: panel.commands.layer1_names(),
        done: panel.done().last(),
        last,
        head: head.map(|level| level.to_string()),
        waiting: seen.and_then(|head| head.last_queue()).map(|queue| grouped(queue.messages)),
        executable: Executable::of(visit, &executable),
        more: (more > 0).then(|| count(more, "withdrawal")),
    };
    Ok(Answer::Page(page.render()?))
}
