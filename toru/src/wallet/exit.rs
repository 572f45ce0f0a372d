//! Whom a withdrawal pays, at which entrypoint of which contract, and what is known of that beforehand.

use clap::Args;
use encoding::{Entrypoint, Kt1Address, Layer1Address, Ticket, TicketContent};
use serde_json::{Value, json};
use wallet::contract::{Entrypoints, Handing, Receives};
use wallet::error::RpcError;
use wallet::outbox::{receiver_of, receiver_text};
use wallet::pins::PinKind;
use wallet::rpc::Node;
use wallet::state::RollupState;

use super::error::account::AccountError;
use super::error::exit::ExitError;
use super::session::Session;
use crate::cli::groups::Layer1Args;
use crate::error::Failure;
use crate::exit::Exit;
use layer1::address::{Address, Kind};
use layer1::entrypoints::DEFAULT;
use layer1::plain::one_line;
use layer1::types::shown;

/// How a withdrawal leaves.
#[derive(Debug, Args)]
pub struct ExitArgs {
    /// The ticketer's entrypoint that pays out; without it, "burn" or "withdraw", if layer 1 is known to
    /// have it with the right type
    #[arg(long, value_name = "NAME", conflicts_with = "bare")]
    exit: Option<String>,

    /// Hand over the ticket alone, to a contract that holds tickets: nobody is named in that
    #[arg(long)]
    bare: bool,

    /// Where layer 1 is.
    #[command(flatten)]
    layer1: Layer1Args,
}

impl ExitArgs {
    /// Where layer 1 is.
    pub(super) fn layer1(&self) -> &Layer1Args {
        &self.layer1
    }
}

/// A call that layer 1 is to make.
pub(super) struct Route {
    /// The contract.
    pub contract: Kt1Address,
    /// Its entrypoint.
    pub entrypoint: Entrypoint,
    /// Who is to be paid; nobody is named in a bare ticket.
    pub receiver: Option<Layer1Address>,
    /// Whom it pays and what is known of that, in words.
    pub words: String,
    /// The same as JSON.
    pub json: Value,
}

/// What is known of a contract.
enum Known {
    /// Nobody who could know was asked, or knows.
    Nothing,
    /// This, by whom.
    This(Entrypoints, String),
}

impl Session<'_> {
    /// The call that hands a ticket to whom a word means. What is known of the contract is held against it.
    pub(super) fn route(
        &self,
        state: &RollupState<'_>,
        word: &str,
        ticket: &Ticket,
        args: &ExitArgs,
    ) -> Result<Route, Failure> {
        if args.bare {
            let (contract, entrypoint) = self.bare(state, word)?;
            let handing = Handing::of(&ticket.content, None);
            let known = self.known(&contract, args)?;
            return finish(contract, entrypoint, None, &known, &handing);
        }
        let receiver = self.receiver(state, word)?;
        let contract = ticket.ticketer;
        let receives = match receiver {
            Layer1Address::Contract(receiver) if receiver == contract => {
                return Err(ExitError::PaysTicketer(contract).into());
            }
            Layer1Address::Contract(_) => Receives::Contract,
            Layer1Address::Implicit(_) => Receives::Implicit,
        };
        let handing = Handing::of(&ticket.content, Some(receives));
        let known = self.known(&contract, args)?;
        let name = match (&args.exit, &known) {
            (Some(name), _) => name.as_str(),
            (None, Known::This(entrypoints, _)) => entrypoints.exit(&handing).ok_or_else(|| {
                ExitError::NoExit { contract, wanted: handing.text(), there: entrypoints.listed() }
            })?,
            (None, Known::Nothing) => return Err(ExitError::Unknown(contract).into()),
        };
        let entrypoint =
            entrypoint(name).ok_or_else(|| ExitError::BadContract(format!("{contract}%{name}")))?;
        let mut route = finish(contract, entrypoint, Some(receiver), &known, &handing)?;
        if let (Layer1Address::Contract(payee), true) = (receiver, self.stands_for_tez(ticket)) {
            route.words.push_str(&self.takes_tez(&payee, args)?);
        }
        Ok(route)
    }

    /// Whether the ticketer pays tez for a ticket: it is pinned so, or says what the tickets of exchangers say.
    fn stands_for_tez(&self, ticket: &Ticket) -> bool {
        match self.wallet.pins().of(ticket) {
            Some(pin) => pin.kind == PinKind::Tez,
            None => ticket.content == TicketContent::NatBytes(0.into(), None),
        }
    }

    /// Fails for a contract that is to be paid tez and takes none. What is not known is said.
    fn takes_tez(&self, payee: &Kt1Address, args: &ExitArgs) -> Result<String, Failure> {
        match self.known(payee, args)? {
            Known::This(entrypoints, _) => match entrypoints.get(DEFAULT).map(shown).as_deref() {
                Some("unit") => Ok(String::new()),
                takes => {
                    let takes = takes.map(str::to_owned);
                    Err(ExitError::TakesNoTez { contract: *payee, takes }.into())
                }
            },
            Known::Nothing if self.wallet.is_sandbox() => {
                let layer1 = self.wallet.node().endpoint().to_owned();
                Err(ExitError::NoSuchContract { contract: *payee, layer1 }.into())
            }
            Known::Nothing => Ok(format!(
                "WHETHER {payee} TAKES TEZ IS NOT KNOWN. If it takes none, nobody is ever paid, and nothing comes back\n"
            )),
        }
    }

    /// What is known of a contract: by the node of layer 1 that was named, or by the sandbox.
    fn known(&self, contract: &Kt1Address, args: &ExitArgs) -> Result<Known, Failure> {
        if let Some(node) = layer1(&args.layer1)? {
            let told = Entrypoints::read(&node, contract).map_err(unanswered)?;
            let asked = node.endpoint().to_owned();
            let missing =
                || ExitError::NoSuchContract { contract: *contract, layer1: asked.clone() };
            return Ok(Known::This(told.ok_or_else(missing)?, asked));
        }
        if !self.wallet.is_sandbox() {
            return Ok(Known::Nothing);
        }
        let told = Entrypoints::read(self.wallet.node(), contract)?;
        let by = "the sandbox's layer 1".to_owned();
        Ok(told.map_or(Known::Nothing, |told| Known::This(told, by)))
    }

    /// Who is to be paid.
    fn receiver(&self, state: &RollupState<'_>, word: &str) -> Result<Layer1Address, Failure> {
        if let Some((contract, _)) = word.split_once('%') {
            return Err(match contract.parse::<Address>() {
                Ok(Address { kind: Kind::Contract, .. }) => {
                    ExitError::NotBare(one_line(word)).into()
                }
                Ok(_) => ExitError::BadContract(word.to_owned()).into(),
                Err(_) => self.no_address(state, contract),
            });
        }
        match (receiver_of(word), word.parse::<Address>()) {
            (Some(receiver), _) => Ok(receiver),
            (None, Ok(_)) => Err(ExitError::BadContract(word.to_owned()).into()),
            (None, Err(_)) => {
                // The sandbox's layer 1 has names for its accounts.
                let people = self.sandbox_people()?;
                let named = people.iter().find(|one| one.name.as_deref() == Some(word));
                let receiver = named.and_then(|one| receiver_of(&one.address?.to_string()));
                receiver.ok_or_else(|| self.no_address(state, word))
            }
        }
    }

    /// The contract and the entrypoint that a word means.
    fn bare(
        &self,
        state: &RollupState<'_>,
        word: &str,
    ) -> Result<(Kt1Address, Entrypoint), Failure> {
        let bad = || ExitError::BadContract(word.to_owned());
        let (address, name) = match word.split_once('%') {
            Some((address, name)) if !name.is_empty() => (address, name),
            Some(_) => return Err(bad().into()),
            None => (word, "default"),
        };
        match address.parse::<Address>() {
            Ok(Address { kind: Kind::Contract, hash }) => {
                Ok((Kt1Address(hash), entrypoint(name).ok_or_else(bad)?))
            }
            Ok(Address { kind: Kind::Implicit(_), .. }) => {
                Err(ExitError::NoContract(address.to_owned()).into())
            }
            Ok(_) => Err(bad().into()),
            Err(_) => Err(self.no_address(state, address)),
        }
    }

    /// What is wrong with a word that is no address.
    fn no_address(&self, state: &RollupState<'_>, word: &str) -> Failure {
        match self.account_ref(state, word) {
            Ok(reference) => ExitError::NotLayerOne(reference.label()).into(),
            Err(_) => nobody(word),
        }
    }
}

