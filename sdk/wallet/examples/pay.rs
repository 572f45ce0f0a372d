//! Pays somebody, from the look at the state to the result: `pay NODE AMOUNT TICKET TO`, the secret key
//! (BLsk…) on a line of standard input.

use std::error::Error;
use std::io;
use std::thread::sleep;
use std::time::Duration;

use encoding::Tz4Address;
use inbox::v2::{Move, Name, Operation, TicketName, Transaction};
use wallet::bundle::{bundle, unsigned};
use wallet::follow::status_at_head;
use wallet::rpc::Node;
use wallet::simulation::{Simulation, simulate};
use wallet::state::RollupState;
use wallet::ticket::find;
use wallet::transaction::Signable;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [endpoint, amount, ticket, to] = args.as_slice() else {
        return Err("usage: pay NODE AMOUNT TICKET TO".into());
    };
    let mut line = keys::Zeroizing::new(String::new());
    io::stdin().read_line(&mut line)?;
    let secret = keys::read_secret(line.trim())?;

    // Look: who am I to the rollup, what do I hold, which ticket is meant?
    let node = Node::new(endpoint)?;
    let state = RollupState::at(&node, "head")?;
    let me = state.account(&secret.address())?;
    let held: Vec<_> = state.holdings(&me)?.held.iter().map(|(token, _)| token.index).collect();
    let tokens = state.tokens()?;
    let token = find(&tokens, &held, ticket)?;

    // Craft: names by address and the ticket in full, so that it means the same to everybody.
    let to = Name::Address(Tz4Address::from_base58(to)?);
    let ticket = TicketName::Full(token.ticket.clone());
    let moves = vec![Move::Transfers { ticket, to: vec![(to, token.parse(amount)?)] }];
    let signer = Name::Address(me.address);
    let operation = Operation { signer, counter: me.counter, memo: None, moves };
    let transaction = Transaction { expires: None, operations: vec![operation] };
    let mut payment = Signable::new(*state.rollup(), transaction)?;

    // Check: what would the kernel do? Nobody has signed yet, and nothing is sent.
    let new = if me.registered { vec![] } else { vec![secret.public_key().to_compressed()] };
    match simulate(&state, &unsigned(std::slice::from_ref(&payment), &new))? {
        Simulation::Refused(reason) => return Err(format!("would be refused: {reason:?}").into()),
        Simulation::Applied(simulated) => {
            if let Some((_, _, reason)) = simulated.failure() {
                return Err(format!("would fail: {reason:?}").into());
            }
            for change in simulated.changes {
                println!("{}: {} to {}", change.account, change.before, change.after);
            }
        }
    }

    // Sign, submit, follow.
    payment.sign(secret.key())?;
    let registered = if me.registered { vec![me.address] } else { vec![] };
    let hash = payment.hash();
    for message in bundle(state.rollup(), &[payment], &registered)? {
        // The batcher puts the tag of an external message before it.
        node.inject(&[message[1..].to_vec()])?;
    }
    println!("sent {hash}");
    for _ in 0..100 {
        if let Some((found, stage)) = status_at_head(&node, &hash)? {
            println!("level {}, {}", found.message.level, stage.word());
            return match found.failure() {
                None => Ok(()),
                Some(line) => Err(format!("refused: {:?}", line.outcome).into()),
            };
        }
        sleep(Duration::from_millis(100));
    }
    Err("no level with it yet".into())
}
