//! Whether a value has the shape that a document of OpenAPI gives it: as much of JSON Schema as our
//! document uses, and a panic where it uses more.

use serde_json::{Value, json};

/// Why a value does not fit a schema; `None` if it does.
pub fn misfit(document: &Value, schema: &Value, value: &Value) -> Option<String> {
    let unless = |fits: bool, why: &str| (!fits).then(|| format!("{value} {why} {schema}"));
    for (keyword, given) in schema.as_object().expect("a schema") {
        let found = match keyword.as_str() {
            "$ref" => misfit(document, resolved(document, given), value),
            "type" => {
                let kinds = given.as_array().map_or(std::slice::from_ref(given), Vec::as_slice);
                let fits = kinds.iter().any(|kind| is_of(kind.as_str().unwrap(), value));
                unless(fits, "is not of")
            }
            "const" => unless(given == value, "is not that of"),
            "enum" => unless(given.as_array().unwrap().contains(value), "is none of"),
            // They say something of numbers alone.
            "minimum" => unless(value.is_null() || value.as_f64() >= given.as_f64(), "is below"),
            "maximum" => unless(value.is_null() || value.as_f64() <= given.as_f64(), "is above"),
            "maxLength" => {
                let length = value.as_str().unwrap_or_default().len() as u64;
                unless(Some(length) <= given.as_u64(), "is longer than")
            }
            "maxItems" => {
                let count = value.as_array().map_or(0, Vec::len) as u64;
                unless(Some(count) <= given.as_u64(), "has more than")
            }
            "format" if given == "date-time" => unless(is_time(value), "is no time, as wanted by"),
            "format" => unless(in_range(given.as_str().unwrap(), value), "is out of range of"),
            "propertyNames" => {
                let names = value.as_object().into_iter().flatten().map(|(name, _)| json!(name));
                names.map(|name| misfit(document, given, &name)).find_map(|found| found)
            }
            // It says what is meant where nothing is given, and nothing of what is.
            "default" | "description" => None,
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
                if given.is_object() {
                    let values = value.as_object().into_iter().flatten();
                    return values
                        .map(|(_, one)| misfit(document, given, one))
                        .find_map(|found| found);
                }
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

/// Whether a number is one of so many bits.
fn in_range(format: &str, value: &Value) -> bool {
    let Some(number) = value.as_i64() else { return true };
    match format {
        "int32" => i32::try_from(number).is_ok() || u32::try_from(number).is_ok(),
        "int64" => true,
        other => panic!("the format {other} is not known here"),
    }
}

/// As in `2026-01-02T03:04:05Z`.
fn is_time(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00T00:00:00Z"
}

/// The patterns are of a few forms: letters at the beginning, characters of a set after them, and how
/// many of these.
fn pattern(pattern: &str, text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match pattern {
        "^[0-9]+$" => !text.is_empty() && digits(text),
        "^([0-9a-fA-F]{2})*$" => hex::decode(text).is_ok(),
        "^(/[A-Za-z0-9._-]+)*$" => {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
            let step = |step: &str| !step.is_empty() && step.bytes().all(plain);
            text.is_empty() || text.starts_with('/') && text.split('/').skip(1).all(step)
        }
        "^[A-Za-z][A-Za-z0-9._-]*$" => text.starts_with(|c: char| c.is_ascii_alphabetic()),
        "^(o|iop)[1-9A-HJ-NP-Za-km-z]{50}$" => text.starts_with('o') || text.starts_with("iop"),
        "^(tz[1-5]|KT1)[1-9A-HJ-NP-Za-km-z]{33}$" => {
            (text.starts_with("tz") || text.starts_with("KT1")) && text.len() == 36
        }
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