/// Why a word means nobody on layer 1: the address in it may be mistyped.
fn nobody(word: &str) -> Failure {
    match Address::mistyped(word) {
        Some(problem) => AccountError::Address { text: word.to_owned(), problem }.into(),
        None => ExitError::BadContract(word.to_owned()).into(),
    }
}

/// The node of layer 1 does not tell.
pub(super) fn unanswered(error: RpcError) -> Failure {
    let hint = "--layer1, or TORU_LAYER1, names a node of layer 1";
    Failure::of(Exit::NoAnswer, &error).with_hint(hint)
}

/// The node of layer 1 that was named, if one was.
pub(super) fn layer1(args: &Layer1Args) -> Result<Option<Node>, Failure> {
    Ok(args.layer1.as_deref().map(Node::new).transpose()?)
}

/// The entrypoint of a name. In a batch, `default` has none.
fn entrypoint(name: &str) -> Option<Entrypoint> {
    Entrypoint::new(if name == "default" { "" } else { name }.as_bytes())
}

fn finish(
    contract: Kt1Address,
    entrypoint: Entrypoint,
    receiver: Option<Layer1Address>,
    known: &Known,
    handing: &Handing,
) -> Result<Route, Failure> {
    let entrypoint_text = format!("{contract}%{entrypoint}");
    let wanted = handing.text();
    let mut words = match &receiver {
        Some(receiver) => {
            format!("{} is paid on layer 1, by {entrypoint_text}\n", receiver_text(*receiver))
        }
        None => format!(
            "NOBODY IS NAMED IN THIS: the ticket itself goes to {entrypoint_text}, which is not told whose it was\n"
        ),
    };
    match known {
        Known::This(entrypoints, by) => {
            let name = entrypoint.to_string();
            entrypoints.takes(&contract, &name, handing).map_err(ExitError::Misfit)?;
            words.push_str(&format!("{entrypoint_text} takes {wanted}, as {by} tells\n"));
        }
        Known::Nothing => words.push_str(&format!(
            "WHETHER {entrypoint_text} TAKES THIS IS NOT KNOWN. If it does not take {wanted}, nobody is ever paid, \
             and nothing comes back\n--layer1 URL, or TORU_LAYER1, asks a node of layer 1 beforehand\n"
        )),
    }
    let json = json!({
        "receiver": receiver.map(receiver_text),
        "contract": contract.to_string(),
        "entrypoint": entrypoint.to_string(),
        "type": wanted,
        "bare": receiver.is_none(),
        "known_by": match known {
            Known::This(_, by) => Some(by.as_str()),
            Known::Nothing => None,
        },
    });
    Ok(Route { contract, entrypoint, receiver, words, json })
}
