//! A field of a line of JSON, found without reading all of it: a crowd reads many thousand lines a second.

/// The text of a field, up to the next quotation mark.
pub(super) fn text<'l>(line: &'l str, field: &str) -> Option<&'l str> {
    value(line, field)?.strip_prefix('"')?.split('"').next()
}

/// A field that is `true` or `false`.
pub(super) fn flag(line: &str, field: &str) -> Option<bool> {
    let value = value(line, field)?;
    match (value.starts_with("true"), value.starts_with("false")) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

fn value<'l>(line: &'l str, field: &str) -> Option<&'l str> {
    line.match_indices(field).find_map(|(at, _)| {
        let before = line.get(..at)?.ends_with('"');
        let after = line.get(at..)?.strip_prefix(field)?.strip_prefix("\":")?;
        before.then_some(after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_their_names() {
        let line = r#"{"hash":"ab","stage":"sealed","cosigned":true,"other":null}"#;
        assert_eq!(text(line, "hash"), Some("ab"));
        assert_eq!(text(line, "stage"), Some("sealed"));
        assert_eq!(flag(line, "cosigned"), Some(true));
        assert_eq!(
            (text(line, "other"), flag(line, "other"), text(line, "ash")),
            (None, None, None)
        );
    }
}
