//! The types of a module and of its functions, and the types that are added.

use super::error::InstrumentError;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{TypeSection, ValType};
use wasmparser::{FuncType, Parser, Payload, TypeRef};

/// The types of a module.
pub(super) struct Types {
    /// The section as it is to be written.
    pub(super) section: TypeSection,
    /// The types that were added, by index.
    added: Vec<(u32, Vec<ValType>, Vec<ValType>)>,
    own: Vec<FuncType>,
    /// The type of each function, imported ones first.
    functions: Vec<u32>,
    imported: u32,
}

impl Types {
    /// Reads the types of a module and of its functions.
    pub(super) fn collect(wasm: &[u8]) -> Result<Self, InstrumentError> {
        let mut section = TypeSection::new();
        let (mut own, mut functions, mut imported) = (Vec::new(), Vec::new(), 0);
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(reader) => {
                    for ty in reader.clone().into_iter_err_on_gc_types() {
                        own.push(ty?);
                    }
                    RoundtripReencoder.parse_type_section(&mut section, reader)?;
                }
                Payload::ImportSection(reader) => {
                    for import in reader.into_imports() {
                        if let TypeRef::Func(ty) = import?.ty {
                            functions.push(ty);
                            imported += 1;
                        }
                    }
                }
                Payload::FunctionSection(reader) => {
                    for ty in reader {
                        functions.push(ty?);
                    }
                }
                _ => {}
            }
        }
        Ok(Self { section, added: Vec::new(), own, functions, imported })
    }

    /// How many functions the module imports.
    pub(super) fn imported(&self) -> u32 {
        self.imported
    }

    /// The type of a function, by its index in the module as it was.
    pub(super) fn of_function(&self, function: u32) -> Result<&FuncType, InstrumentError> {
        let index = usize::try_from(function).ok();
        let ty = index.and_then(|index| self.functions.get(index)).copied();
        let ty = ty.and_then(|ty| self.own.get(usize::try_from(ty).ok()?));
        ty.ok_or_else(|| InstrumentError::Missing(format!("type of function {function}")))
    }

    /// The index of a type, added if it has not been before.
    pub(super) fn index_of(&mut self, params: &[ValType], results: &[ValType]) -> u32 {
        let known = self.added.iter().find(|(_, p, r)| p == params && r == results);
        if let Some((index, ..)) = known {
            return *index;
        }
        let index = self.section.len();
        self.section.ty().function(params.iter().copied(), results.iter().copied());
        self.added.push((index, params.to_vec(), results.to_vec()));
        index
    }
}
