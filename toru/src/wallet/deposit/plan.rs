//! What a deposit would do, checked before anything is made: the rollup, the ticket, the receiver, the amount, and
//! what layer 1 says, where it is asked.

use encoding::{Amount, Ticket};
use inbox::v2::TicketName;
use layer1::address::Address;
use layer1::plain::one_line;
use num_bigint::BigInt;
use serde_json::{Value, json};
use tx_kernel::layout::refund_to_sender_path;
use wallet::amount;
use wallet::layer1::asset::Asset;
use wallet::layer1::deposit::Deposit;
use wallet::layer1::operation::{Group, TEZ_DECIMALS};
use wallet::layer1::{Layer1Block, Simulated};
use wallet::pins::Pin;
use wallet::state::RollupState;

use super::super::error::deposit::DepositFailure;
use super::super::grid::big_amount;
use super::super::layer1::Person;
use super::super::session::Session;
use super::DepositArgs;
use super::route::{contract, may_be_allowed};
use crate::error::Failure;

/// The byte that says that refunds go to the contract that sent a deposit.
const TO_SENDER: [u8; 1] = [1];

/// A deposit that can be made, as far as that is known.
pub(super) struct DepositPlan {
    /// The deposit.
    pub deposit: Deposit,
    /// Its ticket.
    pub pin: Pin,
    /// Who makes it.
    pub payer: Person,
    /// Who is credited.
    pub receiver: String,
    /// The calls.
    pub group: Group,
    /// What the payer has, if layer 1 was asked.
    pub has: Option<BigInt>,
    /// Who has simulated it, and why it would be refused.
    pub simulated: Option<(String, Result<(), String>)>,
}

impl Session<'_> {
    /// Checks a deposit.
    pub(super) fn deposit_plan(&self, args: &DepositArgs) -> Result<DepositPlan, Failure> {
        let state = self.state()?;
        let pin = self.pin_of(&state, &args.ticket)?;
        let amount = amount::parse(&args.amount, pin.decimals)?;
        let receiver = self.account_ref(&state, &args.to)?;
        let payer = self.signer_on_layer1("--from", &args.from)?;
        fits(&state, &pin, amount)?;
        self.refunds_reach_the_payer(&state, &pin.ticket)?;
        let helper = self.helper(args, &pin)?;
        let asked = self.asked_layer1(&args.layer1)?;
        let block = asked.as_ref().map(|asked| asked.layer1.block("head")).transpose()?;
        let asset = self.asset(&pin, block.as_ref())?;
        let owner = payer.address.as_ref();
        let deposit = Deposit {
            helper,
            ticketer: pin.ticket.ticketer,
            rollup: *state.rollup(),
            receiver: receiver.address,
            amount: amount.get(),
            clears_allowance: may_be_allowed(block.as_ref(), &asset, owner, &helper)?,
            asset,
        };
        let group = deposit.group(owner)?;
        let mut plan = DepositPlan {
            deposit,
            pin,
            payer,
            receiver: receiver.label(),
            group,
            has: None,
            simulated: None,
        };
        if let (Some(block), Some(asked), Some(owner)) = (block, asked.as_ref(), plan.payer.address)
        {
            plan.ask_layer1(&block, &asked.by, &owner)?;
        }
        Ok(plan)
    }

    /// Fails if what cannot be credited is paid back to the helper, which has no use for it.
    fn refunds_reach_the_payer(
        &self,
        state: &RollupState<'_>,
        ticket: &Ticket,
    ) -> Result<(), Failure> {
        let path = refund_to_sender_path(&ticket.ticketer);
        let told = self.wallet.node().value(&state.block().hash, &path)?;
        match told.as_deref() == Some(&TO_SENDER[..]) {
            true => Err(DepositFailure::RefundsToSender(ticket.ticketer).into()),
            false => Ok(()),
        }
    }
}

/// Fails if the rollup could not hold so much more of a ticket.
fn fits(state: &RollupState<'_>, pin: &Pin, amount: Amount) -> Result<(), Failure> {
    let Some(token) = state.token_named(&TicketName::Full(pin.ticket.clone()))? else {
        return Ok(());
    };
    let supply = state.ledger(|ledger| ledger.supply(token.index))?;
    match supply.on_rollup.checked_add(amount) {
        Some(_) => Ok(()),
        None => Err(DepositFailure::TooMuch {
            has: units(&supply.on_rollup.get().into(), pin),
            most: units(&u64::MAX.into(), pin),
        }
        .into()),
    }
}

/// An amount in the unit of a pinned ticket, with its name.
fn units(amount: &BigInt, pin: &Pin) -> String {
    format!("{} {}", big_amount(amount, pin.decimals), pin.name)
}

