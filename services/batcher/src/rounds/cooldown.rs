//! Who is not trusted for a while: accounts that were silent are not asked to sign batches, and what addresses send that
//! have sent wrong signatures is verified before it counts.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::time::Duration;

use crate::limits;
use crate::moment::Moment;

/// Who is cooling down.
#[derive(Debug)]
pub(crate) struct Cooldowns<K> {
    all: HashMap<K, State>,
    /// By when they are forgotten.
    forget: BTreeSet<(Moment, K)>,
}

impl<K> Default for Cooldowns<K> {
    fn default() -> Self {
        Cooldowns { all: HashMap::new(), forget: BTreeSet::new() }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// Wrong signatures, one after the other.
    wrong: u32,
    /// Rounds in which it was silent, each as many times as right signatures make up for one, less these.
    silent: u32,
    until: Moment,
    forget: Moment,
}

impl<K: Copy + Ord + Hash> Cooldowns<K> {
    /// Whether one is cooling down now.
    pub(crate) fn is_cooling(&self, who: &K, now: Moment) -> bool {
        self.all.get(who).is_some_and(|state| now < state.until)
    }

    /// Seconds until that is over, rounded up.
    pub(crate) fn seconds_left(&self, who: &K, now: Moment) -> u64 {
        let left = self.all.get(who).map_or(Duration::ZERO, |state| state.until.since(now));
        u64::try_from(left.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX)
    }

    /// It has sent a signature that is wrong.
    pub(crate) fn wrong(&mut self, who: K, now: Moment) {
        self.change(who, now, |state| {
            state.wrong = state.wrong.saturating_add(1);
            doubled(limits::COOL_DOWN, state.wrong - 1, limits::MAX_COOL_DOWN)
        });
    }

    /// It was asked, and said nothing. The first time costs nothing: connections break.
    pub(crate) fn silent(&mut self, who: K, now: Moment) {
        self.change(who, now, |state| {
            state.silent = state.silent.saturating_add(limits::RIGHT_PER_SILENCE);
            match state.silent.checked_sub(limits::SILENCES * limits::RIGHT_PER_SILENCE) {
                None => Duration::ZERO,
                Some(more) => {
                    let times = more / limits::RIGHT_PER_SILENCE;
                    doubled(limits::SILENT_COOL_DOWN, times, limits::MAX_SILENT_COOL_DOWN)
                }
            }
        });
    }

    /// Its signature was right.
    pub(crate) fn right(&mut self, who: &K) {
        if let Some(state) = self.all.get_mut(who) {
            state.silent = state.silent.saturating_sub(1);
        }
    }

    fn change(&mut self, who: K, now: Moment, time: impl FnOnce(&mut State) -> Duration) {
        while self.all.len() >= limits::COOLING
            || self.forget.first().is_some_and(|(until, _)| *until <= now)
        {
            let Some((_, oldest)) = self.forget.pop_first() else { break };
            self.all.remove(&oldest);
        }
        let state = self.all.entry(who).or_default();
        self.forget.remove(&(state.forget, who));
        let time = time(state);
        state.until = state.until.max(now.plus(time));
        state.forget = state.until.plus(limits::COOL_DOWN_MEMORY);
        self.forget.insert((state.forget, who));
    }
}

/// A time doubled so often, up to a greatest one.
fn doubled(time: Duration, times: u32, most: Duration) -> Duration {
    let factor = 1_u32.checked_shl(times.min(31)).unwrap_or(u32::MAX);
    time.checked_mul(factor).map_or(most, |time| time.min(most))
}

#[cfg(test)]
mod tests {
    use encoding::Tz4Address;

    use super::*;

    const ACCOUNT: Tz4Address = Tz4Address([1; 20]);

    fn seconds(seconds: u64) -> Moment {
        Moment(seconds * 1_000)
    }

    #[test]
    fn wrong_signatures_double_the_time_up_to_an_hour() {
        let mut cooldowns = Cooldowns::default();
        let mut now = seconds(0);
        for expected in [60, 120, 240, 480, 960, 1_920, 3_600, 3_600] {
            cooldowns.wrong(ACCOUNT, now);
            assert_eq!(cooldowns.seconds_left(&ACCOUNT, now), expected);
            now = now.plus(Duration::from_secs(expected));
            assert!(!cooldowns.is_cooling(&ACCOUNT, now));
        }
        // After an hour without another one it is forgotten.
        now = now.plus(limits::COOL_DOWN_MEMORY);
        cooldowns.wrong(Tz4Address([2; 20]), now);
        cooldowns.wrong(ACCOUNT, now);
        assert_eq!(cooldowns.seconds_left(&ACCOUNT, now), 60);
    }

    #[test]
    fn silence_is_forgiven_once_and_costs_less() {
        let mut cooldowns = Cooldowns::default();
        cooldowns.silent(ACCOUNT, seconds(0));
        assert!(!cooldowns.is_cooling(&ACCOUNT, seconds(0)));
        cooldowns.silent(ACCOUNT, seconds(1));
        assert_eq!(cooldowns.seconds_left(&ACCOUNT, seconds(1)), 10);
        // One that is there again is forgiven, if it answers often enough.
        for _ in 0..limits::SILENCES * limits::RIGHT_PER_SILENCE {
            cooldowns.right(&ACCOUNT);
        }
        cooldowns.silent(ACCOUNT, seconds(20));
        assert!(!cooldowns.is_cooling(&ACCOUNT, seconds(20)));
    }

    #[test]
    fn silence_every_other_time_is_not_forgiven_for_ever() {
        let mut cooldowns = Cooldowns::default();
        let mut now = 0;
        let mut asked = 0;
        let mut cooled = Vec::new();
        while cooled.len() < 3 {
            asked += 1;
            cooldowns.silent(ACCOUNT, seconds(now));
            let left = cooldowns.seconds_left(&ACCOUNT, seconds(now));
            if left > 0 {
                cooled.push(left);
            }
            now += left;
            cooldowns.right(&ACCOUNT);
        }
        assert_eq!((asked, cooled), (5, vec![10, 10, 20]));
        // One silence among many answers costs nothing.
        let other = Tz4Address([2; 20]);
        for _ in 0..100 {
            cooldowns.silent(other, seconds(now));
            assert!(!cooldowns.is_cooling(&other, seconds(now)));
            (0..limits::RIGHT_PER_SILENCE).for_each(|_| cooldowns.right(&other));
        }
    }

    #[test]
    fn no_more_accounts_are_remembered_than_there_is_room_for() {
        let mut cooldowns = Cooldowns::default();
        for number in 0..u32::try_from(limits::COOLING).unwrap() + 10 {
            let mut account = [0; 20];
            account[..4].copy_from_slice(&number.to_be_bytes());
            cooldowns.wrong(Tz4Address(account), seconds(1));
        }
        assert_eq!(cooldowns.all.len(), limits::COOLING);
        assert_eq!(cooldowns.forget.len(), limits::COOLING);
    }
}
