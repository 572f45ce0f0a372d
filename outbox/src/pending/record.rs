//! The records in which pending messages and their owners are kept.
//!
//! | field | encoding |
//! |---|---|
//! | kind | `00` withdrawals, `01` a held deposit that is paid back |
//! | of withdrawals, each | ticket u32 ‖ amount u64 ‖ call |
//! | of a held deposit | its number u64 ‖ call |
//! | · call | contract (20) ‖ `00`, or `01` and the receiver (22) ‖ length of the entrypoint, 1 byte, and its name |

use encoding::{
    AccountIndex, Amount, Entrypoint, Layer1Address, Parsed, TicketIndex, expect, fail, read, whole,
};

use super::{Call, Owner, Pending, Withdrawal};

const WITHDRAWALS: u8 = 0;
const HELD: u8 = 1;

impl Owner {
    /// As it stands in a turn: the index of an account, or the hash of a depositor.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        match self {
            Owner::Account(account) => account.0.to_be_bytes().to_vec(),
            Owner::Depositor(hash) => hash.to_vec(),
        }
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Owner> {
        if let Ok(index) = <[u8; 4]>::try_from(bytes) {
            return Some(Owner::Account(AccountIndex(u32::from_be_bytes(index))));
        }
        bytes.try_into().ok().map(Owner::Depositor)
    }
}

impl Pending {
    /// The record that is kept.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self {
            Pending::Withdrawals(withdrawals) => {
                bytes.push(WITHDRAWALS);
                for Withdrawal { ticket, amount, call } in withdrawals {
                    bytes.extend_from_slice(&ticket.0.to_be_bytes());
                    bytes.extend_from_slice(&amount.get().to_be_bytes());
                    call.write(&mut bytes);
                }
            }
            Pending::Held { number, call } => {
                bytes.push(HELD);
                bytes.extend_from_slice(&number.to_be_bytes());
                call.write(&mut bytes);
            }
        }
        bytes
    }

    /// Reads a record back.
    pub fn from_bytes(bytes: &[u8]) -> Option<Pending> {
        whole(bytes, pending).ok()
    }
}

impl Call {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.destination.0);
        match self.receiver {
            None => bytes.push(0),
            Some(receiver) => {
                bytes.push(1);
                bytes.extend_from_slice(&receiver.to_bytes_22());
            }
        }
        let name = self.entrypoint.as_bytes();
        // An entrypoint has at most 31 bytes.
        bytes.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        bytes.extend_from_slice(name);
    }
}

const RECORD: &str = "a record of the outbox queue";

fn pending(input: &[u8]) -> Parsed<'_, Pending> {
    let (mut rest, kind) = expect(RECORD, read::byte)(input)?;
    match kind {
        WITHDRAWALS => {
            let mut withdrawals = Vec::new();
            while withdrawals.is_empty() || !rest.is_empty() {
                let (next, ticket) = read::be_u32(rest)?;
                let (next, amount) = u64_be(next)?;
                let (next, call) = call(next)?;
                let (ticket, amount) = (TicketIndex(ticket), Amount::new(amount));
                withdrawals.push(Withdrawal { ticket, amount, call });
                rest = next;
            }
            Ok((rest, Pending::Withdrawals(withdrawals)))
        }
        HELD => {
            let (rest, number) = u64_be(rest)?;
            let (rest, call) = call(rest)?;
            Ok((rest, Pending::Held { number, call }))
        }
        _ => fail(input, RECORD),
    }
}

fn u64_be(input: &[u8]) -> Parsed<'_, u64> {
    let (rest, bytes) = expect(RECORD, read::take(8))(input)?;
    bytes
        .try_into()
        .map_or_else(|_| fail(input, RECORD), |bytes| Ok((rest, u64::from_be_bytes(bytes))))
}

fn call(input: &[u8]) -> Parsed<'_, Call> {
    let (rest, destination) = read::kt1_20(input)?;
    let (rest, named) = expect(RECORD, read::byte)(rest)?;
    let (rest, receiver) = match named {
        0 => (rest, None),
        _ => Layer1Address::read(rest).map(|(rest, receiver)| (rest, Some(receiver)))?,
    };
    let (rest, length) = expect(RECORD, read::byte)(rest)?;
    let (after, name) = expect(RECORD, read::take(length.into()))(rest)?;
    match Entrypoint::new(name) {
        Some(entrypoint) => Ok((after, Call { destination, entrypoint, receiver })),
        None => fail(rest, RECORD),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding::{Kt1Address, Source};

    fn call_of(receiver: Option<Layer1Address>, name: &[u8]) -> Call {
        let entrypoint = Entrypoint::new(name).expect("a name");
        Call { destination: Kt1Address([4; 20]), entrypoint, receiver }
    }

    fn samples() -> Vec<Pending> {
        let implicit = Layer1Address::Implicit(Source { curve: 9, hash: [6; 20] });
        let contract = Layer1Address::Contract(Kt1Address([7; 20]));
        let one = |call| Withdrawal { ticket: TicketIndex(u32::MAX), amount: Amount::MAX, call };
        vec![
            Pending::Withdrawals(vec![one(call_of(None, b""))]),
            Pending::Withdrawals(vec![
                one(call_of(Some(implicit), &[b'x'; 31])),
                one(call_of(Some(contract), b"burn")),
            ]),
            Pending::Held { number: u64::MAX, call: call_of(Some(implicit), b"exit") },
        ]
    }

    #[test]
    fn records_there_and_back_and_never_cut() {
        for pending in samples() {
            let bytes = pending.to_bytes();
            assert_eq!(Pending::from_bytes(&bytes), Some(pending.clone()));
            for cut in 0..bytes.len() {
                let read = Pending::from_bytes(&bytes[..cut]);
                assert_ne!(read, Some(pending.clone()), "cut at {cut}");
            }
        }
        assert_eq!(Pending::from_bytes(&[2]), None);
    }

    #[test]
    fn a_withdrawal_takes_no_more_room_than_twice_its_bytes_in_a_batch() {
        // A ticket and an account by index, a contract, no entrypoint, a short amount; or a receiver.
        let [bare, with_receiver] = [1 + 1 + 20 + 1 + 2, 1 + 1 + 20 + 1 + 22 + 2];
        let receiver = Some(Layer1Address::Contract(Kt1Address([7; 20])));
        for (in_a_batch, receiver) in [(bare, None), (with_receiver, receiver)] {
            let call = call_of(receiver, b"");
            let one = Withdrawal { ticket: TicketIndex(7), amount: Amount::MAX, call };
            let kept = Pending::Withdrawals(vec![one]).to_bytes().len();
            assert!(kept <= 2 * in_a_batch, "{kept} for {in_a_batch}");
        }
    }

    #[test]
    fn owners_there_and_back() {
        for owner in [Owner::Account(AccountIndex(7)), Owner::Depositor([9; 20])] {
            assert_eq!(Owner::from_bytes(&owner.to_bytes()), Some(owner));
        }
        assert_eq!(Owner::from_bytes(&[1; 5]), None);
        assert_eq!(Owner::Account(AccountIndex(7)).path(), "7");
        assert_eq!(Owner::Depositor([0xab; 20]).path(), format!("d{}", "ab".repeat(20)));
    }
}
