//! YAML as a scenario file uses it: texts, lists, and maps whose keys are known.

use serde_norway::{Mapping, Value};

use crate::error::Problem;
use layer1::plain::quoted;

/// What a value is, for "found …".
pub(crate) fn found(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(yes) => format!("the truth value {yes}"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => quoted(text),
        Value::Sequence(_) => "a list".to_owned(),
        Value::Mapping(map) => {
            let keys = map.keys().map(|key| text(key).unwrap_or_default());
            format!("a map of {}", quoted(&keys.collect::<Vec<_>>().join(", ")))
        }
        Value::Tagged(_) => "a tagged value".to_owned(),
    }
}

/// A text, or a number as text.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A text, or an error that says what it should be.
pub(crate) fn text_of(value: &Value, expected: &str) -> Result<String, Problem> {
    text(value).ok_or_else(|| Problem::unexpected(found(value), expected))
}

/// Hex digits. YAML takes some of them for numbers, so they have to be quoted.
pub(crate) fn hex_of(key: &str, value: &Value) -> Result<Vec<u8>, Problem> {
    let Value::String(text) = value else {
        return Err(Problem::unexpected(found(value), format!("hex in quotes for {key:?}")));
    };
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    layer1::hex_text::decode(&digits)
        .map_err(|problem| Problem::Hex { key: key.to_owned(), problem })
}

/// A list.
pub(crate) fn list_of<'v>(value: &'v Value, expected: &str) -> Result<&'v [Value], Problem> {
    match value {
        Value::Sequence(items) => Ok(items),
        _ => Err(Problem::unexpected(found(value), expected)),
    }
}

/// A whole number from 0 on.
pub(crate) fn count_of<T: TryFrom<u64>>(value: &Value, expected: &str) -> Result<T, Problem> {
    let number = value.as_u64().and_then(|number| T::try_from(number).ok());
    number.ok_or_else(|| Problem::unexpected(found(value), expected))
}

/// A map's entry.
pub(crate) fn get<'v>(map: &'v Mapping, key: &str) -> Option<&'v Value> {
    map.get(key)
}

/// Refuses keys that mean nothing here.
pub(crate) fn only(map: &Mapping, known: &[&str]) -> Result<(), Problem> {
    for key in map.keys() {
        let name = text_of(key, "a text as key")?;
        if !known.contains(&name.as_str()) {
            let expected = format!("one of the keys: {}", known.join(", "));
            return Err(Problem::unexpected(format!("the key {}", quoted(&name)), expected));
        }
    }
    Ok(())
}

/// A sentence with what is to come of it and options beside it; or nothing but keys.
pub(crate) enum Item<'v> {
    /// `sentence`, or `sentence: outcome`, and the options, if there are any.
    Sentence(&'v str, Option<&'v Value>, Option<&'v Mapping>),
    /// A map with one of the keys that say what it is.
    Map(&'v Mapping),
}

/// Tells which of them an item is.
pub(crate) fn item<'v>(
    value: &'v Value,
    kinds: &[&str],
    options: &[&str],
    expected: &str,
) -> Result<Item<'v>, Problem> {
    let map = match value {
        Value::String(sentence) => return Ok(Item::Sentence(sentence, None, None)),
        Value::Mapping(map) => map,
        other => return Err(Problem::unexpected(found(other), expected)),
    };
    if kinds.iter().any(|kind| map.contains_key(*kind)) {
        return Ok(Item::Map(map));
    }
    let known = |key: &Value| key.as_str().is_some_and(|key| options.contains(&key));
    let mut sentences = map.iter().filter(|(key, _)| !known(key));
    match (sentences.next(), sentences.next()) {
        (Some((Value::String(sentence), outcome)), None) => {
            let outcome = (!outcome.is_null()).then_some(outcome);
            Ok(Item::Sentence(sentence, outcome, Some(map)))
        }
        // A sentence, which has several words, and a key beside it that means nothing.
        (Some((Value::String(first), _)), Some((Value::String(second), _)))
            if first.contains(' ') && !options.is_empty() =>
        {
            let expected = format!("beside a sentence one of the keys: {}", options.join(", "));
            Err(Problem::unexpected(format!("the key {}", quoted(second)), expected))
        }
        _ => Err(Problem::unexpected(found(value), expected)),
    }
}

/// A number that may be missing.
pub(crate) fn optional_count<T: TryFrom<u64>>(
    map: &Mapping,
    key: &str,
) -> Result<Option<T>, Problem> {
    let number = |value| count_of(value, &format!("a number from 0 on for {key:?}"));
    get(map, key).map(number).transpose()
}

/// A number that may be missing, but not 0.
pub(crate) fn optional_times<T: TryFrom<u64>>(
    map: &Mapping,
    key: &str,
) -> Result<Option<T>, Problem> {
    if get(map, key).and_then(Value::as_u64) == Some(0) {
        let expected = format!("a number from 1 on for {key:?}");
        return Err(Problem::unexpected("the number 0", expected));
    }
    optional_count(map, key)
}
