//! How often an address may ask.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::limits::ADDRESSES;
use crate::moment::Moment;

/// What addresses have left: each gets so many a second, and can save up what it gets in one.
#[derive(Debug)]
pub(crate) struct Rates {
    per_second: u64,
    buckets: Mutex<Buckets>,
}

#[derive(Debug, Default)]
struct Buckets {
    left: HashMap<IpAddr, Bucket>,
    /// In the order in which they came.
    order: VecDeque<IpAddr>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// In thousandths.
    left: u64,
    at: Moment,
}

impl Rates {
    /// So many a second for each address.
    pub(crate) fn new(per_second: u32) -> Self {
        Rates { per_second: per_second.into(), buckets: Mutex::default() }
    }

    /// Takes so many of an address, or says after how many seconds there will be enough.
    pub(crate) fn take(&self, address: IpAddr, count: usize, now: Moment) -> Result<(), u64> {
        let most = self.per_second.saturating_mul(1_000);
        // More at once than are ever saved up cost all of these.
        let wanted = u64::try_from(count).unwrap_or(u64::MAX).saturating_mul(1_000).min(most);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let Buckets { left, order } = &mut *buckets;
        if !left.contains_key(&address) {
            while order.len() >= ADDRESSES {
                if let Some(oldest) = order.pop_front() {
                    left.remove(&oldest);
                }
            }
            order.push_back(address);
        }
        let bucket = left.entry(address).or_insert(Bucket { left: most, at: now });
        let passed = u64::try_from(now.since(bucket.at).as_millis()).unwrap_or(u64::MAX);
        bucket.left = bucket.left.saturating_add(passed.saturating_mul(self.per_second)).min(most);
        bucket.at = bucket.at.max(now);
        match bucket.left.checked_sub(wanted) {
            Some(rest) => {
                bucket.left = rest;
                Ok(())
            }
            None => {
                let missing = wanted - bucket.left;
                Err(missing.div_ceil(self.per_second.max(1).saturating_mul(1_000)).max(1))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(number: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from(number))
    }

    #[test]
    fn an_address_gets_so_many_a_second_and_saves_up_one_second() {
        let rates = Rates::new(10);
        let one = address(1);
        rates.take(one, 10, Moment(0)).unwrap();
        assert_eq!(rates.take(one, 1, Moment(0)), Err(1));
        rates.take(address(2), 10, Moment(0)).unwrap();
        rates.take(one, 5, Moment(500)).unwrap();
        assert_eq!(rates.take(one, 1, Moment(500)), Err(1));
        rates.take(one, 10, Moment(60_000)).unwrap();
        assert_eq!(rates.take(one, 1, Moment(60_000)), Err(1));
        // A request larger than that takes all there is.
        rates.take(one, 1_000, Moment(61_000)).unwrap();
        // A clock that stands still or goes back gives nothing.
        assert_eq!(rates.take(one, 1, Moment(0)), Err(1));
    }

    #[test]
    fn no_more_addresses_are_remembered_than_there_is_room_for() {
        let rates = Rates::new(1);
        for number in 0..u32::try_from(ADDRESSES).unwrap() + 5 {
            rates.take(address(number), 1, Moment(0)).unwrap();
        }
        let buckets = rates.buckets.lock().unwrap();
        assert_eq!((buckets.left.len(), buckets.order.len()), (ADDRESSES, ADDRESSES));
    }
}
