//! The preimages that a simulation may reveal, beside those that the rollup has.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use pvm::{PreimageHash, Preimages, preimage_hash};

/// Pages that are there as long as a simulation is played. Clones are the same pages.
#[derive(Clone, Debug, Default)]
pub struct Pages(Arc<Mutex<HashMap<PreimageHash, Vec<u8>>>>);

impl Pages {
    /// Replaces the pages that are there.
    pub(crate) fn set(&self, pages: Vec<Vec<u8>>) {
        let pages = pages.into_iter().map(|page| (preimage_hash(&page), page));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = pages.collect();
    }
}

impl Preimages for Pages {
    fn get(&self, hash: &PreimageHash) -> Option<Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(hash).cloned()
    }
}
