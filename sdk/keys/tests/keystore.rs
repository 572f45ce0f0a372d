//! The folder: what is kept, what is refused, who may read it.

use std::fs;
use std::path::PathBuf;

use keys::{KeyFile, Keystore, KeystoreError, Name, Password, Secret, Zeroizing};

/// A folder that is not there yet, removed at the end of its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("keys-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Folder(path)
    }

    fn keys(&self) -> Keystore {
        Keystore::new(self.0.join("a/keys"))
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.join("a/keys")).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn sealed(text: &str) -> KeyFile {
    let secret = Secret::generate().ok().unwrap();
    let password = Password::new(Zeroizing::new("password".to_owned()));
    KeyFile::seal(&name(text), &secret, String::new(), &password).unwrap()
}

#[test]
fn keys_come_and_go() {
    let folder = Folder::new("come-and-go");
    let keys = folder.keys();
    assert_eq!(keys.names().unwrap(), []);
    assert!(matches!(keys.get(&name("bob")), Err(KeystoreError::Missing(_))));
    assert!(matches!(keys.remove(&name("bob")), Err(KeystoreError::Missing(_))));

    let (alice, bob) = (sealed("alice"), sealed("bob"));
    keys.add(&name("bob"), &bob).unwrap();
    keys.add(&name("alice"), &alice).unwrap();
    assert_eq!(keys.names().unwrap(), [name("alice"), name("bob")]);
    assert_eq!(folder.files(), ["alice.json", "bob.json"], "no draft is left");
    assert_eq!(keys.get(&name("alice")).unwrap(), alice);

    let error = keys.add(&name("bob"), &alice).unwrap_err();
    assert_eq!(error.to_string(), "there is a key bob already");
    assert_eq!(keys.get(&name("bob")).unwrap(), bob, "it is as it was");
    assert_eq!(folder.files(), ["alice.json", "bob.json"], "no draft is left");

    keys.remove(&name("bob")).unwrap();
    assert!(!keys.has(&name("bob")) && keys.has(&name("alice")));
}

#[test]
fn names_that_differ_in_case_alone_are_one() {
    let folder = Folder::new("case");
    let keys = folder.keys();
    keys.add(&name("Alice"), &sealed("Alice")).unwrap();
    for other in ["alice", "ALICE"] {
        for refused in [
            keys.check_free(&name(other)).unwrap_err(),
            keys.add(&name(other), &sealed(other)).unwrap_err(),
        ] {
            assert!(matches!(refused, KeystoreError::OtherCase(_)), "{refused}");
            assert!(refused.to_string().starts_with("there is a key Alice already"), "{refused}");
        }
    }
    assert_eq!(folder.files(), ["Alice.json"]);
    keys.check_free(&name("alices")).unwrap();
}

#[cfg(unix)]
#[test]
fn the_owner_alone_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("modes");
    folder.keys().add(&name("alice"), &sealed("alice")).unwrap();
    let mode =
        |path: &str| fs::metadata(folder.0.join(path)).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode("a/keys"), mode("a/keys/alice.json")), (0o700, 0o600));
}

#[test]
fn files_that_are_no_keys() {
    let folder = Folder::new("no-keys");
    let keys = folder.keys();
    keys.add(&name("alice"), &sealed("alice")).unwrap();
    let at = |file: &str| folder.0.join("a/keys").join(file);
    fs::rename(at("alice.json"), at("carol.json")).unwrap();
    fs::write(at("notes.txt"), "").unwrap();
    fs::write(at("a.b.json"), "").unwrap();
    fs::write(at(".draft.json"), "").unwrap();
    fs::write(at("empty.json"), "").unwrap();
    fs::write(at("large.json"), vec![b' '; 65_537]).unwrap();
    fs::create_dir(at("folder.json")).unwrap();
    let all = ["carol", "empty", "folder", "large"].map(name);
    assert_eq!(keys.names().unwrap(), all);
    assert_eq!(keys.get(&all[0]).unwrap().name, "alice", "the name of a file is the key's");
    assert!(matches!(keys.get(&all[1]), Err(KeystoreError::KeyFile { .. })));
    assert!(matches!(keys.get(&all[2]), Err(KeystoreError::Io { action: "read", .. })));
    assert!(matches!(keys.get(&all[3]), Err(KeystoreError::TooLarge { .. })));
}
