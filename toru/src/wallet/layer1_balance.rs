//! What an account of layer 1 has: tez, and the tokens that pinned tickets stand for.

use layer1::address::{Address, Kind};
use num_bigint::BigInt;
use serde_json::{Value, json};
use wallet::amount;
use wallet::layer1::Layer1Block;
use wallet::layer1::asset::Asset;
use wallet::layer1::operation::TEZ_DECIMALS;
use wallet::pins::{Pin, PinKind};

use super::error::deposit::DepositFailure;
use super::grid::{grid, grouped};
use super::layer1::Person;
use super::session::Session;
use crate::cli::groups::Layer1Args;
use crate::error::Failure;
use crate::ui::{Output, json_line};

/// Something that an account of layer 1 can have.
struct Holding {
    /// What it is called.
    name: String,
    decimals: u8,
    asset: Asset,
    units: BigInt,
}

impl Holding {
    fn amount(&self) -> String {
        match u128::try_from(&self.units) {
            Ok(units) => amount::digits(units, self.decimals),
            Err(_) => self.units.to_string(),
        }
    }
}

impl Session<'_> {
    /// The account of layer 1 that a word means, if it means one: accounts of the rollup come first.
    pub(super) fn only_on_layer1(&self, word: &str) -> Result<Option<(Person, Address)>, Failure> {
        let looks_like_one = match word.parse::<Address>() {
            Ok(address) => !matches!(address.kind, Kind::Implicit(3) | Kind::Rollup),
            Err(_) => self.wallet.is_sandbox() && !self.has_key(word)?,
        };
        if !looks_like_one {
            return Ok(None);
        }
        let person = self.person(word)?;
        // A word that means nobody on layer 1 is somebody on the rollup, or nobody at all.
        Ok(person.and_then(|person| person.address.map(|address| (person, address))))
    }

    /// Whether a word is the name of a key.
    fn has_key(&self, word: &str) -> Result<bool, Failure> {
        match word.parse() {
            Ok(name) => Ok(self.keyring.public_key(&name)?.is_some()),
            Err(_) => Ok(false),
        }
    }

    /// What it has.
    pub(super) fn layer1_balance(
        &self,
        (person, address): &(Person, Address),
        wanted: Option<&str>,
        args: &Layer1Args,
    ) -> Result<Output, Failure> {
        let asked = self.needs_layer1(args)?;
        let block = asked.layer1.block("head")?;
        let mut all = Vec::new();
        if wanted.is_none() {
            all.push(Holding {
                name: "tez".to_owned(),
                decimals: TEZ_DECIMALS,
                units: block.balance(address)?,
                asset: Asset::Tez,
            });
        }
        let pins = self.wallet.pins();
        match wanted {
            Some(name) => {
                let pin = pins.find(name);
                let pin = pin.ok_or_else(|| DepositFailure::NotPinned(name.to_owned()))?;
                let held = held(&block, address, pin)?;
                all.push(held.ok_or_else(|| DepositFailure::StandsForOther(name.to_owned()))?);
            }
            None => {
                for pin in pins.entries().iter().filter(|pin| pin.kind == PinKind::Fa) {
                    all.extend(held(&block, address, pin)?);
                }
            }
        }
        let header = block.header();
        if self.ui.is_json() {
            let holds = all.iter().map(|one| {
                json!({
                    "name": one.name, "amount": one.amount(), "units": one.units.to_string(),
                    "asset": one.asset.to_string(),
                })
            });
            return json_line(&json!({
                "account": address.to_string(),
                "name": person.name,
                "layer1": asked.by,
                "level": header.level.0,
                "holds": holds.collect::<Value>(),
            }))
            .map(Output::from);
        }
        if let (Some(_), [one]) = (wanted, all.as_slice()) {
            return Ok(Output::from(format!("{}\n", one.amount())));
        }
        let mut text = format!("{}: on {}, level {}\n", person.label(), asked.by, header.level);
        let rows = all.iter().map(|one| {
            let what = if one.asset == Asset::Tez { String::new() } else { one.asset.to_string() };
            vec![grouped(&one.amount()), one.name.clone(), what]
        });
        text.push_str(&grid(&["amount", "of", "which is"], &["amount"], rows));
        Ok(Output::from(text))
    }
}

/// What an account has of what a pinned ticket stands for; `None` if that is neither tez nor a token.
fn held(block: &Layer1Block<'_>, address: &Address, pin: &Pin) -> Result<Option<Holding>, Failure> {
    let Some(asset) = block.stands_for(&pin.ticket, pin.kind)? else { return Ok(None) };
    let units = block.holds(address, &asset)?;
    Ok(Some(Holding { name: pin.name.clone(), decimals: pin.decimals, asset, units }))
}
