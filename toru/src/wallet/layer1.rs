//! Layer 1 as commands of the wallet ask it: the node that was named, or that of the sandbox; and who is who there.

use layer1::address::{Address, AddressError, Kind};
use layer1::plain::one_line;
use serde_json::Value;
use wallet::layer1::Layer1;
use wallet::rpc::Node;

use super::error::account::AccountError;
use super::error::layer1::Layer1Failure;
use super::session::Session;
use crate::cli::groups::Layer1Args;
use crate::error::Failure;

/// A node of layer 1, and what to call it.
pub(super) struct NamedLayer1 {
    pub layer1: Layer1,
    pub by: String,
}

/// Somebody on layer 1 who can sign.
#[derive(Clone, Debug)]
pub(super) struct Person {
    /// The name, if it was given or the sandbox has one.
    pub name: Option<String>,
    /// The address, if it is known.
    pub address: Option<Address>,
}

impl Person {
    /// The name with the address, or either alone.
    pub fn label(&self) -> String {
        match (&self.name, self.address) {
            (Some(name), Some(address)) => format!("{name} ({address})"),
            (Some(name), None) => name.clone(),
            (None, Some(address)) => address.to_string(),
            (None, None) => String::new(),
        }
    }

    /// What a client of layer 1 calls them.
    pub fn word(&self) -> String {
        match (&self.name, self.address) {
            (_, Some(address)) => address.to_string(),
            (Some(name), None) => name.clone(),
            (None, None) => String::new(),
        }
    }
}

impl Session<'_> {
    /// The node of layer 1 that was named, or the sandbox.
    pub fn asked_layer1(&self, args: &Layer1Args) -> Result<Option<NamedLayer1>, Failure> {
        if let Some(endpoint) = &args.layer1 {
            let node = Node::new(endpoint)?;
            let by = format!("layer 1 at {}", node.endpoint());
            return Ok(Some(NamedLayer1 { layer1: Layer1::new(node), by }));
        }
        let sandbox = || NamedLayer1 {
            layer1: Layer1::new(self.wallet.node().clone()),
            by: "the sandbox's layer 1".to_owned(),
        };
        Ok(self.wallet.is_sandbox().then(sandbox))
    }

    /// The same, where nothing can be done without it.
    pub fn needs_layer1(&self, args: &Layer1Args) -> Result<NamedLayer1, Failure> {
        Ok(self.asked_layer1(args)?.ok_or(Layer1Failure::NotNamed)?)
    }

    /// The accounts that the sandbox's layer 1 has, with their names; none of any other node.
    pub fn sandbox_people(&self) -> Result<Vec<Person>, Failure> {
        if !self.wallet.is_sandbox() {
            return Ok(Vec::new());
        }
        let told: Value = self.wallet.node().get("/dev/layer1")?;
        let person = |one: &Value| {
            let name = one_line(one["name"].as_str()?);
            let address = one["address"].as_str()?.parse().ok()?;
            Some(Person { name: Some(name), address: Some(address) })
        };
        Ok(told["accounts"].as_array().into_iter().flatten().filter_map(person).collect())
    }

    /// Who is meant on layer 1: an address, or a name of the sandbox's. `None` for a word that is neither.
    pub fn person(&self, word: &str) -> Result<Option<Person>, Failure> {
        match word.parse::<Address>() {
            Ok(address) => {
                let people = self.sandbox_people()?;
                let known = people.into_iter().find(|one| one.address == Some(address));
                Ok(Some(known.unwrap_or(Person { name: None, address: Some(address) })))
            }
            Err(AddressError::UnknownKind) => {
                let people = self.sandbox_people()?;
                Ok(people.into_iter().find(|one| one.name.as_deref() == Some(word)))
            }
            Err(problem) => Err(AccountError::Address { text: word.to_owned(), problem }.into()),
        }
    }

    /// Who signs an operation of layer 1. Outside of the sandbox it may be anybody by a name that only a client of
    /// layer 1 knows.
    pub fn signer_on_layer1(&self, option: &str, word: &str) -> Result<Person, Failure> {
        match self.person(word)? {
            Some(Person {
                address: Some(Address { kind: Kind::Contract | Kind::Rollup, .. }),
                ..
            }) => Err(Layer1Failure::CannotSign(word.to_owned()).into()),
            Some(person) => Ok(person),
            None if self.wallet.is_sandbox() => {
                let people = self.sandbox_people()?;
                let names = people.into_iter().filter_map(|one| one.name).collect();
                Err(Layer1Failure::Nobody { word: word.to_owned(), names }.into())
            }
            None => {
                source(option, word)?;
                Ok(Person { name: Some(word.to_owned()), address: None })
            }
        }
    }
}

/// Fails for a word that cannot be whom a client of layer 1 knows.
pub(super) fn source(option: &str, word: &str) -> Result<(), Failure> {
    let problem = "is no account of layer 1 (expected tz1… or a name that octez-client knows)";
    if is_name(word) { Ok(()) } else { Err(Failure::option(option, word, &problem)) }
}

/// Fails for a word that a client of layer 1 cannot have as a name.
pub(super) fn alias(option: &str, word: &str) -> Result<(), Failure> {
    let problem = "is no name (expected letters, digits, '.', '_' or '-')";
    if is_name(word) { Ok(()) } else { Err(Failure::option(option, word, &problem)) }
}

fn is_name(word: &str) -> bool {
    let good = |c: char| c.is_alphanumeric() || "._-:@".contains(c);
    !word.is_empty() && !word.starts_with('-') && word.chars().all(good)
}
