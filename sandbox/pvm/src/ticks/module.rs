//! The ticks of a module before its `kernel_run` is called: to decode it, to link it, to instantiate it.
//!
//! The reference decodes a module step by step, names and data byte by byte, and instantiates it by the small
//! steps of its evaluator: each byte of a data segment is a `memory.init` of one byte, and the code of each
//! segment is put behind that of all before it. The constants here were fitted to what the reference takes for
//! modules of all kinds of sections; for those it is right to the tick, but where a module cannot be
//! decoded.

use super::{PER_BYTE_WRITTEN, PER_INSTRUCTION, PER_START};
use crate::abi::{HostFn, IMPORT_MODULE};
use crate::version::Version;
use wasmparser::{
    ElementItems, ExternalKind, FuncType, Operator, Parser, Payload, TypeRef, ValType,
};

/// The steps of a module of nothing, section by section.
const EMPTY_MODULE: u64 = 39;
/// How many kinds of sections these are spread over.
const SECTION_KINDS: u64 = 14;
/// The steps that an instance of an empty module takes.
const EMPTY_INSTANCE: u64 = 29;
/// The steps of an instance that come after its exports: an instance that does not export its memory ends
/// before.
const AFTER_EXPORTS: u64 = 21;
/// A segment of data or elements, and what each one before it adds.
const SEGMENT: u64 = 34;
const SEGMENT_BEFORE: u64 = 5;
/// An element of a table: its reference, and a `table.init` of one element.
const ELEMENT: u64 = PER_BYTE_WRITTEN + 2 * PER_INSTRUCTION;

/// The ticks of each phase before the call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ModuleTicks {
    /// Decoding; up to the failure, if it fails.
    pub(crate) decode: u64,
    /// Linking.
    pub(crate) link: u64,
    /// Instantiating, the start function not counted.
    pub(crate) init: u64,
    /// The same, where the first segment does not fit.
    pub(crate) init_failed: u64,
}

impl ModuleTicks {
    /// Those of a module, in a version of the PVM.
    pub(crate) fn of(wasm: &[u8], version: Version) -> Self {
        let mut module = Module::default();
        if module.decode(wasm).is_err() {
            return Self { decode: module.decode, ..Self::default() };
        }
        module.instantiate(version)
    }
}

/// The reference would go no further.
struct Failed;

/// What of a module counts.
#[derive(Default)]
struct Module<'a> {
    decode: u64,
    types: Vec<FuncType>,
    imports: Vec<(&'a str, &'a str, Option<u32>)>,
    functions: u64,
    tables: u64,
    globals: u64,
    segments: u64,
    elements: u64,
    data_segments: u64,
    data_bytes: u64,
    exports_memory: bool,
    starts: bool,
}

fn len<T>(items: &[T]) -> u64 {
    u64::try_from(items.len()).unwrap_or(u64::MAX)
}

fn is_float(ty: &ValType) -> bool {
    matches!(ty, ValType::F32 | ValType::F64)
}

