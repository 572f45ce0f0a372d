//! The file of a rollup's known indexes.

use std::collections::BTreeMap;
use std::path::Path;

use encoding::{
    AccountIndex, Kt1Address, RollupAddress, Ticket, TicketContent, TicketIndex, Tz4Address, whole,
};
use serde::{Deserialize, Serialize};

use super::error::IndexError;
use crate::json_file::JsonFile;
use crate::limits::MAX_INDEX_FILE_BYTES;

/// The version of the file.
const VERSION: u32 = 1;

/// Pairs of an index and what it means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pairs {
    pub accounts: BTreeMap<AccountIndex, Tz4Address>,
    /// The same the other way round.
    pub of_account: BTreeMap<Tz4Address, AccountIndex>,
    pub tickets: BTreeMap<TicketIndex, Ticket>,
}

/// An index that means two things.
pub(super) struct Clash {
    what: String,
    before: String,
    found: String,
}

impl Clash {
    pub fn error(self) -> IndexError {
        let Clash { what, before, found } = self;
        IndexError::Contradiction { what, before, found }
    }
}

impl Pairs {
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty() && self.tickets.is_empty()
    }

    pub fn add_account(&mut self, index: AccountIndex, account: Tz4Address) {
        self.accounts.insert(index, account);
        self.of_account.insert(account, index);
    }

    /// Takes others in.
    pub fn join(&mut self, others: &Pairs) -> Result<(), Clash> {
        for (index, account) in &others.accounts {
            let other = self.accounts.get(index).filter(|known| *known != account);
            if let Some(before) = other {
                let what = format!("account {index}");
                let (before, found) = (before.to_string(), account.to_string());
                return Err(Clash { what, before, found });
            }
            if let Some(before) = self.of_account.get(account).filter(|known| *known != index) {
                let (before, found) = (format!("account {before}"), format!("account {index}"));
                return Err(Clash { what: account.to_string(), before, found });
            }
            self.add_account(*index, *account);
        }
        for (index, ticket) in &others.tickets {
            if let Some(before) = self.tickets.get(index).filter(|known| *known != ticket) {
                let what = format!("ticket #{index}");
                let before = format!("one of {}", before.ticketer);
                return Err(Clash { what, before, found: format!("one of {}", ticket.ticketer) });
            }
            self.tickets.insert(*index, ticket.clone());
        }
        Ok(())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Json {
    version: u32,
    rollup: String,
    accounts: BTreeMap<u32, String>,
    tickets: BTreeMap<u32, TicketJson>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TicketJson {
    ticketer: String,
    content: String,
}

/// The file at a path.
fn file(path: &Path) -> JsonFile {
    JsonFile::new(path.to_owned(), "known indexes", MAX_INDEX_FILE_BYTES)
}

/// Reads a file; nothing is known where there is none.
pub(super) fn read(path: &Path, rollup: &RollupAddress) -> Result<Pairs, IndexError> {
    let file = file(path);
    let malformed = |problem: &str| IndexError::File(file.malformed(problem));
    let Some(json) = file.read::<Json>()? else { return Ok(Pairs::default()) };
    if json.version != VERSION {
        return Err(malformed(&format!("version {} (this toru reads {VERSION})", json.version)));
    }
    if json.rollup != rollup.to_string() {
        return Err(malformed("it is for another rollup"));
    }
    let mut pairs = Pairs::default();
    for (index, account) in &json.accounts {
        let account = Tz4Address::from_base58(account).map_err(|_| malformed("no tz4 address"))?;
        if pairs.of_account.contains_key(&account) {
            return Err(malformed(&format!("{account} has two indexes")));
        }
        pairs.add_account(AccountIndex(*index), account);
    }
    for (index, ticket) in &json.tickets {
        let ticket = ticket.read().ok_or_else(|| malformed("a ticket is malformed"))?;
        pairs.tickets.insert(TicketIndex(*index), ticket);
    }
    Ok(pairs)
}

/// Adds pairs to a file, while nobody else does. They are on the disk when this returns.
pub(super) fn add(path: &Path, rollup: &RollupAddress, new: &Pairs) -> Result<Pairs, IndexError> {
    let file = file(path);
    let _held = file.lock()?;
    let mut pairs = read(path, rollup)?;
    pairs.join(new).map_err(Clash::error)?;
    let json = Json {
        version: VERSION,
        rollup: rollup.to_string(),
        accounts: pairs.accounts.iter().map(|(index, one)| (index.0, one.to_string())).collect(),
        tickets: pairs.tickets.iter().map(|(index, one)| (index.0, TicketJson::of(one))).collect(),
    };
    file.write(&json)?;
    Ok(pairs)
}

impl TicketJson {
    fn of(ticket: &Ticket) -> Self {
        TicketJson {
            ticketer: ticket.ticketer.to_string(),
            content: hex::encode(ticket.content.to_micheline()),
        }
    }

    fn read(&self) -> Option<Ticket> {
        let ticketer = Kt1Address::from_base58(&self.ticketer).ok()?;
        let content = whole(&hex::decode(&self.content).ok()?, TicketContent::read).ok()?;
        Some(Ticket { ticketer, content })
    }
}
