//! Durable storage through the safe capabilities: chunks, missing values, refusals, subtrees.

use host::{Host, HostError, Subtree};
use pvm::{Durable, NativeHost};

fn empty() -> NativeHost {
    NativeHost::over(Durable::default())
}

/// A host that finds these values, whoever put them there.
fn holding(values: &[(&str, &[u8])]) -> NativeHost {
    let mut durable = Durable::default();
    for (path, value) in values {
        durable.set(path, value).unwrap();
    }
    NativeHost::over(durable)
}

/// Bytes of which no two chunks are alike, so that swapped, lost and doubled ones show.
fn pattern(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at % 251).to_le_bytes()[0] ^ (at / 2_048).to_le_bytes()[0]).collect()
}

/// Around what one call moves, once and twice.
const SIZES: [usize; 15] =
    [1, 2, 63, 64, 65, 2_047, 2_048, 2_049, 2_111, 2_112, 2_113, 4_095, 4_096, 4_097, 5_000];

#[test]
fn values_of_every_size_come_back_as_they_were_written() {
    for size in SIZES {
        let host = empty();
        host.write_at("/value", 0, &pattern(size)).unwrap();
        assert_eq!(host.read("/value"), Ok(pattern(size)), "{size} bytes");
    }
}

#[test]
fn values_that_others_wrote_are_read_whole() {
    for size in SIZES {
        let host = holding(&[("/value", &pattern(size))]);
        assert_eq!(host.read("/value"), Ok(pattern(size)), "{size} bytes");
    }
}

#[test]
fn an_empty_value_reads_as_none_and_cannot_be_written() {
    // No bytes are no calls: that is what `write_at` does with an empty value.
    let host = empty();
    host.write_at("/value", 0, &[]).unwrap();
    assert_eq!(host.has("/value"), Ok(false));
    assert_eq!(host.read("/value"), Ok(Vec::new()));

    let host = holding(&[("/value", &[])]);
    assert_eq!(host.has("/value"), Ok(true));
    assert_eq!(host.read("/value"), Ok(Vec::new()));
    assert_eq!(host.read_record::<4>("/value", "what"), Ok(None));
}

#[test]
fn what_is_not_there_reads_as_nothing() {
    // A subtree without a value of its own, too.
    let host = holding(&[("/tree/leaf", b"x")]);
    for path in ["/missing", "/missing/deeper", "/tree"] {
        assert_eq!(host.read(path), Ok(Vec::new()), "{path}");
        assert_eq!(host.read_at(path, 0, 10), Ok(Vec::new()), "{path}");
        assert_eq!(host.read_at(path, 7, 10), Ok(Vec::new()), "{path}");
        assert_eq!(host.read_record::<1>(path, "what"), Ok(None), "{path}");
        assert_eq!(host.has(path), Ok(path == "/tree"), "{path}");
    }
    assert_eq!(host.delete("/missing"), Ok(()), "nothing is deleted without complaint");
}

#[test]
fn a_part_of_a_value_is_read_as_far_as_there_is_one() {
    let host = holding(&[("/value", &pattern(5_000))]);
    assert_eq!(host.read_at("/value", 4_990, 5), Ok(pattern(5_000)[4_990..4_995].to_vec()));
    assert_eq!(host.read_at("/value", 4_990, 50), Ok(pattern(5_000)[4_990..].to_vec()));
    for beyond in [5_000, 5_001, 1 << 30] {
        assert_eq!(host.read_at("/value", beyond, 1), Ok(Vec::new()), "from {beyond}");
    }
    // One call's worth is the most, whatever is asked for.
    for max in [2_048, 2_049, 5_000, usize::MAX] {
        assert_eq!(host.read_at("/value", 1, max), Ok(pattern(5_000)[1..2_049].to_vec()), "{max}");
    }
    assert_eq!(host.read_at("/value", 0, 0), Ok(Vec::new()));
}

#[test]
fn a_write_replaces_only_what_it_covers() {
    let host = holding(&[("/value", &[0xee; 6_000])]);
    // Across two chunk borders of the write itself, none of them at a multiple of 2,048.
    host.write_at("/value", 100, &pattern(5_000)).unwrap();
    let mut expected = vec![0xee; 6_000];
    expected[100..5_100].copy_from_slice(&pattern(5_000));
    assert_eq!(host.read("/value"), Ok(expected));

    host.write_at("/value", 6_000, &[1, 2]).unwrap();
    assert_eq!(host.read_at("/value", 5_998, 9), Ok(vec![0xee, 0xee, 1, 2]), "it grows at its end");
}

#[test]
fn a_write_beyond_the_end_is_refused_and_leaves_no_value() {
    let host = holding(&[("/value", &[1, 2, 3])]);
    assert_eq!(host.write_at("/value", 4, &pattern(3_000)), Err(HostError::BadOffset));
    assert_eq!(host.read("/value"), Ok(vec![1, 2, 3]));
    assert_eq!(host.write_at("/new", 1, &[1]), Err(HostError::BadOffset));
    assert_eq!(host.has("/new"), Ok(false));
}

#[test]
fn a_record_that_is_shorter_or_longer_is_corrupt() {
    for size in (1..8).chain([9, 10, 16, 2_048, 2_049]) {
        let host = holding(&[("/record", &pattern(size))]);
        let read = host.read_record::<8>("/record", "/the record");
        assert_eq!(read, Err(HostError::Corrupt("/the record")), "{size} bytes");
    }
    let host = holding(&[("/record", &pattern(8)), ("/large", &pattern(2_047))]);
    assert_eq!(host.read_record::<8>("/record", "what").unwrap().unwrap(), pattern(8)[..]);
    assert_eq!(host.read_record::<2_047>("/large", "what").unwrap().unwrap(), pattern(2_047)[..]);
}

