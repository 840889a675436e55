mod error;

use std::{
    collections::{HashMap, HashSet},
    hash::Hasher,
};

use init_core::{
    DType, Distribution, Fans, Initializer, Layout, ResolveError, Resolved, Shape, Structured,
    scheme::{Multipliers, Parametrization, Scheme},
};
use init_kernels::{Element, FillError, Filler, Stream, check_dtype};
use siphasher::sip128::{Hasher128, SipHasher24};

pub use self::error::PlanError;
use crate::{
    blocks::BlocksError,
    chunk::step,
    expression::Fields,
    packed::Packed,
    part::{Fill, Part},
    recipe::{Parameter, Recipe, Skip},
    rule::{Init, Rule},
};

/// What each parameter of a model will get, and from which seed.
///
/// A plan that exists can be filled: shapes, initializers and dtypes have been checked against each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    seed: u64,
    family: Option<String>,
    entries: Vec<Entry>,
    multipliers: Fields,
}

/// What one parameter will get.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The parameter's name, which also names its stream.
    pub name: String,
    /// Its shape; of a part, the part's.
    pub shape: Shape,
    /// Its element type.
    pub dtype: DType,
    /// Its fans, where the layout gives any.
    pub fans: Option<Fans>,
    /// What its rule asks for.
    pub initializer: Initializer,
    /// The scheme that asks for it, if its rule has one.
    pub scheme: Option<Scheme>,
    /// By what the scheme has its layer and its optimizer multiply: 1 without one.
    pub multipliers: Multipliers,
    /// What that comes to for this shape, or for each of the parameters that are packed into it.
    pub resolved: Resolved,
    /// The parameters that are packed into it, each with a stream of its own name.
    pub packed: Option<Packed>,
    /// Where it lies in the whole parameter, if this is the plan of one rank; all else is then said of the whole.
    pub part: Option<Part>,
}

impl Entry {
    /// The size of the values, in bytes.
    pub fn bytes(&self) -> u64 {
        self.shape.numel() * self.dtype.size() as u64
    }

    /// The law of its values, if they are independent draws of one.
    pub fn distribution(&self) -> Option<&Distribution> {
        self.resolved.distribution()
    }

    /// Whether a part of it costs about as much as all of it, so that it is better made at once.
    pub(crate) fn is_whole(&self) -> bool {
        use Structured::{DeltaOrthogonal, Orthogonal, Sparse};
        matches!(self.resolved.structured(), Some(Orthogonal { .. } | DeltaOrthogonal { .. } | Sparse { .. }))
    }

    /// How many of its elements are made at a time.
    pub(crate) fn step(&self) -> u64 {
        if self.is_whole() { self.shape.numel().max(1) } else { step(self.dtype.size()) }
    }
}

impl Plan {
    /// The seed of every stream.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The family of the published model, as its configuration's `model_type` names it; no value depends on it, nor does the digest.
    pub fn family(&self) -> Option<&str> {
        self.family.as_deref()
    }

