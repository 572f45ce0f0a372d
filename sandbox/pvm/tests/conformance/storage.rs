//! The storage: answers, error codes, and which of two errors wins.

use super::calls::check;
use pvm::Version::{V0, V1, V2};

#[test]
fn has_tells_value_and_subtree() {
    check(
        V0,
        &[
            ("store_has '/none'", 0),
            ("store_has '/v'", 1),
            ("store_has '/empty'", 1),
            ("store_has '/t'", 2),
            ("store_has '/both'", 3),
        ],
    );
}

#[test]
fn exists_is_one_for_anything() {
    check(
        V2,
        &[
            ("store_exists '/none'", 0),
            ("store_exists '/v'", 1),
            ("store_exists '/t'", 1),
            ("store_exists '/both'", 1),
            ("store_exists 'bad'", -2),
        ],
    );
}

#[test]
fn list_size_counts_children_and_the_own_value() {
    check(
        V0,
        &[
            ("store_list_size '/v'", 1),
            ("store_list_size '/t'", 2),
            ("store_list_size '/both'", 2),
            ("store_list_size '/none'", 0),
            ("store_list_size 'bad'", -2),
        ],
    );
}

#[test]
fn nth_key_names_children() {
    check(
        V0,
        &[
            ("store_get_nth_key '/t' 0 BUFFER 9", 1),
            ("same BUFFER 'x'", 1),
            ("store_get_nth_key '/t' 1 BUFFER 9", 1),
            ("same BUFFER 'y'", 1),
            ("store_get_nth_key '/t' 2 BUFFER 9", -12),
            ("store_get_nth_key '/t' -1 BUFFER 9", -12),
            // An index has 63 bits.
            ("store_get_nth_key '/t' -9223372036854775808 BUFFER 9", 1),
            ("same BUFFER 'x'", 1),
            ("store_get_nth_key '/t' -9223372036854775807 BUFFER 9", 1),
            ("same BUFFER 'y'", 1),
            ("store_get_nth_key '/t' 9223372036854775807 BUFFER 9", -12),
            ("store_get_nth_key '/t' 4611686018427387904 BUFFER 9", -12),
            ("store_get_nth_key '/none' 0 BUFFER 9", -10),
            // The value's own name is empty.
            ("store_get_nth_key '/v' 0 BUFFER 9", 0),
            ("store_get_nth_key '/t' 0 END 9", -6),
            ("store_get_nth_key '/t' 0 BUFFER 0", 0),
        ],
    );
}

#[test]
fn a_folder_that_was_loaded_is_listed_by_hash_until_it_is_changed() {
    // By the hashes of their names, a and c are on one side, which is the later one, and b is on the other.
    let names = |expected: [&str; 3], change: &'static str| -> Vec<(String, i64)> {
        let mut rows = Vec::new();
        if !change.is_empty() {
            rows.push((change.to_owned(), 0));
        }
        for (index, name) in expected.into_iter().enumerate() {
            rows.push((format!("store_get_nth_key '/l' {index} BUFFER 9"), 1));
            rows.push((format!("same BUFFER '{name}'"), 1));
        }
        rows
    };
    let play = |rows: &[(String, i64)], version| {
        let rows: Vec<_> = rows.iter().map(|(call, answer)| (call.as_str(), *answer)).collect();
        let mut pvm = super::calls::originate(&rows, super::calls::config(version));
        for name in ["a", "b", "c"] {
            pvm.durable_mut().set(&format!("/l/{name}"), b"x").unwrap();
        }
        for _ in 0..2 {
            pvm.run_level(&[]).unwrap();
            super::calls::expect_answers(&pvm, &rows, version);
            pvm.durable_mut().delete("/answers").unwrap();
        }
    };
    for version in super::calls::since(V0) {
        play(&names(["b", "a", "c"], ""), version);
        // What is refused, and what happens elsewhere, is no change.
        play(&names(["b", "a", "c"], "store_delete '/l/none'"), version);
        play(&names(["b", "a", "c"], "store_write '/elsewhere' 0 BUFFER 1"), version);
        play(&names(["a", "b", "c"], "store_write '/l/a' 0 BUFFER 1"), version);
        play(&names(["a", "b", "c"], "store_write '/l/a/below' 0 BUFFER 0"), version);
    }
}

#[test]
fn what_crosses_the_end_of_memory_is_written_as_far_as_it_fits() {
    check(
        V0,
        &[
            ("store_read '/v' 0 END-2 10", -6),
            ("same END-2 '01'", 1),
            ("store_get_nth_key '' 4 END-2 9", -6),
            ("same END-2 're'", 1),
            ("store_read '/v' 4 END 1", -6),
            ("store_read '/v' 4 END-1 1", 1),
            ("same END-2 'r4'", 1),
        ],
    );
}

