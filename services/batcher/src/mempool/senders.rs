//! Who sends signatures of batches: what comes from an address that has sent wrong ones is verified before it counts, and
//! there is an end to that.

use std::net::IpAddr;

use crate::admission::Rates;
use crate::limits::{ALONE_ALTOGETHER, ALONE_PER_ADDRESS};
use crate::moment::Moment;
use crate::rounds::Cooldowns;

/// Whoever is asked for everybody's share of what is verified alone.
const ALTOGETHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);

/// Who sends signatures, as far as they have sent wrong ones.
pub(super) struct Senders {
    wrong: Cooldowns<IpAddr>,
    alone: Rates,
    altogether: Rates,
}

impl Senders {
    /// Nobody has sent anything.
    pub(super) fn new() -> Self {
        Senders {
            wrong: Cooldowns::default(),
            alone: Rates::new(ALONE_PER_ADDRESS),
            altogether: Rates::new(ALONE_ALTOGETHER),
        }
    }

    /// Whether an address has sent a wrong one lately.
    pub(super) fn is_suspect(&self, from: IpAddr, now: Moment) -> bool {
        self.wrong.is_cooling(&from, now)
    }

    /// An address has sent a wrong one.
    pub(super) fn has_sent_wrong(&mut self, from: IpAddr, now: Moment) {
        self.wrong.wrong(from, now);
    }

    /// Whether there is time to verify a signature of this address by itself; otherwise seconds until there is.
    pub(super) fn may_have_one_verified(&self, from: IpAddr, now: Moment) -> Result<(), u64> {
        self.alone.take(from, 1, now)?;
        self.altogether.take(ALTOGETHER, 1, now)
    }
}
