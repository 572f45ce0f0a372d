//! The data availability layer, as far as a kernel sees it: its parameters and pages.

use crate::codes::MAX_DAL_IMPORT_LEVELS;
use std::collections::HashMap;
use std::path::PathBuf;

/// The parameters of the DAL, which a protocol fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DalParameters {
    /// The slots of a level.
    pub slots: u8,
    /// The levels from publication to attestation, at most.
    pub attestation_lag: u8,
    /// The bytes of a slot.
    pub slot_bytes: u32,
    /// The bytes of a page.
    pub page_bytes: u16,
}

impl DalParameters {
    /// Those of Ushuaia. Its slots are attested after one level to five.
    pub const USHUAIA: Self =
        Self { slots: 160, attestation_lag: 5, slot_bytes: 380_832, page_bytes: 3_967 };

    /// Those of Tallinn.
    pub const TALLINN: Self =
        Self { slots: 32, attestation_lag: 8, slot_bytes: 126_944, page_bytes: 3_967 };

    /// The pages of a slot.
    #[must_use]
    pub fn pages(&self) -> u32 {
        self.slot_bytes.checked_div(u32::from(self.page_bytes)).unwrap_or(0)
    }

    /// What `reveal` answers: four big-endian integers of 64 bits.
    pub(crate) fn to_bytes(self) -> [u8; 32] {
        let numbers = [
            u64::from(self.slots),
            u64::from(self.attestation_lag),
            u64::from(self.slot_bytes),
            u64::from(self.page_bytes),
        ];
        let mut bytes = [0; 32];
        for (chunk, number) in bytes.chunks_exact_mut(8).zip(numbers) {
            chunk.copy_from_slice(&number.to_be_bytes());
        }
        bytes
    }

    /// Where a page stands for a rollup of this origination level, in this inbox level.
    pub(crate) fn status(&self, page: DalPage, origination: i32, inbox: i32) -> PageStatus {
        let (published, now) = (i64::from(page.published_level), i64::from(inbox));
        let slot_exists = page.slot < self.slots;
        let page_exists = u32::try_from(page.page).is_ok_and(|index| index < self.pages());
        let (attested, age) = (published + i64::from(self.attestation_lag), now - published);
        if !slot_exists || !page_exists || published <= i64::from(origination) {
            PageStatus::Invalid
        } else if attested > now {
            if published <= now { PageStatus::Early } else { PageStatus::Invalid }
        } else if age > i64::from(MAX_DAL_IMPORT_LEVELS) {
            PageStatus::Invalid
        } else {
            PageStatus::Valid
        }
    }
}

impl Default for DalParameters {
    fn default() -> Self {
        Self::USHUAIA
    }
}

/// Where a page stands in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageStatus {
    /// It can be imported, if its slot was attested.
    Valid,
    /// It may become valid: its slot is published, and may still be attested.
    Early,
    /// It cannot be imported.
    Invalid,
}

/// The name of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DalPage {
    /// The level its slot was published in.
    pub published_level: i32,
    /// The slot, from 0.
    pub slot: u8,
    /// The page in the slot, from 0.
    pub page: i16,
}

/// A source of DAL pages.
pub trait Dal {
    /// The parameters in force.
    fn parameters(&self) -> DalParameters;

    /// A page. `None` says that its slot was not attested.
    fn page(&self, page: DalPage) -> Option<Vec<u8>>;

    /// Where the page would have to be, for the error when it is not what it should be.
    fn location(&self, page: DalPage) -> String {
        format!("{}-{}-{}", page.published_level, page.slot, page.page)
    }
}

/// A directory as the Octez debugger wants it: each page in a file `<level>-<slot>-<page>`.
#[derive(Clone, Debug)]
pub struct DalDir {
    dir: PathBuf,
    parameters: DalParameters,
}

