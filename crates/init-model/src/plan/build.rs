//! From a recipe to a plan: each parameter gets the first rule that matches it, resolved for its
//! shape.

use std::collections::{HashMap, HashSet};

use init_core::{DType, Layout, ResolveError, Resolved, scheme::Parametrization};
use init_kernels::check_dtype;

use super::{entry::Entry, error::PlanError, packed::Packed, plan::Plan};
use crate::recipe::{
    blocks::BlocksError,
    recipe::{Parameter, Recipe, Skip},
    rule::{Init, Rule},
};

impl Recipe {
    /// Gives each parameter the first rule that matches it, and resolves that rule for its shape.
    ///
    /// Where the recipe names none, the seed is 0, the layout is PyTorch's, and the dtype is the
    /// parameter's own or f32. Takes O(parameters × rules) matches.
    ///
    /// # Errors
    ///
    /// Returns [`PlanError`], which names the parameter or the rule, if there are no parameters, a
    /// name is reserved or given twice, no rule matches a parameter, a rule initialises nothing, an
    /// initializer does not fit the shape or the dtype, or the model has more than 2⁶³ bytes.
    pub fn plan(&self) -> Result<Plan, PlanError> {
        let kept = self.kept()?;
        let mut names = HashSet::new();
        let mut taken = vec![0usize; self.rules.len()];
        let mut entries = Vec::with_capacity(kept.len());
        let mut bytes = 0u64;
        for &parameter in &kept {
            let Parameter { name, shape, .. } = parameter;
            if name.is_empty() || name == "__metadata__" {
                return Err(PlanError::Name { location: parameter.location.clone(), name: name.clone() });
            }
            if !names.insert(name.as_str()) {
                return Err(PlanError::Duplicate { location: parameter.location.clone(), name: name.clone() });
            }
            let index = self.rules.iter().position(|rule| rule.matches(name)).ok_or_else(|| {
                PlanError::UnmatchedParameter { location: parameter.location.clone(), name: name.clone() }
            })?;
            taken[index] += 1;
            let entry = self.entry(parameter, &self.rules[index])?;

            bytes = (shape.numel().checked_mul(entry.dtype.size() as u64))
                .and_then(|more| bytes.checked_add(more))
                .filter(|&all| i64::try_from(all).is_ok())
                .ok_or_else(|| PlanError::TooLarge { location: parameter.location.clone(), name: name.clone() })?;
            entries.push(entry);
        }

        check_blocks(&entries, &kept)?;
        match (taken.iter().zip(&self.rules)).position(|(&count, rule)| count == 0 && !rule.optional) {
            None => Ok(Plan::new(self.seed.unwrap_or(0), self.family.clone(), entries, self.multipliers.clone())),
            Some(unused) => Err(self.unused(&self.rules[unused])),
        }
    }

    /// Returns the parameters that are not skipped.
    fn kept(&self) -> Result<Vec<&Parameter>, PlanError> {
        let mut taken = vec![false; self.skip.len()];
        let kept = self.parameters.iter().filter(|parameter| {
            let by = self.skip.iter().position(|skip| skip.pattern.matches(&parameter.name));
            by.map(|index| taken[index] = true).is_none()
        });
        let kept: Vec<_> = kept.collect();
        if let Some(unmatched) = taken.iter().position(|&taken| !taken) {
            let Skip { pattern, location } = &self.skip[unmatched];
            return Err(PlanError::UnmatchedSkip { location: location.clone(), pattern: pattern.as_str().to_owned() });
        }
        if kept.is_empty() { Err(PlanError::Empty { location: self.location.clone() }) } else { Ok(kept) }
    }

    fn entry(&self, parameter: &Parameter, rule: &Rule) -> Result<Entry, PlanError> {
        let Parameter { name, shape, .. } = parameter;
        if shape.numel() == 0 {
            return Err(PlanError::ZeroSized {
                location: parameter.location.clone(),
                name: name.clone(),
                shape: shape.clone(),
            });
        }
        let given = rule.layout.as_ref().or(self.layout.as_ref()).cloned().unwrap_or_default();
        let dtype = rule.dtype.or(self.dtype).or(parameter.dtype).unwrap_or(DType::F32);
        let unpacked = |source: BlocksError| PlanError::Blocks {
            location: rule.location.clone(),
            name: name.clone(),
            source: Box::new(source),
        };
        let unresolved = |source| PlanError::Resolve {
            location: rule.location.clone(),
            name: name.clone(),
            source: Box::new(source),
        };

        let layout = match &rule.blocks {
            None => given.clone(),
            Some(blocks) => blocks.layout(&given).map_err(unpacked)?,
        };
        let (scheme, Parametrization { initializer, multipliers }) = match &rule.init {
            Init::Initializer(initializer) => (None, initializer.clone().into()),
            Init::Scheme(scheme) => (Some(scheme.clone()), scheme.parametrization(shape, &layout).map_err(unresolved)?),
        };
        let packed = match (&rule.blocks, &layout) {
            (Some(blocks), Layout::Packed { axis, .. }) => {
                blocks.separate(name).map_err(unpacked)?.map(|names| Packed::new(names, shape, *axis))
            }
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
            Resolved::Distribution(distribution) => distribution.scaled(rule.scale).into(),
            structured => {
                let (location, name) = (rule.location.clone(), name.clone());
                return Err(PlanError::Scale { location, name, structure: structured.name() });
            }
        };
        check_dtype(dtype, &resolved).map_err(|source| PlanError::DType {
            location: rule.location.clone(),
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

    /// Returns why a rule initialises nothing: it matches no name, or only names that earlier rules
    /// match.
    fn unused(&self, rule: &Rule) -> PlanError {
        let first = self.parameters.iter().find(|parameter| rule.matches(&parameter.name));
        let by = first.and_then(|parameter| self.rules.iter().find(|earlier| earlier.matches(&parameter.name)));
        match (first, by) {
            (Some(parameter), Some(earlier)) => PlanError::Shadowed {
                location: rule.location.clone(),
                pattern: rule.pattern().to_owned(),
                name: parameter.name.clone(),
                earlier: earlier.pattern().to_owned(),
            },
            _ => PlanError::UnmatchedRule { location: rule.location.clone(), pattern: rule.pattern().to_owned() },
        }
    }
}

/// Checks that no two parameters or blocks have one name, which would give them the same values.
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
            return Err(PlanError::Blocks { location: parameter.location.clone(), name: entry.name.clone(), source });
        }
    }
    Ok(())
}
