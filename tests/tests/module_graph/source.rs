//! The modules of a crate as its source text declares them: items, imports and the paths in use.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// A crate: its modules, the root first, and their files.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) modules: Vec<Module>,
    pub(crate) files: Vec<PathBuf>,
}

/// A module: a file, or a `mod` block in one.
#[derive(Debug, Default)]
pub(crate) struct Module {
    pub(crate) file: usize,
    pub(crate) parent: Option<usize>,
    pub(crate) children: BTreeMap<String, usize>,
    /// Functions, types, constants and macros that the module itself defines.
    pub(crate) items: BTreeSet<String>,
    pub(crate) imports: Vec<Import>,
    /// Paths of two or more segments, each with its line.
    pub(crate) paths: Vec<(Vec<String>, usize)>,
    /// Names in use without a path before them, each with the first line.
    pub(crate) words: BTreeMap<String, usize>,
}

/// One leaf of a `use` tree; the name of a glob is `*`.
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) name: String,
    pub(crate) path: Vec<String>,
    pub(crate) public: bool,
    pub(crate) line: usize,
}

impl Source {
    /// Reads the crate whose root module is this file.
    pub(crate) fn read(root: &Path) -> Self {
        let mut source = Self { modules: Vec::new(), files: Vec::new() };
        let folder = root.parent().expect("a file in a folder").to_path_buf();
        source.file(root.to_path_buf(), folder, None);
        source
    }

    /// Reads the module in `path`; its children are in `folder`.
    fn file(&mut self, path: PathBuf, folder: PathBuf, parent: Option<usize>) -> usize {
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let file = self.files.len();
        self.files.push(path);
        self.modules.push(Module { file, parent, ..Module::default() });
        let module = self.modules.len() - 1;
        self.scan(module, &folder, tokens, true);
        module
    }

    /// Notes what a stretch of tokens declares and uses; only at the top level of a module do items belong to it.
    fn scan(&mut self, module: usize, folder: &Path, tokens: TokenStream, top: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let (mut at, mut public, mut given_path) = (0, false, None);
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    let inner = at + 1 + usize::from(is_punct(tokens.get(at + 1), '!'));
                    if let Some(TokenTree::Group(group)) = tokens.get(inner)
                        && group.delimiter() == Delimiter::Bracket
                    {
                        let attribute: Vec<TokenTree> = group.stream().into_iter().collect();
                        if is_for_tests(&attribute) {
                            // Within a file's `#![cfg(test)]` nothing else follows that counts.
                            at = if inner > at + 1 { tokens.len() } else { after_item(&tokens, inner + 1) };
                            continue;
                        }
                        given_path = path_attribute(&attribute).or(given_path);
                        at = inner;
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == '\'' => at += 1,
                TokenTree::Punct(punct) if matches!(punct.as_char(), ';' | '=') => public = false,
                TokenTree::Ident(ident) => {
                    let word = ident.to_string();
                    let next = tokens.get(at + 1).and_then(ident_text);
                    match (word.as_str(), next) {
                        ("pub", _) => {
                            public = true;
                            // The scope of `pub(in crate::x)` is not a use.
                            at += usize::from(matches!(tokens.get(at + 1), Some(TokenTree::Group(_))));
                        }
                        ("use", _) if !is_punct(tokens.get(at + 1), '<') => {
                            let end =
                                (at..tokens.len()).find(|&i| is_punct(tokens.get(i), ';')).unwrap_or(tokens.len());
                            let mut leaves = Vec::new();
                            use_tree(&tokens[at + 1..end], &[], &mut leaves);
                            let imports =
                                leaves.into_iter().map(|(name, path, line)| Import { name, path, public, line });
                            self.modules[module].imports.extend(imports);
                            (at, public) = (end, false);
                        }
                        ("extern", Some(next)) if next == "crate" => at += 2,
                        ("mod", Some(name)) if top => {
                            let child = self.child(module, folder, &name, tokens.get(at + 2), given_path.take());
                            self.modules[module].children.insert(name, child);
                            (at, public) = (at + 2, false);
                        }
                        ("macro_rules", _) if is_punct(tokens.get(at + 1), '!') => {
                            if let Some(name) = tokens.get(at + 2).and_then(ident_text) {
                                self.modules[module].items.insert(name);
                                at += 2;
                            }
                        }
                        ("fn" | "struct" | "enum" | "union" | "trait" | "type" | "const" | "static", Some(name)) => {
                            let name = if name == "mut" { tokens.get(at + 2).and_then(ident_text) } else { Some(name) };
                            let keyword = |name: &str| {
                                matches!(
                                    name,
                                    "fn" | "unsafe" | "extern" | "async" | "crate" | "self" | "super" | "Self"
                                )
                            };
                            if let Some(name) = name.filter(|name| !keyword(name)) {
                                if top {
                                    self.modules[module].items.insert(name);
                                }
                                at += 1;
                            }
                            public = false;
                        }
                        _ => at = self.path(module, folder, &tokens, at, top),
                    }
                }
                TokenTree::Group(group) => self.scan(module, folder, group.stream(), false),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            at += 1;
        }
    }

