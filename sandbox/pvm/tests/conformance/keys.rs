//! Keys: their grammar, their length, and which of them are readonly.

use super::calls::check;
use pvm::Version::{V0, V1, V2, V3};

#[test]
fn key_grammar() {
    check(
        V0,
        &[
            ("store_has '/v'", 1),
            ("store_has '/A-z_0.9'", 0),
            ("store_has '/..'", 0),
            ("store_has 'v'", -2),
            ("store_has '/'", -2),
            ("store_has '/v/'", -2),
            ("store_has '//v'", -2),
            ("store_has '/a//b'", -2),
            ("store_has '/v@'", -2),
            ("store_has '/é'", -2),
            ("store_has '/a%20b'", -2),
        ],
    );
}

#[test]
fn the_empty_key_is_the_root() {
    check(
        V0,
        &[
            ("store_has ''", 2),
            // empty, v, t, both, readonly, kernel, answers.
            ("store_list_size ''", 7),
            ("store_copy '' '/whole'", 0),
            ("store_has '/whole/t/x'", 1),
            ("store_delete ''", -9),
            ("store_write '' 0 BUFFER 1", -9),
        ],
    );
}

#[test]
fn a_key_has_240_bytes_at_most() {
    let longest = format!("store_has '{}'", "/ab".repeat(80));
    let too_long = format!("store_has '{}/'", "/ab".repeat(80));
    check(
        V0,
        &[
            (&longest, 0),
            // The length counts first, and the key need not even be in memory.
            (&too_long, -1),
            ("store_has END 241", -1),
            ("store_has END-1 2", -6),
            ("store_has -1 1", -6),
        ],
    );
}

#[test]
fn a_negative_length_is_no_range() {
    check(
        V0,
        &[
            ("store_has 0 -1", -8),
            ("store_has END -1", -8),
            ("store_has 0 -2147483648", -8),
            ("store_list_size 0 -1", -8),
            ("store_get_nth_key 0 -1 0 BUFFER 9", -8),
            ("store_delete 0 -1", -8),
            ("store_copy 0 -1 '/x'", -8),
            ("store_copy '/v' 0 -1", -8),
            ("store_move 0 -1 '/x'", -8),
            ("store_move '/v' 0 -1", -8),
            ("store_value_size 0 -1", -8),
            ("store_read 0 -1 0 BUFFER 9", -8),
            ("store_write 0 -1 0 BUFFER 9", -8),
            ("reveal_preimage 0 -1 BUFFER 9", -8),
            ("write_output 0 -1", -8),
            ("write_debug 0 -1", 0),
            // What is written is measured otherwise.
            ("read_input INFO BUFFER -1", -6),
            ("store_read '/v' 0 BUFFER -1", -8),
            ("store_write '/v' 0 BUFFER -1", -5),
        ],
    );
    check(
        V1,
        &[
            ("store_delete_value 0 -1", -8),
            ("store_create 0 -1 1", -8),
            ("__internal_store_get_hash 0 -1 BUFFER 32", -8),
        ],
    );
    check(V2, &[("store_exists 0 -1", -8)]);
    check(V3, &[("reveal 0 -1 BUFFER 9", -8)]);
}

#[test]
fn of_a_length_of_nothing_no_address_is_looked_at() {
    check(
        V0,
        &[
            // An empty key is the root.
            ("store_has -1 0", 2),
            ("store_has END 0", 2),
            ("store_list_size -1 0", 7),
            ("store_get_nth_key -1 0 0 BUFFER 9", 7),
            ("store_delete -1 0", -9),
            ("store_value_size -1 0", -3),
            ("store_read -1 0 0 BUFFER 9", -3),
            ("store_write -1 0 0 BUFFER 1", -9),
            ("store_move '/v' -1 0", -9),
            ("store_copy -1 0 '/whole'", 0),
            ("store_has '/whole/t/x'", 1),
            // Bytes of which there are none can be read and written anywhere.
            ("write_output -1 0", 0),
            ("store_read '/v' 3 -1 0", 0),
            ("store_write '/made' 0 -1 0", 0),
            ("store_has '/made'", 1),
            ("store_write '/v' -1 -1 0", 0),
            ("store_value_size '/v'", 10),
            ("store_get_nth_key '/t' 0 -1 0", 0),
            ("reveal_preimage -1 0 -1 0", 0),
            ("reveal_metadata -1 0", 0),
        ],
    );
    check(V2, &[("store_exists -1 0", 1)]);
    check(V3, &[("reveal -1 0 -1 9", 0)]);
}

#[test]
fn a_key_may_have_any_number_of_steps() {
    let deep = "/a".repeat(120);
    let (write, has) = (format!("store_write '{deep}' 0 BUFFER 1"), format!("store_has '{deep}'"));
    check(V0, &[(&write, 0), (&has, 1)]);
}

#[test]
fn readonly_is_one_subtree() {
    check(
        V0,
        &[
            ("store_write '/readonly' 0 BUFFER 1", -9),
            ("store_write '/readonly/x' 0 BUFFER 1", -9),
            ("store_delete '/readonly/r'", -9),
            ("store_copy '/v' '/readonly/x'", -9),
            ("store_move '/v' '/readonly/x'", -9),
            ("store_move '/readonly/r' '/x'", -9),
            ("store_write '/readonly.x' 0 BUFFER 1", 0),
            ("store_write '/a/readonly' 0 BUFFER 1", 0),
        ],
    );
}

#[test]
fn readonly_can_be_read() {
    check(
        V0,
        &[
            ("store_has '/readonly/r'", 1),
            ("store_value_size '/readonly/r'", 1),
            ("store_read '/readonly/r' 0 BUFFER 9", 1),
            // r, the version, and the kernel's environment.
            ("store_list_size '/readonly'", 3),
            ("store_copy '/readonly' '/r'", 0),
            ("store_has '/r/r'", 1),
        ],
    );
}
