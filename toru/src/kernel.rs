//! Our own kernel, embedded, and the kernels that people bring.

mod build;
mod error;
mod pages;
mod read;

use std::path::Path;

pub use build::build;
pub use error::KernelError;
pub use pages::{LIST_FILE, write_pages};
pub use read::read;

use kernel_wasm::{EMBEDDED, hash};
use pvm::{Engine, EngineLimit, ModuleError, Report, Rule, Target, Violation, WasmiEngine};
use pvm::{check as check_rules, check_stripped};
use serde_json::{Value, json};

use crate::error::{Failure, shown_path, write_file};
use crate::ui::{Output, Ui};
use explain::text::grouped;
use layer1::plain::one_line;

/// `toru kernel write`.
pub fn write(file: &Path, ui: &Ui) -> Result<Output, Failure> {
    write_file(file, EMBEDDED)?;
    let told = json!({"file": shown_path(file), "bytes": EMBEDDED.len()});
    ui.answer(&told, || {
        let size = grouped(&EMBEDDED.len().to_string());
        format!("{}: {size} bytes\n", shown_path(file))
    })
}

/// `toru kernel check`: every rule, and whether the module keeps it.
pub fn check(file: &Path, ui: &Ui) -> Result<Output, Failure> {
    let module = read(file)?;
    let (violations, report) = match check_rules(&module) {
        Ok(report) => (check_stripped(&report), Some(report)),
        Err(violations) => (violations, None),
    };
    let limit = report.as_ref().and_then(|_| engine_limit(&module));
    let limit = limit.map(|limit| one_line(&limit.to_string()));
    let told = checked_json(file, &violations, report.as_ref(), limit.as_deref());
    let output = ui.answer(&told, || {
        let verdicts = Rule::ALL.iter().map(|rule| verdict(*rule, &violations, report.is_some()));
        let limit =
            limit.as_ref().map(|limit| format!("note    toru run cannot run it: {limit}\n"));
        let summary = report.as_ref().map(summary).unwrap_or_default();
        verdicts.collect::<String>() + &limit.unwrap_or_default() + &summary
    })?;
    let broken = Rule::ALL.iter().filter(|rule| {
        **rule != Rule::Stripped && violations.iter().any(|violation| violation.rule == **rule)
    });
    let broken = broken.count();
    let refused = (broken > 0).then(|| {
        let problem = match broken {
            1 => "breaks a rule of the PVM".to_owned(),
            _ => format!("breaks {broken} rules of the PVM"),
        };
        KernelError::BrokenRules { path: file.to_owned(), problem }.into()
    });
    Ok(Output { refused, ..output })
}

/// What this engine cannot do about a module that keeps the rules.
fn engine_limit(module: &[u8]) -> Option<EngineLimit> {
    match WasmiEngine::default().compile(module, Target::default()) {
        Err(ModuleError::Engine(limit)) => Some(limit),
        _ => None,
    }
}

/// A module that keeps every rule.
pub struct Good {
    /// The module.
    pub wasm: Vec<u8>,
    /// Bytes of names, debug information and producers in it.
    pub custom_bytes: usize,
}

impl Good {
    /// What to say about it, on a line; nothing where there is nothing. Without a path it is our own.
    pub fn note(&self, path: Option<&Path>) -> String {
        if self.custom_bytes == 0 {
            return String::new();
        }
        let path = shown_path(path.unwrap_or(OURS.as_ref()));
        let bytes = grouped(&self.custom_bytes.to_string());
        format!(
            "\n{path} carries {bytes} bytes of names and the like, which nothing needs on a \
             rollup: --strip leaves them out.\n"
        )
    }
}

/// What our own kernel is called.
const OURS: &str = "our kernel";

/// Refuses a module that breaks a rule, and names the rule, or that toru itself could not run. Without
/// a path it is our own. Leaves out what nothing needs, if so wished.
pub fn require_rules(path: Option<&Path>, module: Vec<u8>, strip: bool) -> Result<Good, Failure> {
    let name = || path.unwrap_or(OURS.as_ref()).to_owned();
    let wasm = if strip { pvm::strip(&module) } else { module };
    check_rules(&wasm).map_err(|violations| {
        let Some(violation) = violations.first() else {
            return Failure::internal("a module without a fault is refused");
        };
        let rule = violation.rule.statement().trim_end_matches('.');
        let problem = format!("breaks a rule: \"{rule}\": {}", one_line(&violation.to_string()));
        KernelError::BrokenRules { path: name(), problem }.into()
    })?;
    if let Some(limit) = engine_limit(&wasm) {
        let problem = one_line(&limit.to_string());
        return Err(KernelError::EngineLimit { path: name(), problem }.into());
    }
    let custom_bytes = wasm.len() - pvm::strip(&wasm).len();
    Ok(Good { wasm, custom_bytes })
}

/// `toru kernel hash`: of a file, or of our kernel.
pub fn print_hash(file: Option<&Path>, ui: &Ui) -> Result<Output, Failure> {
    let (name, module) = match file {
        Some(path) => (shown_path(path), read(path)?),
        None => ("our kernel".to_owned(), EMBEDDED.to_vec()),
    };
    let file = file.map(shown_path);
    let told = json!({"file": file, "bytes": module.len(), "blake2b": hash(&module)});
    ui.answer(&told, || hash_line(&name, &module))
}

fn hash_line(name: &str, module: &[u8]) -> String {
    let size = grouped(&module.len().to_string());
    format!("{name}: {size} bytes, blake2b-256 {}\n", hash(module))
}

/// Every rule with what breaks it, and what is known of the module, as JSON. `kept` is null where that is
/// not known.
fn checked_json(
    file: &Path,
    violations: &[Violation],
    report: Option<&Report>,
    limit: Option<&str>,
) -> Value {
    let rules = Rule::ALL.iter().map(|rule| {
        let broken = violations.iter().filter(|violation| violation.rule == *rule);
        let broken: Vec<String> = broken.map(ToString::to_string).collect();
        let kept = match mark(*rule, violations, report.is_some()) {
            Mark::Kept => json!(true),
            Mark::Note | Mark::Broken => json!(false),
            Mark::Unknown => Value::Null,
        };
        json!({"rule": rule.statement(), "kept": kept, "broken": broken})
    });
    json!({
        "file": shown_path(file),
        "rules": rules.collect::<Value>(),
        "engine_limit": limit,
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
    /// It is not, and that breaks nothing.
    Note,
    Broken,
    Unknown,
}

/// The rules about content mean nothing in what is no valid module, and whether a module is stripped is
/// only known of one that keeps all others.
fn mark(rule: Rule, violations: &[Violation], complete: bool) -> Mark {
    let breaks = |rule: Rule| violations.iter().any(|violation| violation.rule == rule);
    if rule == Rule::Stripped && breaks(rule) {
        Mark::Note
    } else if breaks(rule) {
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
    let (mark, statement) = match mark(rule, violations, complete) {
        Mark::Note => {
            ("note  ", "It carries what nothing needs on a rollup (--strip leaves it out).")
        }
        Mark::Broken => ("BROKEN", rule.statement()),
        Mark::Unknown => ("?     ", rule.statement()),
        Mark::Kept => ("ok    ", rule.statement()),
    };
    let mut text = format!("{mark}  {statement}\n");
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
