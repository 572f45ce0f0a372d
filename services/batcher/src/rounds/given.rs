//! The signatures that were given for a batch: anybody can send one in an account's name, so that each is one that may
//! be right until it was verified. An account has exactly one right signature of a batch.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use bls::Signature;
use encoding::Tz4Address;

use crate::limits::SIGNATURES_PER_ACCOUNT;

/// A signature, and the address that has sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    /// The signature.
    pub signature: Signature,
    /// Who has sent it.
    pub from: IpAddr,
}

/// What becomes of a signature that is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It was given before.
    Known,
    /// It is kept, and may be right.
    Kept,
    /// There is another one that is right: this one is wrong.
    Wrong,
    /// So many others may be right that it has to be verified before it is kept.
    Full,
}

/// Signatures of a batch, by account.
#[derive(Debug, Default)]
pub(crate) struct GivenSignatures {
    right: HashMap<Tz4Address, Signature>,
    open: HashMap<Tz4Address, Vec<Given>>,
    /// Accounts of which a signature was refused for want of time to verify it: nobody can say that they are silent.
    contested: BTreeSet<Tz4Address>,
}

impl GivenSignatures {
    /// What is to become of a signature. It is not kept yet.
    pub(crate) fn look_at(&self, account: &Tz4Address, signature: &Signature) -> Taken {
        if let Some(right) = self.right.get(account) {
            return if right == signature { Taken::Known } else { Taken::Wrong };
        }
        let open = self.open.get(account).map(Vec::as_slice).unwrap_or_default();
        if open.iter().any(|one| one.signature == *signature) {
            return Taken::Known;
        }
        if open.len() >= SIGNATURES_PER_ACCOUNT { Taken::Full } else { Taken::Kept }
    }

    /// Keeps one that may be right. Returns whether it is the account's first.
    pub(crate) fn keep(&mut self, account: Tz4Address, given: Given) -> bool {
        let open = self.open.entry(account).or_default();
        open.push(given);
        open.len() == 1
    }

    /// An account's signature is this one. Returns those who have sent others in its name.
    pub(crate) fn is_right(&mut self, account: Tz4Address, signature: Signature) -> Vec<IpAddr> {
        self.right.insert(account, signature);
        let others = self.open.remove(&account).unwrap_or_default();
        others.iter().filter(|one| one.signature != signature).map(|one| one.from).collect()
    }

    /// One that was kept is wrong.
    pub(crate) fn is_wrong(&mut self, account: &Tz4Address, signature: &Signature) {
        if let Some(open) = self.open.get_mut(account) {
            open.retain(|one| one.signature != *signature);
            if open.is_empty() {
                self.open.remove(account);
            }
        }
    }

    /// There was no time to verify one of this account.
    pub(crate) fn contest(&mut self, account: Tz4Address) {
        self.contested.insert(account);
    }

    /// Whether one of this account could not be verified for want of time.
    pub(crate) fn is_contested(&self, account: &Tz4Address) -> bool {
        self.contested.contains(account)
    }

    /// Whether an account has one that is right, or may be.
    pub(crate) fn has(&self, account: &Tz4Address) -> bool {
        self.right.contains_key(account) || self.open.contains_key(account)
    }

    /// Whether an account has one that was verified.
    pub(crate) fn has_right(&self, account: &Tz4Address) -> bool {
        self.right.contains_key(account)
    }

    /// Those that may be right.
    pub(crate) fn open(&self) -> &HashMap<Tz4Address, Vec<Given>> {
        &self.open
    }

    /// All of them: those that are right, and those that may be.
    pub(crate) fn take(
        &mut self,
    ) -> (BTreeMap<Tz4Address, Signature>, BTreeMap<Tz4Address, Vec<Given>>) {
        let (right, open) = (std::mem::take(&mut self.right), std::mem::take(&mut self.open));
        (right.into_iter().collect(), open.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use bls::{SecretKey, Suite};

    use super::*;

    const ALICE: Tz4Address = Tz4Address([1; 20]);

    fn from(number: u8) -> IpAddr {
        IpAddr::V4(Ipv4Addr::new(10, 0, 0, number))
    }

    fn signature(number: u8) -> Signature {
        SecretKey::derive(&[9; 32]).unwrap().sign(Suite::Pop, &[number])
    }

    fn give(given: &mut GivenSignatures, number: u8) -> Taken {
        let taken = given.look_at(&ALICE, &signature(number));
        if taken == Taken::Kept {
            given.keep(ALICE, Given { signature: signature(number), from: from(number) });
        }
        taken
    }

    #[test]
    fn as_many_may_be_right_as_there_is_room_for_until_one_of_them_is() {
        let mut given = GivenSignatures::default();
        let room = u8::try_from(SIGNATURES_PER_ACCOUNT).unwrap();
        (0..room).for_each(|number| assert_eq!(give(&mut given, number), Taken::Kept));
        assert_eq!((give(&mut given, 0), give(&mut given, room)), (Taken::Known, Taken::Full));
        given.is_wrong(&ALICE, &signature(0));
        assert_eq!(give(&mut given, room), Taken::Kept);
        // Whoever has sent another one than the right one has sent a wrong one.
        let senders = given.is_right(ALICE, signature(2));
        assert_eq!(senders, [1, 3, room].map(from));
        assert_eq!((give(&mut given, 2), give(&mut given, 7)), (Taken::Known, Taken::Wrong));
        assert!(given.has_right(&ALICE) && given.open().is_empty());
        let (right, open) = given.take();
        assert_eq!((right.len(), open.len()), (1, 0));
    }

    #[test]
    fn an_account_of_which_all_are_wrong_has_given_none() {
        let mut given = GivenSignatures::default();
        assert_eq!(give(&mut given, 0), Taken::Kept);
        assert!(given.has(&ALICE));
        given.is_wrong(&ALICE, &signature(0));
        assert!(!given.has(&ALICE) && !given.is_contested(&ALICE));
        given.contest(ALICE);
        assert!(given.is_contested(&ALICE) && !given.has(&ALICE));
    }
}
