//! What a sandbox says of itself when it is there.

use layer1::address::{Address, Kind};
use node::Chain;
use serde_json::{Value, json};

use super::accounts::{Account, FUNDS, demo_ticket};
use super::args::StartArgs;

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
    json!({
        "endpoint": format!("http://{address}"),
        "rollup": rollup_address(chain),
        "level": chain.head(),
        "block_time": args.block_time,
        "commitment_period": args.commitment_period,
        "challenge_window": args.challenge_window,
        "ticketer": demo_ticket().ticketer.to_string(),
        "accounts": accounts.collect::<Value>(),
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
        "A sandbox: NOTHING HERE IS WORTH ANYTHING. THESE SECRET KEYS ARE KNOWN TO EVERYBODY.\n\
         Whatever is sent to these accounts on a real network is lost.\n\n",
    );
    for (number, account) in accounts.iter().enumerate() {
        text.push_str(&format!("  dev{number}  {}  {}\n", account.address, account.text));
    }
    let baking = match args.block_time {
        0 => "on demand (toru dev mine)".to_owned(),
        1 => "each second".to_owned(),
        seconds => format!("every {seconds} seconds"),
    };
    text.push_str(&format!(
        "\neach began with {FUNDS} of the ticket \"demo\" of {}, which pays out at %burn\n\
         rollup       {rollup}\n\
         level        {}, then {baking}\n\
         commitments  every {} levels, cemented after {}\n\
         serving      http://{address} (GET /openapi)\n",
        demo_ticket().ticketer,
        chain.head(),
        args.commitment_period,
        args.challenge_window,
    ));
    text
}
