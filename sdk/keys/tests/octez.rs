//! Octez's own keys: 50 of them, 50 addresses, and two secrets under a passphrase.

use encoding::Tz4Address;
use keys::{
    EncryptedError, Password, TextError, Zeroizing, decrypt, encrypt, public_key_text,
    read_public_key, read_secret, secret_text,
};
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("octez_bls_keys.json")).unwrap()
}

fn rows(vectors: &Value) -> &Vec<Value> {
    vectors.as_array().unwrap()
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap()
}

fn password(typed: &str) -> Password {
    Password::new(Zeroizing::new(typed.to_owned()))
}

#[test]
fn secret_keys_public_keys_and_accounts() {
    let vectors = vectors();
    for row in rows(&vectors["keys"]) {
        let secret = read_secret(text(row, "secret_key")).ok().unwrap();
        assert_eq!(*secret_text(&secret), text(row, "secret_key"));
        assert_eq!(public_key_text(&secret.public_key()), text(row, "public_key"));
        assert_eq!(read_public_key(text(row, "public_key")), Ok(secret.public_key()));
        assert_eq!(secret.address().to_string(), text(row, "tz4"));
    }
}

#[test]
fn addresses() {
    let vectors = vectors();
    for row in rows(&vectors["public_key_hashes"]) {
        let address = Tz4Address::from_base58(text(row, "tz4")).unwrap();
        assert_eq!(hex::encode(address.0), text(row, "hex"));
        assert_eq!(address.to_string(), text(row, "tz4"));
    }
}

#[test]
fn secrets_under_a_passphrase() {
    let vectors = vectors();
    for row in rows(&vectors["encrypted"]["rows"]) {
        let passphrase = password(text(row, "passphrase"));
        let secret = decrypt(text(row, "encrypted"), &passphrase).ok().unwrap();
        assert_eq!(*secret_text(&secret), text(row, "secret_key"));

        let wrong = decrypt(text(row, "encrypted"), &password("ahThie5h"));
        assert_eq!(wrong.err(), Some(EncryptedError::WrongPassphrase));

        let (one, other) =
            (encrypt(&secret, &passphrase).unwrap(), encrypt(&secret, &passphrase).unwrap());
        assert_ne!(*one, *other, "each has a salt of its own");
        let again = decrypt(&one, &passphrase).ok().unwrap();
        assert_eq!(again.to_little_endian(), secret.to_little_endian());
    }
}

/// The text of these bytes with their prefix.
fn base58(bytes: &[u8]) -> String {
    bs58::encode(bytes).with_check().into_string()
}

#[test]
fn texts_that_are_no_keys() {
    let good = "BLsk1eGhiPQXKtvvkBeXzmtVVJs6KPhEF45drF7MLjoCDcSnTGuyjL";
    let zero = base58(&[&[3, 150, 192, 40][..], &[0; 32]].concat());
    let large = base58(&[&[3, 150, 192, 40][..], &[0xff; 32]].concat());
    let long = base58(&[&[3, 150, 192, 40][..], &[1; 40]].concat());
    for (text, expected) in [
        ("", TextError::OtherKind("BLsk")),
        ("BLpk1ur5XXic", TextError::OtherKind("BLsk")),
        ("BLsk", TextError::Length),
        (&good[..good.len() - 1], TextError::Checksum),
        (&good.replace("GuyjL", "GuyjM"), TextError::Checksum),
        (&good.replace("GuyjL", "Guy0L"), TextError::Character(52)),
        (&good.replace("GuyjL", "Guyé"), TextError::Character(52)),
        (&long, TextError::OtherKind("BLsk")),
        (&format!("BLsk{}", "z".repeat(100_000)), TextError::Length),
        (&zero, TextError::Secret(bls::SecretKeyError::OutOfRange)),
        (&large, TextError::Secret(bls::SecretKeyError::OutOfRange)),
    ] {
        assert_eq!(read_secret(text).err(), Some(expected), "{}", &text[..text.len().min(60)]);
    }
    let wrong = decrypt(good, &password("x")).err();
    assert_eq!(wrong, Some(EncryptedError::Text(TextError::OtherKind("BLesk"))));
    let infinity = [&[6, 149, 135, 204, 0xc0][..], &[0; 47]].concat();
    let refused = read_public_key(&base58(&infinity)).err();
    assert_eq!(refused, Some(TextError::Public(bls::PointError::NotCanonical)));
}
