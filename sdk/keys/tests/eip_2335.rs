//! EIP-2335's own files, files of ours, and files with something wrong in them.

use keys::{KeyFile, KeyFileError, Password, Secret, Zeroizing};
use serde_json::{Value, json};

/// The standard's example, as typed. Normalised it is `testpassword🔑`.
const TYPED: &str = "𝔱𝔢𝔰𝔱𝔭𝔞𝔰𝔰𝔴𝔬𝔯𝔡🔑";
const SECRET: &str = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f";
const PUBLIC_KEY: &str = "9612d7a727c9d0a22e185a1c768478dfe919cada9266988cb32359c11f2b7b27\
                          f4ae4040902382ae2910c15e2b420d07";
const SALT: &str = "d4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3";

fn password(typed: &str) -> Password {
    Password::new(Zeroizing::new(typed.to_owned()))
}

fn file(kdf: &Value, checksum: &str, cipher: &str) -> Value {
    json!({
        "crypto": {
            "kdf": kdf,
            "checksum": {"function": "sha256", "params": {}, "message": checksum},
            "cipher": {
                "function": "aes-128-ctr",
                "params": {"iv": "264daa3f303d7259501c93d997d84fe6"},
                "message": cipher,
            },
        },
        "description": "An example",
        "pubkey": PUBLIC_KEY,
        "path": "m/12381/60/0/0",
        "uuid": "64625def-3331-4eea-ab6f-782f3ed16a83",
        "version": 4,
    })
}

fn scrypt() -> Value {
    let params = json!({"dklen": 32, "n": 262_144, "p": 1, "r": 8, "salt": SALT});
    file(
        &json!({"function": "scrypt", "params": params, "message": ""}),
        "d2217fe5f3e9a1e34581ef8a78f7c9928e436d36dacc5e846690a5581e8ea484",
        "06ae90d55fe0a6e9c5c3bc5b170827b2e5cce3929ed3f116c2811e6366dfe20f",
    )
}

fn pbkdf2() -> Value {
    let params = json!({"dklen": 32, "c": 262_144, "prf": "hmac-sha256", "salt": SALT});
    file(
        &json!({"function": "pbkdf2", "params": params, "message": ""}),
        "8a9f5d9912ed7e75ea794bc5a89bca5f193721d30868ade6f73043c6ea6febf1",
        "cee03fde2af33149775b7223e7845e4fb2c8ae1792e5f99fe9ecf474cc8c16ad",
    )
}

fn opened(file: &Value, typed: &str) -> Result<Secret, KeyFileError> {
    KeyFile::parse(file.to_string().as_bytes())?.open(&password(typed))
}

#[test]
fn both_examples_of_the_standard() {
    for file in [scrypt(), pbkdf2()] {
        let secret = opened(&file, TYPED).ok().unwrap();
        assert_eq!(hex::encode(*secret.to_big_endian()), SECRET);
        let wrong = opened(&file, "testpassword").err().unwrap();
        assert_eq!(wrong.to_string(), "wrong password");
    }
}

#[test]
fn what_is_sealed_opens_with_its_password_only() {
    let secret = Secret::generate().ok().unwrap();
    let name = "alice".parse().unwrap();
    let sealed = KeyFile::seal(&name, &secret, String::new(), &password("p")).unwrap();
    let json = sealed.to_json().unwrap();
    let read = KeyFile::parse(json.as_bytes()).unwrap();
    assert_eq!(read, sealed);
    assert_eq!((&*read.name, &*read.tz4), ("alice", &*secret.address().to_string()));
    let opened = read.open(&password("p")).ok().unwrap();
    assert_eq!(opened.to_little_endian(), secret.to_little_endian());
    assert_eq!(read.open(&password("q")).err().unwrap().to_string(), "wrong password");
    for plain in [&*secret.to_big_endian(), secret.to_little_endian()] {
        assert!(!json.contains(&hex::encode(plain)));
    }
    let again = KeyFile::seal(&name, &secret, String::new(), &password("p")).unwrap();
    assert_ne!(again.crypto, sealed.crypto, "salt and counter are new each time");
    assert_ne!(again.uuid, sealed.uuid);
    let parts: Vec<_> = again.uuid.split('-').map(str::len).collect();
    assert_eq!(parts, [8, 4, 4, 4, 12]);
}

