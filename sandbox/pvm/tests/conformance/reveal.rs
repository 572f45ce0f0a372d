//! Reveals of preimages and metadata, and malformed requests.

use super::calls::{config, expect_answers, originate, since};
use pvm::Version::{self, V0, V3};
use pvm::{Config, HostFn, PreimageHash, PvmError, preimage_hash};
use std::collections::HashMap;

const PAGE: &[u8] = b"a preimage of some length";

/// A configuration that knows these preimages.
fn knowing(version: Version, preimages: &[(PreimageHash, Vec<u8>)]) -> Config {
    let preimages = HashMap::from_iter(preimages.iter().cloned());
    Config { preimages: Box::new(preimages), ..config(version) }
}

/// Plays calls that find the request at [`super::calls::BUFFER`].
#[track_caller]
fn check(version: Version, request: &[u8], rows: &[(&str, i64)]) {
    let load = format!("store_read '/request' 0 BUFFER {}", request.len());
    let mut all = vec![(load.as_str(), i64::try_from(request.len()).unwrap())];
    all.extend_from_slice(rows);
    let mut pvm = originate(&all, knowing(version, &[(preimage_hash(PAGE), PAGE.to_vec())]));
    pvm.durable_mut().set("/request", request).unwrap();
    pvm.run_level(&[]).unwrap();
    expect_answers(&pvm, &all, version);
}

/// What comes of a request that a node cannot answer, if so.
fn refused(
    version: Version,
    request: &[u8],
    call: &str,
    preimages: &[(PreimageHash, Vec<u8>)],
) -> PvmError {
    let load = format!("store_read '/request' 0 BUFFER {}", request.len());
    let rows = [(load.as_str(), 0), ("write_output 'before'", 0), (call, 0)];
    let mut pvm = originate(&rows, knowing(version, preimages));
    pvm.durable_mut().set("/request", request).unwrap();
    let before = pvm.durable().clone();
    let error = pvm.run_level(&[]).unwrap_err();
    assert_eq!((pvm.durable(), pvm.level()), (&before, 0), "nothing has changed");
    error
}

#[test]
fn a_preimage_is_revealed_by_its_hash() {
    for version in since(V0) {
        check(
            version,
            &preimage_hash(PAGE),
            &[
                ("reveal_preimage BUFFER 33 32000 4096", 25),
                ("same 32000 'a'", 1),
                ("reveal_preimage BUFFER 33 32000 5", 5),
                ("reveal_preimage BUFFER 33 END-5 5", 5),
                ("reveal_preimage BUFFER 33 END 0", 0),
                ("reveal_preimage END 33 32000 5", -6),
                ("reveal_preimage END 4097 32000 5", -7),
            ],
        );
    }
}

#[test]
fn what_is_no_hash_has_an_empty_preimage() {
    for version in since(V0) {
        let mut other = preimage_hash(PAGE);
        other[0] = 1;
        check(
            version,
            &other,
            &[
                ("reveal_preimage BUFFER 33 32000 4096", 0),
                ("reveal_preimage BUFFER 32 32000 4096", 0),
                ("reveal_preimage BUFFER 0 32000 4096", 0),
            ],
        );
    }
}

#[test]
fn metadata_is_the_address_and_the_origination_level() {
    for version in since(V0) {
        let rows = [
            ("reveal_metadata BUFFER 4096", 24),
            ("same BUFFER 'abcdefghijklmnopqrst\0\0\u{1}\u{2}'", 1),
            ("reveal_metadata BUFFER 20", 20),
        ];
        let config = Config { version, ..Config::on_chain(*b"abcdefghijklmnopqrst", 258) };
        super::calls::check_in(&rows, config, &[]);
    }
}

