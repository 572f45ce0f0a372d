//! How deeply YAML nests, found out event by event.
//!
//! The library that reads it for us reads a whole document before it looks at its depth, and its scanner
//! takes longer for each token the more brackets are open: a hundred thousand of them keep it busy for
//! minutes. So the same scanner goes first, only as far as something nests too deeply.

use std::mem::MaybeUninit;

use unsafe_libyaml_norway as unsafe_yaml;

/// How many collections may be within each other. What we read needs seven.
const DEPTH_MAX: usize = 64;

/// A text whose collections nest too deeply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("collections are nested more than {DEPTH_MAX} deep at line {line}")]
pub struct TooDeep {
    /// Where, from 1.
    line: u64,
}

/// Checks that no collection of a text is too deep. The time it takes grows with the text's length alone.
///
/// # Errors
/// When one is. What is no YAML is no error here: whoever reads it says so.
pub fn check_depth(text: &str) -> Result<(), TooDeep> {
    let Ok(length) = u64::try_from(text.len()) else { return Ok(()) };
    let mut parser = MaybeUninit::<unsafe_yaml::yaml_parser_t>::uninit();
    let parser = parser.as_mut_ptr();
    // SAFETY: the parser is initialised before anything else is done with it, and deleted once, after
    // its last use. It stays where it is, and the text outlives it.
    unsafe {
        if unsafe_yaml::yaml_parser_initialize(parser).fail {
            return Ok(());
        }
        unsafe_yaml::yaml_parser_set_encoding(parser, unsafe_yaml::YAML_UTF8_ENCODING);
        unsafe_yaml::yaml_parser_set_input_string(parser, text.as_ptr(), length);
        let checked = check_events(parser);
        unsafe_yaml::yaml_parser_delete(parser);
        checked
    }
}

/// Goes from event to event, up to the end, a fault, or a collection that is too deep.
///
/// # Safety
/// The parser is initialised and has its input.
unsafe fn check_events(parser: *mut unsafe_yaml::yaml_parser_t) -> Result<(), TooDeep> {
    let mut depth = 0_usize;
    loop {
        let mut event = MaybeUninit::<unsafe_yaml::yaml_event_t>::uninit();
        let event = event.as_mut_ptr();
        // SAFETY: the parser is one that the caller has made; it has not failed, as this would have
        // ended then. It writes the event, which is read after that, and deleted once.
        let (kind, line) = unsafe {
            if unsafe_yaml::yaml_parser_parse(parser, event).fail {
                return Ok(());
            }
            let seen = ((*event).type_, (*event).start_mark.line);
            unsafe_yaml::yaml_event_delete(event);
            seen
        };
        match kind {
            unsafe_yaml::YAML_NO_EVENT | unsafe_yaml::YAML_STREAM_END_EVENT => return Ok(()),
            unsafe_yaml::YAML_SEQUENCE_START_EVENT | unsafe_yaml::YAML_MAPPING_START_EVENT => {
                depth += 1
            }
            unsafe_yaml::YAML_SEQUENCE_END_EVENT | unsafe_yaml::YAML_MAPPING_END_EVENT => {
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        if depth > DEPTH_MAX {
            return Err(TooDeep { line: line + 1 });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

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

    #[test]
    fn deep_texts_are_refused_in_no_time() {
        for one in
            ["[", "{", "- ", "? ", "{a: ", "[{a: ", "!t [", "&a [", "[ # [\n", "\n- [\"]\", "]
        {
            let started = Instant::now();
            for text in [one.repeat(500_000), format!("instructions: {}", one.repeat(500_000))] {
                assert!(crate::setup::parse(&text).is_err(), "{one}");
                assert!(crate::scenario::parse(&text).is_err(), "{one}");
            }
            let took = started.elapsed();
            assert!(took < Duration::from_secs(5), "{one}: {took:?}");
        }
    }
}