    /// Reads a child module: the file of that name, or the block that follows.
    fn child(
        &mut self,
        module: usize,
        folder: &Path,
        name: &str,
        next: Option<&TokenTree>,
        given: Option<String>,
    ) -> usize {
        let inner = folder.join(name);
        if let Some(TokenTree::Group(block)) = next {
            let file = self.modules[module].file;
            self.modules.push(Module { file, parent: Some(module), ..Module::default() });
            let child = self.modules.len() - 1;
            self.scan(child, &inner, block.stream(), true);
            return child;
        }
        if let Some(given) = given {
            let path = self.files[self.modules[module].file].parent().expect("a folder").join(given);
            let folder = path.parent().expect("a folder").to_path_buf();
            return self.file(path, folder, Some(module));
        }
        let flat = folder.join(format!("{name}.rs"));
        let path = if flat.exists() { flat } else { inner.join("mod.rs") };
        self.file(path, inner, Some(module))
    }

    /// Notes the path that begins here, and returns the index of its last token. Items in the argument of a
    /// macro at the top level belong to the module.
    fn path(&mut self, module: usize, folder: &Path, tokens: &[TokenTree], at: usize, top: bool) -> usize {
        let line = tokens[at].span().start().line;
        let mut segments = vec![ident_text(&tokens[at]).expect("an identifier")];
        let mut end = at;
        while is_separator(tokens, end + 1)
            && let Some(next) = tokens.get(end + 3).and_then(ident_text)
        {
            segments.push(next);
            end += 3;
        }
        let continues = at >= 2 && is_separator(tokens, at - 2);
        let field = is_punct(at.checked_sub(1).map(|i| &tokens[i]), '.')
            && !is_punct(at.checked_sub(2).map(|i| &tokens[i]), '.');
        if !continues && !field {
            let call = match tokens.get(end + 1) {
                Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Parenthesis,
                next => is_punct(next, '!'),
            };
            let capital = segments[0].starts_with(char::is_uppercase);
            if capital || segments.len() > 1 || call {
                self.modules[module].words.entry(segments[0].clone()).or_insert(line);
            }
            if segments.len() > 1 {
                self.modules[module].paths.push((segments, line));
            }
        }
        if top
            && is_punct(tokens.get(end + 1), '!')
            && let Some(TokenTree::Group(group)) = tokens.get(end + 2)
        {
            self.scan(module, folder, group.stream(), true);
            return end + 2;
        }
        end
    }
}

fn is_punct(token: Option<&TokenTree>, char: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == char)
}

fn is_separator(tokens: &[TokenTree], at: usize) -> bool {
    let Some(TokenTree::Punct(first)) = tokens.get(at) else { return false };
    first.as_char() == ':' && first.spacing() == Spacing::Joint && is_punct(tokens.get(at + 1), ':')
}

fn ident_text(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(ident) => Some(ident.to_string().trim_start_matches("r#").to_owned()),
        _ => None,
    }
}

/// `cfg(test)`, and every condition that asks for `test` without `not`.
fn is_for_tests(attribute: &[TokenTree]) -> bool {
    let [TokenTree::Ident(cfg), TokenTree::Group(condition)] = attribute else { return false };
    let names = |name: &str| mentions(&condition.stream(), name);
    cfg == "cfg" && names("test") && !names("not")
}

fn mentions(tokens: &TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => mentions(&group.stream(), name),
        _ => false,
    })
}

/// The file of `path = "…"`.
fn path_attribute(attribute: &[TokenTree]) -> Option<String> {
    match attribute {
        [TokenTree::Ident(path), TokenTree::Punct(_), TokenTree::Literal(file)] if path == "path" => {
            Some(file.to_string().trim_matches('"').to_owned())
        }
        _ => None,
    }
}

/// The index after the item that begins here.
fn after_item(tokens: &[TokenTree], start: usize) -> usize {
    let rest = tokens[start..].iter();
    let keyword = rest.filter_map(ident_text).find(|word| {
        matches!(
            word.as_str(),
            "use" | "const" | "static" | "type" | "fn" | "mod" | "struct" | "enum" | "impl" | "trait"
        )
    });
    let by_semicolon = matches!(keyword.as_deref(), Some("use" | "const" | "static" | "type"));
    let ends = |token: &TokenTree| match token {
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Group(group) => !by_semicolon && group.delimiter() == Delimiter::Brace,
        _ => false,
    };
    tokens[start..].iter().position(ends).map_or(tokens.len(), |offset| start + offset + 1)
}

/// The leaves of a `use` tree: the name that each brings in, and its path.
fn use_tree(tokens: &[TokenTree], prefix: &[String], leaves: &mut Vec<(String, Vec<String>, usize)>) {
    for branch in tokens.split(|token| is_punct(Some(token), ',')) {
        let mut path = prefix.to_vec();
        let mut name = None;
        let mut line = 0;
        for (at, token) in branch.iter().enumerate() {
            line = token.span().start().line;
            match token {
                TokenTree::Group(group) => {
                    use_tree(&group.stream().into_iter().collect::<Vec<_>>(), &path, leaves);
                    path.clear();
                }
                TokenTree::Ident(ident) if ident == "as" => {
                    name = branch.get(at + 1).and_then(ident_text);
                    break;
                }
                TokenTree::Ident(_) => path.extend(ident_text(token)),
                TokenTree::Punct(punct) if punct.as_char() == '*' => name = Some("*".to_owned()),
                _ => {}
            }
        }
        if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
            path.pop();
        }
        if let Some(last) = path.last() {
            leaves.push((name.unwrap_or_else(|| last.clone()), path, line));
        }
    }
}
