//! How deeply YAML nests, found out event by event.
//!
//! The library that reads it for us reads a whole document before it looks at its depth, and its scanner
//! takes longer for each token the more brackets are open: a hundred thousand of them keep it busy for
//! minutes. So the same scanner goes first, only as far as something nests too deeply.

use std::ops::ControlFlow;

use crate::yaml_events::{EventKind, NotYaml, each_event};

/// How many collections may be within each other. What we read needs seven.
const DEPTH_MAX: usize = 64;

/// A text whose collections nest too deeply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("collections are nested more than {DEPTH_MAX} deep at line {line}")]
pub struct TooDeep {
    /// Where, from 1.
    line: usize,
}

/// Checks that no collection of a text is too deep. The time it takes grows with the text's length alone.
///
/// # Errors
/// When one is. Text that is not YAML is no error here: whoever reads it reports that.
pub fn check_depth(text: &str) -> Result<(), TooDeep> {
    let mut depth = 0_usize;
    let found = each_event(text, |event| {
        match event.kind {
            EventKind::Sequence { .. } | EventKind::Mapping { .. } => depth += 1,
            EventKind::End => depth = depth.saturating_sub(1),
            EventKind::Scalar { .. } | EventKind::Alias => {}
        }
        match depth > DEPTH_MAX {
            true => ControlFlow::Break(TooDeep { line: event.line }),
            false => ControlFlow::Continue(()),
        }
    });
    match found {
        Ok(Some(too_deep)) => Err(too_deep),
        Ok(None) | Err(NotYaml) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_that_of_collections_and_nothing_else() {
        for (text, is_deep) in [
            ("[".repeat(DEPTH_MAX) + &"]".repeat(DEPTH_MAX), false),
            ("[".repeat(DEPTH_MAX + 1) + &"]".repeat(DEPTH_MAX + 1), true),
            ("- ".repeat(DEPTH_MAX) + "a", false),
            ("- ".repeat(DEPTH_MAX + 1) + "a", true),
            ("? ".repeat(DEPTH_MAX + 1) + "a", true),
            ("{a: ".repeat(DEPTH_MAX + 1), true),
            // One after another, in a text, in a comment: not within each other.
            ("- [[a]]\n".repeat(1_000), false),
            (format!("- '{0}'\n- \"{0}\"\n- a {0}\n# {0}\n", "[".repeat(1_000)), false),
            ("---\n[[a]]\n".repeat(1_000), false),
            ("a: [\n]]".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(check_depth(&text).is_err(), is_deep, "{text:.80}");
        }
        let error = check_depth(&format!("a:\n  {}", "[".repeat(1_000))).unwrap_err();
        assert_eq!(error.to_string(), "collections are nested more than 64 deep at line 2");
    }
}
