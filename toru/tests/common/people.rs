//! People with keys and money, on a sandbox of their own.
#![allow(dead_code, reason = "each test binary uses some of it")]

use super::Folder;
use super::sandbox::Sandbox;
use super::user::User;

/// Somebody's machine with a key of each name, all of the same password, and a hundred of the demo
/// ticket for each of them.
pub fn people(name: &str, names: &[&str]) -> (Folder, Sandbox) {
    let folder = Folder::new(name);
    folder.file("password", "correct horse battery\n");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    for (counter, name) in names.iter().enumerate() {
        user.done(&["key", "new", name]);
        let file = format!("{name}.fund.json");
        let counter = counter.to_string();
        let craft = ["tx", "craft", "100", "demo", "dev0", name, "--out", &file];
        user.done(&[&craft[..], &["--counter", &counter]].concat());
        user.done(&["tx", "sign", &file, "--key", "dev0", "--yes"]);
    }
    let files: Vec<String> = names.iter().map(|name| format!("{name}.fund.json")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    if !files.is_empty() {
        user.done(&[&["tx", "submit"], &files[..], &["--yes"]].concat());
        sandbox.mine(1);
    }
    (folder, sandbox)
}

/// What an account holds of the demo ticket.
pub fn balance(user: &User<'_>, account: &str) -> String {
    user.done(&["balance", account, "demo"]).trim().to_owned()
}
