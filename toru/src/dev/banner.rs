//! What a sandbox says of itself when it is there.

use explain::text::grouped;
use layer1::address::{Address, Kind};
use node::Chain;
use serde_json::{Value, json};

use super::accounts::{Account, FUNDS, demo_ticket};
use super::args::StartArgs;
use super::genesis::{BOOTSTRAP_TEZ, BOOTSTRAP_TZBTC, BOOTSTRAP_USDT, DevContract, bootstrap};

fn rollup_address(chain: &Chain) -> String {
    Address { kind: Kind::Rollup, hash: chain.store().identity().rollup }.to_string()
}

/// The same as JSON.
pub(super) fn banner_json(
    chain: &Chain,
    accounts: &[Account],
    address: &str,
    args: &StartArgs,
) -> Value {
    let accounts = (0..).zip(accounts).map(|(number, account): (u32, _)| {
        json!({
            "name": format!("dev{number}"),
            "account": account.address.to_string(),
            "secret_key": account.text,
        })
    });
    let named = bootstrap().map(|(name, address)| (name, json!(address.to_string())));
    let named: Value = Value::Object(named.collect());
    let contracts = DevContract::ALL.into_iter();
    let contracts = contracts.map(|one| (one.name().to_owned(), json!(one.address().to_string())));
    let contracts: Value = Value::Object(contracts.collect());
    json!({
        "endpoint": format!("http://{address}"),
        "explorer": format!("http://{address}/"),
        "batcher": (!args.no_batcher).then(|| format!("http://{address}")),
        "rollup": rollup_address(chain),
        "level": chain.head(),
        "block_time": args.block_time,
        "commitment_period": args.commitment_period,
        "challenge_window": args.challenge_window,
        "engine": args.engine.kind().name(),
        "ticketer": demo_ticket().ticketer.to_string(),
        "accounts": accounts.collect::<Value>(),
        "layer1": {"accounts": named, "contracts": contracts},
    })
}

/// What a sandbox says of itself when it is there.
pub(super) fn banner(
    chain: &Chain,
    accounts: &[Account],
    address: &str,
    args: &StartArgs,
) -> String {
    let rollup = rollup_address(chain);
    let mut text = String::from(
        "A sandbox: NOTHING HERE IS WORTH ANYTHING.\n\
         THESE SECRET KEYS ARE KNOWN TO EVERYBODY.\n\
         Whatever is sent to these accounts on a real network is lost.\n\n",
    );
    for (number, account) in accounts.iter().enumerate() {
        text.push_str(&format!("  dev{number}  {}\n        {}\n", account.address, account.text));
    }
    text.push_str(&format!(
        "\neach began with {FUNDS} of the ticket \"demo\", which nothing stands behind\n\n\
         On layer 1, each with {} tez, {} USDt and {} tzBTC:\n",
        grouped(&BOOTSTRAP_TEZ.to_string()),
        grouped(&BOOTSTRAP_USDT.to_string()),
        BOOTSTRAP_TZBTC,
    ));
    for (name, address) in bootstrap() {
        text.push_str(&format!("  {name}  {address}\n"));
    }
    text.push_str("\nContracts of layer 1:\n");
    for contract in DevContract::ALL {
        text.push_str(&format!("  {:<14}  {}\n", contract.name(), contract.address()));
    }
    let batcher = match args.no_batcher {
        true => "",
        false => "batcher      there too, under /v1 (GET /openapi.json)\n",
    };
    let baking = match args.block_time {
        0 => "on demand (toru dev mine)".to_owned(),
        1 => "each second".to_owned(),
        seconds => format!("every {seconds} seconds"),
    };
    text.push_str(&format!(
        "\n\
         rollup       {rollup}\n\
         level        {}, then {baking}\n\
         commitments  every {} levels, cemented after {}\n\
         engine       {}\n\
         serving      http://{address} (GET /openapi)\n\
         pages        http://{address}/ shows all of it in a browser\n\
         {batcher}",
        chain.head(),
        args.commitment_period,
        args.challenge_window,
        args.engine.kind(),
    ));
    text
}