#[test]
fn the_hash_of_a_key_is_that_of_its_folder() {
    use blake2::{Blake2b, Digest, digest::consts::U32};
    let hash = |parts: &[&[u8]]| -> [u8; 32] { Blake2b::<U32>::digest(parts.concat()).into() };
    let contents = |bytes: &[u8]| hash(&[&(bytes.len() as u64).to_be_bytes(), bytes]);
    // One or two children, in order; contents or folders, which are told by eight bytes.
    let folder = |children: &[(u8, &str, [u8; 32])]| {
        let mut all = (children.len() as u64).to_be_bytes().to_vec();
        for (kind, name, hash) in children {
            all.extend(
                [&[*kind, 0, 0, 0, 0, 0, 0, 0, u8::try_from(name.len()).unwrap()], name.as_bytes()]
                    .concat(),
            );
            all.extend([&32_u64.to_be_bytes()[..], hash].concat());
        }
        hash(&[&all])
    };
    let (is_contents, is_folder) = (0xff, 0);
    // A value is in chunks of 512 bytes, beside its length.
    let mut chunk = [0; 512];
    chunk[..10].copy_from_slice(b"0123456789");
    let chunks = folder(&[(is_contents, "0", contents(&chunk))]);
    let length = contents(&10_u64.to_be_bytes());
    let value = folder(&[(is_folder, "contents", chunks), (is_contents, "length", length)]);
    let expected = folder(&[(is_folder, "@", value)]);
    let rows = [
        ("__internal_store_get_hash '/v' BUFFER 32", 32),
        ("store_write '/hash' 0 BUFFER 32", 0),
        ("__internal_store_get_hash '/v' BUFFER 99", 32),
        ("__internal_store_get_hash '/v' BUFFER 3", 3),
        ("__internal_store_get_hash '/v' END-1 32", -6),
        ("__internal_store_get_hash '/v' -1 0", 0),
        ("__internal_store_get_hash '/none' BUFFER -1", -10),
    ];
    for version in super::calls::since(V1) {
        let config = super::calls::config(version);
        let (pvm, _) = super::calls::check_in(&rows, config, &[]);
        assert_eq!(pvm.durable().get("/hash").as_deref(), Some(&expected[..]), "{version}");
        let rows = [("__internal_store_get_hash '/v' BUFFER -1", 0)];
        let mut pvm = super::calls::originate(&rows, super::calls::config(version));
        let report = pvm.run_level(&[]).unwrap();
        assert!(matches!(report.status, pvm::Status::Stuck(_)), "{version}");
    }
}

#[test]
fn delete_takes_all_below() {
    check(
        V0,
        &[
            ("store_delete '/none'", 0),
            ("store_delete '/both'", 0),
            ("store_has '/both'", 0),
            ("store_has '/both/c'", 0),
            ("store_delete '/t/y/z'", 0),
            // Nothing is left of the nodes on the way.
            ("store_has '/t/y'", 0),
            ("store_has '/t'", 2),
        ],
    );
}

#[test]
fn delete_value_leaves_what_is_below() {
    check(
        V1,
        &[
            ("store_delete_value '/none'", 0),
            ("store_delete_value '/both'", 0),
            ("store_has '/both'", 2),
            ("store_has '/both/c'", 1),
            ("store_delete_value '/readonly/r'", -9),
        ],
    );
}

#[test]
fn copy_replaces_the_whole_target() {
    check(
        V0,
        &[
            ("store_copy '/t' '/both'", 0),
            ("store_has '/both'", 2),
            ("store_has '/both/c'", 0),
            ("store_has '/both/y/z'", 1),
            ("store_has '/t/y/z'", 1),
            // A readonly target comes before a missing source.
            ("store_copy '/none' '/readonly/x'", -9),
            ("store_copy '/none' '/x'", -10),
            // Of two bad keys the first one counts.
            ("store_copy 'bad' 'bad'", -2),
        ],
    );
}

#[test]
fn move_takes_the_source_away() {
    check(
        V0,
        &[
            ("store_move '/t' '/both'", 0),
            ("store_has '/t'", 0),
            ("store_has '/both'", 2),
            ("store_has '/both/c'", 0),
            ("store_move '/readonly/none' '/x'", -9),
            ("store_move '/none' '/readonly/x'", -9),
            ("store_move '/none' '/x'", -10),
        ],
    );
}

