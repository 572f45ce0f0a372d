//! Counting instructions: makes a module count, itself, the operators it executes, and report to
//! its engine now and then.
//!
//! # What is counted
//!
//! Every operator executed, one each, but `block`, `loop`, `else`, `end` and `nop`, which do
//! nothing when the program runs. `if` counts: it is a branch. A call counts one, and then what
//! the callee executes; a host call counts one.
//!
//! The count is added up by straight-line stretches, at the start of each. A stretch ends after
//! `if`, `br`, `br_if`, `br_table`, `return`, `unreachable`, and where another branch may join: at
//! the start of a loop, at `else`, at the `end` of an `if`, and at the `end` of a block that
//! something branches to. So a stretch is entered at its start only, and left at its end only -
//! unless it traps: then all of it has been counted, as have the stretches of the callers from
//! which it was called.
//!
//! # How
//!
//! One 64-bit global is the meter: instructions in its upper half, and in its lower half the ticks
//! beyond [`crate::ticks::PER_INSTRUCTION`] for each of them. It starts below zero, so that a
//! function or a loop that finds it at zero or above knows that its ration is used up: it calls an
//! imported function, which takes note of the meter, may end the run, and hands out the next
//! ration. A second global sums up the ticks of bulk memory operators.
//!
//! Imports move the functions of the module up, so that calls, references and exports are written
//! anew; all other operators are copied byte by byte. The counts are therefore the same on every
//! engine, and a property of the module alone.

mod body;
mod cost;
mod error;
mod module;
mod stretch;
mod types;

use crate::meter;
use body::Plan;
pub(crate) use error::InstrumentError;
use module::{Shifted, slice};
use types::Types;
use wasm_encoder::reencode::Reencode;
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, EntityType, ExportKind, ExportSection, GlobalSection,
    GlobalType, ImportSection, Module, RawSection, Section, SectionId, StartSection, ValType,
};
use wasmparser::{FunctionBody, Parser, Payload};

/// The module that what is added imports from. No kernel can: its imports are checked before.
pub(crate) const POLL_MODULE: &str = "pvm";
/// Takes both globals, and returns what the meter is to be: `(i64, i64) -> i64`.
pub(crate) const POLL: &str = "poll";
/// Called first in every function of a profiled module, with the meter and the function's index:
/// `(i64, i32) -> ()`.
pub(crate) const ENTER: &str = "enter";
/// Called last in every function of a profiled module, unless it traps: `(i64) -> ()`.
pub(crate) const LEAVE: &str = "leave";

/// The names the globals are exported by, unless the module has them already.
const METER: &str = "__pvm_meter";
const BULK: &str = "__pvm_bulk_ticks";

/// A module that counts.
pub(crate) struct Instrumented {
    /// The module.
    pub(crate) wasm: Vec<u8>,
    /// The name the meter, a mutable `i64` global, is exported by.
    pub(crate) meter: String,
    /// The name the ticks of bulk operators, a mutable `i64` global, are exported by.
    pub(crate) bulk: String,
}

