//! How much one address may ask: so much a second, and so many at once.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long those are remembered at least who have nothing taken any more.
const FORGET_PAUSE: Duration = Duration::from_secs(1);

/// How much an address may take a second, and at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// In the long run, in a second.
    pub per_second: u32,
    /// At once, after a pause.
    pub burst: u32,
}

/// Addresses that take something, each at a rate. It is forgotten who has taken nothing for a while.
#[derive(Debug)]
pub struct RateLimit {
    rate: Rate,
    /// How many addresses are remembered. Those beyond it share the rate of one.
    addresses: usize,
    taken: Mutex<TakenBy>,
}

#[derive(Debug, Default)]
struct TakenBy {
    addresses: HashMap<IpAddr, Taken>,
    /// When those were forgotten who have nothing taken any more.
    forgot: Option<Instant>,
}

/// What an address has taken, which becomes less as time goes by.
#[derive(Clone, Copy, Debug)]
struct Taken {
    amount: f64,
    at: Instant,
}

impl RateLimit {
    /// A limit for each of so many addresses.
    #[must_use]
    pub fn new(rate: Rate, addresses: usize) -> Self {
        Self { rate, addresses, taken: Mutex::default() }
    }

    /// Takes so much for an address.
    ///
    /// # Errors
    /// When the address has taken too much, after what time it may take it. More than a burst is never given:
    /// then nothing is taken, and the time is that for a burst.
    pub fn take(&self, address: IpAddr, amount: u32, now: Instant) -> Result<(), Duration> {
        let mut taken = lock(&self.taken);
        let TakenBy { addresses: taken, forgot } = &mut *taken;
        let mut of = network_of(address);
        if !taken.contains_key(&of) && taken.len() >= self.addresses {
            let is_due = |at: Instant| now.saturating_duration_since(at) >= FORGET_PAUSE;
            if forgot.is_none_or(is_due) {
                *forgot = Some(now);
                taken.retain(|_, one| self.left_of(*one, now) > 0.0);
            }
            if taken.len() >= self.addresses {
                of = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
            }
        }
        let before = taken.get(&of).map_or(0.0, |one| self.left_of(*one, now));
        let (amount, burst) = (f64::from(amount), f64::from(self.rate.burst));
        let beyond = before + amount.min(burst) - burst;
        if beyond > 0.0 || amount > burst {
            let seconds = beyond.max(0.0) / f64::from(self.rate.per_second.max(1));
            return Err(Duration::from_secs_f64(seconds));
        }
        taken.insert(of, Taken { amount: before + amount, at: now });
        Ok(())
    }

    fn left_of(&self, taken: Taken, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(taken.at).as_secs_f64();
        (taken.amount - passed * f64::from(self.rate.per_second)).max(0.0)
    }
}

/// Slots: so many in all, and so many for each address.
#[derive(Debug)]
pub struct Slots {
    all: usize,
    per_address: usize,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

/// A slot, given back when it is dropped.
#[derive(Debug)]
pub struct Slot {
    of: Arc<Slots>,
    address: IpAddr,
}

/// Why there is no slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSlot {
    /// All are taken.
    All,
    /// The address has as many as it may have.
    OfAddress,
}

impl Slots {
    /// So many in all, and so many for each address.
    #[must_use]
    pub fn new(all: usize, per_address: usize) -> Self {
        Self { all, per_address, taken: Mutex::default() }
    }

    /// How many are taken.
    #[must_use]
    pub fn taken(&self) -> usize {
        lock(&self.taken).values().sum()
    }

