//! The extension module `fanin._fanin`: types in, types out; the work is done by the crate `fanin`.

use pyo3::prelude::*;

mod arguments;
mod array;
mod bits;
mod destination;
mod dtype;
mod error;
mod fill;
mod initializer;
mod model;
mod resolve;
mod resolved;
mod shard;
mod stream;
mod table;
mod threads;

/// Initial weights of neural networks, with the same bits on every machine.
#[pymodule(gil_used = false)]
mod _fanin {
    use pyo3::{prelude::*, types::PyMapping};

    #[pymodule_export]
    use crate::{
        bits::RawBits,
        dtype::dtype_name,
        fill::{fill, fill_address, fill_range},
        initializer::Initializer,
        model::{
            arrays::verify_arrays,
            diff::diff_files,
            entry::Entry,
            inspect::inspect_file,
            make::{make_recipe, presets},
            plan::Plan,
            recipe::Recipe,
            verify::{file_seed, verify_file},
        },
        resolve::resolve,
        resolved::{Resolved, fans, gain},
        shard::Shard,
        stream::Stream,
        table::initializer_table,
        threads::{get_num_threads, info, set_num_threads},
    };

    /// Makes plans instances of `collections.abc.Mapping`.
    #[pymodule_init]
    fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
        PyMapping::register::<Plan>(module.py())
    }

    #[pymodule_export]
    const VALUE_FORMAT: u32 = fanin::VALUE_FORMAT;

    #[pymodule_export]
    #[allow(non_upper_case_globals, reason = "Python's name of a version")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
