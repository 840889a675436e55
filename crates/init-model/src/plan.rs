use std::collections::HashSet;

use init_core::{DType, Distribution, Fans, Initializer, Layout, ResolveError, Shape};
use init_kernels::{FillError, Stream, check_dtype};

use crate::{
    place::Place,
    recipe::{Parameter, Recipe},
    rule::Rule,
};

/// What each parameter of a model will get, and from which seed.
///
/// A plan that exists can be filled: shapes, distributions and dtypes have been checked against each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    seed: u64,
    entries: Vec<Entry>,
}

/// What one parameter will get.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The parameter's name, which also names its stream.
    pub name: String,
    /// Its shape.
    pub shape: Shape,
    /// Its element type.
    pub dtype: DType,
    /// Its fans, where the layout gives any.
    pub fans: Option<Fans>,
    /// What its rule asks for.
    pub initializer: Initializer,
    /// What that comes to for this shape.
    pub distribution: Distribution,
}

impl Entry {
    /// The size of the values, in bytes.
    pub fn bytes(&self) -> u64 {
        self.shape.numel() * self.dtype.size() as u64
    }
}

impl Plan {
    /// The seed of every stream.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The parameters, in the order of the recipe or the model file.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The number of values of all parameters together.
    pub fn elements(&self) -> u64 {
        self.entries.iter().map(|entry| entry.shape.numel()).sum()
    }

    /// The size of all values together, in bytes.
    pub fn bytes(&self) -> u64 {
        self.entries.iter().map(Entry::bytes).sum()
    }

    /// The stream of a parameter: `Stream::new(seed).child(name)`.
    pub fn stream(&self, entry: &Entry) -> Stream {
        Stream::new(self.seed).child(&entry.name)
    }
}

impl Recipe {
    /// Gives each parameter the first rule that matches it, and resolves that rule for its shape.
    ///
    /// The seed is 0, the layout PyTorch's and the dtype the parameter's own or f32 where the recipe names none.
    /// Takes O(parameters × rules) matches.
    ///
    /// # Errors
    ///
    /// [`PlanError`], which names the parameter or the rule: no parameters, a name given twice or reserved, a parameter that
    /// no rule matches, a rule that initialises nothing, an initializer that this shape or this dtype cannot take, and a
    /// model of more than 2⁶³ bytes.
    pub fn plan(&self) -> Result<Plan, PlanError> {
        if self.parameters.is_empty() {
            return Err(PlanError::Empty { place: self.place.clone() });
        }

        let mut names = HashSet::new();
        let mut taken = vec![0usize; self.rules.len()];
        let mut entries = Vec::with_capacity(self.parameters.len());
        let mut bytes = 0u64;
        for parameter in &self.parameters {
            let Parameter { name, shape, .. } = parameter;
            if name.is_empty() || name == "__metadata__" {
                return Err(PlanError::Name { place: parameter.place.clone(), name: name.clone() });
            }
            if !names.insert(name.as_str()) {
                return Err(PlanError::Duplicate { place: parameter.place.clone(), name: name.clone() });
            }
            let index = self
                .rules
                .iter()
                .position(|rule| rule.matches(name))
                .ok_or_else(|| PlanError::Unmatched { place: parameter.place.clone(), name: name.clone() })?;
            taken[index] += 1;
            let entry = self.entry(parameter, &self.rules[index])?;

            bytes = (shape.numel().checked_mul(entry.dtype.size() as u64))
                .and_then(|more| bytes.checked_add(more))
                .filter(|&all| i64::try_from(all).is_ok())
                .ok_or_else(|| PlanError::TooLarge { place: parameter.place.clone(), name: name.clone() })?;
            entries.push(entry);
        }

        match taken.iter().position(|&count| count == 0) {
            None => Ok(Plan { seed: self.seed.unwrap_or(0), entries }),
            Some(idle) => Err(self.idle(&self.rules[idle])),
        }
    }

