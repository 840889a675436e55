//! Which file uses which: names are followed through imports and re-exports to the module that defines them.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque, btree_map::Entry},
    fmt,
    path::Path,
};

use crate::source::{Import, Module, Source};

/// The names that are being looked up, each with its module. A name that leads back to itself is not found.
type Open = Vec<(usize, String)>;

/// The target of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Module(usize),
    /// An item, by the module that defines it.
    Item(usize),
}

/// The files of a crate, and for each the files it uses with the location of the first use.
#[derive(Debug)]
pub(crate) struct Graph {
    pub(crate) names: Vec<String>,
    pub(crate) uses: Vec<BTreeMap<usize, Use>>,
}

/// One use of a file: the line, and the path there.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    line: usize,
    path: String,
}

impl Graph {
    /// The graph of the crate whose root module is this file.
    pub(crate) fn of(root: &Path) -> Self {
        let source = Source::read(root);
        let folder = root.parent().expect("a folder");
        let name = |path: &std::path::PathBuf| path.strip_prefix(folder).unwrap_or(path).display().to_string();
        let mut graph =
            Self { names: source.files.iter().map(name).collect(), uses: vec![BTreeMap::new(); source.files.len()] };
        for module in 0..source.modules.len() {
            for (target, line, path) in source.uses(module) {
                let (from, to) = (source.modules[module].file, source.modules[target].file);
                if from != to {
                    graph.uses[from].entry(to).or_insert(Use { line, path });
                }
            }
        }
        graph
    }

    /// The sets of two or more files that all reach one another.
    pub(crate) fn knots(&self) -> Vec<BTreeSet<usize>> {
        let reach: Vec<BTreeSet<usize>> = (0..self.names.len()).map(|file| self.reached(file)).collect();
        let mut knots: Vec<BTreeSet<usize>> = Vec::new();
        for file in 0..self.names.len() {
            let knot: BTreeSet<usize> =
                reach[file].iter().copied().filter(|&other| reach[other].contains(&file)).collect();
            if !knot.is_empty() && !knots.contains(&knot) {
                knots.push(knot);
            }
        }
        knots
    }

    fn reached(&self, from: usize) -> BTreeSet<usize> {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(file) = open.pop() {
            open.extend(self.uses[file].keys().copied().filter(|&next| seen.insert(next)));
        }
        seen
    }

    /// The shortest cycle within a knot.
    pub(crate) fn cycle(&self, knot: &BTreeSet<usize>) -> Vec<usize> {
        let cycles = knot.iter().filter_map(|&start| self.way_back(start, knot));
        cycles.min_by_key(Vec::len).expect("a knot has a cycle")
    }

    /// The shortest way from a file to itself.
    fn way_back(&self, start: usize, knot: &BTreeSet<usize>) -> Option<Vec<usize>> {
        let (mut before, mut open) = (BTreeMap::new(), VecDeque::from([start]));
        while let Some(file) = open.pop_front() {
            for &next in self.uses[file].keys().filter(|next| knot.contains(next)) {
                if next == start {
                    let mut way = vec![file];
                    while way[way.len() - 1] != start {
                        way.push(before[&way[way.len() - 1]]);
                    }
                    way.reverse();
                    return Some(way);
                }
                if let Entry::Vacant(vacant) = before.entry(next) {
                    vacant.insert(file);
                    open.push_back(next);
                }
            }
        }
        None
    }

    /// A cycle in words: one line for each file, with the use that leads to the next.
    pub(crate) fn describe(&self, cycle: &[usize]) -> String {
        let next = cycle.iter().cycle().skip(1);
        let line = |(&from, to): (&usize, &usize)| {
            format!("  {}{} -> {}", self.names[from], self.uses[from][to], self.names[*to])
        };
        cycle.iter().zip(next).map(line).collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, ":{} ({})", self.line, self.path)
    }
}