    /// The parameters, in the order of the recipe or the model file.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What the plan asks for, in 32 hexadecimal digits: names, shapes, dtypes, initializers and what they come to, but not the seed. Plans of the same
    /// digest and seed give the same values; multipliers, which change none, do not count. It is SipHash-2-4-128 under the key 0 of the lines that
    /// say all this.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hasher = SipHasher24::new();
        for Entry { name, shape, dtype, initializer, resolved, packed, part, .. } in &self.entries {
            let packed = packed.as_ref().map(Packed::names);
            let line = format!("{name:?} {shape} {dtype} {initializer} {resolved} {packed:?} {part:?}\n");
            hasher.write(line.as_bytes());
        }
        let hash = hasher.finish128();
        format!("{:016x}{:016x}", hash.h1, hash.h2)
    }

    /// What the recipe has its model multiply by as a whole, by name.
    pub fn multipliers(&self) -> &Fields {
        &self.multipliers
    }

    /// DeepNorm's α, if all [schemes](Entry::scheme) that have one agree on it.
    pub fn residual(&self) -> Option<f64> {
        let mut all = self.entries.iter().filter_map(|entry| entry.multipliers.residual);
        let first = all.next()?;
        all.all(|alpha| alpha == first).then_some(first)
    }

    /// Whether a training loop has anything to multiply by that this plan knows of.
    pub fn has_multipliers(&self) -> bool {
        !self.multipliers.is_empty() || self.entries.iter().any(|entry| entry.scheme.is_some())
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
    ///
    /// Where [other parameters are packed](Entry::packed) into it, they have the streams of their own names.
    pub fn stream(&self, entry: &Entry) -> Stream {
        Stream::new(self.seed).child(&entry.name)
    }

    /// Fills a buffer with the elements of a parameter from flat index `offset` on, in the type of the buffer.
    ///
    /// # Errors
    ///
    /// [`FillError`], if the buffer ends after the parameter's last element, or the type does not hold what the entry's does.
    ///
    /// ```
    /// use init_kernels::Filler;
    /// use init_model::Recipe;
    ///
    /// let model = |shapes: &str, blocks: &str| {
    ///     let text = format!("[parameters]\n{shapes}\n[[rule]]\nmatch = \"*\"\ninit = \"xavier_uniform\"\n{blocks}");
    ///     Recipe::parse(&text, "attention.toml").unwrap().plan().unwrap()
    /// };
    /// let packed = model("qkv = [192, 64]", "blocks = { qkv = [\"q\", \"k\", \"v\"] }");
    /// let apart = model("q = [64, 64]\nk = [64, 64]\nv = [64, 64]", "");
    ///
    /// let mut whole = vec![0f32; 192 * 64];
    /// packed.fill_at(&mut whole, 0, &packed.entries()[0], Filler::new())?;
    /// for (block, entry) in whole.chunks(64 * 64).zip(apart.entries()) {
    ///     let mut alone = vec![0f32; 64 * 64];
    ///     apart.fill_at(&mut alone, 0, entry, Filler::new())?;
    ///     assert_eq!(block, alone);
    /// }
    /// # Ok::<(), init_kernels::FillError>(())
    /// ```
    pub fn fill_at<T: Element>(
        &self,
        dst: &mut [T],
        offset: u64,
        entry: &Entry,
        filler: Filler,
    ) -> Result<(), FillError> {
        let (elements, len) = (entry.shape.numel(), dst.len());
        if offset.checked_add(len as u64).is_none_or(|end| end > elements) {
            return Err(FillError::Outside { elements, offset, len });
        }
        let fill = Fill {
            resolved: &entry.resolved,
            packed: entry.packed.as_ref(),
            stream: self.stream(entry),
            model: Stream::new(self.seed),
            filler,
        };
        match &entry.part {
            None => fill.at(dst, offset),
            Some(part) => part.fill_at(dst, offset, &entry.shape, fill),
        }
    }

    /// The same seed with other entries.
    pub(crate) fn with_entries(&self, entries: Vec<Entry>) -> Self {
        Self { seed: self.seed, family: self.family.clone(), entries, multipliers: self.multipliers.clone() }
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
        let kept = self.kept()?;
        let mut names = HashSet::new();
        let mut taken = vec![0usize; self.rules.len()];
        let mut entries = Vec::with_capacity(kept.len());
        let mut bytes = 0u64;
        for &parameter in &kept {
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

        check_blocks(&entries, &kept)?;
        match (taken.iter().zip(&self.rules)).position(|(&count, rule)| count == 0 && !rule.optional) {
            None => Ok(Plan {
                seed: self.seed.unwrap_or(0),
                family: self.family.clone(),
                entries,
                multipliers: self.multipliers.clone(),
            }),
            Some(idle) => Err(self.idle(&self.rules[idle])),
        }
    }

    /// The parameters that are not skipped.
    fn kept(&self) -> Result<Vec<&Parameter>, PlanError> {
        let mut taken = vec![false; self.skip.len()];
        let kept = self.parameters.iter().filter(|parameter| {
            let by = self.skip.iter().position(|skip| skip.pattern.matches(&parameter.name));
            by.map(|index| taken[index] = true).is_none()
        });
        let kept: Vec<_> = kept.collect();
        if let Some(idle) = taken.iter().position(|&taken| !taken) {
            let Skip { pattern, place } = &self.skip[idle];
            return Err(PlanError::IdleSkip { place: place.clone(), pattern: pattern.as_str().to_owned() });
        }
        if kept.is_empty() { Err(PlanError::Empty { place: self.place.clone() }) } else { Ok(kept) }
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
        let given = rule.layout.as_ref().or(self.layout.as_ref()).cloned().unwrap_or_default();
        let dtype = rule.dtype.or(self.dtype).or(parameter.dtype).unwrap_or(DType::F32);
        let unpacked = |source: BlocksError| PlanError::Blocks {
            place: rule.place.clone(),
            name: name.clone(),
            source: Box::new(source),
        };
        let unresolved =
            |source| PlanError::Resolve { place: rule.place.clone(), name: name.clone(), source: Box::new(source) };

        let layout = match &rule.blocks {
            None => given.clone(),
            Some(blocks) => blocks.layout(&given).map_err(unpacked)?,
        };
        let (scheme, Parametrization { initializer, multipliers }) = match &rule.init {
            Init::Initializer(initializer) => (None, initializer.clone().into()),
            Init::Scheme(scheme) => (Some(scheme.clone()), scheme.parametrization(shape, &layout).map_err(unresolved)?),
        };
        let packed = match (&rule.blocks, &layout) {
            (Some(blocks), Layout::Packed { axis, .. }) => blocks.separate(name, shape, *axis).map_err(unpacked)?,
            _ => None,
        };
        let resolved = match packed {
            None => initializer.resolve(shape, &layout),
            // A separate parameter has the layout without the blocks.
            Some(_) => layout
                .block(shape)
                .map_err(|error| ResolveError::Fan { initializer: initializer.name(), error })
                .and_then(|block| initializer.resolve(&block, &given)),
        };
        let resolved = match resolved.map_err(unresolved)? {
            resolved if rule.scale == 1.0 => resolved,
            Resolved::Distribution(law) => law.scaled(rule.scale).into(),
            structured => {
                let (place, name) = (rule.place.clone(), name.clone());
                return Err(PlanError::Scale { place, name, structure: structured.name() });
            }
        };
        check_dtype(dtype, &resolved).map_err(|source| PlanError::DType {
            place: rule.place.clone(),
            name: name.clone(),
            source: Box::new(source),
        })?;
        Ok(Entry {
            name: name.clone(),
            shape: shape.clone(),
            dtype,
            fans: layout.fans(shape).ok(),
            initializer,
            scheme,
            multipliers,
            resolved,
            packed,
            part: None,
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

/// No two parameters or blocks have one name, and with it the same values.
fn check_blocks(entries: &[Entry], parameters: &[&Parameter]) -> Result<(), PlanError> {
    let mut owners: HashMap<&str, usize> = entries.iter().map(|entry| (entry.name.as_str(), 1)).collect();
    let blocks = || entries.iter().flat_map(|entry| entry.packed.iter().flat_map(Packed::names));
    for block in blocks() {
        *owners.entry(block).or_default() += 1;
    }
    for (entry, parameter) in entries.iter().zip(parameters) {
        let taken = entry.packed.iter().flat_map(Packed::names).find(|block| owners[block.as_str()] > 1);
        if let Some(block) = taken {
            let source = Box::new(BlocksError::Taken { name: block.clone() });
            return Err(PlanError::Blocks { place: parameter.place.clone(), name: entry.name.clone(), source });
        }
    }
    Ok(())
}
