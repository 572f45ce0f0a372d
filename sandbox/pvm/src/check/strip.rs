//! Custom sections that nothing needs at run time: telling of them, and leaving them out.

use super::{Report, Rule, Violation};
use std::ops::Range;
use wasmparser::{Parser, Payload};

/// Whether a custom section is for people and tools alone. Others may be what a kernel reads of
/// itself, as the SDK's installer does.
fn is_useless(name: &str) -> bool {
    const USELESS: [&str; 5] =
        ["name", "producers", "target_features", "sourceMappingURL", "external_debug_info"];
    USELESS.contains(&name) || name.starts_with(".debug")
}

/// Checks that a module carries nothing that is not needed to run it. What is found breaks no rule of
/// the PVM: it only takes bytes.
#[must_use]
pub fn check_stripped(report: &Report) -> Vec<Violation> {
    let found = report.custom_sections.iter().filter(|(name, _)| is_useless(name));
    found
        .map(|(name, size)| {
            let detail = format!("custom section {name:?} takes {size} bytes");
            Violation::new(Rule::Stripped, detail)
        })
        .collect()
}

/// The module without its names, debug information and producers. All else stays byte for byte. Bytes
/// that are no module stay as they are.
#[must_use]
pub fn strip(wasm: &[u8]) -> Vec<u8> {
    useless_sections(wasm).map_or_else(
        || wasm.to_vec(),
        |useless| {
            let mut stripped = Vec::with_capacity(wasm.len());
            let mut at = 0;
            for section in useless {
                stripped.extend_from_slice(wasm.get(at..section.start).unwrap_or_default());
                at = section.end;
            }
            stripped.extend_from_slice(wasm.get(at..).unwrap_or_default());
            stripped
        },
    )
}

/// Where they are, each with its header.
fn useless_sections(wasm: &[u8]) -> Option<Vec<Range<usize>>> {
    let mut found = Vec::new();
    // The header of the module.
    let mut end_of_last = 8;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.ok()?;
        let Some((_, range)) = payload.as_section() else { continue };
        let end = usize::try_from(range.end).ok()?;
        if let Payload::CustomSection(section) = &payload
            && is_useless(section.name())
        {
            found.push(end_of_last..end);
        }
        end_of_last = end;
    }
    Some(found)
}
