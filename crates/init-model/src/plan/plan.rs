//! The plan of a model: its seed and what each parameter gets.

use init_kernels::{Element, FillError, Filler, Shard, Stream};

use super::{digest::digest, entry::Entry, part::Fill};
use crate::recipe::expression::Fields;

/// A plan: the values of each parameter of a model, and the seed.
///
/// A plan can always be filled: shapes, initializers and dtypes have been checked against each
/// other.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    seed: u64,
    family: Option<String>,
    entries: Vec<Entry>,
    multipliers: Fields,
}

impl Plan {
    pub(crate) fn new(seed: u64, family: Option<String>, entries: Vec<Entry>, multipliers: Fields) -> Self {
        Self { seed, family, entries, multipliers }
    }

    /// Returns the seed of every stream.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Returns the family of the published model, as its configuration's `model_type` names it.
    ///
    /// No value depends on it, nor does the digest.
    #[must_use]
    pub fn family(&self) -> Option<&str> {
        self.family.as_deref()
    }

    /// Returns the parameters, in the order of the recipe or of the model file.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the digest of the plan: `v1-` and 32 hexadecimal digits.
    ///
    /// It identifies names, shapes, dtypes and what initializers resolve to, but not the seed:
    /// plans of equal digest and seed give the same values. Multipliers, on which no value depends,
    /// are not part of it. `docs/plan-digest.md` specifies its encoding.
    #[must_use]
    pub fn digest(&self) -> String {
        digest(&self.entries)
    }

    /// Returns the multipliers of the model as a whole, by name.
    #[must_use]
    pub fn multipliers(&self) -> &Fields {
        &self.multipliers
    }

    /// Returns DeepNorm's α, if all [schemes](Entry::scheme) that have one agree on it.
    #[must_use]
    pub fn residual(&self) -> Option<f64> {
        let mut all = self.entries.iter().filter_map(|entry| entry.multipliers.residual);
        let first = all.next()?;
        all.all(|alpha| alpha == first).then_some(first)
    }

    /// Whether the plan has multipliers for a training loop.
    #[must_use]
    pub fn has_multipliers(&self) -> bool {
        !self.multipliers.is_empty() || self.entries.iter().any(|entry| entry.scheme.is_some())
    }

    /// Returns the number of values of all parameters together.
    #[must_use]
    pub fn elements(&self) -> u64 {
        self.entries.iter().map(|entry| entry.shape.numel()).sum()
    }

    /// Returns the size of all values together, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.entries.iter().map(Entry::bytes).sum()
    }

    /// Returns the stream of a parameter: `Stream::new(seed).child(name)`.
    ///
    /// Parameters that are [packed](Entry::packed) into it have the streams of their names.
    #[must_use]
    pub fn stream(&self, entry: &Entry) -> Stream {
        Stream::new(self.seed).child(&entry.name)
    }

    /// Fills a buffer with the elements of a parameter from flat index `offset` on, in the element
    /// type of the buffer.
    ///
    /// # Errors
    ///
    /// Returns [`FillError`] if the buffer ends after the parameter's last element, or if its
    /// element type cannot represent values that the entry's dtype can.
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
    /// let separate = model("q = [64, 64]\nk = [64, 64]\nv = [64, 64]", "");
    ///
    /// let mut whole = vec![0f32; 192 * 64];
    /// packed.fill_at(&mut whole, 0, &packed.entries()[0], Filler::new())?;
    /// for (block, entry) in whole.chunks(64 * 64).zip(separate.entries()) {
    ///     let mut alone = vec![0f32; 64 * 64];
    ///     separate.fill_at(&mut alone, 0, entry, Filler::new())?;
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

    /// Fills a buffer with a shard of a parameter, in row-major order: the same values that
    /// [`fill_at`](Self::fill_at) writes there. The shard's global shape is that of the entry.
    ///
    /// # Errors
    ///
    /// Returns [`FillError`] if the shard is of a tensor with another shape, if the buffer differs
    /// from it in length, or if the element type of the buffer cannot represent values that the
    /// entry's dtype can.
    ///
    /// ```
    /// use init_kernels::{Filler, Shard};
    /// use init_model::Recipe;
    ///
    /// let text = "[parameters]\nqkv = [6, 4]\n[[rule]]\nmatch = \"*\"\ninit = \"normal\"\n\
    ///             blocks = { qkv = [\"q\", \"k\", \"v\"] }";
    /// let plan = Recipe::parse(text, "attention.toml")?.plan()?;
    /// let (entry, filler) = (&plan.entries()[0], Filler::new());
    /// let (mut whole, mut part) = ([0f32; 24], [0f32; 8]);
    /// plan.fill_at(&mut whole, 0, entry, filler)?;
    ///
    /// // Columns 1 and 2 of rows 1 to 4, which belong to three blocks.
    /// plan.fill_shard(&mut part, &Shard::new(&[6, 4], &[1, 1], &[4, 2])?, entry, filler)?;
    /// assert_eq!((&part[..2], &part[6..]), (&whole[5..7], &whole[17..19]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fill_shard<T: Element>(
        &self,
        dst: &mut [T],
        shard: &Shard,
        entry: &Entry,
        filler: Filler,
    ) -> Result<(), FillError> {
        let (len, expected) = (dst.len(), shard.len());
        if shard.global() != entry.shape.dims() {
            return Err(FillError::Outside { elements: entry.shape.numel(), offset: 0, len });
        }
        if len != expected {
            return Err(FillError::Length { len, expected });
        }
        let moved = entry.part.as_ref().map(|part| part.shard(shard));
        let shard = moved.as_ref().unwrap_or(shard);
        match &entry.packed {
            None => filler.fill_shard(dst, shard, &entry.resolved, self.stream(entry)),
            Some(packed) => packed.fill_shard(dst, shard, &entry.resolved, Stream::new(self.seed), filler),
        }
    }

    /// Returns the plan with other entries.
    pub(crate) fn with_entries(&self, entries: Vec<Entry>) -> Self {
        Self { seed: self.seed, family: self.family.clone(), entries, multipliers: self.multipliers.clone() }
    }
}
