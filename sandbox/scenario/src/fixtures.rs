//! The fixtures of a scenario: people, contracts, tickets and kernels. The same name is always the same one.

use std::collections::BTreeMap;
use std::fmt;

use bls::{PublicKey, SecretKey, Signature, Suite};
use encoding::{Kt1Address, Source, Ticket, TicketContent, Tz4Address, blake2b_256};
use inbox::v2::Registration;

use crate::error::Problem;
use crate::words::is_name;
use layer1::address::{Address, Kind, Role};
use layer1::plain::quoted;

/// A wire format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    #[default]
    V1,
    V2,
}

/// The contract that mints a ticket of which nothing else is said.
pub(crate) const MINT: &str = "mint";

/// Somebody with a key, which is derived from the name.
#[derive(Clone)]
pub(crate) struct Person {
    secret: SecretKey,
    pub(crate) key: PublicKey,
    pub(crate) address: Tz4Address,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}

impl Person {
    fn called(name: &str) -> Option<Self> {
        // The same as in the demo's inputs, so that its alice is this one.
        let material = format!("{name:-<32}");
        let secret = SecretKey::derive(material.as_bytes()).ok()?;
        let key = secret.public_key();
        Some(Person { secret, key, address: key.address() })
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Signature {
        self.secret.sign(Suite::Aug, message)
    }

    /// A signature as today's wallets make it: of v2, and of a request for a held deposit.
    pub(crate) fn sign_pop(&self, message: &[u8]) -> Signature {
        self.secret.sign(Suite::Pop, message)
    }

    /// Their key with its proof of possession.
    pub(crate) fn registration(&self) -> Registration {
        client::registration(&self.secret)
    }
}

/// Everybody and everything that has been named.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fixtures {
    people: BTreeMap<String, Person>,
    accounts: BTreeMap<Tz4Address, String>,
    tickets: BTreeMap<String, Ticket>,
    contracts: BTreeMap<Kt1Address, String>,
    /// The pages of kernels, each the body of an external message.
    kernels: BTreeMap<String, Vec<Vec<u8>>>,
    /// The wire format of batches that do not say theirs.
    pub(crate) format: Format,
}

impl Fixtures {
    /// Lets somebody take part.
    pub(crate) fn person(&mut self, name: &str) -> Result<&Person, Problem> {
        let expected = "a name: small letters, digits, _ and -, at most 20";
        let no_name = || Problem::unexpected(quoted(name), expected);
        if !self.people.contains_key(name) {
            let person = is_name(name).then(|| Person::called(name)).flatten();
            let person = person.ok_or_else(no_name)?;
            self.accounts.insert(person.address, name.to_owned());
            self.people.insert(name.to_owned(), person);
        }
        self.people.get(name).ok_or_else(no_name)
    }

    /// Somebody who takes part.
    pub(crate) fn known(&self, name: &str) -> Option<&Person> {
        self.people.get(name)
    }

    /// The account of a name, or of an address in base58.
    pub(crate) fn account(&mut self, word: &str) -> Result<Tz4Address, Problem> {
        if word.starts_with("tz4") && !is_name(word) {
            let address = address(Role::User, word)?;
            let tz4 = Tz4Address(address.hash);
            self.accounts.entry(tz4).or_insert_with(|| word.to_owned());
            return Ok(tz4);
        }
        self.person(word).map(|person| person.address)
    }

    /// The account of an expectation: somebody who takes part.
    pub(crate) fn known_account(&self, word: &str) -> Result<Tz4Address, Problem> {
        let found = self.accounts.iter().find(|(_, name)| *name == word);
        found.map(|(address, _)| *address).ok_or_else(|| Problem::UnknownName {
            kind: "account",
            name: word.to_owned(),
            known: self.accounts.values().cloned().collect::<Vec<_>>().join(", "),
        })
    }

    /// Defines a ticket.
    pub(crate) fn define(&mut self, name: &str, ticket: Ticket) {
        self.tickets.insert(name.to_owned(), ticket);
    }