/// Makes a valid module count, and be profiled if so wished. Expects that it imports functions
/// only.
pub(crate) fn instrument(wasm: &[u8], profiled: bool) -> Result<Instrumented, InstrumentError> {
    let mut types = Types::collect(wasm)?;
    let added = if profiled { 3 } else { 1 };
    let mut shifted = Shifted { imported: types.imported(), added };
    let poll_type = types.index_of(&[ValType::I64, ValType::I64], &[ValType::I64]);
    let enter_type = types.index_of(&[ValType::I64, ValType::I32], &[]);
    let leave_type = types.index_of(&[ValType::I64], &[]);

    let mut imports = ImportSection::new();
    let mut globals = GlobalSection::new();
    let mut exports = ExportSection::new();
    let mut export_names = Vec::new();
    let mut bodies: Vec<FunctionBody<'_>> = Vec::new();
    let mut sections: Vec<(u8, Vec<u8>)> = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            // Written below, when it is known which types are needed.
            Payload::TypeSection(_) => {}
            Payload::ImportSection(section) => {
                shifted.parse_import_section(&mut imports, section)?;
            }
            Payload::GlobalSection(section) => {
                shifted.parse_global_section(&mut globals, section)?;
            }
            Payload::ExportSection(section) => {
                for export in section.clone() {
                    export_names.push(export?.name);
                }
                shifted.parse_export_section(&mut exports, section)?;
            }
            Payload::StartSection { func, .. } => {
                let start = StartSection { function_index: shifted.function_index(func)? };
                sections.push(encoded(SectionId::Start.into(), &start));
            }
            Payload::ElementSection(section) => {
                let mut elements = ElementSection::new();
                shifted.parse_element_section(&mut elements, section)?;
                sections.push(encoded(SectionId::Element.into(), &elements));
            }
            Payload::CodeSectionEntry(body) => bodies.push(body),
            // Code is written anew; names and the like are nothing that runs.
            Payload::CodeSectionStart { .. } | Payload::CustomSection(_) => {}
            other => {
                if let Some((id, range)) = other.as_section() {
                    let section = RawSection { id, data: slice(wasm, range)? };
                    sections.push(encoded(id, &section));
                }
            }
        }
    }

    let poll = shifted.imported;
    imports.import(POLL_MODULE, POLL, EntityType::Function(poll_type));
    if profiled {
        imports.import(POLL_MODULE, ENTER, EntityType::Function(enter_type));
        imports.import(POLL_MODULE, LEAVE, EntityType::Function(leave_type));
    }
    // No global is imported, so these are the indices after the last.
    let meter = globals.len();
    let global = GlobalType { val_type: ValType::I64, mutable: true, shared: false };
    globals.global(global, &ConstExpr::i64_const(meter::FIRST));
    globals.global(global, &ConstExpr::i64_const(0));
    let names = [METER, BULK].map(|name| unused_name(name, &export_names));
    for (name, index) in names.iter().zip(meter..) {
        exports.export(name, ExportKind::Global, index);
    }
    let hooks = profiled.then_some((poll + 1, poll + 2));
    let mut plan = Plan { wasm, meter, bulk: meter + 1, poll, hooks, shifted, types };
    let mut code = CodeSection::new();
    for (function, body) in (poll..).zip(&bodies) {
        code.raw(&plan.body(function, body)?);
    }

    sections.push(encoded(SectionId::Type.into(), &plan.types.section));
    sections.push(encoded(SectionId::Import.into(), &imports));
    sections.push(encoded(SectionId::Global.into(), &globals));
    sections.push(encoded(SectionId::Export.into(), &exports));
    if !bodies.is_empty() {
        sections.push(encoded(SectionId::Code.into(), &code));
    }
    sections.sort_by_key(|(id, _)| section_order(*id));
    let mut wasm = Module::HEADER.to_vec();
    wasm.extend(sections.into_iter().flat_map(|(_, bytes)| bytes));
    let [meter, bulk] = names;
    Ok(Instrumented { wasm, meter, bulk })
}

fn unused_name(wished: &str, taken: &[&str]) -> String {
    let mut name = wished.to_owned();
    while taken.contains(&name.as_str()) {
        name.push('_');
    }
    name
}

fn encoded(id: u8, section: &impl Section) -> (u8, Vec<u8>) {
    let mut bytes = Vec::new();
    section.append_to(&mut bytes);
    (id, bytes)
}

/// Where a section stands among the others. That is the order of ids, but for two latecomers.
fn section_order(id: u8) -> u8 {
    if id == u8::from(SectionId::DataCount) {
        2 * u8::from(SectionId::Element) + 1
    } else if id == u8::from(SectionId::Tag) {
        2 * u8::from(SectionId::Memory) + 1
    } else {
        id.saturating_mul(2)
    }
}
