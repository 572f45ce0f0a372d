//! What a version is called and what it allows, and how a rollup gets another one.

use super::calls::{config, since};
use crate::common::{assemble, kernel_of};
use pvm::Version::{self, V0, V1, V2, V4, V5, V6};
use pvm::{LevelInbox, Pvm, Status};

fn migrate(pvm: &mut Pvm, protocol: &str) -> pvm::LevelReport {
    pvm.run_inbox(&LevelInbox { migration: Some(protocol), ..LevelInbox::default() }).unwrap()
}

#[test]
fn the_kernel_reads_its_version() {
    let names = ["2.0.0", "2.0.0-r1", "2.0.0-r2", "2.0.0-r3", "2.0.0-r4", "2.0.0-r5", "2.0.0-r6"];
    for (version, name) in since(V0).zip(names) {
        let read = format!("same BUFFER '{name}'");
        let size = i64::try_from(name.len()).unwrap();
        let rows = [("store_read '/readonly/wasm_version' 0 BUFFER 99", size), (read.as_str(), 1)];
        super::calls::check_in(&rows, config(version), &[]);
    }
}

#[test]
fn ticks_of_a_call_by_version() {
    for version in since(V0) {
        let ticks = if version < V4 { 11_000_000_000 } else { 50_000_000_000_000 };
        assert_eq!(version.ticks_per_call(), ticks, "{version}");
    }
}

#[test]
fn a_migration_brings_the_version_of_its_protocol() {
    for (protocol, version) in [
        ("nairobi_017", V1),
        ("oxford_018", V2),
        ("paris_019", V4),
        ("paris_020", V4),
        ("quebec_021", V5),
        ("r022_022", V5),
        ("s023_023", V5),
        ("t024_024", V5),
        ("u025_025", V6),
        ("alpha_current", V6),
    ] {
        let mut pvm = Pvm::originate_wasm(&kernel_of(V0, ""), config(V0)).unwrap();
        migrate(&mut pvm, protocol);
        let name = pvm.durable().get("/readonly/wasm_version").unwrap();
        assert_eq!(name, version.name().as_bytes(), "{protocol}");
        assert_eq!(pvm.version(), version, "{protocol}");
    }
}

#[test]
fn other_protocols_change_nothing() {
    for version in since(V0) {
        let mut pvm = Pvm::originate_wasm(&kernel_of(version, ""), config(version)).unwrap();
        for protocol in ["", "mumbai_016", "rio_022", "u025_026", "2.0.0-r1"] {
            migrate(&mut pvm, protocol);
            assert_eq!(pvm.version(), version, "{protocol:?}");
        }
    }
}

#[test]
fn a_migration_that_cannot_be_read_stops_the_pvm() {
    let good = "00040000000d616c7068615f63757272656e74";
    for version in since(V0) {
        for message in [
            // Too short, too long, without a length, with half of one.
            "000400000008753032355f3032",
            "000400000008753032355f303235ff",
            "0004",
            "00040000",
            "0004ffffffff",
        ] {
            let wasm = kernel_of(version, "(drop (call $count))");
            let mut pvm = Pvm::originate_wasm(&wasm, config(version)).unwrap();
            let inbox = [good, message, good].map(|message| hex::decode(message).unwrap());
            let report = pvm.run_level(&inbox[1..]).unwrap();
            assert!(matches!(report.status, Status::Stuck(_)), "{message} in {version}");
            assert_eq!(report.runs.len(), 0, "the kernel does not run");
            assert_eq!(pvm.version(), version, "nor does what comes after it");
            assert!(pvm.durable().has("/kernel/env/reboot"), "{message} in {version}");
            assert_eq!(pvm.run_level(&[]).unwrap().runs.len(), 0, "nor ever again");
            // What came before it has happened.
            let mut pvm = Pvm::originate_wasm(&wasm, config(version)).unwrap();
            pvm.run_level(&inbox).unwrap();
            assert_eq!(pvm.version(), V6, "{message} in {version}");
        }
    }
}

