//! By which contracts a deposit goes, and whether they are known.

use encoding::Kt1Address;
use layer1::address::{Address, Kind, Role};
use num_bigint::BigInt;
use wallet::layer1::asset::Asset;
use wallet::layer1::{Layer1Block, Layer1Error};
use wallet::pins::{Pin, PinKind};
use wallet::state::RollupState;

use super::super::error::deposit::DepositFailure;
use super::super::session::Session;
use super::DepositArgs;
use crate::dev::demo_ticket;
use crate::error::Failure;

impl Session<'_> {
    /// The pin that a word on the command line means.
    pub(super) fn pin_of(&self, state: &RollupState<'_>, word: &str) -> Result<Pin, Failure> {
        if let Some(pin) = self.wallet.pins().find(word) {
            return Ok(pin.clone());
        }
        // By its index, or its ticketer, where that means one ticket.
        let is_exact = word.starts_with('#') || word.starts_with("KT1");
        if is_exact {
            let token = state.token(&state.tokens()?, None, word)??;
            if let Some(pin) = self.wallet.pins().of(&token.ticket) {
                return Ok(pin.clone());
            }
        }
        Err(DepositFailure::NotPinned(word.to_owned()).into())
    }

    /// The helper that is named, or pinned.
    pub(super) fn helper(&self, args: &DepositArgs, pin: &Pin) -> Result<Kt1Address, Failure> {
        if pin.kind == PinKind::Other {
            return Err(self.stands_for_other(pin).into());
        }
        let Some(text) = &args.helper else {
            return Ok(pin.helper.ok_or_else(|| DepositFailure::NoHelper(pin.name.clone()))?);
        };
        let address = Address::parse_as(Role::Contract, text);
        let address = address.map_err(|problem| Failure::option("--helper", text, &problem))?;
        Ok(Kt1Address(address.hash))
    }

    /// What is to be deposited for a ticket: as layer 1 tells, if it is asked; otherwise as the ticket claims.
    pub(super) fn asset(
        &self,
        pin: &Pin,
        block: Option<&Layer1Block<'_>>,
    ) -> Result<Asset, Failure> {
        let asset = match block {
            Some(block) => block.stands_for(&pin.ticket, pin.kind)?,
            None => Asset::claimed_as(&pin.ticket, pin.kind),
        };
        match (asset, pin.kind) {
            (Some(asset), _) => Ok(asset),
            (None, PinKind::Fa) => Err(DepositFailure::TokenUnknown(pin.ticket.ticketer).into()),
            (None, _) => Err(self.stands_for_other(pin).into()),
        }
    }

    /// Why nothing is deposited for a ticket that stands for neither tez nor a token.
    fn stands_for_other(&self, pin: &Pin) -> DepositFailure {
        match self.wallet.is_simulated() && pin.ticket == demo_ticket() {
            true => DepositFailure::Demo,
            false => DepositFailure::StandsForOther(pin.name.clone()),
        }
    }
}

/// Whether a helper may be allowed to take some of a token already; so it is, as long as that is not known.
pub(super) fn may_be_allowed(
    block: Option<&Layer1Block<'_>>,
    asset: &Asset,
    owner: Option<&Address>,
    helper: &Kt1Address,
) -> Result<bool, Failure> {
    let (Asset::Fa12(token), Some(block), Some(owner)) = (asset, block, owner) else {
        return Ok(true);
    };
    match block.allowance(token, owner, helper) {
        Ok(allowed) => Ok(allowed > BigInt::ZERO),
        Err(Layer1Error::Refused { .. }) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// The address of a contract.
pub(super) fn contract(contract: Kt1Address) -> Address {
    Address { kind: Kind::Contract, hash: contract.0 }
}