    fn entry(&self, parameter: &Parameter, rule: &Rule) -> Result<Entry, PlanError> {
        let Parameter { name, shape, .. } = parameter;
        if shape.numel() == 0 {
            return Err(PlanError::ZeroSized {
                place: parameter.place.clone(),
                name: name.clone(),
                shape: shape.clone(),
            });
        }
        let default = Layout::default();
        let layout = rule.layout.as_ref().or(self.layout.as_ref()).unwrap_or(&default);
        let dtype = self.dtype.or(parameter.dtype).unwrap_or(DType::F32);

        let distribution = rule.initializer.resolve(shape, layout).map_err(|source| PlanError::Resolve {
            place: rule.place.clone(),
            name: name.clone(),
            source: Box::new(source),
        })?;
        check_dtype(dtype, &distribution).map_err(|source| PlanError::DType {
            place: rule.place.clone(),
            name: name.clone(),
            source,
        })?;
        Ok(Entry {
            name: name.clone(),
            shape: shape.clone(),
            dtype,
            fans: layout.fans(shape).ok(),
            initializer: rule.initializer.clone(),
            distribution,
        })
    }

    /// Why a rule initialises nothing: it matches no name, or earlier rules took them all.
    fn idle(&self, rule: &Rule) -> PlanError {
        let first = self.parameters.iter().find(|parameter| rule.matches(&parameter.name));
        let by = first.and_then(|parameter| self.rules.iter().find(|earlier| earlier.matches(&parameter.name)));
        match (first, by) {
            (Some(parameter), Some(earlier)) => PlanError::Shadowed {
                place: rule.place.clone(),
                pattern: rule.pattern().to_owned(),
                name: parameter.name.clone(),
                earlier: earlier.pattern().to_owned(),
            },
            _ => PlanError::Idle { place: rule.place.clone(), pattern: rule.pattern().to_owned() },
        }
    }
}

/// Why a recipe comes to no plan. Every message begins with the [`Place`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// There is nothing to initialise.
    #[error("{place}: no parameters; list them under [parameters], or take them from a file with --like")]
    Empty {
        /// The recipe.
        place: Place,
    },
    /// A name that a safetensors file cannot hold.
    #[error("{place}: `{shown}` cannot name a parameter: a name is not empty, and not the file format's own `__metadata__`", shown = .name.escape_debug())]
    Name {
        /// The parameter.
        place: Place,
        /// Its name.
        name: String,
    },
    /// Two parameters of one name.
    #[error("{place}: parameter `{shown}` is given twice; remove or rename one", shown = .name.escape_debug())]
    Duplicate {
        /// The second of them.
        place: Place,
        /// Their name.
        name: String,
    },
    /// A parameter that no rule matches.
    #[error("{place}: no rule matches parameter `{shown}`; add a [[rule]] whose `match` covers it", shown = .name.escape_debug())]
    Unmatched {
        /// The parameter.
        place: Place,
        /// Its name.
        name: String,
    },
    /// A rule that matches no parameter.
    #[error("{place}: the rule `{pattern}` matches no parameter; correct its `match` or remove it")]
    Idle {
        /// The rule.
        place: Place,
        /// Its glob.
        pattern: String,
    },
    /// A rule whose parameters were all taken by earlier rules.
    #[error(
        "{place}: the rule `{pattern}` initialises nothing: the first match wins, and `{shown}` was taken by `{earlier}`; \
         move it up or remove it", shown = .name.escape_debug()
    )]
    Shadowed {
        /// The rule.
        place: Place,
        /// Its glob.
        pattern: String,
        /// A parameter that it would match.
        name: String,
        /// The glob of the rule that took this parameter.
        earlier: String,
    },
    /// A shape without elements.
    #[error("{place}: parameter `{shown}` of shape {shape} has no elements to initialise; give every dimension at least 1", shown = .name.escape_debug())]
    ZeroSized {
        /// The parameter.
        place: Place,
        /// Its name.
        name: String,
        /// Its shape.
        shape: Shape,
    },
    /// An initializer that does not fit the shape, or whose figures make no distribution.
    #[error("{place}: parameter `{shown}`: {source}", shown = .name.escape_debug())]
    Resolve {
        /// The rule.
        place: Place,
        /// The parameter's name.
        name: String,
        /// What is wrong.
        source: Box<ResolveError>,
    },
    /// A distribution that the dtype cannot hold.
    #[error("{place}: parameter `{shown}`: {source}", shown = .name.escape_debug())]
    DType {
        /// The rule.
        place: Place,
        /// The parameter's name.
        name: String,
        /// What is wrong.
        source: FillError,
    },
    /// More bytes than a file can have.
    #[error("{place}: with parameter `{shown}` the model passes 2^63 bytes; check the shapes", shown = .name.escape_debug())]
    TooLarge {
        /// The parameter.
        place: Place,
        /// Its name.
        name: String,
    },
}
