//! What one module defines, imports and writes, from its syntax.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, ItemMod, ItemUse, Macro, Meta, Path, UseTree, Visibility};

use super::module::{Alias, Glob, Module, Written};

/// Whether what has these attributes is compiled for tests alone.
pub(crate) fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            let words: Vec<String> = words(&list.tokens);
            words.iter().any(|word| word == "test") && !words.iter().any(|word| word == "not")
        }
        _ => false,
    })
}

/// The identifiers among tokens.
fn words(tokens: &TokenStream) -> Vec<String> {
    let words = tokens.clone().into_iter().flat_map(|token| match token {
        TokenTree::Ident(word) => vec![word.to_string()],
        TokenTree::Group(group) => words(&group.stream()),
        _ => Vec::new(),
    });
    words.collect()
}

/// Notes what the items define, import and write. Child modules are left to who reads them.
pub(crate) fn fill(module: &mut Module, items: &[Item]) {
    module.items.extend(items.iter().filter_map(defined));
    let mut collector = Collector { module };
    items.iter().for_each(|item| collector.visit_item(item));
}

/// The name that an item defines.
fn defined(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

struct Collector<'m> {
    module: &'m mut Module,
}

impl Collector<'_> {
    fn write(&mut self, path: Vec<String>, line: usize) {
        self.module.written.push(Written { path, line });
    }

    /// One branch of a `use`. What is not for others to use counts as written.
    fn import(&mut self, tree: &UseTree, before: &[String], reexported: bool) {
        let with = |name: &proc_macro2::Ident| {
            let mut path = before.to_vec();
            // `a::{self}` is `a`.
            if name != "self" || before.is_empty() {
                path.push(name.to_string());
            }
            path
        };
        match tree {
            UseTree::Path(part) => self.import(&part.tree, &with(&part.ident), reexported),
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.import(tree, before, reexported));
            }
            UseTree::Name(name) => {
                let path = with(&name.ident);
                let alias = path.last().cloned().unwrap_or_default();
                self.alias(alias, path, name.ident.span().start().line, reexported);
            }
            UseTree::Rename(rename) => {
                let line = rename.ident.span().start().line;
                self.alias(rename.rename.to_string(), with(&rename.ident), line, reexported);
            }
            UseTree::Glob(glob) => {
                let line = glob.star_token.spans[0].start().line;
                let used_at = (!reexported).then_some(line);
                self.module.globs.push(Glob { path: before.to_vec(), used_at });
            }
        }
    }

    fn alias(&mut self, name: String, path: Vec<String>, line: usize, reexported: bool) {
        if !reexported {
            self.write(path.clone(), line);
        }
        self.module.aliases.push(Alias { name, path });
    }

    /// Paths among tokens that no parser knows the meaning of: identifiers with `::` between them.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let (mut colons, mut line) = (0, 0);
        for token in tokens {
            match token {
                TokenTree::Ident(word) => {
                    if colons < 2 {
                        self.end_of_tokens(&mut path, line);
                        line = word.span().start().line;
                    }
                    path.push(word.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.end_of_tokens(&mut path, line);
                    self.tokens(group.stream());
                    colons = 0;
                }
                _ => {
                    self.end_of_tokens(&mut path, line);
                    colons = 0;
                }
            }
        }
        self.end_of_tokens(&mut path, line);
    }

    /// A word alone may be anything, so only paths count.
    fn end_of_tokens(&mut self, path: &mut Vec<String>, line: usize) {
        let path = std::mem::take(path);
        if path.len() > 1 {
            self.write(path, line);
        }
    }
}

impl<'a> Visit<'a> for Collector<'_> {
    fn visit_item(&mut self, item: &'a Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'a ImplItem) {
        let for_tests = matches!(item, ImplItem::Fn(item) if is_for_tests(&item.attrs));
        if !for_tests {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, _: &'a ItemMod) {}

    fn visit_item_use(&mut self, item: &'a ItemUse) {
        let reexported = !matches!(item.vis, Visibility::Inherited);
        self.import(&item.tree, &[], reexported);
    }

    fn visit_path(&mut self, path: &'a Path) {
        if path.leading_colon.is_none() {
            let names = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            let line = path.segments.first().map_or(0, |first| first.ident.span().start().line);
            self.write(names, line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'a Macro) {
        self.visit_path(&called.path);
        self.tokens(called.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'a Attribute) {
        match &attribute.meta {
            Meta::List(list) => self.tokens(list.tokens.clone()),
            Meta::NameValue(pair) => self.visit_expr(&pair.value),
            Meta::Path(_) => {}
        }
    }
}
