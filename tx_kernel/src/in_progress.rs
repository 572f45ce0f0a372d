//! The message in progress: the mark that survives a trap, and what is done about it.
//!
//! Before a message is worked on, its number and the count of commits so far are written down. If
//! a later run finds that no commit has happened since, the run that wrote the mark was cut off,
//! and the message is set aside: it will not be tried again.

use host::{Host, HostError, RawRollupCore};

use crate::draft::Draft;
use crate::ingest::Entry;
use crate::layout::{Cursors, IN_PROGRESS, InboxQueue, LevelUse, VERIFICATION};
use crate::results::{MessageResult, Outcome, ResultCode};

const BYTES: usize = 17;

/// Marks a message as being worked on.
pub(crate) fn mark<H: RawRollupCore>(
    host: &H,
    cursors: &Cursors,
    queue: InboxQueue,
    number: u64,
) -> Result<(), HostError> {
    let mut mark = [0; BYTES];
    mark[..8].copy_from_slice(&cursors.steps.to_be_bytes());
    mark[8] = queue.tag();
    mark[9..].copy_from_slice(&number.to_be_bytes());
    host.write_at(IN_PROGRESS, 0, &mark)
}

/// Takes the mark away: the message is finished, or another run goes on with it.
pub(crate) fn clear<H: RawRollupCore>(host: &H) -> Result<(), HostError> {
    host.delete(IN_PROGRESS)
}

/// Sets the message in progress aside if the last run was cut off while it worked on it.
pub(crate) fn recover<H: RawRollupCore>(host: &H, level: &LevelUse) -> Result<(), HostError> {
    let Some(mark) = host.read_record::<BYTES>(IN_PROGRESS, IN_PROGRESS)? else { return Ok(()) };
    let [a, b, c, d, e, f, g, h, tag, i, j, k, l, m, n, o, p] = mark;
    let steps = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
    let number = u64::from_be_bytes([i, j, k, l, m, n, o, p]);
    let queue =
        if tag == InboxQueue::Deposits.tag() { InboxQueue::Deposits } else { InboxQueue::Batches };

    let draft = Draft::open(host, level.level)?;
    if steps == draft.cursors.steps {
        set_aside(host, draft, queue, number)?;
    } else if is_done(&draft.cursors, queue, number) {
        // It was committed; only the tidying up may have been cut off.
        host.delete(&queue.path(number))?;
    }
    clear(host)
}

fn is_done(cursors: &Cursors, queue: InboxQueue, number: u64) -> bool {
    match queue {
        InboxQueue::Deposits => number < cursors.deposits,
        InboxQueue::Batches | InboxQueue::Parked => {
            number < cursors.batches && cursors.deferred.iter().all(|b| b.number != number)
        }
    }
}

fn set_aside<H: RawRollupCore>(
    host: &H,
    mut draft: Draft<'_, H>,
    queue: InboxQueue,
    number: u64,
) -> Result<(), HostError> {
    let reason = Outcome::plain(ResultCode::Interrupted);
    let entry = Entry::read(host, queue, number)?;
    let result = match queue {
        InboxQueue::Deposits => {
            if entry.is_some() {
                draft.hold(number, reason);
            }
            draft.cursors.deposits = draft.cursors.deposits.max(number.saturating_add(1));
            MessageResult::Held(reason)
        }
        InboxQueue::Batches | InboxQueue::Parked => {
            draft.cursors.finish_batch(number);
            MessageResult::Refused(reason)
        }
    };
    if let Some(entry) = entry {
        draft.message_result(entry.message, result);
    }
    draft.commit()?;
    host.delete(VERIFICATION)?;
    host.delete(&queue.path(number))
}
