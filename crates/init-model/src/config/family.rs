//! The families of published models: one TOML file each, embedded or given by a person.

use std::{collections::BTreeSet, fmt, path::Path, sync::LazyLock};

use init_core::DType;
use minijinja::Value as Computed;
use serde_json::{Map, Value as Json};
use toml::de::DeTable;

use super::{
    declaration::{Declaration, DeclarationError, architecture},
    error::ConfigProblem,
};
use crate::recipe::{
    error::{RecipeError, RecipeProblem},
    expression::Fields,
    location::Location,
    reader::{Reader, Value, read_text},
    recipe::Recipe,
    rows::Expansion,
};

mod files {
    include!(concat!(env!("OUT_DIR"), "/families.rs"));

    pub(super) fn all() -> &'static [(&'static str, &'static str)] {
        &FILES
    }
}

/// The keys of a family file.
const KEYS: [&str; 10] = [
    "model_type",
    "title",
    "initialisation",
    "extends",
    "architectures",
    "layout",
    "[fields]",
    "[derived]",
    "[[parameters]]",
    "[[rule]]",
];

/// The longest chain of `extends`.
const MAX_CHAIN: usize = 8;

/// Names that different families give to one size. A configuration with another family's name in
/// place of this family's own is a mistake, and not a model of the default size.
const SYNONYMS: [&[&str]; 4] = [
    &["hidden_size", "n_embd", "d_model", "dim", "hidden_dim", "model_dim"],
    &["num_hidden_layers", "n_layer", "n_layers", "num_layers", "encoder_layers"],
    &["num_attention_heads", "n_head", "n_heads", "num_heads", "encoder_attention_heads"],
    &["intermediate_size", "n_inner", "d_ff", "ffn_dim", "ffn_hidden_size", "encoder_ffn_dim"],
];

/// A family of published models: the parameters and the initial values of a configuration.
///
/// `docs/families.md` describes its file. The embedded ones are [`families`].
#[derive(Clone)]
pub struct Family {
    /// Its name in `model_type`.
    pub name: String,
    /// The name for people, such as in a table.
    pub title: String,
    /// Its initial values; s is `initializer_range`.
    pub initialisation: String,
    /// The names in `architectures`; the first is the default.
    pub architectures: Vec<String>,
    /// The family's own file, and those that it extends.
    sources: Vec<Source>,
}

#[derive(Clone)]
struct Source {
    text: String,
    location: Location,
}

impl fmt::Debug for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Family").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The families that [`Config`](crate::Config) knows, in the order of their names.
pub fn families() -> &'static [Family] {
    static FAMILIES: LazyLock<Vec<Family>> = LazyLock::new(|| {
        let family = |&(name, text): &(&str, &str)| {
            Family::parse(text, &format!("families/{name}.toml")).expect("the tests read every family")
        };
        files::all().iter().map(family).collect()
    });
    &FAMILIES
}

/// Returns the names of all families.
pub(super) fn names() -> Vec<String> {
    files::all().iter().map(|(name, _)| (*name).to_owned()).collect()
}