    /// Takes one for an address; `limited` says whether that may have so many only.
    ///
    /// # Errors
    /// When there is none for it.
    pub fn take(slots: &Arc<Self>, address: IpAddr, limited: bool) -> Result<Slot, NoSlot> {
        let address = network_of(address);
        let mut taken = lock(&slots.taken);
        if taken.values().sum::<usize>() >= slots.all {
            return Err(NoSlot::All);
        }
        let count = taken.entry(address).or_default();
        if limited && *count >= slots.per_address {
            return Err(NoSlot::OfAddress);
        }
        *count += 1;
        Ok(Slot { of: Arc::clone(slots), address })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = lock(&self.of.taken);
        if let Some(count) = taken.get_mut(&self.address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

/// Whom an address belongs to: of IPv6, one client has at least the 64 bits at the end.
#[must_use]
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let mut octets = address.octets();
            octets[8..].fill(0);
            IpAddr::V6(octets.into())
        }
        address => address,
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { per_second: 10, burst: 20 };

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_takes_a_burst_and_then_its_rate() {
        let limit = RateLimit::new(RATE, 10);
        let now = Instant::now();
        let after = |seconds: f64| now + Duration::from_secs_f64(seconds);
        assert_eq!(limit.take(ip("10.0.0.1"), 20, now), Ok(()));
        assert_eq!(limit.take(ip("10.0.0.1"), 5, now), Err(Duration::from_millis(500)));
        assert_eq!(limit.take(ip("10.0.0.2"), 20, now), Ok(()));
        assert!(limit.take(ip("10.0.0.1"), 5, after(0.49)).is_err());
        assert_eq!(limit.take(ip("10.0.0.1"), 5, after(0.51)), Ok(()));
        assert!(limit.take(ip("10.0.0.1"), 1, after(0.51)).is_err());
        assert_eq!(limit.take(ip("10.0.0.1"), 20, after(100.0)), Ok(()));
        // More than a burst is never given.
        assert_eq!(limit.take(ip("10.0.0.3"), 21, now), Err(Duration::ZERO));
        assert_eq!(limit.take(ip("10.0.0.3"), 20, now), Ok(()));
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let limit = RateLimit::new(RATE, 10);
        let now = Instant::now();
        assert_eq!(limit.take(ip("2001:db8::1"), 20, now), Ok(()));
        assert!(limit.take(ip("2001:db8::2"), 1, now).is_err());
        assert_eq!(limit.take(ip("2001:db8:0:1::1"), 1, now), Ok(()));
        assert_eq!(limit.take(ip("::ffff:10.0.0.1"), 20, now), Ok(()));
        assert!(limit.take(ip("10.0.0.1"), 1, now).is_err());
    }

    #[test]
    fn as_many_addresses_are_remembered_and_the_others_share_one_rate() {
        let limit = RateLimit::new(RATE, 2);
        let now = Instant::now();
        assert_eq!(limit.take(ip("10.0.0.1"), 10, now), Ok(()));
        assert_eq!(limit.take(ip("10.0.0.2"), 20, now), Ok(()));
        assert_eq!(limit.take(ip("10.0.0.3"), 20, now), Ok(()));
        assert!(limit.take(ip("10.0.0.4"), 1, now).is_err());
        // The first one is over by then.
        let later = now + Duration::from_millis(1_100);
        assert_eq!(limit.take(ip("10.0.0.5"), 5, later), Ok(()));
        let taken = lock(&limit.taken);
        let mut known: Vec<IpAddr> = taken.addresses.keys().copied().collect();
        known.sort();
        assert_eq!(known, [ip("10.0.0.2"), ip("::")]);
    }

    #[test]
    fn slots_are_given_back() {
        let slots = Arc::new(Slots::new(3, 2));
        let take = |address: &str, limited| Slots::take(&slots, ip(address), limited);
        let first = take("10.0.0.1", true).unwrap();
        let second = take("10.0.0.1", true).unwrap();
        assert_eq!(take("10.0.0.1", true).unwrap_err(), NoSlot::OfAddress);
        let third = take("10.0.0.1", false).unwrap();
        assert_eq!((take("10.0.0.2", true).unwrap_err(), slots.taken()), (NoSlot::All, 3));
        drop((first, second, third));
        assert!(slots.taken() == 0 && lock(&slots.taken).is_empty());
    }
}
