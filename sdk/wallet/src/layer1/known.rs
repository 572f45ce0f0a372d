//! The contracts that we ship: recognised on layer 1 by the hash of their script, and put there.

use encoding::TicketContent;
use layer1::michelson::{self, Node, ParseError, text};
use layer1::script::Script;
use num_bigint::BigInt;

use super::asset::Asset;
use super::micheline::{int, left, none, pair, right, some, string};
use crate::amount;

/// A contract that we ship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownContract {
    /// Mints tickets for tez, and pays tez for them.
    XtzTicketer,
    /// Mints tickets for one token of FA1.2 or FA2, and pays that token for them.
    FaTicketer,
    /// Has either mint, and deposits the ticket in a rollup.
    DepositHelper,
}

impl KnownContract {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::XtzTicketer, Self::FaTicketer, Self::DepositHelper];

    /// What its file is called, without its ending.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::XtzTicketer => "xtz_ticketer",
            Self::FaTicketer => "fa_ticketer",
            Self::DepositHelper => "deposit_helper",
        }
    }

    /// The same in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::XtzTicketer => "the ticketer of tez",
            Self::FaTicketer => "the ticketer of a token",
            Self::DepositHelper => "the deposit helper",
        }
    }

    /// Its script, as the file has it.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Self::XtzTicketer => include_str!("../../../../contracts/xtz_ticketer/xtz_ticketer.tz"),
            Self::FaTicketer => include_str!("../../../../contracts/fa_ticketer/fa_ticketer.tz"),
            Self::DepositHelper => {
                include_str!("../../../../contracts/deposit_helper/deposit_helper.tz")
            }
        }
    }

    /// Its script.
    ///
    /// # Errors
    /// When the file is no Michelson: a test sees that it is.
    pub fn script(self) -> Result<Script, ParseError> {
        Script::of_text(self.file())
    }

    /// Which of ours a script is, by its hash.
    #[must_use]
    pub fn of(script: &Script) -> Option<Self> {
        let hash = script.hash();
        Self::ALL.into_iter().find(|one| one.script().is_ok_and(|script| script.hash() == hash))
    }
}

/// What a ticketer of tokens is told about its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFacts {
    /// The token: of FA1.2 or FA2.
    pub token: Asset,
    /// How many digits an amount has after the point.
    pub decimals: u8,
    /// What people call it.
    pub symbol: String,
    /// A longer name.
    pub name: String,
}

/// The byte that packed Micheline begins with.
const PACKED: u8 = 5;

impl TokenFacts {
    /// The content of the tickets; `None` for tez, which have no facts.
    #[must_use]
    pub fn content(&self) -> Option<TicketContent> {
        let (contract, id, kind) = match &self.token {
            Asset::Tez => return None,
            Asset::Fa12(contract) => (contract, BigInt::ZERO, "FA1.2"),
            Asset::Fa2(contract, id) => (contract, id.clone(), "FA2"),
        };
        let fact = |key: &str, value: &str| elt(string(key), Node::Bytes(value.into()));
        // In the order of their keys, which layer 1 demands of a map.
        let facts = Node::Seq(vec![
            fact("contract_address", &contract.to_string()),
            fact("decimals", &self.decimals.to_string()),
            fact("name", &self.name),
            fact("symbol", &self.symbol),
            fact("token_type", kind),
        ]);
        let packed = [&[PACKED], michelson::encode(&facts).as_slice()].concat();
        Some(TicketContent::NatBytes(id, Some(packed)))
    }

    /// What the ticketer's storage is at first; `None` for tez.
    #[must_use]
    pub fn storage(&self) -> Option<Node> {
        let TicketContent::NatBytes(id, Some(facts)) = self.content()? else { return None };
        let token = match &self.token {
            Asset::Tez => return None,
            Asset::Fa12(contract) => left(string(contract)),
            Asset::Fa2(contract, id) => right(pair(string(contract), int(id.clone()))),
        };
        let content = pair(int(id), some(Node::Bytes(facts)));
        Some(pair(content, pair(token, int(0))))
    }
}

fn elt(key: Node, value: Node) -> Node {
    super::micheline::applied("Elt", vec![key, value])
}

/// A contract that is to be put on layer 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origination {
    /// Which.
    pub contract: KnownContract,
    /// What is stored at first.
    pub storage: Node,
}

/// Bytes that an origination burns for beside script and storage.
const ORIGINATION_BYTES: u64 = 257;
/// Mutez: what a byte of storage burns.
const MUTEZ_PER_BYTE: u64 = 250;
/// Mutez: the burn cap of a printed command is a whole number of these, and at least one more than it takes.
const CAP_STEP_MUTEZ: u64 = 100_000;

impl Origination {
    /// The ticketer of tez.
    #[must_use]
    pub fn xtz_ticketer() -> Self {
        Self { contract: KnownContract::XtzTicketer, storage: int(0) }
    }

    /// The deposit helper.
    #[must_use]
    pub fn deposit_helper() -> Self {
        Self { contract: KnownContract::DepositHelper, storage: none() }
    }

    /// The ticketer of a token; `None` for tez.
    #[must_use]
    pub fn fa_ticketer(facts: &TokenFacts) -> Option<Self> {
        Some(Self { contract: KnownContract::FaTicketer, storage: facts.storage()? })
    }