/// What every function that takes a path answers for this one; `None` for no error.
fn refusals(host: &NativeHost, path: &str) -> [Option<HostError>; 8] {
    [
        host.has(path).err(),
        host.read(path).err(),
        host.read_record::<4>(path, "what").err(),
        host.write_at(path, 0, &[1]).err(),
        host.delete(path).err(),
        host.copy("/here", path).err(),
        host.rename("/here", path).err(),
        host.rename(path, "/there").err(),
    ]
}

#[test]
fn a_path_that_is_too_long_is_refused_by_every_function() {
    let host = holding(&[("/here", b"x")]);
    let longest = format!("/{}", "a".repeat(239));
    assert_eq!(host.write_at(&longest, 0, b"x"), Ok(()));
    assert_eq!(host.read(&longest), Ok(b"x".to_vec()));
    let too_long = format!("{longest}a");
    assert_eq!(refusals(&host, &too_long), [Some(HostError::KeyTooLong); 8]);
    assert_eq!(host.copy(&too_long, "/there"), Err(HostError::KeyTooLong));
}

#[test]
fn what_is_no_path_is_refused_by_every_function() {
    let host = holding(&[("/here", b"x")]);
    for path in ["value", "/", "//a", "/a/", "/a b", "/a@", "/é"] {
        assert_eq!(refusals(&host, path), [Some(HostError::InvalidKey); 8], "{path:?}");
    }
    assert_eq!(host.read("/here"), Ok(b"x".to_vec()), "nothing has moved");
}

#[test]
fn readonly_paths_are_read_and_not_written() {
    let host = holding(&[("/here", b"x"), ("/readonly/there", b"full")]);
    let no = Some(HostError::Readonly);
    let expected = [None, None, None, no, no, no, no, no];
    assert_eq!(refusals(&host, "/readonly/there"), expected);
    assert_eq!(host.read("/readonly/there"), Ok(b"full".to_vec()));
    // Copying out of it is reading.
    assert_eq!(host.copy("/readonly", "/copied"), Ok(()));
    assert_eq!(host.read("/copied/there"), Ok(b"full".to_vec()));
}

#[test]
fn a_missing_tree_is_neither_copied_nor_moved_and_the_target_stays() {
    let host = holding(&[("/target/a", b"old")]);
    assert_eq!(host.copy("/missing", "/target"), Err(HostError::NoTree));
    assert_eq!(host.rename("/missing", "/target"), Err(HostError::NoTree));
    assert_eq!(host.read("/target/a"), Ok(b"old".to_vec()));
}

#[test]
fn a_copied_or_moved_tree_replaces_the_other_whole() {
    let values: [(&str, &[u8]); 4] =
        [("/from", b"own"), ("/from/a", b"new"), ("/to/a", b"old"), ("/to/b", b"old")];
    let host = holding(&values);
    host.copy("/from", "/to").unwrap();
    assert_eq!(host.has("/to/b"), Ok(false));
    // A copy has a life of its own.
    host.write_at("/to/a", 0, b"NEW").unwrap();
    assert_eq!(host.read("/from/a"), Ok(b"new".to_vec()));

    host.rename("/to", "/from").unwrap();
    assert_eq!(host.has("/to"), Ok(false));
    assert_eq!(host.read("/from/a"), Ok(b"NEW".to_vec()));
    assert_eq!(host.read("/from"), Ok(b"own".to_vec()));
}

#[test]
fn a_subtree_reads_and_writes_under_its_root_only() {
    let host = holding(&[("/state/a", b"state"), ("/work/a", b"work"), ("/a", b"root")]);
    let (state, work) = (Subtree::new(&host, "/state"), Subtree::new(&host, "/work"));
    assert_eq!(state.path("/a/b"), "/state/a/b");
    assert_eq!(state.read("/a"), Ok(b"state".to_vec()));
    assert_eq!(state.read_at("/a", 2, 2), Ok(b"at".to_vec()));
    assert_eq!(work.read_record::<4>("/a", "what"), Ok(Some(*b"work")));
    assert_eq!(work.read_record::<5>("/a", "/what"), Err(HostError::Corrupt("/what")));

    work.write("/a", b"W").unwrap();
    work.write_at("/a", 4, b"ing").unwrap();
    assert_eq!(host.read("/work/a"), Ok(b"Working".to_vec()), "a write does not shorten");
    work.delete("/a").unwrap();
    assert_eq!(host.has("/work/a"), Ok(false));
    assert_eq!(host.read("/state/a"), Ok(b"state".to_vec()));
    assert_eq!(host.read("/a"), Ok(b"root".to_vec()));

    // Only what begins with a slash is below the root.
    assert_eq!(state.path("a"), "/statea");
    assert_eq!(state.read("a"), Ok(Vec::new()));
    assert!(std::ptr::eq(state.host(), &raw const host));
}

#[test]
fn a_path_is_too_long_with_its_root() {
    let host = empty();
    let state = Subtree::new(&host, "/state");
    let longest = format!("/{}", "a".repeat(240 - "/state/".len()));
    assert_eq!(state.write(&longest, b"x"), Ok(()));
    assert_eq!(state.write(&format!("{longest}a"), b"x"), Err(HostError::KeyTooLong));
}