impl Source {
    /// The modules whose items a module uses, each with the line and the path.
    fn uses(&self, module: usize) -> Vec<(usize, usize, String)> {
        let mut uses = Vec::new();
        let this = &self.modules[module];
        for import in &this.imports {
            let target = self.resolve(module, &import.path, &mut Open::new());
            if import.name == "*" {
                uses.extend(self.glob(module, import, target));
            } else if let Some(Target::Item(target)) = target {
                // A re-export of a child's item is a use only where the name is also used here.
                if !(import.public && self.is_below(target, module)) || this.words.contains_key(&import.name) {
                    uses.push((target, import.line, import.path.join("::")));
                }
            }
        }
        for (path, line) in &this.paths {
            if let Some(Target::Item(target)) = self.resolve(module, path, &mut Open::new()) {
                uses.push((target, *line, path.join("::")));
            }
        }
        uses
    }

    /// A glob counts for the names of it that are used.
    fn glob(&self, module: usize, import: &Import, target: Option<Target>) -> Vec<(usize, usize, String)> {
        let path = || format!("{}::*", import.path.join("::"));
        match target {
            None => Vec::new(),
            Some(Target::Item(target)) => vec![(target, import.line, path())],
            Some(Target::Module(glob)) => {
                let this = &self.modules[module];
                let own = |name: &str| this.items.contains(name) || this.children.contains_key(name);
                let names = this.words.iter().filter(|(name, _)| !own(name));
                let found = names.filter_map(|(name, &line)| match self.lookup(glob, name, &mut Open::new()) {
                    Some(Target::Item(target)) => Some((target, line, format!("{} by {}", name, path()))),
                    _ => None,
                });
                let mut uses: Vec<_> = found.collect();
                if import.public && !self.is_below(glob, module) {
                    uses.push((glob, import.line, path()));
                }
                uses
            }
        }
    }

    fn is_below(&self, module: usize, ancestor: usize) -> bool {
        let parent = |&module: &usize| self.modules[module].parent;
        std::iter::successors(Some(module), parent).skip(1).any(|above| above == ancestor)
    }

    /// Returns the target of a path, if it is in this crate.
    fn resolve(&self, module: usize, path: &[String], open: &mut Open) -> Option<Target> {
        let (first, rest) = path.split_first()?;
        let mut target = match first.as_str() {
            "crate" => Target::Module(0),
            "self" => Target::Module(module),
            "super" => Target::Module(self.modules[module].parent?),
            name => self.lookup(module, name, open)?,
        };
        for name in rest {
            let Target::Module(inside) = target else { break };
            target = match name.as_str() {
                "super" => Target::Module(self.modules[inside].parent?),
                // A name that a macro defines, or that is not known for another reason, is the module's own.
                name => self.lookup(inside, name, open).unwrap_or(Target::Item(inside)),
            };
        }
        Some(target)
    }

    /// Returns the target of a name in a module: a child, an item, or an imported name.
    fn lookup(&self, module: usize, name: &str, open: &mut Open) -> Option<Target> {
        let Module { children, items, .. } = &self.modules[module];
        if let Some(&child) = children.get(name) {
            return Some(Target::Module(child));
        }
        if items.contains(name) {
            return Some(Target::Item(module));
        }
        if open.iter().any(|(inside, other)| *inside == module && other == name) {
            return None;
        }
        open.push((module, name.to_owned()));
        let found = self.imported(module, name, open);
        open.pop();
        found
    }

    /// Returns the target of a name that a module imports: by this name, or with a glob.
    fn imported(&self, module: usize, name: &str, open: &mut Open) -> Option<Target> {
        let imports = &self.modules[module].imports;
        for import in imports.iter().filter(|import| import.name == name && import.path != [name]) {
            if let Some(target) = self.resolve(module, &import.path, open) {
                return Some(target);
            }
        }
        for import in imports.iter().filter(|import| import.name == "*") {
            if let Some(Target::Module(inside)) = self.resolve(module, &import.path, open)
                && inside != module
                && let Some(target) = self.lookup(inside, name, open)
            {
                return Some(target);
            }
        }
        None
    }
}
