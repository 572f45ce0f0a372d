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
//! # How deep calls are nested
//!
//! An engine that runs calls on the machine's stack cannot say how many are open. For such a one the module counts them
//! as well: a third global is the number of open calls. A function that finds as many as the PVM allows calls an
//! imported function, which ends the run, before anything of its own is counted. Functions that call none of the
//! module only look.
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
use body::{Counting, Nesting, Plan};
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

/// Called when as many calls are open as may be, and never returns: `() -> ()`.
pub(crate) const TOO_DEEP: &str = "too_deep";

/// The names the globals are exported by, unless the module has them already.
const METER: &str = "__pvm_meter";
const BULK: &str = "__pvm_bulk_ticks";
const DEPTH: &str = "__pvm_open_calls";

/// What a module is made to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Count instructions and ticks.
    pub(crate) counts: bool,
    /// Tell when functions begin and end; it counts then, too.
    pub(crate) hooks: bool,
    /// Count the calls that are open, of which there may be so many.
    pub(crate) open_calls_max: Option<u32>,
}

/// A module with what was added.
pub(crate) struct Instrumented {
    /// The module.
    pub(crate) wasm: Vec<u8>,
    /// The names its meters are exported by, if it counts.
    pub(crate) meters: Option<MeterNames>,
    /// The name the number of open calls, a mutable `i32` global, is exported by, if it counts those.
    pub(crate) open_calls: Option<String>,
}

/// The names that meters, mutable `i64` globals, are exported by.
#[derive(Clone, Debug)]
pub(crate) struct MeterNames {
    /// The meter.
    pub(crate) meter: String,
    /// The ticks of bulk operators.
    pub(crate) bulk: String,
}

/// Adds to a valid module what is wanted. Expects that it imports functions only.
pub(crate) fn instrument(wasm: &[u8], wanted: Wanted) -> Result<Instrumented, InstrumentError> {
    let counts = wanted.counts || wanted.hooks;
    let mut types = Types::collect(wasm)?;
    let mut added = Added::new(types.imported());
    let poll = counts.then(|| {
        let ty = types.index_of(&[ValType::I64, ValType::I64], &[ValType::I64]);
        added.import(POLL, ty)
    });
    let hooks = wanted.hooks.then(|| {
        let enter = types.index_of(&[ValType::I64, ValType::I32], &[]);
        let leave = types.index_of(&[ValType::I64], &[]);
        (added.import(ENTER, enter), added.import(LEAVE, leave))
    });
    let too_deep = wanted.open_calls_max.map(|most| {
        let ty = types.index_of(&[], &[]);
        (added.import(TOO_DEEP, ty), most)
    });
    let mut shifted = Shifted { imported: types.imported(), added: added.count() };

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

    for (name, ty) in added.imports {
        imports.import(POLL_MODULE, name, EntityType::Function(ty));
    }
    let mut add_global = |name: &str, val_type, init: &ConstExpr| {
        // No global is imported, so this is the index after the last.
        let index = globals.len();
        globals.global(GlobalType { val_type, mutable: true, shared: false }, init);
        let name = unused_name(name, &export_names);
        exports.export(&name, ExportKind::Global, index);
        (index, name)
    };
    let meters = counts.then(|| {
        let meter = add_global(METER, ValType::I64, &ConstExpr::i64_const(meter::FIRST));
        (meter, add_global(BULK, ValType::I64, &ConstExpr::i64_const(0)))
    });
    let depth = too_deep.map(|_| add_global(DEPTH, ValType::I32, &ConstExpr::i32_const(0)));
    let counting = meters.as_ref().zip(poll).map(|(((meter, _), (bulk, _)), poll)| Counting {
        meter: *meter,
        bulk: *bulk,
        poll,
        hooks,
    });
    let nesting = depth.as_ref().zip(too_deep).map(|((depth, _), (too_deep, most))| Nesting {
        depth: *depth,
        too_deep,
        most,
    });
    let first = shifted.imported;
    let mut plan = Plan { wasm, counting, nesting, shifted, types };
    let mut code = CodeSection::new();
    for (function, body) in (first..).zip(&bodies) {
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
    let meters = meters.map(|((_, meter), (_, bulk))| MeterNames { meter, bulk });
    Ok(Instrumented { wasm, meters, open_calls: depth.map(|(_, name)| name) })
}

/// The functions that are imported beyond those of the module, in the order of their indices.
struct Added {
    next: u32,
    imports: Vec<(&'static str, u32)>,
}

impl Added {
    fn new(next: u32) -> Self {
        Self { next, imports: Vec::new() }
    }

    /// Imports one of a type. Returns its index.
    fn import(&mut self, name: &'static str, ty: u32) -> u32 {
        let index = self.next;
        self.imports.push((name, ty));
        self.next = index.saturating_add(1);
        index
    }

    fn count(&self) -> u32 {
        u32::try_from(self.imports.len()).unwrap_or(u32::MAX)
    }
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
