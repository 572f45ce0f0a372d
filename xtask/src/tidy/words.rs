//! Words that are gone from identifiers, and what to write in their place.

use proc_macro2::{TokenStream, TokenTree};

/// Each word, as part of an identifier or as all of it, and what it is called now.
const GONE: [(&str, &str); 26] = [
    ("agreed", "confirmed"),
    ("claimable", "executable"),
    ("converse", "serve_connection"),
    ("deed", "operation, change or edit"),
    ("depart", "record_exit"),
    ("desk", "node_service"),
    ("foresee", "simulate"),
    ("foreseen", "simulation"),
    ("foresight", "simulation"),
    ("game", "run configuration: `config`"),
    ("gathering", "signature_collection"),
    ("grain", "cache_mode"),
    ("grains", "cache_modes"),
    ("hall", "connection_limit"),
    ("intake", "ingest"),
    ("lane", "queue"),
    ("lanes", "queues"),
    ("oracle", "reference model: `model`"),
    ("party", "account_ref"),
    ("sieve", "diagnostics"),
    ("standing", "progress or status"),
    ("theatre", "runner"),
    ("unfound", "not_found"),
    ("unplayable", "level_failed"),
    ("untold", "unknown"),
    ("watchers", "subscribers"),
];

/// Names of types that say nothing to whoever has not made them, and what to write instead. As part of a
/// longer name each is a word like others.
const GONE_TYPES: [(&str, &str); 14] = [
    ("Ahead", "Simulation"),
    ("Asked", "the request that it is"),
    ("Claim", "SigningPayload or UncheckedDeposit"),
    ("Faults", "Diagnostics"),
    ("Few", "SparsePage"),
    ("Late", "IndividuallySigned"),
    ("Many", "DensePage"),
    ("Place", "the index, offset, position or slot that it is"),
    ("Played", "RunResult"),
    ("Reason", "ResultCode"),
    ("Served", "the response or server that it is"),
    ("Statement", "Assertion"),
    ("Told", "BlockStream"),
    ("Waiting", "Pending"),
];

/// The identifiers of a file that have such a word in them.
pub(super) fn gone(shown: &str, content: &str) -> Result<Vec<String>, String> {
    let tokens: TokenStream = content.parse().map_err(|error| format!("{shown}: {error}"))?;
    let mut offences = Vec::new();
    look_through(tokens, &mut |line, identifier| {
        for (word, instead) in GONE {
            if parts(identifier).iter().any(|part| part == word) {
                offences.push(format!(
                    "{shown}:{line}: `{identifier}`: `{word}` is gone: write {instead}"
                ));
            }
        }
        if let Some((_, instead)) = GONE_TYPES.iter().find(|(name, _)| *name == identifier) {
            offences.push(format!(
                "{shown}:{line}: `{identifier}` is no name of a type: write {instead}"
            ));
        }
    });
    Ok(offences)
}

fn look_through(tokens: TokenStream, see: &mut impl FnMut(usize, &str)) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) => see(word.span().start().line, &word.to_string()),
            TokenTree::Group(group) => look_through(group.stream(), see),
            _ => {}
        }
    }
}

/// The words of `snake_case`, `CamelCase` and `SHOUTED_CASE`, in small letters.
fn parts(identifier: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut was_small = false;
    for letter in identifier.chars() {
        if letter == '_' || (letter.is_uppercase() && was_small) {
            parts.push(String::new());
        }
        was_small = letter.is_lowercase();
        if let Some(part) = parts.last_mut().filter(|_| letter != '_') {
            part.extend(letter.to_lowercase());
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_in_every_case_and_not_in_comments_or_longer_words() {
        let content = "//! The oracle.\nfn ask_oracle(t: Theatre) {\n    let s = \"oracle\";\n    \
                       ORACLE_PATH; grainy();\n}\n";
        let offences = gone("a.rs", content).unwrap();
        let at: Vec<&str> = offences.iter().map(|one| &one[..one.find("`:").unwrap()]).collect();
        assert_eq!(at, ["a.rs:2: `ask_oracle", "a.rs:2: `Theatre", "a.rs:4: `ORACLE_PATH"]);
        assert!(offences[1].ends_with("`theatre` is gone: write runner"), "{offences:?}");
    }

    #[test]
    fn a_type_is_found_by_its_whole_name_only() {
        let offences =
            gone("a.rs", "enum Late { Few }\nstruct LateFee(u8);\nlet late = 1;\n").unwrap();
        let expected = [
            "a.rs:1: `Late` is no name of a type: write IndividuallySigned",
            "a.rs:1: `Few` is no name of a type: write SparsePage",
        ];
        assert_eq!(offences, expected);
    }

    #[test]
    fn what_is_not_rust_is_an_error() {
        assert!(gone("a.rs", "fn (").is_err());
    }
}