impl DalDir {
    /// The pages in this directory, which is looked into on each request.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>, parameters: DalParameters) -> Self {
        Self { dir: dir.into(), parameters }
    }

    fn file(&self, page: DalPage) -> PathBuf {
        let DalPage { published_level, slot, page } = page;
        self.dir.join(format!("{published_level}-{slot}-{page}"))
    }
}

impl Dal for DalDir {
    fn parameters(&self) -> DalParameters {
        self.parameters
    }

    fn page(&self, page: DalPage) -> Option<Vec<u8>> {
        std::fs::read(self.file(page)).ok()
    }

    fn location(&self, page: DalPage) -> String {
        self.file(page).display().to_string()
    }
}

/// Pages in memory. The default holds none.
#[derive(Clone, Debug, Default)]
pub struct DalPages {
    /// The parameters in force.
    pub parameters: DalParameters,
    /// The pages of all slots that were attested.
    pub pages: HashMap<DalPage, Vec<u8>>,
}

impl Dal for DalPages {
    fn parameters(&self) -> DalParameters {
        self.parameters
    }

    fn page(&self, page: DalPage) -> Option<Vec<u8>> {
        self.pages.get(&page).cloned()
    }
}

/// Which slots of a level were attested: a message that the protocol puts into inboxes since
/// Ushuaia (`sc_rollup_inbox_message_repr`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DalAttestedSlots {
    /// The level the slots were published in.
    pub published_level: i32,
    /// The slots of a level.
    pub slots: u16,
    /// The bytes of a slot.
    pub slot_bytes: i32,
    /// The bytes of a page.
    pub page_bytes: u16,
    /// Attested slots by who published them: the tagged hash of a key, and slots from 0.
    pub publishers: Vec<([u8; 21], Vec<u8>)>,
}

impl DalAttestedSlots {
    /// The message, whole.
    pub(crate) fn to_message(&self) -> Vec<u8> {
        let mut publishers = Vec::new();
        for (hash, slots) in &self.publishers {
            publishers.extend_from_slice(hash);
            publishers.extend(bit_set(slots));
        }
        let mut message = vec![0, 5];
        message.extend_from_slice(&self.published_level.to_be_bytes());
        message.extend_from_slice(&self.slots.to_be_bytes());
        message.extend_from_slice(&self.slot_bytes.to_be_bytes());
        message.extend_from_slice(&self.page_bytes.to_be_bytes());
        let size = u32::try_from(publishers.len()).unwrap_or(u32::MAX);
        message.extend_from_slice(&size.to_be_bytes());
        message.extend(publishers);
        message
    }
}

/// A set as a natural number with these bits: seven of them in a byte, the lowest first, and the
/// high bit where another byte follows.
fn bit_set(members: &[u8]) -> Vec<u8> {
    let last = members.iter().max().map_or(0, |last| usize::from(last / 7));
    let mut bytes = vec![0x80; last + 1];
    for member in members {
        if let Some(byte) = bytes.get_mut(usize::from(member / 7)) {
            *byte |= 1 << (member % 7);
        }
    }
    if let Some(byte) = bytes.last_mut() {
        *byte &= 0x7f;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attested_slots_are_encoded_as_the_protocol_does() {
        let mut hash = [0; 21];
        hex::decode_to_slice("0002298c03ed7d454a101eb7022bc95f7e5f41ac78", &mut hash).unwrap();
        let message = DalAttestedSlots {
            published_level: 2_048,
            slots: 256,
            slot_bytes: 126_944,
            page_bytes: 4_096,
            publishers: vec![(hash, vec![4])],
        };
        let golden =
            "00050000080001000001efe01000000000160002298c03ed7d454a101eb7022bc95f7e5f41ac7810";
        assert_eq!(hex::encode(message.to_message()), golden);
    }

    #[test]
    fn sets_are_natural_numbers() {
        for (members, number) in
            [(&[][..], "00"), (&[0], "01"), (&[6], "40"), (&[7], "8001"), (&[0, 13, 14], "81c001")]
        {
            assert_eq!(hex::encode(bit_set(members)), number, "{members:?}");
        }
    }
}
