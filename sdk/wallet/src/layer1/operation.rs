//! An operation of layer 1 that nobody has signed: as Octez and Taquito write it, and as a command line.

use layer1::address::Address;
use layer1::json::micheline;
use layer1::michelson::{Node, text};
use num_bigint::BigInt;
use serde_json::{Value, json};

use crate::amount;

/// Decimals of tez.
pub const TEZ_DECIMALS: u8 = 6;
/// Tez: the most that a printed command lets the operation pay as its fee.
pub const FEE_CAP_TEZ: &str = "0.1";
/// Tez: the most that a printed command lets the operation burn for storage. A deposit adds a row to the table
/// of tickets, and perhaps one to a token's ledger: some 150 bytes at 0.00025 tez each.
pub const BURN_CAP_TEZ: &str = "0.2";

/// A call of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// The contract.
    pub destination: Address,
    /// Mutez that go with it.
    pub amount: u64,
    /// The entrypoint.
    pub entrypoint: String,
    /// What it is called with.
    pub value: Node,
}

impl Transaction {
    /// As Octez and Taquito both write the parameters.
    fn parameters(&self) -> Value {
        json!({"entrypoint": self.entrypoint, "value": micheline(&self.value)})
    }

    /// The tez that go with it, as people write them.
    fn tez(&self) -> String {
        amount::digits(self.amount.into(), TEZ_DECIMALS)
    }
}

/// Calls that one account makes, all or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The calls, in order.
    pub transactions: Vec<Transaction>,
}

/// What an operation may use, for whoever simulates it: gas and bytes of storage for each call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Gas.
    pub gas: u64,
    /// Bytes.
    pub storage: u64,
}

impl Group {
    /// The contents as the sandbox takes them, and as Octez does once counter, fee and limits are in them.
    #[must_use]
    pub fn contents(&self, source: &Address) -> Value {
        let content = |one: &Transaction| {
            json!({
                "kind": "transaction",
                "source": source.to_string(),
                "destination": one.destination.to_string(),
                "amount": one.amount.to_string(),
                "parameters": one.parameters(),
            })
        };
        self.transactions.iter().map(content).collect()
    }

    /// The contents with all that a node wants of them to simulate them. `counter` is that of the account's
    /// last operation.
    #[must_use]
    pub fn simulated(&self, source: &Address, counter: &BigInt, limits: Limits) -> Value {
        let mut contents = self.contents(source);
        for (at, content) in contents.as_array_mut().into_iter().flatten().enumerate() {
            content["fee"] = json!("0");
            content["counter"] = json!((counter + at + 1_u32).to_string());
            content["gas_limit"] = json!(limits.gas.to_string());
            content["storage_limit"] = json!(limits.storage.to_string());
        }
        contents
    }

    /// As Taquito's `wallet.batch` and `contract.batch` take it: whoever signs is the source.
    #[must_use]
    pub fn taquito(&self) -> Value {
        let call = |one: &Transaction| {
            json!({
                "kind": "transaction",
                "to": one.destination.to_string(),
                "amount": one.amount,
                "mutez": true,
                "parameter": one.parameters(),
            })
        };
        self.transactions.iter().map(call).collect()
    }

    /// The words of a command of `octez-client` that makes it. They are not quoted for a shell.
    #[must_use]
    pub fn octez_client(&self, source: &str) -> Vec<String> {
        let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let caps = words(&["--fee-cap", FEE_CAP_TEZ, "--burn-cap", BURN_CAP_TEZ]);
        let command = match self.transactions.as_slice() {
            [one] => words(&[
                "octez-client",
                "transfer",
                &one.tez(),
                "from",
                source,
                "to",
                &one.destination.to_string(),
                "--entrypoint",
                &one.entrypoint,
                "--arg",
                &text(&one.value),
            ]),
            all => {
                let call = |one: &Transaction| {
                    json!({
                        "destination": one.destination.to_string(),
                        "amount": one.tez(),
                        "entrypoint": one.entrypoint,
                        "arg": text(&one.value),
                    })
                };
                let calls: Value = all.iter().map(call).collect();
                let calls = calls.to_string();
                words(&["octez-client", "multiple", "transfers", "from", source, "using", &calls])
            }
        };
        [command, caps].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use layer1::michelson::parse;

    fn group(count: usize) -> (Group, Address) {
        let destination: Address = "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT".parse().unwrap();
        let value = parse("Pair \"a b\" 1").unwrap();
        let entrypoint = "go".to_owned();
        let one = Transaction { destination, amount: 12_500_000, entrypoint, value };
        let source = "tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU".parse().unwrap();
        (Group { transactions: vec![one; count] }, source)
    }

    #[test]
    fn one_call_is_a_transfer_and_several_are_multiple_transfers() {
        let words = group(1).0.octez_client("alice");
        let expected = [
            "octez-client",
            "transfer",
            "12.5",
            "from",
            "alice",
            "to",
            "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT",
            "--entrypoint",
            "go",
            "--arg",
            "Pair \"a b\" 1",
            "--fee-cap",
            "0.1",
            "--burn-cap",
            "0.2",
        ];
        assert_eq!(words, expected);
        let words = group(2).0.octez_client("alice");
        assert_eq!(words[..6], ["octez-client", "multiple", "transfers", "from", "alice", "using"]);
        let calls: Value = serde_json::from_str(&words[6]).unwrap();
        assert_eq!(calls.as_array().unwrap().len(), 2);
        assert_eq!(
            (&calls[0]["amount"], &calls[0]["arg"]),
            (&json!("12.5"), &json!("Pair \"a b\" 1"))
        );
        assert_eq!(words[7..], ["--fee-cap", "0.1", "--burn-cap", "0.2"]);
    }

    #[test]
    fn the_same_for_octez_and_for_taquito() {
        let (group, source) = group(2);
        let limits = Limits { gas: 1_000, storage: 200 };
        let octez = group.simulated(&source, &41.into(), limits);
        assert_eq!(octez[0]["source"], source.to_string());
        assert_eq!((&octez[0]["counter"], &octez[1]["counter"]), (&json!("42"), &json!("43")));
        assert_eq!((&octez[0]["amount"], &octez[0]["fee"]), (&json!("12500000"), &json!("0")));
        assert_eq!(
            (&octez[1]["gas_limit"], &octez[1]["storage_limit"]),
            (&json!("1000"), &json!("200"))
        );
        let taquito = group.taquito();
        assert_eq!(
            (&taquito[0]["amount"], &taquito[0]["mutez"]),
            (&json!(12_500_000), &json!(true))
        );
        assert_eq!(taquito[0]["parameter"], octez[0]["parameters"]);
        assert_eq!(group.contents(&source)[0].get("counter"), None);
    }
}
