//! One level: what was sent to it, what became of that and of what waited, and who has what afterwards.

use encoding::limits::LEVELS_PER_GENERATION;
use encoding::{MessageId, RollupAddress};
use rusqlite::{Connection, params};
use tx_kernel::layout::{ACCEPT_V1, STATE};
use tx_kernel::view::View;
use wallet::inboxes::{Inbox, ShownBlock};
use wallet::rpc::{Block, Node};
use wallet::state::{BlockValues, RollupState};

use super::content::{Content, Seen, seen};
use super::doubt::is_open;
use super::messages::Writing;
use super::names::{Names, News};
use super::problem::Problem;
use super::said::said;
use super::tally::Tally;
use crate::limits::UNDO_LEVELS;
use crate::numbers::whole;

/// What a level is of.
pub(super) struct Of<'a> {
    pub(super) node: &'a Node,
    pub(super) rollup: RollupAddress,
    pub(super) block: &'a Block,
    /// What the node shows of it.
    pub(super) shown: Option<ShownBlock>,
    /// Seconds since 1970, if the node tells.
    pub(super) time: Option<i64>,
}

/// Writes a level. Nothing of it is there before.
pub(super) fn write(file: &Connection, names: &mut Names, of: &Of<'_>) -> Result<(), Problem> {
    if is_idle(file, names, of)? {
        begin(file, of)?;
        return end(file, of, &Tally::default());
    }
    let state = RollupState::of(of.node, of.rollup, of.block.clone());
    let is_ours = state.read(|host| Ok(View::new(host).is_readable()))?;
    names.next_level();
    begin(file, of)?;
    let state = is_ours.then_some(&state);
    let level = of.block.level;
    let mut writing = Writing { file, state, names, level, tally: Tally::default() };
    let news = match state {
        Some(state) => writing.names.read_registry(file, state, level)?,
        None => News::default(),
    };
    // In the order of the kernel, which works off what is older first.
    writing.settle_late(&of.rollup)?;
    if let Some(inbox) = of.shown.as_ref().and_then(|shown| shown.inbox.as_ref()) {
        messages(&mut writing, of, inbox)?;
    }
    writing.held()?;
    writing.outbox(of.node, of.block)?;
    writing.balances()?;
    writing.supplies(&news)?;
    end(file, of, &writing.tally)
}

/// Whether nothing can have changed in the level, so that its state need not be asked: nothing was sent to it, nothing
/// waits, and the index has all that there was before.
fn is_idle(file: &Connection, names: &Names, of: &Of<'_>) -> Result<bool, Problem> {
    let Some(inbox) = of.shown.as_ref().and_then(|shown| shown.inbox.as_ref()) else {
        return Ok(false);
    };
    let protocol = |raw: &Vec<u8>| matches!(seen(raw, &of.rollup, true), Seen::Protocol);
    if !names.is_complete() || !inbox.messages.iter().all(protocol) {
        return Ok(false);
    }
    Ok(!is_open(file)?)
}

fn messages(writing: &mut Writing<'_>, of: &Of<'_>, inbox: &Inbox) -> Result<(), Problem> {
    let level = of.block.level;
    let accepts_v1 = match writing.state {
        Some(state) if !inbox.messages.is_empty() => {
            state.read(|host| Ok(host.value(ACCEPT_V1.as_bytes(), |value| value == Some(&[1]))))?
        }
        _ => None,
    };
    let read = |raw: &Vec<u8>| seen(raw, &of.rollup, accepts_v1 == Some(true));
    let mut ours: Vec<(MessageId, &[u8], Content)> = Vec::new();
    for (raw, index) in inbox.messages.iter().zip(inbox.first..) {
        match read(raw) {
            Seen::Protocol => {}
            Seen::Others => writing.tally.others += 1,
            Seen::Ours(content) => ours.push((MessageId { level, index }, raw, content)),
        }
    }
    if let (Some(state), true) = (writing.state, ours.len() > 1) {
        // All results of the level's messages with one request, from a node that can.
        let generation = level.0.div_euclid(LEVELS_PER_GENERATION);
        state.fetch(&format!("{STATE}/results/{generation}/message/{level}"));
    }
    for (id, raw, content) in ours {
        let said = match writing.state {
            Some(state) => state.read(|host| said(&View::new(host), id, &content))?,
            None => None,
        };
        writing.message(id, raw, &content, said.as_ref())?;
    }
    Ok(())
}

fn begin(file: &Connection, of: &Of<'_>) -> Result<(), Problem> {
    let shows = of.shown.as_ref().is_some_and(|shown| shown.inbox.is_some());
    let ticks = of.shown.as_ref().and_then(|shown| shown.ticks);
    let ticks = ticks.map(whole);
    let sql = "INSERT INTO levels (level, block, time, shown, messages, bytes, others, ticks, \
               transfers, applied, failed, cosigned) VALUES (?1, ?2, ?3, ?4, 0, 0, 0, ?5, 0, 0, 0, 0)";
    let values = params![of.block.level.0, of.block.hash, of.time, shows, ticks];
    file.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

fn end(file: &Connection, of: &Of<'_>, tally: &Tally) -> Result<(), Problem> {
    let sql = "DELETE FROM undo_balances WHERE level < ?1";
    file.prepare_cached(sql)?.execute([of.block.level.0.saturating_sub(UNDO_LEVELS)])?;
    let sql = "UPDATE levels SET messages = ?2, bytes = ?3, others = ?4, transfers = ?5, \
               applied = ?6, failed = ?7, cosigned = ?8 WHERE level = ?1";
    file.prepare_cached(sql)?.execute(params![
        of.block.level.0,
        whole(tally.messages),
        whole(tally.bytes),
        whole(tally.others),
        whole(tally.transfers),
        whole(tally.applied),
        whole(tally.failed),
        whole(tally.cosigned),
    ])?;
    Ok(())
}
