//! Known indexes on the disk, and indexes that mean two things.

use std::fs;

use encoding::{AccountIndex, Kt1Address, RollupAddress, Ticket, TicketContent, TicketIndex};

use super::file::{self, Pairs};
use super::{IndexError, KnownIndexes};
use crate::json_file::JsonFileError;

fn account(number: u8) -> encoding::Tz4Address {
    encoding::Tz4Address([number; 20])
}

fn pair(index: u32, number: u8) -> Pairs {
    let mut pairs = Pairs::default();
    pairs.add_account(AccountIndex(index), account(number));
    pairs
}

#[test]
fn what_is_known_stays_known_and_nothing_replaces_it() {
    let folder = std::env::temp_dir().join(format!("toru-indexes-{}", std::process::id()));
    let rollup = RollupAddress([1; 20]);
    let path = folder.join(format!("{rollup}.json"));
    assert!(KnownIndexes::in_folder(&folder, &rollup).unwrap().account(AccountIndex(3)).is_none());

    let ticket = Ticket {
        ticketer: Kt1Address([9; 20]),
        content: TicketContent::NatBytes(7.into(), Some(vec![1])),
    };
    let mut first = pair(3, 1);
    first.tickets.insert(TicketIndex(0), ticket.clone());
    file::add(&path, &rollup, &first).unwrap();
    // Two processes add to the same file: neither loses what the other has put there.
    file::add(&path, &rollup, &pair(4, 2)).unwrap();
    let known = KnownIndexes::in_folder(&folder, &rollup).unwrap();
    assert_eq!(known.account(AccountIndex(3)), Some(account(1)));
    assert_eq!(known.index_of(&account(2)), Some(AccountIndex(4)));
    assert_eq!(known.index_of_ticket(&ticket), Some(TicketIndex(0)));

    for other in [pair(3, 2), pair(3, 5), pair(5, 1)] {
        let clash = file::add(&path, &rollup, &other).unwrap_err();
        assert!(matches!(clash, IndexError::Contradiction { .. }), "{clash}");
    }
    assert_eq!(file::read(&path, &rollup).unwrap().accounts.len(), 2);

    let other = KnownIndexes::in_folder(&folder, &RollupAddress([2; 20])).unwrap();
    assert!(other.account(AccountIndex(3)).is_none());
    let text = fs::read_to_string(&path).unwrap();
    for wrong in [
        "{".to_owned(),
        text.replacen("\"version\": 1", "\"version\": 2", 1),
        text.replacen(&rollup.to_string(), &RollupAddress([2; 20]).to_string(), 1),
        text.replacen(&account(1).to_string(), &account(2).to_string(), 1),
        text.replacen("tz4", "tz5", 1),
    ] {
        fs::write(&path, &wrong).unwrap();
        let error = KnownIndexes::in_folder(&folder, &rollup).unwrap_err();
        assert!(
            matches!(error, IndexError::File(JsonFileError::Malformed { .. })),
            "{error}: {wrong}"
        );
    }
    fs::remove_dir_all(&folder).unwrap();
}
