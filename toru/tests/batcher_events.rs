//! Event streams of a batcher: offers that are signed, stages, levels, and clients that come back.

use crate::common::Folder;
use crate::common::batcher::{Batcher, LONG_ROUND, dev, payment, record, submit};
use crate::common::events::{Events, Line};
use crate::common::http::call;
use crate::common::payers::{Offer, Payer, co_signatures};
use crate::common::sandbox::Sandbox;
use crate::common::wait::until;
use serde_json::json;

#[test]
fn who_signs_the_batch_is_told_of_each_stage() {
    let folder = Folder::new("batcher-cosign");
    let sandbox = Sandbox::start(&folder, &["--no-batcher"]);
    let user = sandbox.user(&folder);
    let options = ["--deadline-ms", LONG_ROUND, "--max-wait-ms", "0"];
    let batcher = Batcher::start(&folder, &sandbox.endpoint, &options);
    let endpoint = &batcher.endpoint;
    let (account, other) = (dev(0), dev(2));
    // An index is told once it is final.
    user.done(&["register", "dev0", "--yes"]);
    sandbox.mine(4);
    let mine = Events::open(endpoint, &format!("/v1/events?account={account}&cosign=true"), "");
    let theirs = Events::open(endpoint, &format!("/v1/events?account={other}"), "");
    let levels = Events::open(endpoint, "/v1/events", "");
    let paid = payment(&user, "dev0", "dev1", 0);
    let hash = paid["hash"].as_str().unwrap().to_owned();
    let result = submit(endpoint, &[paid]);
    assert!(result[0]["error"].is_null(), "{result:?}");
    let offer = mine.find("offer", |_| true);
    assert_eq!(offer.data["accounts"], json!([account]));
    let path = format!("/v1/batches/{}/signatures", offer.data["batch"].as_str().unwrap());
    let signed = co_signatures(&[Offer::read(&offer.data).signed_by(&Payer::dev(0))]);
    let answer = call(endpoint, "POST", &path, Some(&signed)).unwrap();
    assert_eq!((answer.status, &answer.body["results"][0]["error"]), (200, &json!(null)));
    let sealed = mine.find("transaction", |data| data["cosigned"] == true);
    assert_eq!((&sealed.data["stage"], &sealed.data["hash"]), (&json!("sealed"), &json!(hash)));
    mine.stage(&hash, "sent");
    sandbox.mine(1);
    let applied = mine.stage(&hash, "applied");
    assert_eq!(applied.data["result"], "applied");
    levels.find("level", |data| data["level"] == applied.data["level"]);
    sandbox.mine(2);
    let last = mine.stage(&hash, "final");
    assert!(offer.id < sealed.id && sealed.id < applied.id && applied.id < last.id);
    // Nobody else is told of it.
    sandbox.mine(1);
    let mut next = theirs.next();
    while let Line::Event(event) = &next {
        assert_eq!(event.name, "level");
        if event.data["level"].as_i64() > last.data["level"].as_i64().map(|level| level + 2) {
            break;
        }
        next = theirs.next();
    }
    let batch = call(endpoint, "GET", path.strip_suffix("/signatures").unwrap(), None).unwrap();
    assert_eq!((&batch.body["stage"], &batch.body["individual"]), (&json!("accepted"), &json!(0)));
}

#[test]
fn a_client_that_comes_back_is_told_what_it_has_missed() {
    let folder = Folder::new("batcher-resume");
    let sandbox = Sandbox::start(&folder, &["--no-batcher"]);
    let user = sandbox.user(&folder);
    let batcher = Batcher::start(&folder, &sandbox.endpoint, &["--max-wait-ms", "0"]);
    let account = dev(0);
    let path = format!("/v1/events?account={account}");
    let open = |query: &str, headers: &str| {
        Events::open(&batcher.endpoint, &format!("{path}{query}"), headers)
    };
    let first = open("", "");
    let paid = payment(&user, "dev0", "dev1", 0);
    let hash = paid["hash"].as_str().unwrap().to_owned();
    submit(&batcher.endpoint, &[paid]);
    let begun = first.find("transaction", |data| data["hash"] == hash.as_str());
    let sealed = first.find("transaction", |data| data["cosigned"] == false);
    drop(first);
    // Meanwhile, nobody listens.
    until("it is sent", || record(&batcher.endpoint, &hash)["stage"] == "sent");
    let again = open("", "");
    sandbox.mine(1);
    let applied = again.stage(&hash, "applied");
    drop(again);
    let ids = |stream: &Events| {
        let mut ids = Vec::new();
        loop {
            let Line::Event(event) = stream.next() else { continue };
            ids.push(event.id);
            if event.id == applied.id {
                return ids;
            }
        }
    };
    let by_query = ids(&open(&format!("&since={}", begun.id), ""));
    assert!(by_query.contains(&sealed.id) && !by_query.contains(&begun.id), "{by_query:?}");
    assert!(by_query.is_sorted_by(|a, b| a < b), "{by_query:?}");
    let by_header = ids(&open("", &format!("Last-Event-ID: {}\r\n", begun.id)));
    assert_eq!(by_header, by_query);
    // A browser comes back to the same address, and knows better by then.
    let both = open(&format!("&since={}", begun.id), &format!("Last-Event-ID: {}\r\n", sealed.id));
    assert!(!ids(&both).contains(&sealed.id));
    // What is no longer kept, or was never told, is said to be missing.
    open("&since=0", "").find("missed", |data| data["to"].is_u64());

    // After a restart as well: what it told before is gone.
    batcher.kill();
    let batcher = Batcher::start(&folder, &sandbox.endpoint, &["--max-wait-ms", "0"]);
    let stream = Events::open(&batcher.endpoint, &format!("{path}&since={}", applied.id), "");
    stream.find("missed", |data| data["from"].as_u64() <= data["to"].as_u64());
}