#[test]
fn what_cannot_be_written_where_it_should_go_stops_the_node() {
    use pvm::Raised::{NegativeMaximum, RevealedBeyondMemory};
    let hash = preimage_hash(PAGE);
    let preimages = [(hash, PAGE.to_vec())];
    for version in since(V0) {
        let raised = |request: &[u8], call: &str| {
            let error = refused(version, request, call, &preimages);
            let PvmError::Raised(raised) = error else { panic!("{call}: {error}") };
            raised
        };
        let beyond = |function| RevealedBeyondMemory { function };
        let negative = |function| NegativeMaximum { function, max_bytes: -1 };
        let function = HostFn::RevealPreimage;
        let call = "reveal_preimage BUFFER 33 END 5";
        assert_eq!(raised(&hash, call), beyond(function), "{version}");
        // Even if some bytes fit.
        let call = "reveal_preimage BUFFER 33 END-5 6";
        assert_eq!(raised(&hash, call), beyond(function), "{version}");
        let call = "reveal_preimage BUFFER 33 32000 -1";
        assert_eq!(raised(&hash, call), negative(function), "{version}");
        let function = HostFn::RevealMetadata;
        assert_eq!(raised(&hash, "reveal_metadata END 24"), beyond(function), "{version}");
        assert_eq!(raised(&hash, "reveal_metadata BUFFER -1"), negative(function), "{version}");
    }
    let request = [&[0][..], &hash].concat();
    for version in since(V3) {
        let function = HostFn::Reveal;
        let error = refused(version, &request, "reveal BUFFER 34 END 4096", &preimages);
        assert_eq!(error, PvmError::Raised(RevealedBeyondMemory { function }), "{version}");
        // An empty answer is no exception.
        let error = refused(version, &[9], "reveal BUFFER 1 32000 -1", &preimages);
        let expected = NegativeMaximum { function, max_bytes: -1 };
        assert_eq!(error, PvmError::Raised(expected), "{version}");
    }
}

#[test]
fn reveal_takes_preimages_and_metadata() {
    for version in since(V3) {
        check(
            version,
            &[&[0][..], &preimage_hash(PAGE)].concat(),
            &[
                ("reveal BUFFER 34 32000 4096", 25),
                ("same 32000 'a'", 1),
                ("reveal END 34 32000 4096", -6),
                ("reveal BUFFER 4097 32000 4096", -7),
            ],
        );
        check(version, &[1], &[("reveal BUFFER 1 32000 4096", 24)]);
    }
}

#[test]
fn what_cannot_be_decoded_reveals_nothing() {
    let cut = [&[0][..], &preimage_hash(PAGE)[..32]].concat();
    let requests: [&[u8]; 9] = [
        &[0],
        &cut,
        &[1, 0],
        &[2, 0, 0, 0, 9, 0, 0],
        &[3, 0],
        &[4],
        &[4, 0, 0, 0, 9, 0, 0, 0, 66, 1],
        &[5],
        &[0xff; 34],
    ];
    for version in since(V3) {
        for request in requests {
            let call = format!("reveal BUFFER {} 32000 4096", request.len());
            check(version, request, &[(&call, 0), ("reveal BUFFER 0 32000 4096", 0)]);
        }
    }
}

#[test]
fn a_missing_preimage_stops_the_node_and_changes_nothing() {
    for version in since(V0) {
        let hash = preimage_hash(PAGE);
        let error = refused(version, &hash, "reveal_preimage BUFFER 33 32000 4096", &[]);
        let location = hex::encode(hash);
        assert_eq!(
            error,
            PvmError::MissingPreimage { hash: Box::new(hash), location },
            "{version}"
        );
    }
}

#[test]
fn a_preimage_of_another_hash_is_not_taken() {
    for version in since(V0) {
        let (hash, found) = (preimage_hash(PAGE), preimage_hash(b"other"));
        let known = [(hash, b"other".to_vec())];
        let error = refused(version, &hash, "reveal_preimage BUFFER 33 32000 4096", &known);
        let (location, hash, found) = (hex::encode(hash), Box::new(hash), Box::new(found));
        assert_eq!(error, PvmError::CorruptPreimage { hash, found, location }, "{version}");
    }
}

#[test]
fn a_preimage_has_4096_bytes_at_most() {
    for version in since(V0) {
        let long = vec![7; 4_097];
        let hash = preimage_hash(&long);
        let known = [(hash, long)];
        let error = refused(version, &hash, "reveal_preimage BUFFER 33 32000 4096", &known);
        let (location, hash) = (hex::encode(hash), Box::new(hash));
        assert_eq!(error, PvmError::LongPreimage { hash, size: 4_097, location }, "{version}");
    }
}

#[test]
fn adaptive_dal_requests_stop_the_node() {
    let page = [4, 0, 0, 0, 9, 0, 0, 0, 66];
    let anybody = [&page[..], &[0]].concat();
    let somebody = [&page[..], &[0xff, 0, 0, 0, 22], &[1; 22]].concat();
    for version in since(V3) {
        for request in [&anybody, &somebody] {
            let call = format!("reveal BUFFER {} 32000 4096", request.len());
            assert_eq!(refused(version, request, &call, &[]), PvmError::AdaptiveDal, "{version}");
        }
    }
}
