//! What happens where somebody has put a link: nothing is written through it.
#![cfg(unix)]

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use files::{Draft, Readers, append, create, replace, scratch};

/// A folder with a file of somebody's, and a link to it, and one that leads nowhere.
fn with_links() -> tempfile::TempDir {
    let folder = scratch().unwrap();
    fs::write(folder.path().join("theirs"), "precious").unwrap();
    symlink("theirs", folder.path().join("link")).unwrap();
    symlink("nowhere", folder.path().join("dangling")).unwrap();
    folder
}

fn is_whole(folder: &Path) -> bool {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let no_draft = names.into_iter().all(|name| !name.to_string_lossy().ends_with(".new"));
    no_draft
        && fs::read_to_string(folder.join("theirs")).unwrap() == "precious"
        && !folder.join("nowhere").exists()
}

#[test]
fn a_link_is_replaced_and_not_followed() {
    let folder = with_links();
    for name in ["link", "dangling", "new"] {
        let path = folder.path().join(name);
        replace(&path, b"mine", Readers::All).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine", "{name}");
        assert!(path.symlink_metadata().unwrap().is_file(), "{name}");
        assert!(is_whole(folder.path()), "{name}");
    }
}

#[test]
fn what_must_be_new_is_not_made_where_a_link_is() {
    let folder = with_links();
    for name in ["theirs", "link", "dangling"] {
        let path = folder.path().join(name);
        let refused = create(&path, b"mine", Readers::Owner).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::AlreadyExists, "{name}");
        // One that comes in between is not written over either.
        let draft = Draft::new(&folder.path().join(name), Readers::Owner).unwrap();
        assert_eq!(draft.put_new().unwrap_err().kind(), ErrorKind::AlreadyExists, "{name}");
        assert!(is_whole(folder.path()), "{name}");
    }
}

#[test]
fn records_are_not_added_to_what_a_link_leads_to() {
    let folder = with_links();
    for name in ["link", "dangling"] {
        assert!(append(&folder.path().join(name), Readers::Owner).is_err(), "{name}");
        assert!(is_whole(folder.path()), "{name}");
    }
    let path = folder.path().join("record");
    for line in ["a\n", "b\n"] {
        append(&path, Readers::Owner).unwrap().write_all(line.as_bytes()).unwrap();
    }
    let mut text = String::new();
    append(&path, Readers::Owner).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "a\nb\n");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn the_names_of_drafts_cannot_be_guessed_and_drafts_go_away() {
    let folder = scratch().unwrap();
    let path = folder.path().join("file");
    let [one, two] = [(); 2].map(|()| Draft::new(&path, Readers::All).unwrap());
    assert_ne!(one.path(), two.path());
    assert!(one.path().exists());
    drop((one, two));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn who_may_read_a_file_stays_as_it_was() {
    let folder = scratch().unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let secret = folder.path().join("secret");
    replace(&secret, b"x", Readers::Owner).unwrap();
    assert_eq!(mode(&secret), 0o600);
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o640)).unwrap();
    replace(&secret, b"y", Readers::All).unwrap();
    assert_eq!(mode(&secret), 0o640);
}

#[test]
fn devices_are_written_to() {
    replace(Path::new("/dev/null"), b"x", Readers::All).unwrap();
    assert!(!Path::new("/dev/null").metadata().unwrap().is_file());
}