    /// Mutez: the most that the printed command lets it burn.
    ///
    /// # Errors
    /// As for [`KnownContract::script`].
    pub fn burn_cap(&self) -> Result<u64, ParseError> {
        let length = |node: &Node| michelson::encode(node).len();
        let bytes = self.contract.script()?.length() + length(&self.storage);
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_add(ORIGINATION_BYTES);
        let burned = bytes.saturating_mul(MUTEZ_PER_BYTE);
        Ok((burned / CAP_STEP_MUTEZ).saturating_add(2).saturating_mul(CAP_STEP_MUTEZ))
    }

    /// The words of the command of `octez-client` that makes it. They are not quoted for a shell.
    ///
    /// # Errors
    /// As for [`KnownContract::script`].
    pub fn octez_client(
        &self,
        alias: &str,
        source: &str,
        file: &str,
    ) -> Result<Vec<String>, ParseError> {
        let cap = amount::digits(self.burn_cap()?.into(), super::operation::TEZ_DECIMALS);
        let storage = text(&self.storage);
        let words = [
            "octez-client",
            "originate",
            "contract",
            alias,
            "transferring",
            "0",
            "from",
            source,
            "running",
            &format!("file:{file}"),
            "--init",
            &storage,
            "--burn-cap",
            &cap,
        ];
        Ok(words.map(str::to_owned).to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pins::Pins;
    use crate::ticket::Token;
    use encoding::{Kt1Address, Ticket};
    use layer1::michelson::parse;
    use layer1::types::same;

    #[test]
    fn ours_are_recognised_and_nothing_else_is() {
        for one in KnownContract::ALL {
            let script = one.script().unwrap_or_else(|error| panic!("{one:?}: {error}"));
            assert_eq!(KnownContract::of(&script), Some(one));
            // As a node tells it.
            let told = Script::of_json(&script.to_json()).unwrap();
            assert_eq!(KnownContract::of(&told), Some(one));
        }
        let other = Script::of_text("parameter unit; storage unit; code { DROP }").unwrap();
        assert_eq!(KnownContract::of(&other), None);
    }

    /// What another program has computed: `contracts/README.md` says which.
    const HASHES: &str = include_str!("../../../../contracts/hashes.txt");

    #[test]
    fn hashes_are_those_that_are_written_beside_the_files() {
        for one in KnownContract::ALL {
            let line = format!("{}  {n}/{n}.tz", one.script().unwrap().hash(), n = one.name());
            assert!(HASHES.lines().any(|known| known == line), "{line}");
        }
    }

    #[test]
    fn they_take_what_they_are_called_with() {
        let ticket = "ticket (pair nat (option bytes))";
        let tez = "pair address (pair address string)";
        let fa = "pair address (pair address (pair string nat))";
        let exit = format!("pair address ({ticket})");
        for (contract, entrypoint, wanted) in [
            (KnownContract::XtzTicketer, "mint", "address"),
            (KnownContract::XtzTicketer, "burn", &exit),
            (KnownContract::FaTicketer, "deposit", "nat"),
            (KnownContract::FaTicketer, "withdraw", &exit),
            (KnownContract::DepositHelper, "deposit_xtz", tez),
            (KnownContract::DepositHelper, "deposit_fa", fa),
            (KnownContract::DepositHelper, "default", ticket),
        ] {
            let parameter = contract.script().unwrap().parameter().unwrap();
            let found = parameter.entrypoint(entrypoint).unwrap();
            assert!(same(found, &parse(wanted).unwrap()), "{contract:?}%{entrypoint}");
        }
    }

    fn facts(token: Asset) -> TokenFacts {
        let (symbol, name) = ("USDt".to_owned(), "Tether USD".to_owned());
        TokenFacts { token, decimals: 6, symbol, name }
    }

    #[test]
    fn the_facts_of_a_token_are_read_as_they_are_written() {
        let contract = Kt1Address([9; 20]);
        for (token, id) in [(Asset::Fa12(contract), 0), (Asset::Fa2(contract, 7.into()), 7)] {
            let facts = facts(token.clone());
            let content = facts.content().unwrap();
            assert_eq!(Asset::claimed(&content), Some(token));
            assert!(matches!(&content, TicketContent::NatBytes(found, _) if *found == id.into()));
            let ticket = Ticket { ticketer: Kt1Address([1; 20]), content };
            let read = Token::unindexed(ticket, &Pins::default());
            assert_eq!((read.symbol.as_deref(), read.decimals), (Some("USDt"), 6));
            assert_eq!(read.name.as_deref(), Some("Tether USD"));
        }
        assert_eq!(facts(Asset::Tez).storage(), None);
    }

    #[test]
    fn storages_are_of_the_scripts_types() {
        let token = Asset::Fa2(Kt1Address([9; 20]), 7.into());
        let fa = Origination::fa_ticketer(&facts(token)).unwrap();
        for origination in [Origination::xtz_ticketer(), Origination::deposit_helper(), fa] {
            let script = origination.contract.script().unwrap();
            let expected = script.storage().unwrap();
            layer1::fits::fits(&origination.storage, expected).unwrap();
            let words = origination.octez_client("a", "b", "c.tz").unwrap();
            assert_eq!(words[8..10], ["running", "file:c.tz"]);
            let init = parse(&words[11]).unwrap();
            assert_eq!(init, origination.storage);
            // A cap of some tez, for scripts of some kilobytes.
            assert!((300_000..5_000_000).contains(&origination.burn_cap().unwrap()));
        }
    }
}
