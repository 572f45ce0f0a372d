//! When levels will be there: as layer 1 says, or as the index has seen levels come.

use encoding::Level;
use history::{HistoryError, Readers};
use time::OffsetDateTime;
use wallet::block_times::{BlockTimes, DatedLevel};
use wallet::rpc::Node;

use crate::head::Head;
use crate::limits::{LAYER1_AWAY_TIME, LAYER1_TIME, OBSERVED_LEVELS};
use crate::shared::SharedAnswer;

/// What a node of layer 1 says of times, if one was named.
#[derive(Debug)]
pub(crate) struct Forecast {
    layer1: Option<Node>,
    said: SharedAnswer<BlockTimes, ()>,
}

impl Forecast {
    pub(crate) fn new(layer1: Option<Node>) -> Self {
        Forecast { layer1, said: SharedAnswer::new(LAYER1_TIME, LAYER1_AWAY_TIME) }
    }

    /// From layer 1's clock and constants; nothing if there is no such node, or it does not tell.
    fn of_layer1(&self) -> Option<BlockTimes> {
        let layer1 = self.layer1.as_ref()?;
        let ask = || BlockTimes::of_layer1(layer1).ok().flatten().ok_or(());
        self.said.get(ask).ok()
    }

    /// From what times of levels are known, if they are: from a sandbox's own clock, from layer 1, or from how fast
    /// levels came lately, as far as the node has told when.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(crate) fn known(
        &self,
        head: Option<&Head>,
        readers: &Readers,
    ) -> Result<Option<BlockTimes>, HistoryError> {
        if let Some(head) = head.filter(|head| head.session.is_sandbox()) {
            return Ok(head.times);
        }
        if let Some(times) = self.of_layer1() {
            return Ok(Some(times));
        }
        let seen = readers.read(|reader| reader.dated_levels(OBSERVED_LEVELS))?;
        Ok(seen.and_then(|[first, last]| BlockTimes::observed(dated(first)?, dated(last)?)))
    }
}

fn dated((level, seconds): (Level, i64)) -> Option<DatedLevel> {
    let at = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    Some(DatedLevel { level, at })
}