    /// The ticket of a name: as it was defined, or of its name as text.
    pub(crate) fn ticket(&mut self, name: &str) -> Result<Ticket, Problem> {
        if let Some(ticket) = self.tickets.get(name) {
            return Ok(ticket.clone());
        }
        if !is_name(name) {
            return Err(Problem::unexpected(quoted(name), "the name of a ticket"));
        }
        let content = TicketContent::String(name.as_bytes().to_vec());
        let ticket = Ticket { ticketer: self.contract(MINT)?, content };
        self.tickets.insert(name.to_owned(), ticket.clone());
        Ok(ticket)
    }

    /// The ticket of an expectation: one that is in the scenario.
    pub(crate) fn known_ticket(&self, name: &str) -> Result<Ticket, Problem> {
        self.tickets.get(name).cloned().ok_or_else(|| Problem::UnknownName {
            kind: "ticket",
            name: name.to_owned(),
            known: self.tickets.keys().cloned().collect::<Vec<_>>().join(", "),
        })
    }

    /// Defines a kernel by its pages.
    pub(crate) fn define_kernel(&mut self, name: &str, pages: Vec<Vec<u8>>) {
        self.kernels.insert(name.to_owned(), pages);
    }

    /// The pages of a kernel.
    pub(crate) fn pages(&self, name: &str) -> Result<&[Vec<u8>], Problem> {
        let found = self.kernels.get(name).map(Vec::as_slice);
        found.ok_or_else(|| Problem::UnknownName {
            kind: "kernel",
            name: name.to_owned(),
            known: self.kernels.keys().cloned().collect::<Vec<_>>().join(", "),
        })
    }

    /// The contract of a name, or of an address in base58.
    pub(crate) fn contract(&mut self, word: &str) -> Result<Kt1Address, Problem> {
        let contract = if word.starts_with("KT1") {
            Kt1Address(address(Role::Contract, word)?.hash)
        } else if is_name(word) {
            Kt1Address(hash_of("contract", word))
        } else {
            return Err(Problem::unexpected(quoted(word), "a contract: a name or KT1…"));
        };
        self.contracts.entry(contract).or_insert_with(|| word.to_owned());
        Ok(contract)
    }

    /// The contract of an expectation: one that is in the scenario.
    pub(crate) fn known_contract(&self, word: &str) -> Result<(), Problem> {
        let found = self.contracts.values().any(|name| name == word);
        found.then_some(()).ok_or_else(|| Problem::UnknownName {
            kind: "contract",
            name: word.to_owned(),
            known: self.contracts.values().cloned().collect::<Vec<_>>().join(", "),
        })
    }

    /// The source of a call: somebody's tz4, or any user address.
    pub(crate) fn source(&mut self, word: &str) -> Result<Source, Problem> {
        if is_name(word) {
            return Ok(Source { curve: 3, hash: self.person(word)?.address.0 });
        }
        match address(Role::User, word)? {
            Address { kind: Kind::Implicit(curve), hash } => Ok(Source { curve, hash }),
            _ => Err(Problem::unexpected(quoted(word), "a name, or an address tz1… to tz5…")),
        }
    }

    /// What an account is called here.
    pub(crate) fn name_of_account(&self, address: &Tz4Address) -> String {
        self.accounts.get(address).cloned().unwrap_or_else(|| address.to_string())
    }

    /// What a contract is called here.
    pub(crate) fn name_of_contract(&self, address: &Kt1Address) -> String {
        self.contracts.get(address).cloned().unwrap_or_else(|| address.to_string())
    }

    /// What a ticket is called here.
    pub(crate) fn name_of_ticket(&self, ticket: &Ticket) -> String {
        let found = self.tickets.iter().find(|(_, known)| *known == ticket);
        found.map_or_else(|| format!("ticket-{}", ticket.hash()), |(name, _)| name.clone())
    }
}

/// Twenty bytes that belong to a name.
pub(crate) fn hash_of(kind: &str, name: &str) -> [u8; 20] {
    let digest = blake2b_256(&[b"toru scenario ", kind.as_bytes(), b" ", name.as_bytes()]);
    digest.0.first_chunk().copied().unwrap_or_default()
}

fn address(role: Role, text: &str) -> Result<Address, Problem> {
    Address::parse_as(role, text)
        .map_err(|problem| Problem::Address { text: text.to_owned(), problem })
}
