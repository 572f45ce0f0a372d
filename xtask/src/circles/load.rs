//! Reads the modules of a crate from its source files.

use std::fs;
use std::path::{Path, PathBuf};

use syn::{Expr, ExprLit, Item, ItemMod, Lit, Meta};

use super::collect;
use super::module::Module;

/// Whether modules are read that are compiled for tests alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum With {
    Tests,
    NoTests,
}

/// The modules of a crate. The first is its root.
pub(crate) fn load(root: &Path, with: With) -> Result<Vec<Module>, String> {
    let mut modules = Vec::new();
    // A root's children are beside it, whatever its name is.
    let beside = root.parent().unwrap_or(Path::new("")).to_owned();
    load_file(&mut modules, with, None, root, &beside)?;
    Ok(modules)
}

/// Reads a module from a file. `below` is the folder that its child modules are in.
fn load_file(
    modules: &mut Vec<Module>,
    with: With,
    parent: Option<usize>,
    file: &Path,
    below: &Path,
) -> Result<usize, String> {
    let shown = file.display();
    let text = fs::read_to_string(file).map_err(|error| format!("{shown}: {error}"))?;
    let parsed = syn::parse_file(&text).map_err(|error| format!("{shown}: {error}"))?;
    load_items(modules, with, parent, file, below, &parsed.items)
}

fn load_items(
    modules: &mut Vec<Module>,
    with: With,
    parent: Option<usize>,
    file: &Path,
    below: &Path,
    items: &[Item],
) -> Result<usize, String> {
    let at = modules.len();
    let mut module = Module { file: file.to_owned(), parent, ..Module::default() };
    collect::fill(&mut module, items);
    modules.push(module);
    for item in items {
        let Item::Mod(child) = item else { continue };
        if with == With::NoTests && collect::is_for_tests(&child.attrs) {
            continue;
        }
        let name = child.ident.to_string();
        let loaded = match &child.content {
            Some((_, items)) => {
                load_items(modules, with, Some(at), file, &below.join(&name), items)?
            }
            None => match its_file(child, file, below) {
                Some((file, below)) => load_file(modules, with, Some(at), &file, &below)?,
                None => return Err(format!("{}: no file of `mod {name}`", file.display())),
            },
        };
        modules[at].children.insert(name, loaded);
    }
    Ok(at)
}

/// The file of a module that a file declares, and the folder of its own child modules.
fn its_file(module: &ItemMod, declared_in: &Path, below: &Path) -> Option<(PathBuf, PathBuf)> {
    let named = module.attrs.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(path), .. }) => Some(path.value()),
            _ => None,
        },
        _ => None,
    });
    if let Some(path) = named {
        // The children of a file that is named are beside it.
        let file = declared_in.parent()?.join(path);
        let beside = file.parent()?.to_owned();
        return file.is_file().then_some((file, beside));
    }
    let folder = below.join(module.ident.to_string());
    let files = [folder.with_extension("rs"), folder.join("mod.rs")];
    files.into_iter().find(|file| file.is_file()).map(|file| (file, folder))
}
