//! Reading a module once, into what the rules ask about.

use std::collections::HashMap;
use wasmparser::{
    Export, FuncType, FunctionBody, GlobalType, Import, KnownCustom, MemoryType, Name, Parser,
    Payload, TableType, TypeRef, ValType,
};

/// What the rules look at. The module has been validated before.
#[derive(Default)]
pub(super) struct Facts<'a> {
    pub(super) types: Vec<FuncType>,
    pub(super) imports: Vec<Import<'a>>,
    /// The type of each function, imported ones first.
    pub(super) functions: Vec<u32>,
    /// How many of them are imported.
    pub(super) imported_functions: u32,
    pub(super) tables: Vec<TableType>,
    pub(super) memories: Vec<MemoryType>,
    pub(super) globals: Vec<GlobalType>,
    pub(super) exports: Vec<Export<'a>>,
    pub(super) bodies: Vec<FunctionBody<'a>>,
    pub(super) start: Option<u32>,
    /// Functions that tables are filled with.
    pub(super) table_functions: Vec<u32>,
    pub(super) data_bytes: usize,
    pub(super) custom_sections: Vec<(String, usize)>,
    pub(super) function_names: HashMap<u32, &'a str>,
}

impl<'a> Facts<'a> {
    /// Reads a module.
    pub(super) fn collect(wasm: &'a [u8]) -> Result<Self, wasmparser::Error> {
        let mut facts = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            facts.add(payload?)?;
        }
        Ok(facts)
    }

    fn add(&mut self, payload: Payload<'a>) -> Result<(), wasmparser::Error> {
        match payload {
            Payload::TypeSection(section) => {
                for ty in section.into_iter_err_on_gc_types() {
                    self.types.push(ty?);
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    if let TypeRef::Func(ty) = import.ty {
                        self.functions.push(ty);
                        self.imported_functions += 1;
                    }
                    self.imports.push(import);
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    self.functions.push(ty?);
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    self.tables.push(table?.ty);
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    self.memories.push(memory?);
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    self.globals.push(global?.ty);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    self.exports.push(export?);
                }
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(section) => self.add_elements(section)?,
            Payload::DataSection(section) => {
                for data in section {
                    self.data_bytes += data?.data.len();
                }
            }
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::CustomSection(section) => {
                self.custom_sections.push((section.name().to_owned(), section.data().len()));
                if let KnownCustom::Name(names) = section.as_known() {
                    self.add_names(names);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn add_elements(
        &mut self,
        section: wasmparser::ElementSectionReader<'a>,
    ) -> Result<(), wasmparser::Error> {
        for element in section {
            match element?.items {
                wasmparser::ElementItems::Functions(functions) => {
                    for function in functions {
                        self.table_functions.push(function?);
                    }
                }
                wasmparser::ElementItems::Expressions(_, expressions) => {
                    for expression in expressions {
                        for operator in expression?.get_operators_reader() {
                            if let wasmparser::Operator::RefFunc { function_index } = operator? {
                                self.table_functions.push(function_index);
                            }
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Names help a reader of the report, so what is broken about them does not matter.
    fn add_names(&mut self, names: wasmparser::NameSectionReader<'a>) {
        for name in names.into_iter().flatten() {
            if let Name::Function(functions) = name {
                let functions = functions.into_iter().flatten();
                self.function_names.extend(functions.map(|naming| (naming.index, naming.name)));
            }
        }
    }

    /// The type of a function.
    pub(super) fn function_type(&self, function: u32) -> Option<&FuncType> {
        let ty = self.functions.get(usize::try_from(function).ok()?)?;
        self.types.get(usize::try_from(*ty).ok()?)
    }

    /// The type of an imported function; nothing for other imports.
    pub(super) fn import_type(&self, import: &Import<'_>) -> Option<&FuncType> {
        match import.ty {
            TypeRef::Func(ty) => self.types.get(usize::try_from(ty).ok()?),
            _ => None,
        }
    }

    /// How to speak of a function: by index, and by name where there is one.
    pub(super) fn function_text(&self, function: u32) -> String {
        match self.function_names.get(&function) {
            Some(name) => format!("function {function} ({name})"),
            None => format!("function {function}"),
        }
    }

    /// The bodies with the indices of their functions.
    pub(super) fn indexed_bodies(&self) -> impl Iterator<Item = (u32, &FunctionBody<'a>)> {
        (self.imported_functions..).zip(&self.bodies)
    }
}

/// Whether a type is a float.
pub(super) fn is_float(ty: ValType) -> bool {
    matches!(ty, ValType::F32 | ValType::F64)
}
