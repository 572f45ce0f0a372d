//! The shapes of what is told of layer 1's contracts.

use layer1::entrypoints::NAME_MAX;
use serde_json::json;

use super::{Named, object, text, to};

/// All of them.
pub(super) fn schemas() -> Named {
    let types = json!({"type": "object", "additionalProperties": to("Micheline")});
    vec![
        ("Contract1", text("^KT1[1-9A-HJ-NP-Za-km-z]{33}$")),
        ("EntrypointName", json!({"type": "string", "maxLength": NAME_MAX})),
        ("Entrypoints", object(&[("entrypoints", types)], &[])),
        // An object of a few forms, or a list of such.
        ("Micheline", json!({})),
    ]
}
