//! Indexes of a registry, as a node tells them: taken from a final level, remembered, and never replaced.

use std::fs;
use std::path::PathBuf;

use encoding::{AccountIndex, TicketIndex};
use wallet::indexes::{IndexError, KnownIndexes};
use wallet::session::Session;

use crate::common::{Octez, ROLLUP, account, ticket};

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn an_index_is_believed_once_it_is_final_and_a_node_that_says_another_is_told() {
    let folder = Folder(std::env::temp_dir().join(format!("toru-learn-{}", std::process::id())));
    let octez = Octez::start();
    octez.deposit(account(1), &ticket("gold"), 10);
    octez.deposit(account(3), &ticket("gold"), 10);
    octez.bake(1);
    let session = Session::connect(&octez.endpoint, None, None).unwrap();
    let both = [account(1), account(3)];
    let gold = [ticket("gold")];
    let mut known = KnownIndexes::in_folder(&folder.0, &ROLLUP).unwrap();
    // They have indexes, and a reorganisation may still change them.
    session.learn_indexes(&mut known, &both, &gold).unwrap();
    assert_eq!(known.index_of(&account(1)), None);
    assert!(session.state().unwrap().index(&account(1)).unwrap().is_some());

    octez.bake(2);
    session.learn_indexes(&mut known, &both, &gold).unwrap();
    session.learn_indexes(&mut known, &[account(5)], &[ticket("none")]).unwrap();
    let [one, three] = both.map(|account| known.index_of(&account).unwrap());
    assert_ne!(one, three);
    assert_eq!(known.index_of_ticket(&gold[0]), Some(TicketIndex(0)));
    assert_eq!((known.index_of(&account(5)), known.account(one)), (None, Some(account(1))));
    assert!(!session.is_registered_for_good(&account(1)).unwrap());

    // It is there the next time, and in another process.
    let path = folder.0.join(format!("{ROLLUP}.json"));
    let good = fs::read_to_string(&path).unwrap();
    let mut again = KnownIndexes::in_folder(&folder.0, &ROLLUP).unwrap();
    assert_eq!(again.account(three), Some(account(3)));
    session.learn_indexes(&mut again, &both, &gold).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), good);

    // Another node said something else once: of an account, of an index, of a ticket.
    let with = |from: &str, to: &str| {
        assert!(good.contains(from), "{good}");
        fs::write(&path, good.replacen(from, to, 1)).unwrap();
        KnownIndexes::in_folder(&folder.0, &ROLLUP).unwrap()
    };
    for (from, to) in [
        (format!("\"{one}\": \"{}\"", account(1)), format!("\"9\": \"{}\"", account(1))),
        (account(1).to_string(), account(7).to_string()),
        ("\"0\": {".to_owned(), "\"4\": {".to_owned()),
    ] {
        let mut other = with(&from, &to);
        let told = session.learn_indexes(&mut other, &both, &gold).unwrap_err();
        assert!(matches!(told, IndexError::Contradiction { .. }), "{from}: {told}");
    }
    // An account that the node does not know any more had an index in a final level.
    let mut other = with(&account(1).to_string(), &account(9).to_string());
    let gone = session.learn_indexes(&mut other, &[account(9)], &[]).unwrap_err();
    assert!(gone.to_string().contains("says now: no account"), "{gone}");
    assert_eq!(AccountIndex(0), one.min(three));
}
