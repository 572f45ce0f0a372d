//! Keys: their grammar, their length, and which of them are readonly.

use super::calls::check;
use pvm::Version::V0;

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
            ("store_has 0 -1", -6),
        ],
    );
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
