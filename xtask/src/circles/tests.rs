//! Crates of a few files, and the circles that are found in them.

use std::fs;

use super::*;

/// The circles of a crate with these files.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().canonicalize().unwrap();
    for (name, text) in files {
        let file = base.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let uses = of_crate(&base.join(files[0].0)).unwrap();
    circles(&base, &uses).into_iter().map(|circle| circle.line).collect()
}

#[test]
fn two_files_that_import_each_other_are_a_circle() {
    let offences = found(&[
        ("lib.rs", "mod a;\nmod b;"),
        ("a.rs", "use crate::b::Bee;\npub struct A(Bee);"),
        ("b.rs", "pub struct Bee;\n\nfn f() -> Option<super::a::A> { None }"),
    ]);
    let expected = "circle of files: a.rs:1 uses `crate::b::Bee`, b.rs:3 uses `super::a::A`";
    assert_eq!(offences, [expected]);
}

#[test]
fn a_child_that_uses_its_parent_is_one_only_if_the_parent_uses_it() {
    let child = ("p/c.rs", "use super::Parent;\npub fn of(_: Parent) {}");
    let declares = [("lib.rs", "mod p;"), ("p.rs", "pub mod c;\npub struct Parent;"), child];
    assert_eq!(found(&declares), [""; 0]);
    let calls = "mod c;\npub struct Parent;\nfn f() { c::of(Parent); }";
    let offences = found(&[("lib.rs", "mod p;"), ("p.rs", calls), child]);
    assert_eq!(offences, ["circle of files: p/c.rs:1 uses `super::Parent`, p.rs:3 uses `c::of`"]);
}

#[test]
fn a_re_export_leads_to_the_file_that_defines() {
    // `b` uses what `lib.rs` only passes on: `lib.rs` is in no circle, `a` and `b` are.
    let offences = found(&[
        ("lib.rs", "mod a;\nmod b;\npub use a::*;\npub use b::Bee as Named;"),
        ("a.rs", "pub struct A;\nfn f(_: crate::Named) {}"),
        ("b.rs", "use crate::A;\npub struct Bee(A);"),
    ]);
    assert_eq!(offences, ["circle of files: a.rs:2 uses `crate::Named`, b.rs:1 uses `crate::A`"]);
    let straight = found(&[
        ("lib.rs", "mod a;\nmod b;\npub use a::A;\npub use b::Bee;"),
        ("a.rs", "pub struct A;"),
        ("b.rs", "use crate::A;\npub struct Bee(A);"),
    ]);
    assert_eq!(straight, [""; 0]);
}

#[test]
fn circles_through_macros_attributes_and_imported_modules_are_found() {
    let others = "mod b { }\nmod c;";
    for use_of_c in [
        "fn f() { println!(\"{}\", crate::c::NUMBER) }",
        "#[error(\"{}\", crate::c::NUMBER)]\nstruct X;",
        "use crate::c;\nfn f() -> u8 { c::NUMBER }",
        "fn f() { use super::c::*; }",
    ] {
        let offences = found(&[
            ("main.rs", &format!("mod a;\n{others}")),
            ("a.rs", &format!("{use_of_c}\npub struct A;")),
            ("c/mod.rs", "pub const NUMBER: u8 = 1;\npub struct C(crate::a::A);"),
        ]);
        assert_eq!(offences.len(), 1, "{use_of_c}: {offences:?}");
        assert!(
            offences[0].contains("a.rs:") && offences[0].contains("c/mod.rs:2"),
            "{offences:?}"
        );
    }
}

#[test]
fn a_glob_is_of_the_module_where_a_function_has_the_same_name() {
    let offences = found(&[
        ("lib.rs", "mod a;\nmod b;\npub use a::b;"),
        ("a.rs", "use crate::b::B;\npub fn b() -> B { B }"),
        ("b.rs", "use crate::c::*;\npub struct B;"),
    ]);
    assert_eq!(offences, [""; 0]);
    let offences = found(&[
        ("lib.rs", "mod a;\nmod b;\npub use b::a;"),
        ("a.rs", "pub struct A;\nfn f() { crate::b::a() }"),
        ("b.rs", "use crate::a::*;\npub fn a() -> A { A }"),
    ]);
    assert_eq!(offences.len(), 1, "{offences:?}");
}

#[test]
fn a_long_circle_is_told_by_its_shortest_way() {
    let offences = found(&[
        ("lib.rs", "mod a;\nmod b;\nmod c;"),
        ("a.rs", "use crate::b::B;\npub struct A(B);"),
        ("b.rs", "use crate::c::C;\npub struct B(C);\nfn f(_: crate::a::A) {}"),
        ("c.rs", "pub struct C;\nfn f(_: crate::a::A) {}"),
    ]);
    let way = "circle of files: a.rs:1 uses `crate::b::B`, b.rs:3 uses `crate::a::A`";
    assert_eq!(offences, [format!("{way} (and 1 more files are in it: cargo xtask circles)")]);
}

#[test]
fn tests_inline_modules_and_other_crates_make_no_circle() {
    let offences = found(&[
        (
            "lib.rs",
            "mod a;\nmod b;\nmod inline { pub struct I; impl I { fn f(_: super::J) {} } }\npub struct J(inline::I);",
        ),
        ("a.rs", "use std::fmt;\npub struct A;\n#[cfg(test)]\nmod tests { use crate::b::Bee; }"),
        ("b.rs", "use crate::a::A;\npub struct Bee(A);\n#[cfg(all(test, unix))]\nmod checks;"),
        ("b/checks.rs", "use super::*;"),
    ]);
    assert_eq!(offences, [""; 0]);
}

#[test]
fn a_module_without_a_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("lib.rs");
    fs::write(&root, "mod gone;").unwrap();
    assert!(of_crate(&root).unwrap_err().ends_with("no file of `mod gone`"));
}