#[test]
fn paris_alone_brings_more_ticks() {
    let (few, many) = (V0.ticks_per_call(), V4.ticks_per_call());
    let wasm = kernel_of(V0, "");
    for (protocols, ticks) in [
        (&["nairobi_017", "oxford_018"][..], few),
        (&["oxford_018", "paris_020"], many),
        (&["paris_019", "quebec_021"], many),
        // A rollup that has skipped Paris keeps the old limit, whatever comes.
        (&["quebec_021"], few),
        (&["u025_025"], few),
        (&["u025_025", "paris_020"], many),
    ] {
        let mut pvm = Pvm::originate_wasm(&wasm, config(V0)).unwrap();
        for protocol in protocols {
            migrate(&mut pvm, protocol);
        }
        let state = pvm.snapshot();
        let registers = state.machine().unwrap().registers();
        assert_eq!(registers.ticks_per_run, ticks, "{protocols:?}");
        assert_eq!(pvm.run_level(&[]).unwrap().padded_ticks(), 2 * ticks, "{protocols:?}");
        // It is part of the state.
        let mut pvm = Pvm::originate_wasm(&wasm, config(V6)).unwrap();
        pvm.restore(&state);
        assert_eq!(pvm.run_level(&[]).unwrap().padded_ticks(), 2 * ticks, "{protocols:?}");
    }
}

#[test]
fn a_migration_takes_hold_before_the_kernel_runs() {
    // Keeps the version that it sees.
    let body = "(drop (call $store_copy (i32.const 500) (i32.const 22)
            (i32.const 300) (i32.const 4))))
        (data (i32.const 500) \"/readonly/wasm_version\") (func";
    let mut pvm = Pvm::originate_wasm(&kernel_of(V0, body), config(V0)).unwrap();
    pvm.run_level(&[]).unwrap();
    assert_eq!(pvm.durable().get("/out").as_deref(), Some(&b"2.0.0"[..]));
    let report = migrate(&mut pvm, "t024_024");
    assert_eq!(pvm.durable().get("/out").as_deref(), Some(&b"2.0.0-r5"[..]));
    assert_eq!(report.version, V5);
}

#[test]
fn a_migration_brings_functions_and_call_depth() {
    let nested = 1_000;
    let deep = assemble(&format!(
        r#"(module (memory (export "m") 1)
            (func $down (param i32)
                (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1))))))
            (func (export "kernel_run") (call $down (i32.const {nested}))))"#
    ));
    // The old version would be stuck.
    let mut pvm = Pvm::originate_wasm(&deep, config(V0)).unwrap();
    assert!(matches!(pvm.run_level(&[]).unwrap().status, Status::Stuck(_)));
    let mut pvm = Pvm::originate_wasm(&deep, config(V0)).unwrap();
    assert_eq!(migrate(&mut pvm, "nairobi_017").status, Status::Running);

    // A kernel with functions of Oxford waits for that protocol.
    let wasm = kernel_of(V2, "(drop (call $store_exists (i32.const 200) (i32.const 6)))");
    let mut pvm = Pvm::originate_unchecked(&wasm, config(V0));
    assert!(matches!(pvm.run_level(&[]).unwrap().status, Status::Stuck(_)));
    let mut pvm = Pvm::originate_unchecked(&wasm, config(V0));
    assert_eq!(migrate(&mut pvm, "oxford_018").status, Status::Running);
}

#[test]
fn a_snapshot_has_the_version() {
    let mut pvm = Pvm::originate_wasm(&kernel_of(V0, ""), config(V0)).unwrap();
    let before = pvm.snapshot();
    migrate(&mut pvm, "u025_025");
    assert_eq!(pvm.version(), Version::default());
    pvm.restore(&before);
    assert_eq!(pvm.version(), V0);
}