#[test]
fn a_node_can_go_into_its_own_descendant() {
    check(
        V0,
        &[
            ("store_copy '/t' '/t/y/copy'", 0),
            ("store_has '/t/y/copy/x'", 1),
            ("store_has '/t/y/copy/y'", 2),
            ("store_has '/t/y/copy/y/copy'", 0),
            ("store_move '/both' '/both/c/d'", 0),
            ("store_has '/both'", 2),
            ("store_has '/both/c/d'", 3),
            ("store_has '/both/c/d/c'", 1),
        ],
    );
}

#[test]
fn value_size_needs_a_value() {
    check(
        V0,
        &[
            ("store_value_size '/v'", 10),
            ("store_value_size '/empty'", 0),
            ("store_value_size '/t'", -3),
            ("store_value_size '/none'", -3),
        ],
    );
}

#[test]
fn read_gives_up_to_2048_bytes_from_an_offset() {
    check(
        V0,
        &[
            ("store_read '/v' 0 BUFFER 4", 4),
            ("same BUFFER '0123'", 1),
            ("store_read '/v' 7 BUFFER 2048", 3),
            ("same BUFFER '789'", 1),
            ("store_read '/v' 3 BUFFER 0", 0),
            ("store_read '/v' 0 BUFFER 2049", -7),
        ],
    );
}

#[test]
fn read_at_or_beyond_the_end_is_a_bad_offset() {
    check(
        V0,
        &[
            ("store_read '/v' 9 BUFFER 1", 1),
            ("store_read '/v' 10 BUFFER 1", -4),
            ("store_read '/v' -1 BUFFER 1", -4),
            // An empty value has no good offset at all.
            ("store_read '/empty' 0 BUFFER 1", -4),
        ],
    );
}

#[test]
fn read_checks_key_size_existence_offset_memory() {
    check(
        V0,
        &[
            ("store_read 'bad' 99 END 2049", -2),
            ("store_read '/none' 99 END 2049", -7),
            ("store_read '/none' 99 END 2048", -3),
            ("store_read '/v' 10 END 2048", -4),
            ("store_read '/v' 0 END 2048", -6),
            // What counts is what is read, not the room for it.
            ("store_read '/v' 0 END-10 2048", 10),
            ("store_read '/v' 0 END-9 2048", -6),
        ],
    );
}

#[test]
fn write_answers_zero_and_extends() {
    check(
        V0,
        &[
            ("store_read '/v' 0 BUFFER 4", 4),
            ("store_write '/new/value' 0 BUFFER 4", 0),
            ("store_write '/new/value' 4 BUFFER 2", 0),
            ("store_value_size '/new/value'", 6),
            ("store_write '/new/value' 1 BUFFER 2", 0),
            ("store_value_size '/new/value'", 6),
            ("store_read '/new/value' 0 BUFFER 9", 6),
            ("same BUFFER '001301'", 1),
            // No gap is filled.
            ("store_write '/new/value' 7 BUFFER 1", -4),
            // An empty write makes an empty value.
            ("store_write '/made' 0 BUFFER 0", 0),
            ("store_value_size '/made'", 0),
        ],
    );
}

#[test]
fn write_checks_key_overflow_memory_readonly_size_offset() {
    check(
        V0,
        &[
            ("store_write 'bad' 9 END 2147483647", -2),
            // The old size and the count overflow, wherever the offset is.
            ("store_write '/readonly/r' 9 END 2147483647", -5),
            ("store_write '/readonly/r' 9 END 2049", -6),
            ("store_write '/readonly/r' 9 BUFFER 2049", -9),
            ("store_write '/new' 9 BUFFER 2049", -7),
            ("store_write '/new' 1 BUFFER 1", -4),
            ("store_write '/new' 0 BUFFER 2048", 0),
            ("store_has '/new'", 1),
        ],
    );
}

#[test]
fn create_makes_zeros_once() {
    check(
        V1,
        &[
            ("store_create '/made' 3", 0),
            ("store_value_size '/made'", 3),
            ("store_create '/made' 3", -13),
            ("store_create '/t' 1", 0),
            ("store_has '/t'", 3),
            ("store_create '/readonly/x' 1", -9),
            ("store_create '/readonly/x' -1", -5),
        ],
    );
}

#[test]
fn a_value_has_2_gib_at_most() {
    check(
        V1,
        &[
            ("store_create '/huge' 2147483647", 0),
            ("store_value_size '/huge'", 2_147_483_647),
            ("store_read '/huge' 2147483646 BUFFER 9", 1),
            ("store_write '/huge' 2147483646 BUFFER 1", -5),
        ],
    );
}

#[test]
fn hash_of_nothing() {
    check(
        V1,
        &[
            ("__internal_store_get_hash '/none' BUFFER 32", -10),
            ("__internal_store_get_hash 'bad' BUFFER 32", -2),
        ],
    );
}
