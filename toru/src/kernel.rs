//! Our own kernel, embedded, and the kernels that people bring.

mod build;
#[path = "../kernel_from_source.rs"]
mod from_source;
mod pages;

use std::path::Path;

pub use build::build;
pub use pages::{LIST_FILE, write_pages};

use pvm::{Report, Rule, Violation, check as check_rules, check_stripped};
use serde_json::{Value, json};

use crate::Output;
use crate::describe::grouped;
use crate::error::{Failure, shown_path, write_file};
use crate::out::json_line;
use crate::plain::one_line;

/// Our kernel as WASM, built from source by this crate's build script.
pub static EMBEDDED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/tx_kernel.wasm"));

/// The first bytes of every WASM module.
const MAGIC: &[u8] = b"\0asm";

/// Reads a module from a file.
pub fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let module = std::fs::read(file).map_err(Failure::reading(file))?;
    if module.starts_with(MAGIC) {
        Ok(module)
    } else {
        let problem = "not a WASM module (expected it to begin with 0061736d)".to_owned();
        Err(Failure::NotAModule { path: file.to_owned(), problem })
    }
}

/// `toru kernel write`.
pub fn write(file: &Path, json: bool) -> Result<Output, Failure> {
    write_file(file, EMBEDDED)?;
    if json {
        let told = json!({"file": shown_path(file), "bytes": EMBEDDED.len()});
        return json_line(&told).map(Output::from);
    }
    let size = grouped(&EMBEDDED.len().to_string());
    Ok(Output::from(format!("{}: {size} bytes\n", shown_path(file))))
}

/// `toru kernel check`: every rule, and whether the module keeps it.
pub fn check(file: &Path, json: bool) -> Result<Output, Failure> {
    let module = read(file)?;
    let (violations, report) = match check_rules(&module) {
        Ok(report) => (check_stripped(&report), Some(report)),
        Err(violations) => (violations, None),
    };
    let text = if json {
        json_line(&checked_json(file, &violations, report.as_ref()))?
    } else {
        let verdicts = Rule::ALL.iter().map(|rule| verdict(*rule, &violations, report.is_some()));
        verdicts.collect::<String>() + &report.as_ref().map(summary).unwrap_or_default()
    };
    let broken =
        Rule::ALL.iter().filter(|rule| violations.iter().any(|v| v.rule == **rule)).count();
    let refused = (broken > 0).then(|| {
        let problem = match broken {
            1 => "breaks a rule of the PVM".to_owned(),
            _ => format!("breaks {broken} rules of the PVM"),
        };
        Failure::BrokenRules { path: file.to_owned(), problem }
    });
    Ok(Output { text, refused })
}

/// Refuses a module that breaks a rule, and names the rule. Without a path it is our own.
pub fn require_rules(path: Option<&Path>, module: &[u8]) -> Result<(), Failure> {
    let violations = check_rules(module).map_or_else(|broken| broken, |good| check_stripped(&good));
    let Some(violation) = violations.first() else { return Ok(()) };
    let path = path.unwrap_or(Path::new("our kernel")).to_owned();
    let rule = violation.rule.statement().trim_end_matches('.');
    let problem = format!("breaks a rule: \"{rule}\": {}", one_line(&violation.to_string()));
    Err(Failure::BrokenRules { path, problem })
}

/// The blake2b-256 of a module, in hex.
pub fn hash(module: &[u8]) -> String {
    hex::encode(encoding::blake2b_256(&[module]).0)
}

/// `toru kernel hash`: of a file, or of our kernel.
pub fn print_hash(file: Option<&Path>, json: bool) -> Result<Output, Failure> {
    let (name, module) = match file {
        Some(path) => (shown_path(path), read(path)?),
        None => ("our kernel".to_owned(), EMBEDDED.to_vec()),
    };
    Ok(Output::from(match json {
        true => {
            let file = file.map(shown_path);
            json_line(&json!({"file": file, "bytes": module.len(), "blake2b": hash(&module)}))?
        }
        false => hash_line(&name, &module),
    }))
}

fn hash_line(name: &str, module: &[u8]) -> String {
    let size = grouped(&module.len().to_string());
    format!("{name}: {size} bytes, blake2b-256 {}\n", hash(module))
}

/// Every rule with what breaks it, and what is known of the module, as JSON. `kept` is null where that is
/// not known.
fn checked_json(file: &Path, violations: &[Violation], report: Option<&Report>) -> Value {
    let rules = Rule::ALL.iter().map(|rule| {
        let broken = violations.iter().filter(|violation| violation.rule == *rule);
        let broken: Vec<String> = broken.map(ToString::to_string).collect();
        let kept = match mark(*rule, violations, report.is_some()) {
            Mark::Kept => json!(true),
            Mark::Broken => json!(false),
            Mark::Unknown => Value::Null,
        };
        json!({"rule": rule.statement(), "kept": kept, "broken": broken})
    });
    json!({
        "file": shown_path(file),
        "rules": rules.collect::<Value>(),
        "module": report.map(|report| json!({
            "bytes": report.size,
            "functions": report.functions,
            "host_functions": report.imports.len(),
            "memory_pages": report.memory_pages,
            "data_bytes": report.data_bytes,
        })),
    })
}

/// What is known of a rule.
enum Mark {
    Kept,
    Broken,
    Unknown,
}

/// The rules about content mean nothing in what is no valid module, and whether a module is stripped is
/// only known of one that keeps all others.
fn mark(rule: Rule, violations: &[Violation], complete: bool) -> Mark {
    let breaks = |rule: Rule| violations.iter().any(|violation| violation.rule == rule);
    if breaks(rule) {
        Mark::Broken
    } else if breaks(Rule::Valid) || (rule == Rule::Stripped && !complete) {
        Mark::Unknown
    } else {
        Mark::Kept
    }
}

/// One rule, and what breaks it.
fn verdict(rule: Rule, violations: &[Violation], complete: bool) -> String {
    let broken = violations.iter().filter(|violation| violation.rule == rule);
    let mark = match mark(rule, violations, complete) {
        Mark::Broken => "BROKEN",
        Mark::Unknown => "?     ",
        Mark::Kept => "ok    ",
    };
    let mut text = format!("{mark}  {}\n", rule.statement());
    for violation in broken {
        text.push_str(&format!("        {}\n", one_line(&violation.to_string())));
    }
    text
}

fn summary(report: &Report) -> String {
    format!(
        "size {} bytes, functions {}, host functions {}, memory pages {}, data {} bytes\n",
        grouped(&report.size.to_string()),
        grouped(&report.functions.to_string()),
        report.imports.len(),
        report.memory_pages,
        grouped(&report.data_bytes.to_string()),
    )
}
