//! Where the paths of a crate lead: to the file that defines what they name.

use std::collections::BTreeMap;

use super::module::Module;
use super::uses::{Use, Uses};

/// The names that are being looked up: those that lead back to themselves mean nothing.
type Open = Vec<(usize, String)>;

/// What a path names.
enum Named {
    Module(usize),
    /// An item, or part of one, in a module.
    ItemOf(usize),
}

/// What each file uses of the others.
pub(crate) fn uses(modules: &[Module]) -> Uses {
    let mut uses: Uses =
        modules.iter().map(|module| (module.file.clone(), BTreeMap::new())).collect();
    for (at, module) in modules.iter().enumerate() {
        let mut note = |of: usize, path: &[String], line: usize| {
            let Some(other) = modules.get(of).filter(|other| other.file != module.file) else {
                return;
            };
            let used = Use { line, path: path.join("::") };
            let of_this = uses.entry(module.file.clone()).or_default();
            of_this.entry(other.file.clone()).or_insert(used);
        };
        for written in &module.written {
            if let Some(Named::ItemOf(of)) = resolve(modules, at, &written.path, &mut Open::new()) {
                note(of, &written.path, written.line);
            }
        }
        for glob in &module.globs {
            if let (Some(line), Some(of)) =
                (glob.used_at, globbed(modules, at, &glob.path, &mut Open::new()))
            {
                note(of, &[&glob.path[..], &["*".to_owned()]].concat(), line);
            }
        }
    }
    uses
}

/// What a path names that stands in a module; nothing, if it is of another crate.
fn resolve(modules: &[Module], at: usize, path: &[String], open: &mut Open) -> Option<Named> {
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" => walk(modules, 0, rest, open),
        "self" => walk(modules, at, rest, open),
        "super" => {
            let mut above = modules.get(at)?.parent?;
            let mut rest = rest;
            while let Some((_, after)) = rest.split_first().filter(|(next, _)| *next == "super") {
                above = modules.get(above)?.parent?;
                rest = after;
            }
            walk(modules, above, rest, open)
        }
        "Self" => None,
        name => match look_up(modules, at, name, rest.is_empty(), open)? {
            Named::Module(module) => walk(modules, module, rest, open),
            item @ Named::ItemOf(_) => Some(item),
        },
    }
}

/// Goes down from a module.
fn walk(modules: &[Module], mut at: usize, path: &[String], open: &mut Open) -> Option<Named> {
    let mut rest = path;
    while let Some((name, after)) = rest.split_first() {
        match look_up(modules, at, name, after.is_empty(), open) {
            Some(Named::Module(module)) => at = module,
            Some(item @ Named::ItemOf(_)) => return Some(item),
            // What a macro makes, or another crate's by a re-export: this module has it.
            None => return Some(Named::ItemOf(at)),
        }
        rest = after;
    }
    Some(Named::Module(at))
}

/// The module whose items `path::*` brings, or that has the enum whose variants it brings.
fn globbed(modules: &[Module], at: usize, path: &[String], open: &mut Open) -> Option<usize> {
    match resolve(modules, at, &[path, &["*".to_owned()]].concat(), open)? {
        Named::Module(of) | Named::ItemOf(of) => Some(of),
    }
}

/// What a name means in a module. A name before another one is a module's, if there is one.
fn look_up(
    modules: &[Module],
    at: usize,
    name: &str,
    is_last: bool,
    open: &mut Open,
) -> Option<Named> {
    if open.iter().any(|(module, looked_up)| *module == at && looked_up == name) {
        return None;
    }
    let module = modules.get(at)?;
    let child = module.children.get(name).map(|child| Named::Module(*child));
    if !is_last && child.is_some() {
        return child;
    }
    open.push((at, name.to_owned()));
    let mut aliases = module.aliases.iter().filter(|alias| alias.name == name);
    let by_alias = aliases.find_map(|alias| resolve(modules, at, &alias.path, open));
    let item = || module.items.contains(name).then_some(Named::ItemOf(at));
    let found = by_alias.or_else(item).or(child).or_else(|| {
        let mut globs = module.globs.iter();
        globs.find_map(|glob| {
            let of = globbed(modules, at, &glob.path, open)?;
            look_up(modules, of, name, is_last, open)
        })
    });
    open.pop();
    found
}
