//! The document that Octez publishes of its rollup node, reduced to fields and types, and how schemas and
//! answers differ from it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// The reduced document; it says itself where it is from and what form it has.
const DOCUMENT: &str = include_str!("../octez/rollup_node_25.0.json");

/// What differs, a sentence each.
pub type Differences = BTreeSet<String>;

/// The endpoints by their paths.
pub fn endpoints() -> Map<String, Value> {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    document["endpoints"].as_object().unwrap().clone()
}

/// A path with braces only.
pub fn unnamed(path: &str) -> String {
    let steps = path.split('/').map(|step| if step.starts_with('{') { "{}" } else { step });
    steps.collect::<Vec<_>>().join("/")
}

/// A schema of ours in the reduced form.
pub fn reduced(document: &Value, schema: &Value) -> Value {
    let of = |one: &Value| reduced(document, one);
    if let Some(reference) = schema["$ref"].as_str() {
        return of(document.pointer(reference.strip_prefix('#').unwrap()).unwrap());
    }
    if let Some(all) = schema["oneOf"].as_array() {
        return json!({"oneOf": all.iter().map(of).collect::<Vec<_>>()});
    }
    if let Some(kinds) = schema["type"].as_array() {
        let mut kinds: Vec<&str> = kinds.iter().filter_map(Value::as_str).collect();
        kinds.sort_unstable();
        if kinds == ["array", "object"] {
            return json!("micheline");
        }
        assert!(kinds.len() == 2 && kinds.contains(&"null"), "{schema}");
        kinds.retain(|kind| *kind != "null");
        let mut rest = schema.clone();
        rest["type"] = json!(kinds[0]);
        return json!({"oneOf": ["null", of(&rest)]});
    }
    match schema["type"].as_str() {
        Some("array") => json!([of(&schema["items"])]),
        Some("object") if schema.get("properties").is_some() => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let field = |(name, schema): (&String, &Value)| {
                let optional = if required.contains(&json!(name)) { "" } else { "?" };
                (format!("{name}{optional}"), of(schema))
            };
            schema["properties"]
                .as_object()
                .unwrap()
                .iter()
                .map(field)
                .collect::<Map<_, _>>()
                .into()
        }
        Some("object") => json!({}),
        None => json!("any"),
        Some(simple) => json!(simple),
    }
}

/// The fields of an object, with whether each may be missing.
fn fields(form: &Value) -> Option<Vec<(&str, bool, &Value)>> {
    let object = form.as_object().filter(|object| !object.contains_key("oneOf"))?;
    let field = |(name, form)| match str::strip_suffix(name, "?") {
        Some(name) => (name, true, form),
        None => (name, false, form),
    };
    Some(object.iter().map(|(name, form)| field((name.as_str(), form))).collect())
}

/// The alternatives of a form: itself, if there is no choice.
fn alternatives(form: &Value) -> Vec<&Value> {
    let Some(all) = form["oneOf"].as_array() else { return vec![form] };
    let mut all: Vec<&Value> = all.iter().flat_map(alternatives).collect();
    // Of two that are as near, one that is something is nearer.
    all.sort_by_key(|one| *one == "null");
    all
}

/// The differences to the alternative that is nearest.
fn nearest(theirs: &Value, of: impl Fn(&Value) -> Differences) -> Differences {
    let all = alternatives(theirs).into_iter().map(of);
    all.min_by_key(BTreeSet::len).unwrap()
}

fn inner(at: &str, name: &str) -> String {
    format!("{at} `{name}`")
}

/// How our form differs from theirs: what it has, and what it never has.
pub fn of_forms(at: &str, theirs: &Value, ours: &Value) -> Differences {
    let all = alternatives(ours);
    all.iter().flat_map(|one| nearest(theirs, |theirs| of_alternatives(at, theirs, one))).collect()
}

fn of_alternatives(at: &str, theirs: &Value, ours: &Value) -> Differences {
    if theirs == "any" || theirs == ours || (theirs == "number" && ours == "integer") {
        return Differences::new();
    }
    if let (Some([theirs]), Some([ours])) = (one_of(theirs), one_of(ours)) {
        return of_forms(at, theirs, ours);
    }
    let (Some(theirs), Some(ours)) = (fields(theirs), fields(ours)) else {
        return Differences::from([format!("{at} is {}, not {}", kind(ours), kind(theirs))]);
    };
    let mut found = Differences::new();
    for (name, optional, form) in &theirs {
        let at = inner(at, name);
        match ours.iter().find(|(other, ..)| other == name) {
            None => {
                found.insert(format!("{at} is never there"));
            }
            Some((_, may_lack, ours)) => {
                if *may_lack && !optional {
                    found.insert(format!("{at} may be missing"));
                }
                found.extend(of_forms(&at, form, ours));
            }
        }
    }
    let own = ours.iter().filter(|(name, ..)| theirs.iter().all(|(other, ..)| other != name));
    found.extend(own.map(|(name, ..)| format!("{} is the sandbox's own", inner(at, name))));
    found
}

fn one_of(form: &Value) -> Option<&[Value]> {
    form.as_array().map(Vec::as_slice)
}

fn kind(form: &Value) -> &str {
    form.as_str().unwrap_or(if form.is_array() { "an array" } else { "an object" })
}

/// How a value differs from what they would answer.
pub fn of_value(at: &str, theirs: &Value, value: &Value) -> Differences {
    nearest(theirs, |theirs| of_value_alone(at, theirs, value))
}

fn of_value_alone(at: &str, theirs: &Value, value: &Value) -> Differences {
    let fits = match theirs.as_str() {
        Some("any" | "micheline") => true,
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some(other) => panic!("the type {other} is not known here"),
        None => {
            if let (Some([form]), Some(values)) = (one_of(theirs), value.as_array()) {
                return values.iter().flat_map(|one| of_value(at, form, one)).collect();
            }
            if let (Some(theirs), Some(values)) = (fields(theirs), value.as_object()) {
                return of_fields(at, &theirs, values);
            }
            false
        }
    };
    if fits { Differences::new() } else { Differences::from([format!("{at} is {value}")]) }
}

fn of_fields(
    at: &str,
    theirs: &[(&str, bool, &Value)],
    values: &Map<String, Value>,
) -> Differences {
    let mut found = Differences::new();
    for (name, optional, form) in theirs {
        match values.get(*name) {
            None if *optional => {}
            None => {
                found.insert(format!("{} may be missing", inner(at, name)));
            }
            Some(value) => found.extend(of_value(&inner(at, name), form, value)),
        }
    }
    let own = values.keys().filter(|name| theirs.iter().all(|(other, ..)| other != name));
    found.extend(own.map(|name| format!("{} is the sandbox's own", inner(at, name))));
    found
}
