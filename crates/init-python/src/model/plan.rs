//! `Plan`: the values of each parameter of a model.

use std::collections::HashMap;

use fanin::{
    DType, Filler, bf16, f16,
    init_kernels::{Element, FloatEnv},
    model::{
        Writer,
        plan::{Split, SplitError},
        recipe::Pattern,
    },
};
use pyo3::{
    exceptions::PyKeyError,
    prelude::*,
    types::{PyDict, PyIterator, PyList, PyMapping, PyTuple},
};

use super::{entry::Entry, overrides::overridden, size::read_size, source, watched::watched};
use crate::{
    arguments::Natural,
    array,
    destination::Destination,
    error,
    fill::{Request, read_threads},
    shard::Shard,
    stream::Stream,
};

/// A plan: the values of each parameter of a model, and the seed.
///
/// A read-only mapping from the parameters' names to their :class:`Entry`. A plan can always be filled: shapes,
/// initializers and dtypes have been checked against each other. Made by :meth:`Recipe.plan` and :func:`plan`.
///
/// Examples
/// --------
/// >>> import fanin
/// >>> plan = fanin.plan(preset="gpt2", seed=42)
/// >>> len(plan), plan.elements, plan["wte.weight"].distribution.text
/// (148, 124439808, 'normal(mean=0, std=0.02)')
#[pyclass(frozen, mapping, module = "fanin")]
#[derive(Debug)]
pub(crate) struct Plan {
    recipe: fanin::model::Recipe,
    plan: fanin::model::Plan,
    index: HashMap<String, usize>,
    rank: Option<Rank>,
}

/// The rank whose part of the model a plan has.
#[derive(Clone, Debug)]
struct Rank {
    splits: Vec<Split>,
    rank: usize,
    world: usize,
}

impl Plan {
    /// Makes the plan of a recipe.
    pub(crate) fn of(recipe: fanin::model::Recipe) -> PyResult<Self> {
        Self::of_rank(recipe, None)
    }

    fn of_rank(recipe: fanin::model::Recipe, rank: Option<Rank>) -> PyResult<Self> {
        let mut plan = FloatEnv::run(|| recipe.plan()).map_err(error::value)?;
        if let Some(Rank { splits, rank, world }) = &rank {
            plan = plan.for_rank(splits, *rank, *world).map_err(error::value)?;
        }
        let names = plan.entries().iter().enumerate().map(|(index, entry)| (entry.name.clone(), index));
        let index = names.collect();
        Ok(Self { recipe, plan, index, rank })
    }

    /// Returns the library's plan.
    pub(crate) fn plan(&self) -> &fanin::model::Plan {
        &self.plan
    }

    /// Returns this plan with another seed or dtype.
    fn changed(&self, seed: Option<&Bound<'_, PyAny>>, dtype: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        Self::of_rank(overridden(self.recipe.clone(), seed, dtype, None)?, self.rank.clone())
    }

    fn find(&self, name: &str) -> PyResult<&fanin::model::Entry> {
        let index = self.index.get(name).ok_or_else(|| PyKeyError::new_err(name.to_owned()))?;
        Ok(&self.plan.entries()[*index])
    }

    fn wrapped(&self, entry: &fanin::model::Entry) -> Entry {
        let rule = self.recipe.rules.iter().find(|rule| rule.matches(&entry.name));
        let layout = rule.and_then(|rule| rule.layout.as_ref()).or(self.recipe.layout.as_ref());
        let layout = layout.cloned().unwrap_or_default().to_string();
        Entry { entry: entry.clone(), layout }
    }
}

#[pymethods]
impl Plan {
    fn __len__(&self) -> usize {
        self.plan.entries().len()
    }

    fn __contains__(&self, name: &Bound<'_, PyAny>) -> bool {
        name.extract::<&str>().is_ok_and(|name| self.index.contains_key(name))
    }