impl DepositPlan {
    /// What the payer has, and whether layer 1 would take it.
    fn ask_layer1(
        &mut self,
        block: &Layer1Block<'_>,
        by: &str,
        owner: &Address,
    ) -> Result<(), Failure> {
        let has = block.holds(owner, &self.deposit.asset)?;
        if has < BigInt::from(self.deposit.amount) {
            return Err(DepositFailure::Short {
                who: self.payer.label(),
                has: self.on_layer1(&has),
                wants: self.on_layer1(&self.deposit.amount.into()),
            }
            .into());
        }
        self.has = Some(has);
        let simulated = match block.simulate(owner, &self.group)? {
            Simulated::Applied => Ok(()),
            Simulated::Refused(problem) => Err(problem),
        };
        self.simulated = Some((by.to_owned(), simulated));
        Ok(())
    }

    /// Fails if layer 1 says that it would refuse it.
    pub fn passes(&self) -> Result<(), Failure> {
        match &self.simulated {
            Some((by, Err(problem))) => {
                let (by, problem) = (by.clone(), problem.clone());
                Err(DepositFailure::WouldBeRefused { by, problem }.into())
            }
            _ => Ok(()),
        }
    }

    /// An amount of what is deposited, as it is called on layer 1.
    pub fn on_layer1(&self, amount: &BigInt) -> String {
        match self.deposit.asset {
            Asset::Tez => format!("{} tez", big_amount(amount, TEZ_DECIMALS)),
            Asset::Fa12(_) | Asset::Fa2(..) => units(amount, &self.pin),
        }
    }

    /// In words.
    pub fn text(&self) -> String {
        let amount = self.deposit.amount.into();
        let mut text = format!(
            "on {}\n{} deposits {} for {}\n",
            self.deposit.rollup,
            self.payer.label(),
            units(&amount, &self.pin),
            self.receiver
        );
        let helper = contract(self.deposit.helper);
        for one in &self.group.transactions {
            let what = match (one.destination == helper, &self.deposit.asset) {
                (true, Asset::Tez) => format!("takes {}", self.on_layer1(&amount)),
                (true, _) => format!("takes {}, and no more", self.on_layer1(&amount)),
                (false, _) => allowance_words(&one.entrypoint, &one.value).to_owned(),
            };
            text.push_str(&format!("  {}%{}\n    {what}\n", one.destination, one.entrypoint));
        }
        text.push_str(&format!(
            "  {} mints the ticket, and the rollup credits it\n",
            self.deposit.ticketer
        ));
        match &self.simulated {
            Some((by, Ok(()))) => text.push_str(&format!("{by} would apply it\n")),
            Some((by, Err(problem))) => {
                text.push_str(&format!("{by} WOULD REFUSE IT: {}\n", one_line(problem)));
            }
            None => text.push_str(
                "WHETHER LAYER 1 WOULD TAKE IT IS NOT KNOWN: --layer1 URL, or TORU_LAYER1, asks a node, if --from \
                 is an address\n",
            ),
        }
        text
    }

    /// As JSON.
    pub fn json(&self) -> Value {
        let (asset, token) = match &self.deposit.asset {
            Asset::Tez => ("tez", None),
            Asset::Fa12(token) => ("fa1.2", Some((token, BigInt::ZERO))),
            Asset::Fa2(token, id) => ("fa2", Some((token, id.clone()))),
        };
        json!({
            "rollup": self.deposit.rollup.to_string(),
            "from": {"name": self.payer.name, "address": self.payer.address.map(|one| one.to_string())},
            "to": self.deposit.receiver.to_string(),
            "ticket": self.pin.name,
            "ticketer": self.deposit.ticketer.to_string(),
            "content": hex::encode(self.pin.ticket.content.to_micheline()),
            "helper": self.deposit.helper.to_string(),
            "amount": amount::digits(self.deposit.amount.into(), self.pin.decimals),
            "units": self.deposit.amount.to_string(),
            "asset": asset,
            "token": token.as_ref().map(|(token, _)| token.to_string()),
            "token_id": token.as_ref().map(|(_, id)| id.to_string()),
            "balance_units": self.has.as_ref().map(ToString::to_string),
            "simulated_by": self.simulated.as_ref().map(|(by, _)| by),
            "would_be_refused": match &self.simulated {
                Some((_, Err(problem))) => Some(problem),
                _ => None,
            },
        })
    }
}

/// What a call of a token is for.
fn allowance_words(entrypoint: &str, value: &layer1::michelson::Node) -> &'static str {
    use wallet::layer1::micheline::both;
    let takes_back = match entrypoint {
        "approve" => both(value)
            .is_some_and(|(_, amount)| amount == layer1::michelson::Node::Int(BigInt::ZERO)),
        _ => matches!(value, layer1::michelson::Node::Seq(all)
            if all.iter().any(|one| wallet::layer1::micheline::args::<1>(one, "Right").is_some())),
    };
    match takes_back {
        true => "lets the helper take nothing",
        false => "lets the helper take the tokens",
    }
}
