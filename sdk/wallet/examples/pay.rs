//! Pays somebody, as safely as `toru send` does: `pay NODE FOLDER AMOUNT TICKET TO`, the secret key (BLsk…)
//! on a line of standard input. The folder keeps what was signed, and which rollup the node runs.

use std::error::Error;
use std::io;
use std::path::Path;
use std::time::Duration;

use encoding::Tz4Address;
use inbox::v2::Name;
use wallet::bundle::unsigned;
use wallet::expiry::{VALID_LEVELS, last_level};
use wallet::follow::Settlement;
use wallet::known_rollups::KnownRollups;
use wallet::packing::Payment;
use wallet::patience::Patience;
use wallet::pay::PaymentRequest;
use wallet::payments::{PaymentStore, Row};
use wallet::pins::PinStore;
use wallet::session::Session;
use wallet::simulation::{Simulation, simulate};
use wallet::transaction_status::TransactionStatus;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [endpoint, folder, amount, ticket, to] = args.as_slice() else {
        return Err("usage: pay NODE FOLDER AMOUNT TICKET TO".into());
    };
    let folder = Path::new(folder);
    let mut line = keys::Zeroizing::new(String::new());
    io::stdin().read_line(&mut line)?;
    let secret = keys::read_secret(line.trim())?;

    // Connect: a node that runs another rollup than before is refused. A pinned name means one ticket.
    let session = Session::connect(endpoint, None, Some(&KnownRollups::in_folder(folder)))?;
    let pins = PinStore::new(&folder.join("tickets"), session.rollup());
    let session = session.with_pins(Some(&pins))?;
    let store = PaymentStore::new(&folder.join("payments"), session.rollup());

    // Look: who am I to the rollup, what do I hold, which ticket is meant?
    let state = session.state()?;
    let me = state.account(&secret.address())?;
    let token = state.token(&state.tokens()?, Some(&me), ticket)??;

    // Craft: what was sent before, or would collide with what is on its way, is refused.
    let (to, amount) = (Tz4Address::from_base58(to)?, token.parse(amount)?);
    let row = Row { line: 0, to, ticket: token.ticket.clone(), amount, memo: None };
    let request = PaymentRequest {
        payer: me.address,
        file: None,
        rows: vec![row],
        payments: vec![Payment { to: Name::Address(to), token, amount, memo: None }],
        expires: last_level(state.block().level, VALID_LEVELS),
        by_index: false,
        again: false,
    };
    let draft = session.draft(&store, &state, &request)?;

    // Simulate: what would the kernel do? Nobody has signed yet, and nothing is sent.
    let new = if me.registered { vec![] } else { vec![secret.public_key().to_compressed()] };
    match simulate(&state, &unsigned(&draft.transactions, &new))? {
        Simulation::Refused(outcome) => {
            return Err(format!("would be refused: {outcome:?}").into());
        }
        Simulation::Applied(batch) => {
            if let Some((_, _, outcome)) = batch.failure() {
                return Err(format!("would fail: {outcome:?}").into());
            }
            for change in batch.changes {
                println!("{}: {} to {}", change.account, change.before, change.after);
            }
        }
    }

    // Sign: it is on the disk before anybody can have it. Send, follow.
    let mut stored = session.sign(&store, &state, &request, draft, secret.key())?;
    let patience = Patience::lasting(Duration::from_secs(10));
    let messages = session.messages(&state, &stored.payments, &[0])?;
    session.deliver(&messages, &patience)?;
    for sent in &stored.payments.transactions {
        println!("sent {}", sent.signable.hash());
    }
    let wanted = Settlement::Included;
    let followed =
        session.follow_payments(&store, &state, &mut stored, wanted, &patience, &|_, _| {});
    match followed.statuses(&stored.payments).as_slice() {
        [TransactionStatus::Applied(level)] => {
            println!("applied in level {level}");
            Ok(())
        }
        other => Err(format!("not applied: {other:?}, {:?}", followed.end).into()),
    }
}