    fn __getitem__(&self, name: &str) -> PyResult<Entry> {
        Ok(self.wrapped(self.find(name)?))
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        self.keys(py)?.try_iter()
    }

    /// Return the names of the parameters, in the order of the recipe.
    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.plan.entries().iter().map(|entry| entry.name.as_str()))
    }

    /// Return the entries of the parameters, in the order of the recipe.
    fn values(&self) -> Vec<Entry> {
        self.plan.entries().iter().map(|entry| self.wrapped(entry)).collect()
    }

    /// Return pairs of a name and an entry, in the order of the recipe.
    fn items(&self) -> Vec<(&str, Entry)> {
        self.plan.entries().iter().map(|entry| (entry.name.as_str(), self.wrapped(entry))).collect()
    }

    /// Return the entry of a parameter, or ``default`` if there is none of this name.
    #[pyo3(signature = (key, default=None, /))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        key: &str,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        match self.find(key) {
            Ok(entry) => Ok(Some(Bound::new(py, self.wrapped(entry))?.into_any())),
            Err(_) => Ok(default),
        }
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().plan == self.plan)
    }

    /// The digest of names, shapes, dtypes and distributions, without the seed.
    ///
    /// Plans of equal digest and seed give the same values.
    #[getter]
    fn digest(&self) -> String {
        self.plan.digest()
    }

    /// The seed of every stream.
    #[getter]
    fn seed(&self) -> u64 {
        self.plan.seed()
    }

    /// The family of a published model, such as ``"llama"``, or ``None``.
    #[getter]
    fn family(&self) -> Option<&str> {
        self.plan.family()
    }

    /// The number of values of all parameters together.
    #[getter]
    fn elements(&self) -> u64 {
        self.plan.elements()
    }

    /// The size of all values together, in bytes.
    #[getter]
    fn nbytes(&self) -> u64 {
        self.plan.bytes()
    }

    /// The multipliers of the model as a whole, for training, by name.
    #[getter]
    fn multipliers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let multipliers = PyDict::new(py);
        for (name, value) in self.plan.multipliers() {
            multipliers.set_item(name, value)?;
        }
        Ok(multipliers)
    }

    /// Return the stream of a parameter: ``Stream(plan.seed).child(name)``.
    fn stream(&self, name: &str) -> PyResult<Stream> {
        Ok(Stream(self.plan.stream(self.find(name)?)))
    }

    /// Return the plan with another seed.
    ///
    /// Parameters
    /// ----------
    /// seed : int
    ///
    /// Returns
    /// -------
    /// Plan
    fn with_seed(&self, seed: &Bound<'_, PyAny>) -> PyResult<Self> {
        self.changed(Some(seed), None)
    }

    /// Return the plan with another dtype for all parameters for which no rule names one.
    ///
    /// Parameters
    /// ----------
    /// dtype : str or dtype
    ///
    /// Returns
    /// -------
    /// Plan
    fn with_dtype(&self, dtype: &Bound<'_, PyAny>) -> PyResult<Self> {
        self.changed(None, Some(dtype))
    }

    /// Return the plan of one rank, which has a part of each parameter that a split matches.
    ///
    /// Parameters
    /// ----------
    /// splits : mapping from str to int
    ///     From globs to the axis along which matching parameters are divided into ``world`` equal parts. The
    ///     first that matches applies; parameters that none matches stay whole on every rank.
    /// rank, world : int
    ///
    /// Returns
    /// -------
    /// Plan
    ///
    /// Raises
    /// ------
    /// ValueError
    ///     If ``rank`` is not below ``world``, a glob matches nothing, or an axis is not a multiple of ``world``.
    ///
    /// Examples
    /// --------
    /// >>> import fanin
    /// >>> plan = fanin.Recipe.of({"w": (8, 4)}, {"w": "xavier_uniform"}).plan()
    /// >>> plan.for_rank({"*": 0}, rank=1, world=2)["w"].shape
    /// (4, 4)
    fn for_rank(&self, splits: &Bound<'_, PyMapping>, rank: Natural, world: Natural) -> PyResult<Self> {
        let (rank, world) = (rank.size(), world.size());
        if self.rank.is_some() {
            return Err(error::value(SplitError::Twice));
        }
        let split = |item: Bound<'_, PyAny>| {
            let (glob, axis): (String, isize) = item.extract()?;
            Ok(Split { pattern: Pattern::glob(&glob).map_err(error::value)?, axis })
        };
        let splits = splits.items()?.iter().map(split).collect::<PyResult<_>>()?;
        Self::of_rank(self.recipe.clone(), Some(Rank { splits, rank, world }))
    }

    /// Fill an array with the values of a parameter, in the element type of the array.
    ///
    /// Parameters
    /// ----------
    /// name : str
    /// out : array
    ///     A writable array of the parameter's shape, or of the shard's: as for :func:`fanin.fill`.
    /// shard : Shard, optional
    ///     The part of the parameter that ``out`` is.
    /// threads : int, optional
    ///     Maximum number of threads of this call.
    ///
    /// Returns
    /// -------
    /// array
    ///     ``out``.
    ///
    /// Raises
    /// ------
    /// KeyError
    ///     If the plan has no parameter of this name.
    /// ValueError, TypeError
    ///     If the array does not fit; nothing is written then.
    ///
    /// Examples
    /// --------
    /// >>> import array, fanin
    /// >>> plan = fanin.Recipe.of({"b": (4,)}, {"b": "ones"}).plan()
    /// >>> plan.fill("b", array.array("f", bytes(16))).tolist()
    /// [1.0, 1.0, 1.0, 1.0]
    #[pyo3(signature = (name, out, *, shard=None, threads=None))]
    fn fill<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        out: Bound<'py, PyAny>,
        shard: Option<PyRef<'py, Shard>>,
        threads: Option<Natural>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let entry = self.find(name)?;
        let array = array::open(&out)?;
        let whole = entry.shape.dims();
        let expected = shard.as_ref().map_or_else(|| whole.to_vec(), |shard| shard.shape());
        if shard.as_ref().is_some_and(|shard| shard.whole() != whole) || array.destination.shape() != expected {
            let given =
                shard.as_ref().map_or_else(String::new, |shard| format!(" with a shard of {:?}", shard.whole()));
            return Err(error::value(format!(
                "parameter {name:?} has the shape {whole:?}, got an array of shape {:?}{given}",
                array.destination.shape()
            )));
        }
        let filler = Filler::new().threads(read_threads(threads)?);
        if entry.packed.is_none() && entry.part.is_none() {
            let (resolved, stream) = (entry.resolved.clone(), self.plan.stream(entry));
            Request::of(resolved, stream, shard.as_deref(), filler, whole.to_vec()).fill(py, &array.destination)?;
            return Ok(out);
        }
        let (plan, destination, shard) = (&self.plan, &array.destination, shard.as_deref());
        py.detach(|| match destination.dtype() {
            DType::F32 => fill_pieces::<f32>(plan, entry, destination, shard, filler),
            DType::F64 => fill_pieces::<f64>(plan, entry, destination, shard, filler),
            DType::Bf16 => fill_pieces::<bf16>(plan, entry, destination, shard, filler),
            DType::F16 => fill_pieces::<f16>(plan, entry, destination, shard, filler),
        })
        .map_err(error::value)?;
        Ok(out)
    }

    /// Write the values to a model file, on all threads and in little memory.
    ///
    /// The extension selects the format: ``.safetensors``, ``.npy``, ``.npz`` or ``.gguf``. The path names either
    /// the earlier file or the complete new one, whatever happens. Ctrl-C ends the call with `KeyboardInterrupt`.
    ///
    /// Parameters
    /// ----------
    /// path : str or os.PathLike
    /// seed : int, optional
    ///     Stands above the plan's.
    /// dtype : str or dtype, optional
    ///     Of all parameters for which no rule names one.
    /// shard_size : int or str, optional
    ///     Divide the model into files of at most this size, with an index: ``5_000_000_000`` or ``"5GB"``.
    /// resume : bool, default False
    ///     Resume what an interrupted call has left, and leave what there is if this one is interrupted.
    /// replace : bool, default False
    ///     Replace an earlier file of this name.
    /// sync : bool, default True
    ///     Wait until the disk has the bytes.
    ///
    /// Returns
    /// -------
    /// list of str
    ///     The paths of the files.
    ///
    /// Raises
    /// ------
    /// FileExistsError
    ///     If there is a file of this name and ``replace`` is False.
    /// OSError
    ///     If the system refuses to write.
    /// ValueError
    ///     If the extension is unknown or the format cannot represent the plan.
    #[pyo3(signature = (path, *, seed=None, dtype=None, shard_size=None, resume=false, replace=false, sync=true))]
    #[expect(clippy::too_many_arguments, reason = "a Python signature")]
    fn write(
        &self,
        py: Python<'_>,
        path: &Bound<'_, PyAny>,
        seed: Option<&Bound<'_, PyAny>>,
        dtype: Option<&Bound<'_, PyAny>>,
        shard_size: Option<&Bound<'_, PyAny>>,
        resume: bool,
        replace: bool,
        sync: bool,
    ) -> PyResult<Vec<String>> {
        let path = source::path(path, "path")?;
        let changed = if seed.is_some() || dtype.is_some() { Some(self.changed(seed, dtype)?) } else { None };
        let plan = changed.as_ref().map_or(&self.plan, |changed| &changed.plan);
        let mut writer = Writer::new().resume(resume).replace(replace).sync(sync);
        if let Some(size) = shard_size {
            writer = writer.shard_bytes(read_size(size)?);
        }
        let written = watched(py, |progress| writer.write(&path, plan, progress))?.map_err(error::of_file)?;
        Ok(written.files.iter().map(|file| file.to_string_lossy().into_owned()).collect())
    }

    /// Return a dict for each parameter: rows of a table, as ``pandas.DataFrame(plan.rows())`` takes them.
    fn rows<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        self.values().iter().map(|entry| entry.to_dict(py)).collect()
    }

    /// Return the plan as a dict of plain values, with its rows under ``"parameters"``.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = PyDict::new(py);
        all.set_item("seed", self.seed())?;
        all.set_item("digest", self.digest())?;
        all.set_item("family", self.family())?;
        all.set_item("elements", self.elements())?;
        all.set_item("nbytes", self.nbytes())?;
        all.set_item("parameters", self.rows(py)?)?;
        Ok(all)
    }

    fn __repr__(&self) -> String {
        let (tensors, elements, seed) = (self.__len__(), self.elements(), self.seed());
        format!("<Plan: {elements} values in {tensors} tensors, seed {seed}, digest {}>", self.digest())
    }
}

/// Fills a destination with a packed parameter or a rank's part, whose values come from several ranges.
fn fill_pieces<T: Element + Default>(
    plan: &fanin::model::Plan,
    entry: &fanin::model::Entry,
    destination: &Destination,
    shard: Option<&Shard>,
    filler: Filler,
) -> Result<(), fanin::FillError> {
    let pieces = shard.map(Shard::pieces);
    destination.fill_by::<T>(pieces.as_deref(), |values, box_| plan.fill_shard(values, box_, entry, filler))
}

/// Returns the indices of a flat index of a shape.
pub(crate) fn indices<'py>(py: Python<'py>, mut flat: u64, shape: &[usize]) -> PyResult<Bound<'py, PyTuple>> {
    let mut indices = vec![0; shape.len()];
    for (index, &size) in indices.iter_mut().zip(shape).rev() {
        *index = flat % size as u64;
        flat /= size as u64;
    }
    PyTuple::new(py, indices)
}
