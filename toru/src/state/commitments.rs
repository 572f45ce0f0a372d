//! The commitments that an operator would make of a rollup that is kept.

use pvm::Commitment;
use store::{KnownState, Store, StoreError};

/// Those at the end of each period, from that of the origination up to the first that has a level in it.
/// `None` if the states are not all known that they are of, or that level is not in any yet.
pub(super) fn upto(
    store: &Store,
    period: i32,
    level: i32,
) -> Result<Option<Commitment>, StoreError> {
    let genesis = store.oldest()?;
    // What was pruned is not known any more.
    let is_origination = genesis <= store.identity().origination_level;
    let Some(state) = store.oldest_known_state()?.filter(|_| is_origination) else {
        return Ok(None);
    };
    let mut last =
        Commitment { state: state.hash, inbox_level: genesis, predecessor: [0; 32], ticks: 0 };
    let mut tick = state.tick;
    if level <= genesis {
        return Ok(Some(last));
    }
    for summary in store.levels(..)? {
        let since = i64::from(summary.level) - i64::from(genesis);
        if since % i64::from(period) != 0 {
            continue;
        }
        let Some(KnownState { hash, tick: now }) = summary.state else { return Ok(None) };
        last = Commitment {
            state: hash,
            inbox_level: summary.level,
            predecessor: last.hash(),
            ticks: i64::try_from(now.saturating_sub(tick)).unwrap_or(i64::MAX),
        };
        tick = now;
        if summary.level >= level {
            return Ok(Some(last));
        }
    }
    Ok(None)
}
