//! A bot that pays through a batcher and co-signs: `cosign NODE BATCHER FOLDER AMOUNT TICKET TO…`, the secret key
//! (BLsk…) on a line of standard input. It pays everybody named, one after the other, and stays to sign each batch
//! that has its payment in it, if that is exactly what it sent. The folder keeps what it signed and what it knows.

use std::error::Error;
use std::io;
use std::path::Path;
use std::time::Duration;

use batcher_api::Stage;
use encoding::{Level, Tz4Address};
use inbox::v2::Name;
use wallet::batcher::Batcher;
use wallet::batcher::cosign::CoSigner;
use wallet::batcher::known::KnownBatchers;
use wallet::batcher::receipt::ReceiptLog;
use wallet::batcher::stay::News;
use wallet::batcher::stream::Events;
use wallet::expiry::{VALID_LEVELS, last_level_of_batch};
use wallet::follow::Settlement;
use wallet::indexes::KnownIndexes;
use wallet::known_rollups::KnownRollups;
use wallet::packing::Payment;
use wallet::patience::Patience;
use wallet::pay::PaymentRequest;
use wallet::payments::{PaymentStore, Row};
use wallet::session::Session;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [endpoint, url, folder, amount, ticket, receivers @ ..] = args.as_slice() else {
        return Err("usage: cosign NODE BATCHER FOLDER AMOUNT TICKET TO…".into());
    };
    let folder = Path::new(folder);
    let mut line = keys::Zeroizing::new(String::new());
    io::stdin().read_line(&mut line)?;
    let secret = keys::read_secret(line.trim())?;

    // Connect: to a node, which is asked for everything that matters, and to a batcher for the same rollup. It asks for
    // no fee here, and a key for its receipts that is another one than before is worth a word.
    let session = Session::connect(endpoint, None, Some(&KnownRollups::in_folder(folder)))?;
    let rollup = *session.rollup();
    let batcher = Batcher::connect(url, &rollup)?;
    if !batcher.prices()?.is_empty() {
        return Err("the batcher asks for a fee".into());
    }
    if let Some(changed) = KnownBatchers::in_folder(folder).check(&batcher)? {
        eprintln!("the batcher's key was {}, and is {}", changed.before, changed.now);
    }
    let store = PaymentStore::new(&folder.join("payments"), &rollup);
    let receipts = ReceiptLog::in_folder(&folder.join("payments"), &rollup);
    // A simulated rollup begins anew, and its indexes with it.
    let mut indexes = match session.is_simulated() {
        true => KnownIndexes::forgetful(&rollup),
        false => KnownIndexes::in_folder(&folder.join("indexes"), &rollup)?,
    };

    for to in receivers {
        let to = Tz4Address::from_base58(to)?;
        let state = session.state()?;
        let me = state.account(&secret.address())?;
        let token = state.token(&state.tokens()?, Some(&me), ticket)??;
        let amount = token.parse(amount)?;
        let quoted = Level(batcher.quote().expires);
        let row = Row { line: 0, to, ticket: token.ticket.clone(), amount, memo: None };
        let request = PaymentRequest {
            payer: me.address,
            file: None,
            rows: vec![row],
            payments: vec![Payment { to: Name::Address(to), token, amount, memo: None }],
            expires: last_level_of_batch(state.block().level, VALID_LEVELS, quoted),
            by_index: false,
            again: false,
        };
        let draft = session.draft(&store, &state, &request)?;

        // Eight bytes instead of a hundred: by index, where the last final level has one.
        let ticket = request.rows.first().map(|row| row.ticket.clone());
        session.learn_indexes(&mut indexes, &[me.address, to], ticket.as_slice())?;
        let registered = session.is_registered_for_good(&me.address)?;
        let draft = if registered { draft.as_rows(&me.address, &indexes)? } else { draft };

        // Sign: it is on the disk before anybody can have it. Whoever runs this again goes on with it.
        let mut stored = session.sign(&store, &state, &request, draft, secret.key())?;
        let sent: Vec<_> =
            stored.payments.transactions.iter().map(|one| one.signable.clone()).collect();
        let mut cosigner = CoSigner::new(rollup, secret.key(), indexes.index_of(&me.address));
        sent.iter().for_each(|one| cosigner.means(one));

        // That it may be signed in a batch is in its record, before the batcher has it.
        session.record_batcher(&store, &mut stored, &[0], batcher.url())?;

        // Listen, post, stay: until the batcher has given the payment to a node.
        let cosigns = cosigner.meant().can_sign();
        let events = Events::subscribe(&batcher, &[me.address], cosigns);
        let _ = events.wait_open();
        let patience = Patience::lasting(Duration::from_secs(60));
        let known = if registered { vec![me.address] } else { vec![] };
        for posted in batcher.post(&sent, &known, &patience)? {
            let accepted = posted.answer?;
            receipts.add(&[accepted.receipt?])?;
        }
        let hashes: Vec<_> = sent.iter().map(|one| one.hash()).collect();
        let mut tell = |news: &News<'_>| match news {
            News::Stage(record) => println!("{}", record.stage.word()),
            News::Signed(batch) => println!("signed batch {batch}"),
            News::Refused(offer, problem) => {
                eprintln!("did NOT sign batch {}: {problem}", offer.batch);
            }
            other => eprintln!("{other:?}"),
        };
        // Which batch it was signed in is on the disk first: the result is kept under that.
        let mut record =
            |offer: &_| session.record_cosigned(&store, offer).map_err(|error| error.to_string());
        let (events, until) = (Some(&events), Stage::Sent);
        batcher.stay(&hashes, events, &[cosigner], until, &patience, &mut record, &mut tell);

        // Whether it was applied is the node's word, not the batcher's.
        let wanted = Settlement::Included;
        let followed =
            session.follow_payments(&store, &state, &mut stored, wanted, &patience, &|_, _| {});
        println!("{:?}", followed.statuses(&stored.payments));
    }
    Ok(())
}
