//! Vectors that the reference PVM made: hashes of states, output proofs, commitments. See
//! docs/statehash.md for what each file holds.

mod chains;
mod commitments;
mod proofs;

use flate2::read::GzDecoder;
use serde_json::Value;
use std::io::Read;

/// The objects of a file, without the first, which says what it is about.
fn vectors(bytes: &[u8]) -> Vec<Value> {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    let all = text.lines().map(|line| serde_json::from_str(line).unwrap());
    all.filter(|one: &Value| one.get("about").is_none()).collect()
}

fn text<'v>(of: &'v Value, name: &str) -> &'v str {
    of[name].as_str().unwrap_or_else(|| panic!("{name} is a text"))
}

fn bytes(of: &Value, name: &str) -> Vec<u8> {
    hex::decode(text(of, name)).unwrap()
}

fn hash(of: &Value, name: &str) -> [u8; 32] {
    bytes(of, name).try_into().unwrap()
}

fn number<T: TryFrom<i64>>(of: &Value, name: &str) -> T {
    let number = of[name].as_i64().and_then(|number| number.try_into().ok());
    number.unwrap_or_else(|| panic!("{name} is a number"))
}
