//! Comparing durable storages.

use crate::difference::Differences;
use pvm::Durable;
use std::collections::BTreeMap;

/// The values of a storage by path.
pub(crate) type Values = BTreeMap<String, Vec<u8>>;

/// Notes where a storage has other values than the reference.
pub(crate) fn compare(reference: &Values, found: &Durable, differences: &mut Differences) {
    let found: Values = found.iter_values().collect();
    for (path, value) in reference {
        match found.get(path) {
            None => differences.add(format!("the value {path}"), hex::encode(value), "none"),
            Some(other) if other != value => {
                let at = value.iter().zip(other).take_while(|(a, b)| a == b).count();
                let from = |bytes: &[u8]| hex::encode(bytes.get(at..).unwrap_or_default());
                let what = format!("the value {path}, from byte {at} of {}", value.len());
                differences.add(what, from(value), from(other));
            }
            Some(_) => {}
        }
    }
    for (path, value) in found.iter().filter(|(path, _)| !reference.contains_key(*path)) {
        differences.add(format!("the value {path}"), "none", hex::encode(value));
    }
}

/// Notes where outboxes differ.
pub(crate) fn compare_outbox(
    reference: &[Vec<u8>],
    found: &[Vec<u8>],
    differences: &mut Differences,
) {
    differences.compare("messages in the outbox", &reference.len(), &found.len());
    for (index, (reference, found)) in reference.iter().zip(found).enumerate() {
        let what = format!("message {index} of the outbox");
        differences.compare(&what, &hex::encode(reference), &hex::encode(found));
    }
}
