//! `toru ticketer check`: whether a contract of layer 1 is one of ours, by the hash of its script, and what it stands
//! for; otherwise what its types take.

use clap::Args;
use encoding::{Kt1Address, Ticket, TicketContent, whole};
use layer1::address::{Address, Role};
use layer1::michelson::{self, Node as Micheline};
use layer1::plain::one_line;
use num_bigint::BigInt;
use serde_json::json;
use wallet::amount;
use wallet::contract::Entrypoints;
use wallet::layer1::asset::Asset;
use wallet::layer1::known::KnownContract;
use wallet::layer1::micheline::unit;
use wallet::layer1::operation::TEZ_DECIMALS;
use wallet::layer1::{Layer1, Layer1Block, Layer1Error};
use wallet::pins::Pins;
use wallet::rpc::Node;
use wallet::ticket::Token;

use super::super::error::layer1::Layer1Failure;
use super::super::grid::grouped;
use super::takes::{Takes, of_entrypoints, takes};
use crate::cli::groups::{JsonArgs, Layer1Args, SandboxArgs};
use crate::error::Failure;
use crate::exit::EXIT_CODES;
use crate::ui::{Output, Ui};

/// `toru ticketer check`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct CheckArgs {
    /// Which contract
    #[arg(value_name = "KT1…")]
    contract: String,

    /// Where layer 1 is.
    #[command(flatten)]
    layer1: Layer1Args,

    /// Where the sandbox is, if no node of layer 1 is named.
    #[command(flatten)]
    sandbox: SandboxArgs,

    /// How it is printed.
    #[command(flatten)]
    json: JsonArgs,
}

/// Says it.
pub(super) fn check(args: &CheckArgs, ui: &Ui) -> Result<Output, Failure> {
    let address = Address::parse_as(Role::Contract, &args.contract);
    let address =
        address.map_err(|problem| Failure::option("contract", &args.contract, &problem))?;
    let contract = Kt1Address(address.hash);
    let (layer1, by) = asked(args)?;
    let block = layer1.block("head")?;
    let Some(found) = block.contract(&contract)? else {
        // The sandbox knows some contracts by their types alone.
        let known = Entrypoints::read(layer1.node(), &contract)?;
        let known = known.ok_or(Layer1Failure::NoContract { by: by.clone(), contract })?;
        return by_type(&contract, &by, &of_entrypoints(known.all(), Vec::new()), ui);
    };
    let hash = found.script.hash();
    let known = KnownContract::of(&found.script);
    let facts = match known {
        Some(KnownContract::XtzTicketer | KnownContract::FaTicketer) => {
            Some(facts(&block, &contract, known == Some(KnownContract::XtzTicketer))?)
        }
        Some(KnownContract::DepositHelper) | None => None,
    };
    let takes = takes(&found.script);
    let told = json!({
        "contract": contract.to_string(),
        "hash": hash,
        "ours": known.map(KnownContract::name),
        "storage": layer1::json::micheline(&found.storage),
        "stands_for": facts.as_ref().map(|facts| facts.asset.to_string()),
        "content": facts.as_ref().map(|facts| hex::encode(facts.token.ticket.content.to_micheline())),
        "symbol": facts.as_ref().and_then(|facts| facts.token.symbol.clone()),
        "decimals": facts.as_ref().map(Facts::decimals),
        "supply_units": facts.as_ref().map(|facts| facts.supply.to_string()),
        "locked_units": facts.as_ref().map(|facts| facts.locked.to_string()),
        "takes": takes.json(),
    });
    ui.answer(&told, || {
        let mut text = format!("{contract}, on {by}\n  script hash {hash}\n");
        match known {
            Some(known) => text.push_str(&format!("  one of ours: {}\n", known.words())),
            None => text.push_str(&format!("  none of ours\n{}", takes.text())),
        }
        if let Some(facts) = &facts {
            text.push_str(&facts.text());
        }
        text
    })
}

/// What is said of a contract whose script is not told.
fn by_type(contract: &Kt1Address, by: &str, takes: &Takes, ui: &Ui) -> Result<Output, Failure> {
    let told = json!({
        "contract": contract.to_string(), "hash": null, "ours": null, "takes": takes.json(),
    });
    ui.answer(&told, || {
        format!(
            "{contract}, on {by}\n  whether it is one of ours is not known: {by} has its types, and no script of it\n{}",
            takes.text()
        )
    })
}

/// The node that is asked, and what to call it.
fn asked(args: &CheckArgs) -> Result<(Layer1, String), Failure> {
    if let Some(endpoint) = &args.layer1.layer1 {
        let node = Node::new(endpoint)?;
        let by = format!("layer 1 at {}", node.endpoint());
        return Ok((Layer1::new(node), by));
    }
    let node = Node::new(&args.sandbox.endpoint)?;
    match node.is_sandbox()? {
        true => Ok((Layer1::new(node), "the sandbox's layer 1".to_owned())),
        false => Err(Layer1Failure::NotNamed.into()),
    }
}

/// What a ticketer of ours says of itself.
struct Facts {
    asset: Asset,
    token: Token,
    supply: BigInt,
    locked: BigInt,
}

/// Asks the views of a ticketer of ours.
fn facts(block: &Layer1Block<'_>, ticketer: &Kt1Address, is_tez: bool) -> Result<Facts, Failure> {
    let asset = if is_tez { Asset::Tez } else { block.token_of(ticketer)? };
    let wrong = |view: &str| Layer1Error::Malformed {
        path: format!("the view {view} of {ticketer}"),
        problem: "not what a ticketer of ours returns".to_owned(),
    };
    let content = block.view(ticketer, "get_content", &unit())?;
    let content = content_of(&content).ok_or_else(|| wrong("get_content"))?;
    let supply = match block.view(ticketer, "get_total_supply", &unit())? {
        Micheline::Int(supply) => supply,
        _ => return Err(wrong("get_total_supply").into()),
    };
    let owner = Address { kind: layer1::address::Kind::Contract, hash: ticketer.0 };
    let locked = block.holds(&owner, &asset)?;
    let token = Token::unindexed(Ticket { ticketer: *ticketer, content }, &Pins::default());
    Ok(Facts { asset, token, supply, locked })
}

/// The content that a view returns.
fn content_of(told: &Micheline) -> Option<TicketContent> {
    whole(&michelson::encode(told), TicketContent::read).ok()
}

impl Facts {
    fn decimals(&self) -> u8 {
        if self.asset == Asset::Tez { TEZ_DECIMALS } else { self.token.decimals }
    }

    fn text(&self) -> String {
        let shown = |units: &BigInt| match u128::try_from(units) {
            Ok(units) => grouped(&amount::digits(units, self.decimals())),
            Err(_) => format!("{units} units"),
        };
        let called = match &self.token.symbol {
            Some(symbol) => format!(", which it calls {}", one_line(symbol)),
            None => String::new(),
        };
        format!(
            "  its tickets stand for {}{called}\n  supply {}, locked {}\n",
            self.asset,
            shown(&self.supply),
            shown(&self.locked)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use layer1::michelson::parse;

    #[test]
    fn contents_of_views() {
        let content = |text: &str| content_of(&parse(text).unwrap());
        assert_eq!(content("Pair 0 None"), Some(TicketContent::NatBytes(0.into(), None)));
        let some = TicketContent::NatBytes(7.into(), Some(vec![5]));
        assert_eq!(content("Pair 7 (Some 0x05)"), Some(some));
        assert_eq!(content("Pair 7 7"), None);
        assert_eq!(content("Unit"), None);
    }
}
