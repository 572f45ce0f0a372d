//! Twenty-four words to write down (BIP-39, English), and the keys that grow from them.

use bip39::{Error, Language, Mnemonic};
use zeroize::Zeroizing;

use crate::derive::{self, Path};
use crate::secret::{NoRandomness, Secret, random};

/// Bytes of randomness behind 24 words.
const ENTROPY_BYTES: usize = 32;
/// Characters of 24 words, the longest of eight, and the spaces between them.
const WORDS_BYTES_MAX: usize = 24 * 9;

/// A text that is no mnemonic. Has no word of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// BIP-39 has 12, 15, 18, 21 or 24 words.
    #[error("{0} words (expected 12, 15, 18, 21 or 24)")]
    Count(usize),
    /// Not in the English list; counted from 1.
    #[error("word {0} is not in the list of BIP-39")]
    Unknown(usize),
    /// Each word is one, but not all of them together.
    #[error("the words have a wrong checksum: one is mistaken, or they are in another order")]
    Checksum,
}

/// New words: 256 bits from the system's generator.
///
/// # Errors
/// When the system gives no randomness.
pub fn new_words() -> Result<Zeroizing<String>, NoRandomness> {
    let entropy = random::<ENTROPY_BYTES>()?;
    // 32 bytes are among the lengths that there are words for.
    let mnemonic = Mnemonic::from_entropy(&*entropy).map_err(|_| NoRandomness)?;
    let mnemonic = Zeroizing::new(mnemonic);
    let mut text = Zeroizing::new(String::with_capacity(WORDS_BYTES_MAX));
    for word in mnemonic.words() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    Ok(text)
}

/// The key at a path of the tree that grows from these words, without a passphrase.
///
/// The seed is BIP-39's, the tree EIP-2333's. Words may be apart by any white space, in small letters
/// or capitals.
///
/// # Errors
/// When the words are not a phrase with a good checksum.
pub fn secret_of_words(text: &str, path: Path) -> Result<Secret, WordsError> {
    let count = text.split_whitespace().count();
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    for word in text.split_whitespace() {
        if !plain.is_empty() {
            plain.push(' ');
        }
        plain.extend(word.chars().map(|c| c.to_ascii_lowercase()));
    }
    let mnemonic = Mnemonic::parse_in_normalized(Language::English, &plain);
    let mnemonic = Zeroizing::new(mnemonic.map_err(|error| match error {
        Error::UnknownWord(index) => WordsError::Unknown(index.saturating_add(1)),
        Error::InvalidChecksum => WordsError::Checksum,
        _ => WordsError::Count(count),
    })?);
    let seed = Zeroizing::new(mnemonic.to_seed_normalized(""));
    // A seed has 64 bytes, which always make a tree, and all of its keys are keys.
    let scalar = derive::at(&*seed, path).map_err(|_| WordsError::Checksum)?;
    Secret::from_big_endian(&scalar).map_err(|_| WordsError::Checksum)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOUT: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon \
                         abandon abandon about";

    #[test]
    fn words_to_a_master_key_as_eip_2333_has_it() {
        let mnemonic = Mnemonic::parse_in_normalized(Language::English, ABOUT).unwrap();
        let master = derive::master(&mnemonic.to_seed_normalized("TREZOR")).ok().unwrap();
        assert_eq!(
            hex::encode(*master),
            "0d7359d57963ab8fbbde1852dcf553fedbc31f464d80ee7d40ae683122b45070"
        );
    }

    #[test]
    fn new_words_are_words() {
        let (one, other) = (new_words().ok().unwrap(), new_words().ok().unwrap());
        assert_eq!(one.split(' ').count(), 24);
        assert_ne!(*one, *other);
        let path = Path { account: 0 };
        let key = secret_of_words(&one, path).ok().unwrap();
        let spaced = format!("  {}\n", one.to_uppercase().replace(' ', "\t "));
        let same = secret_of_words(&spaced, path).ok().unwrap();
        assert_eq!(key.address(), same.address());
    }

    #[test]
    fn refusals() {
        let path = Path { account: 0 };
        for (text, expected) in [
            ("", WordsError::Count(0)),
            ("abandon about", WordsError::Count(2)),
            (&ABOUT.replace("about", "abaut"), WordsError::Unknown(12)),
            (&ABOUT.replace("about", "abandon"), WordsError::Checksum),
        ] {
            assert_eq!(secret_of_words(text, path).err(), Some(expected), "{text}");
        }
    }
}
