//! Folders are for their owner alone.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

#[test]
fn a_new_folder_is_for_its_owner_and_one_that_is_there_stays_as_it_is() {
    let scratch = files::scratch().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let shared = scratch.path().join("shared");
    fs::create_dir(&shared).unwrap();
    fs::set_permissions(&shared, Permissions::from_mode(0o755)).unwrap();
    let (outer, inner) = (shared.join("outer"), shared.join("outer/inner"));
    files::own_folder(&inner).unwrap();
    files::own_folder(&inner).unwrap();
    assert_eq!([mode(&shared), mode(&outer), mode(&inner)], [0o755, 0o700, 0o700]);
    // The parent of a bare file name.
    files::own_folder(Path::new("")).unwrap();
    fs::write(shared.join("file"), "").unwrap();
    assert!(files::own_folder(&shared.join("file")).is_err());
}