#[test]
fn files_with_something_wrong_in_them() {
    let of_kdf = |field: &str, value: Value| {
        let mut file = scrypt();
        file["crypto"]["kdf"]["params"][field] = value;
        file
    };
    let with = |field: &str, value: Value| {
        let mut file = pbkdf2();
        file[field] = value;
        file
    };
    let of_pbkdf2 = |field: &str, value: Value| {
        let mut file = pbkdf2();
        file["crypto"]["kdf"]["params"][field] = value;
        file
    };
    let message = |part: &str, value: &str| {
        let mut file = pbkdf2();
        file["crypto"][part]["message"] = value.into();
        file
    };
    let refused = "\"kdf\" has parameters that are refused: ";
    let other = "8".repeat(96);
    for (file, expected) in [
        (with("version", 3.into()), "a key file of version 3 (expected 4)".to_owned()),
        (with("path", 7.into()), "not a key file: invalid type: integer `7`".to_owned()),
        (with("pubkey", "00".into()), "\"pubkey\" is malformed".to_owned()),
        (with("pubkey", other.into()), "\"pubkey\" is malformed".to_owned()),
        (
            with("tz4", "tz4TFJdv9Jd44FtBMAxi3KQT7AtazhVyaPa6".into()),
            "\"tz4\" is not the account of \"pubkey\"".to_owned(),
        ),
        (message("cipher", "0g"), "\"cipher\" is malformed".to_owned()),
        (message("checksum", ""), "\"checksum\" is malformed".to_owned()),
        (message("cipher", &"00".repeat(32)), "wrong password".to_owned()),
        (of_kdf("dklen", 31.into()), format!("{refused}dklen is less than 32")),
        (of_kdf("n", 0.into()), format!("{refused}n is not a power of two")),
        (of_kdf("n", 3.into()), format!("{refused}n is not a power of two")),
        (of_kdf("n", (1_u64 << 62).into()), format!("{refused}n and r take more than 1 GiB")),
        (of_kdf("r", 4096.into()), format!("{refused}n and r take more than 1 GiB")),
        (of_kdf("r", 0.into()), format!("{refused}scrypt refuses them")),
        (of_kdf("p", 17.into()), format!("{refused}p is more than 16")),
        (of_kdf("p", 0.into()), format!("{refused}scrypt refuses them")),
        (of_kdf("salt", "0".into()), "\"salt\" is malformed".to_owned()),
        (of_kdf("salt", "00".repeat(257).into()), format!("{refused}the salt is too long")),
        (of_pbkdf2("c", 0.into()), format!("{refused}c is zero or too large")),
        (of_pbkdf2("c", u32::MAX.into()), format!("{refused}c is zero or too large")),
        (of_pbkdf2("prf", "md5".into()), format!("{refused}prf is not hmac-sha256")),
    ] {
        let error = opened(&file, TYPED).err().unwrap().to_string();
        assert!(error.starts_with(&expected), "{error}\n{file}");
    }
}

#[test]
fn files_of_others_open() {
    let mut files = Vec::new();
    for field in ["pubkey", "path", "uuid", "name", "description", "tz4"] {
        for value in [None, Some(Value::Null), Some("".into())] {
            let mut file = pbkdf2();
            match value {
                Some(value) => file[field] = value,
                None => {
                    file.as_object_mut().unwrap().remove(field);
                }
            }
            files.push(file);
        }
    }
    for (field, value) in [
        ("name", json!("another's")),
        ("name", json!({"first": "another's"})),
        ("tz4", json!(4)),
        ("tz4", json!("another's")),
        ("pubkey", json!(format!("0x{PUBLIC_KEY}"))),
        ("description", json!(["a", 1])),
        ("of_another", json!(1)),
    ] {
        let mut file = pbkdf2();
        file[field] = value;
        files.push(file);
    }
    for longer in [33_u64, 64, 1 << 40] {
        for mut file in [pbkdf2(), scrypt()] {
            file["crypto"]["kdf"]["params"]["dklen"] = longer.into();
            files.push(file);
        }
    }
    let mut without_message = pbkdf2();
    without_message["crypto"]["kdf"].as_object_mut().unwrap().remove("message");
    files.push(without_message);
    for file in files {
        let secret = opened(&file, TYPED).unwrap_or_else(|error| panic!("{error}\n{file}"));
        assert_eq!(hex::encode(*secret.to_big_endian()), SECRET, "{file}");
        let wrong = opened(&file, "another").err().unwrap();
        assert_eq!(wrong.to_string(), "wrong password", "{file}");
    }
    let mut unknown = pbkdf2();
    unknown.as_object_mut().unwrap().remove("pubkey");
    let unknown = KeyFile::parse(unknown.to_string().as_bytes()).unwrap();
    assert!(unknown.public_key().unwrap().is_none());
    let marked = format!("\u{feff}{}", pbkdf2());
    assert!(KeyFile::parse(marked.as_bytes()).unwrap().open(&password(TYPED)).is_ok());
}

#[test]
fn nothing_is_sealed_under_the_empty_password() {
    let secret = Secret::generate().ok().unwrap();
    for typed in ["", "\t", "\u{7f}\u{1}\u{85}\r"] {
        let name = "alice".parse().unwrap();
        let sealed = KeyFile::seal(&name, &secret, String::new(), &password(typed));
        assert!(matches!(sealed, Err(KeyFileError::EmptyPassword)), "{typed:?}");
    }
}

#[test]
fn a_public_key_that_is_another_ones() {
    let mut file = pbkdf2();
    let other = Secret::generate().ok().unwrap().public_key();
    file["pubkey"] = hex::encode(other.to_compressed()).into();
    let error = opened(&file, TYPED).err().unwrap();
    assert_eq!(error.to_string(), "the secret in it is not that of \"pubkey\"");
}

#[test]
fn a_file_cut_off_anywhere() {
    let json = scrypt().to_string();
    for end in 0..json.len() {
        let error = KeyFile::parse(&json.as_bytes()[..end]).unwrap_err();
        assert!(matches!(error, KeyFileError::Json(_)), "{end}: {error}");
    }
}
