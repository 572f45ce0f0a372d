//! Our own kernel, embedded, and the kernels that people bring.

mod build;
#[path = "../kernel_from_source.rs"]
mod from_source;
mod pages;

use std::path::Path;

pub use build::build;
pub use pages::{LIST_FILE, write_pages};

use pvm::{Report, Rule, Violation, check as check_rules, check_stripped};

use crate::Output;
use crate::describe::grouped;
use crate::error::{Failure, shown_path, write_file};
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
pub fn write(file: &Path) -> Result<Output, Failure> {
    write_file(file, EMBEDDED)?;
    let size = grouped(&EMBEDDED.len().to_string());
    Ok(Output::from(format!("{}: {size} bytes\n", shown_path(file))))
}

/// `toru kernel check`: every rule, and whether the module keeps it.
pub fn check(file: &Path) -> Result<Output, Failure> {
    let module = read(file)?;
    let (violations, report) = match check_rules(&module) {
        Ok(report) => (check_stripped(&report), Some(report)),
        Err(violations) => (violations, None),
    };
    let mut text = String::new();
    for rule in Rule::ALL {
        text.push_str(&verdict(*rule, &violations, report.is_some()));
    }
    if let Some(report) = &report {
        text.push_str(&summary(report));
    }
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
pub fn print_hash(file: Option<&Path>) -> Result<Output, Failure> {
    let text = match file {
        Some(path) => hash_line(&shown_path(path), &read(path)?),
        None => hash_line("our kernel", EMBEDDED),
    };
    Ok(Output::from(text))
}

fn hash_line(name: &str, module: &[u8]) -> String {
    let size = grouped(&module.len().to_string());
    format!("{name}: {size} bytes, blake2b-256 {}\n", hash(module))
}

/// One rule, and what breaks it. The rules about content mean nothing in what is no valid module,
/// and whether a module is stripped is only known of one that keeps all others.
fn verdict(rule: Rule, violations: &[Violation], complete: bool) -> String {
    let invalid = violations.iter().any(|violation| violation.rule == Rule::Valid);
    let mut broken = violations.iter().filter(|violation| violation.rule == rule).peekable();
    let mark = if broken.peek().is_some() {
        "BROKEN"
    } else if invalid || (rule == Rule::Stripped && !complete) {
        "?     "
    } else {
        "ok    "
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
