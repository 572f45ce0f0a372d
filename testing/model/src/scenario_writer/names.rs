//! What scenario files call people, contracts, tickets and calls.

use layer1::address::{Address, Kind as AddressKind};

use crate::calls::Call;
use crate::workload::{Kind, Paid, Source};
use explain::text::grouped;

/// A person's name.
pub fn name(number: u8) -> String {
    format!("p{number}")
}

impl Kind {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Gold => "gold",
            Kind::FoolsGold => "fools-gold",
            Kind::Blank => "blank",
            Kind::Longest => "longest",
            Kind::TooLong => "too-long",
            Kind::Token => "token",
        }
    }

    /// What its name stands for.
    pub fn definition(self) -> &'static str {
        match self {
            Kind::Gold => "text gold",
            Kind::FoolsGold => "text gold by forger",
            Kind::Blank => "text",
            Kind::Longest => "text of 1,995 letters",
            Kind::TooLong => "text of 1,996 letters",
            Kind::Token => "pair 7 0x01",
        }
    }

    /// Its content in Michelson.
    pub fn michelson(self) -> String {
        match self {
            Kind::Gold | Kind::FoolsGold => "\"gold\"".to_owned(),
            Kind::Blank => "\"\"".to_owned(),
            Kind::Longest => format!("{:?}", "x".repeat(1_995)),
            Kind::TooLong => format!("{:?}", "x".repeat(1_996)),
            Kind::Token => "(Pair 7 (Some 0x01))".to_owned(),
        }
    }
}

/// A source's name or address.
pub fn source(source: Source) -> String {
    match source {
        Source::Tz4(number) => name(number),
        Source::Tz1(_) => {
            let [curve, hash @ ..] = source.bytes();
            Address { kind: AddressKind::Implicit(curve), hash }.to_string()
        }
    }
}

/// Whom a contract is to pay.
pub fn paid(paid: Paid) -> String {
    match paid {
        Paid::Source(one) => source(one),
        Paid::Contract(contract) => {
            Address { kind: AddressKind::Contract, hash: contract.hash() }.to_string()
        }
    }
}

/// A call that has left.
pub fn call(call: &Call) -> String {
    let amount = grouped(&call.amount.to_string());
    let receiver = call.receiver.map_or_else(String::new, |to| format!(" for {}", paid(to)));
    let (to, ticket) = (call.to.name(), call.ticket.name());
    format!("{to} {} gets {amount} {ticket}{receiver}", call.entrypoint)
}