impl<'a> Module<'a> {
    fn decode(&mut self, wasm: &'a [u8]) -> Result<(), Failed> {
        self.decode = 2;
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload.map_err(|_| Failed)?;
            self.section(payload)?;
        }
        self.decode += EMPTY_MODULE - 2;
        Ok(())
    }

    /// The steps of a section. If it fails, those of the kinds of sections before it count as well.
    fn section(&mut self, payload: Payload<'a>) -> Result<(), Failed> {
        let kinds_before = match &payload {
            Payload::TypeSection(_) => 1,
            Payload::ImportSection(_) => 2,
            Payload::GlobalSection(_) => 6,
            Payload::CodeSectionEntry(_) => 10,
            _ => 0,
        };
        let done = self.items(payload);
        if done.is_err() {
            self.decode += (EMPTY_MODULE - 2) * kinds_before / SECTION_KINDS;
        }
        done
    }

    fn items(&mut self, payload: Payload<'a>) -> Result<(), Failed> {
        match payload {
            Payload::TypeSection(types) => {
                for ty in types.into_iter_err_on_gc_types() {
                    let ty = ty.map_err(|_| Failed)?;
                    if ty.params().iter().chain(ty.results()).any(is_float) {
                        return Err(Failed);
                    }
                    self.decode += 5 + len(ty.params()) + len(ty.results());
                    self.types.push(ty);
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import.map_err(|_| Failed)?;
                    self.decode += 9 + len(import.module.as_bytes()) + len(import.name.as_bytes());
                    let ty = if let TypeRef::Func(ty) = import.ty { Some(ty) } else { None };
                    self.imports.push((import.module, import.name, ty));
                }
            }
            Payload::FunctionSection(functions) => self.functions += u64::from(functions.count()),
            Payload::TableSection(tables) => {
                self.tables += u64::from(tables.count());
                self.decode += u64::from(tables.count());
            }
            Payload::MemorySection(memories) => self.decode += u64::from(memories.count()),
            Payload::GlobalSection(globals) => {
                for global in globals {
                    if is_float(&global.map_err(|_| Failed)?.ty.content_type) {
                        return Err(Failed);
                    }
                    self.decode += 6;
                    self.globals += 1;
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export.map_err(|_| Failed)?;
                    self.decode += 6 + len(export.name.as_bytes());
                    self.exports_memory |= export.kind == ExternalKind::Memory;
                }
            }
            Payload::ElementSection(elements) => {
                for element in elements {
                    let count = match element.map_err(|_| Failed)?.items {
                        ElementItems::Functions(items) => u64::from(items.count()),
                        ElementItems::Expressions(_, items) => u64::from(items.count()),
                    };
                    self.decode += 5 + 5 * count;
                    self.segments += 1;
                    self.elements += count;
                }
            }
            Payload::DataSection(datas) => {
                for data in datas {
                    let bytes = len(data.map_err(|_| Failed)?.data);
                    self.decode += 11 + bytes;
                    self.data_segments += 1;
                    self.data_bytes += bytes;
                }
            }
            Payload::CodeSectionEntry(body) => self.body(&body)?,
            Payload::StartSection { .. } => self.starts = true,
            Payload::CustomSection(_) => self.decode += 1,
            _ => {}
        }
        Ok(())
    }

    fn body(&mut self, body: &wasmparser::FunctionBody<'_>) -> Result<(), Failed> {
        // Its type and the body itself.
        self.decode += 8;
        for group in body.get_locals_reader().map_err(|_| Failed)? {
            let (count, ty) = group.map_err(|_| Failed)?;
            if is_float(&ty) {
                return Err(Failed);
            }
            self.decode += 2 + u64::from(count);
        }
        for operator in body.get_operators_reader().map_err(|_| Failed)? {
            let operator = operator.map_err(|_| Failed)?;
            if crate::check::is_float_operator(&operator) {
                return Err(Failed);
            }
            self.decode += match operator {
                Operator::Block { .. } | Operator::Loop { .. } => 0,
                Operator::If { .. } | Operator::Else => 1,
                Operator::End => 5,
                _ => 2,
            };
        }
        Ok(())
    }

    /// The phases after decoding, as far as they get.
    fn instantiate(&self, version: Version) -> ModuleTicks {
        let mut ticks = ModuleTicks { decode: self.decode, ..ModuleTicks::default() };
        for (module, name, _) in &self.imports {
            ticks.link += 1;
            let function = HostFn::from_name(name).filter(|function| function.since() <= version);
            if *module != IMPORT_MODULE || function.is_none() {
                return ticks;
            }
        }
        ticks.link += 1;
        for (index, (_, name, ty)) in (1..).zip(&self.imports) {
            let ty = ty.and_then(|ty| self.types.get(usize::try_from(ty).ok()?));
            let fits = HostFn::from_name(name).zip(ty).is_some_and(|(function, ty)| {
                ty.params() == function.params() && ty.results() == function.results()
            });
            if !fits {
                ticks.init = 2 * index;
                ticks.init_failed = ticks.init;
                return ticks;
            }
        }
        let mut init = EMPTY_INSTANCE
            + len(&self.types)
            + 2 * len(&self.imports)
            + 4 * self.functions
            + 4 * self.tables
            + 17 * self.globals;
        if self.data_segments == 0 {
            init += 5;
        }
        if !self.exports_memory {
            ticks.init = init.saturating_sub(AFTER_EXPORTS);
            ticks.init_failed = ticks.init;
            return ticks;
        }
        init += segments(self.segments) + segments(self.data_segments);
        ticks.init_failed = init;
        if self.starts {
            init += PER_START;
        }
        ticks.init = init + ELEMENT * self.elements + PER_BYTE_WRITTEN * self.data_bytes;
        ticks
    }
}

/// So many segments.
fn segments(count: u64) -> u64 {
    SEGMENT * count + SEGMENT_BEFORE * (count * (count + 1) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(text: &str) -> ModuleTicks {
        ModuleTicks::of(&wat::parse_str(text).unwrap(), Version::V6)
    }

    #[test]
    fn each_part_of_a_module_has_its_steps() {
        let kernel = r#"(memory (export "m") 1) (func (export "kernel_run"))"#;
        let small = ticks(&format!("(module {kernel})"));
        assert_eq!((small.decode, small.link, small.init), (39 + 5 + 1 + 17 + 6 + 13, 1, 39));
        let plus = |text: &str| {
            let more = ticks(&format!("(module {text} {kernel})"));
            (more.decode - small.decode, more.link - small.link, more.init - small.init)
        };
        let import =
            r#"(import "smart_rollup_core" "store_has" (func (param i32 i32) (result i32)))"#;
        assert_eq!(plus(import), (5 + 3 + 9 + 17 + 9, 1, 1 + 2));
        assert_eq!(plus("(func (drop (i32.const 1)))"), (8 + 2 * 2 + 5, 0, 4));
        assert_eq!(plus("(func (local i64))"), (8 + 3 + 5, 0, 4));
        assert_eq!(plus("(func (block))"), (8 + 5 + 5, 0, 4));
        assert_eq!(plus("(global i32 (i32.const 1))"), (6, 0, 17));
        // Without any data there are five steps more.
        assert_eq!(plus(r#"(data (i32.const 0) "abc")"#), (11 + 3, 0, 34 + 5 + 3 * 42 - 5));
        let two = r#"(data (i32.const 0) "abc") (data (i32.const 0) "")"#;
        assert_eq!(plus(two), (2 * 11 + 3, 0, 2 * 34 + 5 + 10 + 3 * 42 - 5));
    }

    #[test]
    fn what_fails_goes_no_further() {
        let with = |import: &str| {
            let text = format!(r#"(module (import {import}) (memory (export "m") 1))"#);
            let ticks = ticks(&text);
            (ticks.link, ticks.init)
        };
        assert_eq!(with(r#""env" "store_has" (func)"#), (1, 0));
        assert_eq!(with(r#""smart_rollup_core" "none" (func)"#), (1, 0));
        assert_eq!(with(r#""smart_rollup_core" "store_has" (func)"#), (2, 2));
        let float = ticks("(module (func (param f32)))");
        assert!(float.decode < 10 && float.link == 0, "{float:?}");
        assert_eq!(ModuleTicks::of(b"junk", Version::V6).decode, 2);
    }
}
