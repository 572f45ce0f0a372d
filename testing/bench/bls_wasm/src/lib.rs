//! A kernel that only measures BLS, through the public interface of `bls`.
//!
//! A level brings data in external messages: `1`, the tag; then `D` and bytes that are put end to
//! end, or an operation of [`run`] and how many times it is meant, big-endian in two bytes. Some
//! operations take what the data holds apart: the signature (96 bytes), then keys.

use bls::{Accumulator, KeySum, Message, Part, PublicKey, Signature};

/// What the kernel signs in its measurements: message number `i`.
#[must_use]
pub fn message(i: u16) -> [u8; 32] {
    let mut bytes = [7; 32];
    bytes[..2].copy_from_slice(&i.to_be_bytes());
    bytes
}

/// Does one operation, and says whether it went well.
#[must_use]
pub fn run(operation: u8, times: u16, data: &[u8]) -> bool {
    operate(operation, times, data).unwrap_or(false)
}

fn operate(operation: u8, times: u16, data: &[u8]) -> Option<bool> {
    let (signature, keys) = data.split_first_chunk::<96>()?;
    let n = usize::from(times);
    Some(match operation {
        // Nothing: what reading the data costs.
        b'0' => true,
        // Decompresses keys, and checks them.
        b'k' => {
            let all = keys.chunks(96).take(n).map(|key| key.first_chunk::<48>());
            all.filter_map(|key| PublicKey::from_compressed(key?).ok()).count() == n
        }
        // Loads stored keys.
        b'l' => stored(keys, n)?.len() == n,
        // Loads and adds stored keys.
        b'+' => sum(keys, n)?.key().is_some(),
        // Decompresses the signature, and checks it.
        b's' => Signature::from_compressed(signature).is_ok(),
        // Hashes messages for one key: hashes, additions, one Miller loop.
        b'h' => accumulate(&stored(keys, 1)?, n, false) != Accumulator::new(),
        // Messages and keys, distinct both: hashes and Miller loops.
        b'm' => accumulate(&stored(keys, n)?, n, false) != Accumulator::new(),
        // An end without a beginning: the signature, its Miller loop, the final exponentiation.
        b'f' => !Accumulator::new().finish(&Signature::from_compressed(signature).ok()?),
        // Distinct messages of stored keys, in full.
        b'a' => {
            let messages = messages(n);
            let parts = parts(&stored(keys, n)?, &messages, true);
            bls::aggregate_verify(&parts, &Signature::from_compressed(signature).ok()?)
        }
        // One message of many stored keys, in full.
        b'o' => {
            let key = sum(keys, n)?.key()?;
            let bytes = message(0);
            let part = Part { key, message: Message::Pop(&bytes) };
            bls::aggregate_verify(&[part], &Signature::from_compressed(signature).ok()?)
        }
        // The same, left to `Accumulator::with` to find out.
        b'g' => {
            let bytes = message(0);
            let part = |key| Part { key, message: Message::Pop(&bytes) };
            let parts: Vec<Part<'_>> = stored(keys, n)?.into_iter().map(part).collect();
            bls::aggregate_verify(&parts, &Signature::from_compressed(signature).ok()?)
        }
        _ => return None,
    })
}

fn stored(keys: &[u8], n: usize) -> Option<Vec<PublicKey>> {
    let keys = keys.chunks(96).take(n);
    keys.map(|key| PublicKey::from_stored(key.try_into().ok()?).ok()).collect()
}

fn sum(keys: &[u8], n: usize) -> Option<KeySum> {
    let mut sum = KeySum::new();
    for key in keys.chunks(96).take(n) {
        sum.add(&PublicKey::from_stored(key.try_into().ok()?).ok()?);
    }
    Some(sum)
}

fn messages(n: usize) -> Vec<[u8; 32]> {
    (0..=u16::MAX).take(n).map(message).collect()
}

/// The messages, by the keys in turn.
fn parts<'a>(keys: &[PublicKey], messages: &'a [[u8; 32]], augmented: bool) -> Vec<Part<'a>> {
    let signed = messages.iter().zip(keys.iter().cycle());
    let part = |(bytes, key): (&'a [u8; 32], &PublicKey)| {
        let message = if augmented { Message::Aug(bytes) } else { Message::Pop(bytes) };
        Part { key: *key, message }
    };
    signed.map(part).collect()
}

fn accumulate(keys: &[PublicKey], n: usize, augmented: bool) -> Accumulator {
    Accumulator::new().with(&parts(keys, &messages(n), augmented))
}

/// One run: what the PVM calls. A measurement that goes wrong traps.
#[cfg(target_arch = "wasm32")]
#[unsafe(no_mangle)]
pub extern "C" fn kernel_run() {
    use host::{Host, WasmHost};

    let mut data = Vec::new();
    while let Ok(Some((_, message))) = WasmHost.next_input() {
        match message.as_slice() {
            [1, b'D', bytes @ ..] => data.extend_from_slice(bytes),
            [1, operation, high, low] => {
                let good = run(*operation, u16::from_be_bytes([*high, *low]), &data);
                assert!(good, "the operation went wrong");
            }
            _ => {}
        }
    }
}
