//! Whether a value has the shape that a document of OpenAPI gives it: as much of JSON Schema as our
//! document uses, and a panic where it uses more.

use serde_json::Value;

/// Why a value does not fit a schema; `None` if it does.
pub fn misfit(document: &Value, schema: &Value, value: &Value) -> Option<String> {
    let unless = |fits: bool, why: &str| (!fits).then(|| format!("{value} {why} {schema}"));
    for (keyword, given) in schema.as_object().expect("a schema") {
        let found = match keyword.as_str() {
            "$ref" => misfit(document, resolved(document, given), value),
            "type" => unless(is_of(given.as_str().unwrap(), value), "is not of"),
            "const" => unless(given == value, "is not that of"),
            "enum" => unless(given.as_array().unwrap().contains(value), "is none of"),
            "minimum" => unless(value.as_f64() >= given.as_f64(), "is below"),
            "maximum" => unless(value.as_f64() <= given.as_f64(), "is above"),
            "pattern" => {
                let text = value.as_str().unwrap_or_default();
                unless(pattern(given.as_str().unwrap(), text), "does not match")
            }
            "items" => {
                let items = value.as_array().into_iter().flatten();
                items.map(|item| misfit(document, given, item)).find_map(|found| found)
            }
            "oneOf" => {
                let fits = |one: &&Value| misfit(document, one, value).is_none();
                let count = given.as_array().unwrap().iter().filter(fits).count();
                unless(count == 1, "is not one of")
            }
            "required" => {
                let there = |name: &Value| value.get(name.as_str().unwrap()).is_some();
                unless(given.as_array().unwrap().iter().all(there), "lacks some of")
            }
            "properties" => {
                let of =
                    |(name, schema): (&String, &Value)| misfit(document, schema, value.get(name)?);
                given.as_object().unwrap().iter().find_map(of)
            }
            "additionalProperties" => {
                assert_eq!(given, &Value::Bool(false));
                let known = &schema["properties"];
                let mut names = value.as_object().into_iter().flatten().map(|(name, _)| name);
                unless(names.all(|name| known.get(name).is_some()), "has more than")
            }
            other => panic!("{other} is not known here"),
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn resolved<'a>(document: &'a Value, reference: &Value) -> &'a Value {
    let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
    document.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is nowhere"))
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the type {other} is not known here"),
    }
}

/// The patterns are of a few forms: letters at the beginning, characters of a set after them, and how
/// many of these.
fn pattern(pattern: &str, text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match pattern {
        "^[0-9]+$" => !text.is_empty() && digits(text),
        "^([0-9a-fA-F]{2})*$" => hex::decode(text).is_ok(),
        "^(/[^/]+)+$" => text.starts_with('/') && text.split('/').skip(1).all(|s| !s.is_empty()),
        "^tz[1-5][1-9A-HJ-NP-Za-km-z]{33}$" => text.starts_with("tz") && text.len() == 36,
        _ => {
            let rest = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix("}$")).unwrap();
            let (start, count) = rest.split_once("[1-9A-HJ-NP-Za-km-z]{").unwrap();
            let base58 = |byte: u8| byte.is_ascii_alphanumeric() && !b"0OIl".contains(&byte);
            text.strip_prefix(start).is_some_and(|rest| {
                rest.len() == count.parse::<usize>().unwrap() && rest.bytes().all(base58)
            })
        }
    }
}
