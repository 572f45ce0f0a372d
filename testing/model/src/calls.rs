//! What comes from contracts and goes to them, as bytes: deposits, requests, the outbox.

use encoding::blake2b_256;

use crate::wire::{ENTRYPOINT, THEM, US, person, sized};
use crate::workload::{Asking, Consent, Contract, Form, Kind, Paid, Receiver, Route, Source};

impl Contract {
    /// Its name in scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Contract::Mint => "mint",
            Contract::Forger => "forger",
            Contract::Helper => "helper",
            Contract::Stranger => "stranger",
            Contract::Vault => "vault",
        }
    }

    /// Its address, which scenarios make of the name.
    pub fn hash(self) -> [u8; 20] {
        let digest = blake2b_256(&[b"toru scenario contract ", self.name().as_bytes()]);
        digest.0.first_chunk().copied().unwrap_or_default()
    }
}

impl Source {
    /// The tag of the curve, and the hash.
    pub fn bytes(self) -> [u8; 21] {
        let (curve, number) = match self {
            Source::Tz4(number) => (3, number),
            Source::Tz1(number) => (0, number),
        };
        let mut bytes = [curve; 21];
        bytes[1..].copy_from_slice(&person(number).address().0);
        bytes
    }
}

impl Paid {
    /// As Micheline has an address: 22 bytes.
    pub fn bytes(self) -> Vec<u8> {
        match self {
            Paid::Source(source) => [&[0][..], &source.bytes()].concat(),
            Paid::Contract(contract) => [&[1][..], &contract.hash(), &[0]].concat(),
        }
    }
}

impl Receiver {
    /// As the string that layer 1 sends along.
    pub fn text(self) -> String {
        match self {
            Receiver::Account(number) => person(number).address().to_string(),
            Receiver::Mistyped(number) => {
                let mut text = person(number).address().to_string();
                let last = if text.pop() == Some('2') { '3' } else { '2' };
                text.push(last);
                text
            }
            Receiver::Tz1 => "tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU".to_owned(),
            Receiver::Nobody => String::new(),
        }
    }
}

/// A deposit's message, and where its payload is not what the type says, if it is not.
pub fn deposit(
    to: Receiver,
    ticket: Kind,
    amount: i128,
    form: Form,
    by: Route,
) -> (Vec<u8>, Option<usize>) {
    let (left, right_left) = (vec![5, 5], vec![5, 8, 5, 5]);
    let token = ticket == Kind::Token;
    let branch = match form {
        Form::Unwrapped => Vec::new(),
        Form::WrongBranch => {
            if token {
                left
            } else {
                right_left
            }
        }
        _ => {
            if token {
                right_left
            } else {
                left
            }
        }
    };
    let mut payload = [&branch[..], &[7, 7, 1], &sized(to.text().as_bytes())].concat();
    let ticket_at = payload.len();
    payload.extend(ticket.with_amount(amount));
    let wrong_at = match form {
        Form::WrongBranch => Some(ticket_at),
        Form::Unwrapped if token => Some(ticket_at),
        Form::ByteTooMany => {
            payload.push(0);
            Some(payload.len() - 1)
        }
        Form::NoDeposit => {
            payload = vec![3, 0x0b];
            Some(0)
        }
        _ => None,
    };
    let destination = if form == Form::Elsewhere { THEM } else { US };
    (call(&payload, by, destination), wrong_at)
}

/// A contract's call.
pub fn call(payload: &[u8], by: Route, destination: [u8; 20]) -> Vec<u8> {
    [&[0, 0][..], payload, &by.sender.hash(), &by.source.bytes(), &destination].concat()
}

/// A request for a held deposit, and where it is malformed, if it is.
pub fn request(number: u64, asking: Asking) -> (Vec<u8>, Option<usize>) {
    let vault = Contract::Vault.hash();
    // The last byte: a bare ticket, for nobody by name.
    let request = [&number.to_be_bytes()[..], &vault, &sized(ENTRYPOINT.as_bytes()), &[0]].concat();
    let (of, consent) = match asking {
        Asking::ByCall(by) => {
            let payload = [&[5, 8, 5, 8, 10][..], &sized(&[&[0][..], &request].concat())].concat();
            return (call(&payload, by, US), None);
        }
        Asking::Signed(of, consent) => (of, consent),
    };
    let text = |rollup: [u8; 20]| [b"toru reclaim", &rollup[..], &request].concat();
    let (key, signature) = match consent {
        Consent::Given | Consent::Cut => (person(of).key(), person(of).sign_pop(&text(US))),
        Consent::Forged => (person(of).key(), person(200).sign_pop(&text(US))),
        Consent::Misdirected => (person(of).key(), person(of).sign_pop(&text(THEM))),
        Consent::NoSignature => (person(of).key(), [0xff; 96]),
        Consent::NoKey => ([0xff; 48], person(of).sign_pop(&text(US))),
    };
    let mut bytes = [&[1, 0][..], &US, &[1], &request, &key, &signature].concat();
    if consent == Consent::Cut {
        bytes.pop();
        return (bytes, Some(request.len() + key.len()));
    }
    (bytes, None)
}

/// A call that leaves through the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// To whom.
    pub to: Contract,
    /// And where.
    pub entrypoint: &'static str,
    /// Which ticket.
    pub ticket: Kind,
    /// How much of it.
    pub amount: i128,
    /// Whom the contract is to pay, if anybody is named.
    pub receiver: Option<Paid>,
}

impl Call {
    /// A withdrawal, or what is paid back as asked.
    pub fn to_the_vault(ticket: Kind, receiver: Option<Paid>, amount: i128) -> Self {
        Call { to: Contract::Vault, entrypoint: ENTRYPOINT, ticket, amount, receiver }
    }

    /// What the ticketer's exit takes.
    pub fn refund(ticket: Kind, amount: i128, source: Source) -> Self {
        let receiver = Some(Paid::Source(source));
        Call { to: ticket.minted_by(), entrypoint: EXIT, ticket, amount, receiver }
    }

    fn bytes(&self) -> Vec<u8> {
        let receiver = match self.receiver {
            Some(paid) => [&[7, 7, 10, 0, 0, 0, 22][..], &paid.bytes()].concat(),
            None => Vec::new(),
        };
        let ticket = self.ticket.with_amount(self.amount);
        let entrypoint = sized(self.entrypoint.as_bytes());
        [&receiver[..], &ticket, &[1], &self.to.hash(), &[0], &entrypoint].concat()
    }
}

/// The entrypoint through which the mint takes tickets back.
pub const EXIT: &str = "exit";

/// Where the configuration names a contract's exit.
pub fn exit_path(of: Contract) -> String {
    let hex: String = of.hash().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("/toru/config/exits/{hex}")
}

/// An outbox message of these calls.
pub fn outbox(calls: &[Call]) -> Vec<u8> {
    let calls: Vec<u8> = calls.iter().flat_map(Call::bytes).collect();
    [&[0][..], &sized(&calls)].concat()
}