impl Family {
    /// Returns the family of a `model_type`, if it is embedded.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        let (_, text) = files::all().iter().find(|(known, _)| *known == name)?;
        Some(Self::parse(text, &format!("families/{name}.toml")).expect("the tests read every family"))
    }

    /// Reads a family from a file.
    ///
    /// # Errors
    ///
    /// Returns [`RecipeError`], which names the line, if the file cannot be read or is not a family.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, RecipeError> {
        let origin = path.as_ref().display().to_string();
        let text = read_text(path.as_ref(), &origin)?;
        Self::parse(&text, &origin)
    }

    /// Reads a family from its text; `origin` is its name in error messages.
    ///
    /// # Errors
    ///
    /// Returns [`RecipeError`], which names the line, if the text is not a family.
    pub fn parse(text: &str, origin: &str) -> Result<Self, RecipeError> {
        let mut family = Self {
            name: String::new(),
            title: String::new(),
            initialisation: String::new(),
            architectures: Vec::new(),
            sources: Vec::new(),
        };
        let mut next = Some(Source { text: text.to_owned(), location: Location::of(origin) });
        while let Some(source) = next {
            next = family.head(&source)?;
            family.sources.push(source);
        }
        for source in &family.sources {
            let reader = Reader::new(&source.text, source.location.clone());
            // Once without a configuration, so that a mistake is not first seen with one.
            for (name, value) in fields(&reader, &reader.document()?)? {
                Declaration::read(&reader, &name, &value)?;
            }
        }
        if family.name.is_empty() {
            let source = &family.sources[0];
            let problem = RecipeProblem::Family { key: "model_type" };
            return Err(RecipeError { location: source.location.clone(), problem });
        }
        Ok(family)
    }

    /// Reads what a file says about the family, and returns the file that it extends.
    fn head(&mut self, source: &Source) -> Result<Option<Source>, RecipeError> {
        let reader = Reader::new(&source.text, source.location.clone());
        let mut extends = None;
        for (key, value) in &reader.document()? {
            let word = key.get_ref().as_ref();
            let own = |text: &mut String| -> Result<(), RecipeError> {
                let found = reader.string(word, value)?;
                if text.is_empty() {
                    found.clone_into(text);
                }
                Ok(())
            };
            match word {
                "model_type" => own(&mut self.name)?,
                "title" => own(&mut self.title)?,
                "initialisation" => own(&mut self.initialisation)?,
                "architectures" if self.architectures.is_empty() => {
                    let kind = "a list of architectures such as [\"LlamaForCausalLM\"]";
                    let list = value.get_ref().as_array().ok_or_else(|| reader.wrong(word, kind, value))?;
                    let list = list.iter().map(|name| reader.string(word, name).map(str::to_owned));
                    self.architectures = list.collect::<Result<_, _>>()?;
                }
                "extends" => {
                    let name = reader.string(word, value)?;
                    let file = files::all().iter().find(|(known, _)| *known == name);
                    let too_long = self.sources.len() >= MAX_CHAIN;
                    let Some((name, text)) = file.filter(|_| !too_long) else {
                        return Err(reader.wrong(word, "the name of an embedded family", value));
                    };
                    let location = Location::of(&format!("families/{name}.toml"));
                    extends = Some(Source { text: (*text).to_owned(), location });
                }
                "architectures" | "layout" | "fields" | "derived" | "parameters" | "rule" => {}
                _ => return Err(reader.unknown_key(key, "family", &KEYS)),
            }
        }
        Ok(extends)
    }

    /// Returns the recipe of a configuration, and the number of elements of its buffers.
    pub(super) fn recipe(
        &self,
        object: &Map<String, Json>,
        dtype: Option<DType>,
        location: &Location,
    ) -> Result<(Recipe, u64), ConfigProblem> {
        let readers = self.sources.iter().map(|source| Reader::new(&source.text, source.location.clone()));
        let mut readers: Vec<Reader<'_>> = readers.collect();
        let documents = readers.iter().map(Reader::document).collect::<Result<Vec<_>, _>>()?;
        self.set_fields(&mut readers, &documents, object)?;

        let mut variables = Vec::new();
        let owner = documents.iter().position(|document| find(document, "parameters").is_some());
        for (reader, document) in readers.iter_mut().zip(&documents) {
            if let Some(value) = find(document, "parameters") {
                reader.add_variables(value);
                variables.append(&mut reader.variables);
            }
        }
        for reader in &mut readers {
            reader.variables.clone_from(&variables);
        }

        let mut layout = None;
        for (reader, document) in readers.iter().zip(&documents) {
            if let (None, Some(value)) = (&layout, find(document, "layout")) {
                layout = Some(reader.layout(value)?);
            }
        }
        let mut expansion = Expansion::new(layout.as_ref(), Some(location));
        if let Some(index) = owner
            && let Some(value) = find(&documents[index], "parameters")
        {
            let rows = readers[index].rows(value)?;
            expansion.add(&rows, &readers[index].scope)?;
        }
        let mut rules = Vec::new();
        for (reader, document) in readers.iter().zip(&documents) {
            if let Some(value) = find(document, "rule") {
                rules.extend(reader.rules(value)?);
            }
        }
        // A family's rules are for all its architectures.
        rules.iter_mut().for_each(|rule| rule.optional = true);

        // The numbers that formulas of a recipe's rules may use.
        let mut numbers: Fields =
            object.iter().filter_map(|(name, value)| Some((name.clone(), value.as_f64()?))).collect();
        numbers.extend(readers[0].fields.iter().map(|(name, &number)| (name.clone(), number)));
        let recipe = Recipe {
            seed: None,
            dtype,
            layout,
            parameters: expansion.parameters,
            over: Vec::new(),
            rules,
            skip: Vec::new(),
            multipliers: Fields::new(),
            fields: numbers,
            family: Some(self.name.clone()),
            location: location.clone(),
        };
        Ok((recipe, expansion.buffers))
    }

    /// Sets the fields and the derived fields in every reader. Those of a file come in place of the
    /// fields of the same name of the file that it extends.
    fn set_fields(
        &self,
        readers: &mut [Reader<'_>],
        documents: &[DeTable<'_>],
        object: &Map<String, Json>,
    ) -> Result<(), ConfigProblem> {
        let mut declared: Vec<(Declaration, Location)> = Vec::new();
        for (reader, document) in readers.iter().zip(documents).rev() {
            for (name, value) in fields(reader, document)? {
                let declaration = Declaration::read(reader, &name, &value)?;
                let location = reader.location_of(value.span());
                match declared.iter_mut().find(|(earlier, _)| earlier.name == name) {
                    Some(earlier) => *earlier = (declaration, location),
                    None => declared.push((declaration, location)),
                }
            }
        }
        check_synonyms(&declared, object, &self.name)?;

        let set = |readers: &mut [Reader<'_>], name: &str, value: &Computed| {
            readers.iter_mut().for_each(|reader| reader.set(name, value.clone()));
        };
        let architecture = architecture(object, &self.architectures)?;
        set(readers, "architecture", &Computed::from(architecture));
        for (declaration, location) in &declared {
            let value = declaration.value(object, &readers[0].scope).map_err(|error| match error {
                DeclarationError::Config(problem) => problem,
                DeclarationError::Formula(key, error) => {
                    let problem = RecipeProblem::Formula { key: format!("{}.{key}", declaration.name), error };
                    RecipeError { location: location.clone(), problem }.into()
                }
            })?;
            set(readers, &declaration.name, &value);
        }

        let mut derived: Vec<(String, usize)> = Vec::new();
        for (index, (reader, document)) in readers.iter().zip(documents).enumerate().rev() {
            let Some(value) = find(document, "derived") else { continue };
            for (name, _) in reader.derived_fields(value)? {
                match derived.iter_mut().find(|(earlier, _)| earlier == name) {
                    Some(earlier) => earlier.1 = index,
                    None => derived.push((name.to_owned(), index)),
                }
            }
        }
        for (name, index) in derived {
            let Some(value) =
                find(&documents[index], "derived").and_then(|table| find(table.get_ref().as_table()?, &name))
            else {
                continue;
            };
            let computed = readers[index].derived(&name, value)?;
            set(readers, &name, &computed);
        }
        Ok(())
    }
}

/// Returns the declared fields of a file, with their values.
fn fields<'d, 't>(reader: &Reader<'_>, document: &'d DeTable<'t>) -> Result<Vec<(String, &'d Value<'t>)>, RecipeError> {
    let Some(value) = find(document, "fields") else { return Ok(Vec::new()) };
    let table = (value.get_ref().as_table()).ok_or_else(|| reader.wrong("fields", "a table [fields]", value))?;
    Ok(table.iter().map(|(key, value)| (key.get_ref().clone().into_owned(), value)).collect())
}

fn find<'d, 't>(document: &'d DeTable<'t>, name: &str) -> Option<&'d Value<'t>> {
    document.iter().find(|(key, _)| key.get_ref() == name).map(|(_, value)| value)
}

/// Refuses a configuration that has another family's name of a size in place of this family's own.
fn check_synonyms(
    declared: &[(Declaration, Location)],
    object: &Map<String, Json>,
    family: &str,
) -> Result<(), ConfigProblem> {
    let known: BTreeSet<&str> = declared
        .iter()
        .flat_map(|(field, _)| std::iter::once(&field.name).chain(&field.aliases))
        .map(String::as_str)
        .collect();
    for synonyms in SYNONYMS {
        let own = declared.iter().find(|(field, _)| field.is_size() && synonyms.contains(&field.name.as_str()));
        let Some((own, _)) = own.filter(|(own, _)| !own.is_in(object)) else { continue };
        let other =
            synonyms.iter().find(|name| !known.contains(**name) && object.get(**name).is_some_and(Json::is_u64));
        if let Some(&other) = other {
            let (family, field) = (family.to_owned(), own.name.clone());
            return Err(ConfigProblem::Synonym { family, field, found: other.to_owned() });
        }
    }
    Ok(())
}

/// Returns the family whose architectures have this one.
pub(super) fn of_architecture(architecture: &str) -> Option<Family> {
    families().iter().find(|family| family.architectures.iter().any(|known| known == architecture)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_is_read_and_has_its_file_s_name() {
        for (family, (name, _)) in families().iter().zip(files::all()) {
            assert_eq!(family.name, *name);
            assert!(!family.title.is_empty() && !family.initialisation.is_empty(), "{name}");
        }
    }
}
