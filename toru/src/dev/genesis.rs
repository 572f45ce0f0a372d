//! What the sandbox's layer 1 begins with: accounts with tez and tokens, ticketers, the deposit helper. Their
//! addresses are the same in every sandbox.

use encoding::{Kt1Address, blake2b_256};
use layer1::address::Address;
use layer1::entrypoints::ScriptError;
use layer1::michelson::parse;
use mockup::genesis::{demo_ticketer, deposit_helper, fa_ticketer, fa2, fa12, xtz_ticketer};
use mockup::{ContractHash, ROLLUP, State, Token, TokenFacts};
use num_bigint::BigUint;

use super::accounts::demo_ticket;

/// The accounts that Octez's own sandboxes begin with. Their keys are known to everybody.
pub const BOOTSTRAP: [&str; 5] = [
    "tz1KqTpEZ7Yob7QbPE4Hy4Wo8fHG8LhKxZSx",
    "tz1gjaF81ZRRvdzjobyfVNsAeSC6PScjfQwN",
    "tz1faswCTDciRzE4oJ9jn2Vm2dvjeyA9fUzU",
    "tz1b7tUupMgCNw2cCLpKTkSD1NZzB5TkP2sv",
    "tz1ddb9NMYHZi5UzPdzTZMYQQZoMub195zgv",
];
/// Tez that each of them has.
pub const BOOTSTRAP_TEZ: u64 = 4_000_000;
/// Mutez in a tez.
const MUTEZ: u64 = 1_000_000;
/// Tokens that each of them has, in whole ones.
pub const BOOTSTRAP_USDT: u64 = 1_000_000;
/// The same of the other token.
pub const BOOTSTRAP_TZBTC: u64 = 100;

/// The contracts of every sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DevContract {
    /// The ticketer of tez.
    XtzTicketer,
    /// The token USDt, of FA2.
    Usdt,
    /// Its ticketer.
    UsdtTicketer,
    /// The token tzBTC, of FA1.2.
    Tzbtc,
    /// Its ticketer.
    TzbtcTicketer,
    /// The helper that deposits.
    Helper,
    /// The ticketer of the demo's ticket.
    Demo,
}

impl DevContract {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::XtzTicketer,
        Self::Usdt,
        Self::UsdtTicketer,
        Self::Tzbtc,
        Self::TzbtcTicketer,
        Self::Helper,
        Self::Demo,
    ];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::XtzTicketer => "XTZ ticketer",
            Self::Usdt => "USDt",
            Self::UsdtTicketer => "USDt ticketer",
            Self::Tzbtc => "tzBTC",
            Self::TzbtcTicketer => "tzBTC ticketer",
            Self::Helper => "deposit helper",
            Self::Demo => "demo ticketer",
        }
    }

    /// The hash in its address: the first bytes of the blake2b-256 of `toru dev contract NAME`.
    #[must_use]
    pub fn hash(self) -> ContractHash {
        if self == Self::Demo {
            return demo_ticket().ticketer.0;
        }
        let digest = blake2b_256(&[b"toru dev contract ", self.name().as_bytes()]).0;
        digest.first_chunk().copied().unwrap_or_default()
    }

    /// The entrypoint at which it pays out, if it is a ticketer.
    #[must_use]
    pub fn exit(self) -> Option<&'static str> {
        match self {
            Self::XtzTicketer | Self::Demo => Some("burn"),
            Self::UsdtTicketer | Self::TzbtcTicketer => Some("withdraw"),
            Self::Usdt | Self::Tzbtc | Self::Helper => None,
        }
    }

    /// Its address.
    #[must_use]
    pub fn address(self) -> Kt1Address {
        Kt1Address(self.hash())
    }
}

/// The accounts by name.
pub fn bootstrap() -> impl Iterator<Item = (String, Address)> {
    let named = (1..).zip(BOOTSTRAP).map(|(number, text): (u32, &str)| {
        Some((format!("bootstrap{number}"), text.parse().ok()?))
    });
    named.flatten()
}

/// The layer 1 that a sandbox begins with, beside a rollup.
///
/// # Errors
/// Never: the scripts are ours.
pub fn genesis(rollup: [u8; 20]) -> Result<State, ScriptError> {
    let mut state = State::new(rollup, Some(parse(ROLLUP)?));
    let accounts: Vec<(String, Address)> = bootstrap().collect();
    for (name, account) in &accounts {
        state.set_account(*account, name, BOOTSTRAP_TEZ.saturating_mul(MUTEZ));
    }
    let holders: Vec<Address> = accounts.into_iter().map(|(_, account)| account).collect();
    let facts = |name: &str, symbol: &str, decimals| TokenFacts {
        name: name.to_owned(),
        symbol: symbol.to_owned(),
        decimals,
    };
    let (usdt, tzbtc) = (facts("Tether USD", "USDt", 6), facts("tzBTC", "tzBTC", 8));
    let each = |whole: u64, facts: &TokenFacts| {
        BigUint::from(whole) * BigUint::from(10_u8).pow(facts.decimals.into())
    };
    for contract in DevContract::ALL {
        let name = contract.name();
        let made = match contract {
            DevContract::XtzTicketer => xtz_ticketer(name),
            DevContract::Usdt => fa2(name, usdt.clone(), &holders, &each(BOOTSTRAP_USDT, &usdt)),
            DevContract::UsdtTicketer => {
                fa_ticketer(name, Token::Fa2(DevContract::Usdt.hash(), BigUint::ZERO), &usdt)
            }
            DevContract::Tzbtc => {
                fa12(name, tzbtc.clone(), &holders, &each(BOOTSTRAP_TZBTC, &tzbtc))
            }
            DevContract::TzbtcTicketer => {
                fa_ticketer(name, Token::Fa12(DevContract::Tzbtc.hash()), &tzbtc)
            }
            DevContract::Helper => deposit_helper(name),
            DevContract::Demo => demo_ticketer(name),
        };
        state.set_contract(contract.hash(), made?);
    }
    Ok(state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mockup::genesis::ticket_of;

    #[test]
    fn addresses_are_those_that_documents_name_and_no_two_are_the_same() {
        let mut hashes: Vec<ContractHash> = DevContract::ALL.iter().map(|one| one.hash()).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), DevContract::ALL.len());
        assert_eq!(bootstrap().count(), BOOTSTRAP.len());
        let state = genesis([0; 20]).unwrap();
        for contract in DevContract::ALL {
            let known = state.contract(&contract.hash()).unwrap();
            let ticket = ticket_of(&contract.hash(), known);
            assert_eq!(ticket.is_some(), contract.exit().is_some(), "{contract:?}");
            if let Some(exit) = contract.exit() {
                let of = layer1::types::shown(known.parameter.entrypoint(exit).unwrap());
                assert!(of.starts_with("pair address (ticket "), "{of}");
            }
        }
    }
}
