//! Plans: the parameters of a whole model, from a recipe, a configuration or a preset in memory.

use std::{
    ffi::{CString, c_char, c_void},
    fmt::Display,
    mem::MaybeUninit,
    ptr, slice,
};

use init_core::{DType, Layout};
use init_kernels::{Element, Filler, Shard};
use init_model::{Config, Entry, Recipe, preset};

use crate::{
    choice::{self, DtypeArg, PlanSource, PlanSourceArg, by_dtype},
    error::{Error, Failure},
    guard::{self, guard},
    memory::{aligned, destination, numbers, put, put_text, text},
    options::{self, LARGEST, Options},
    resolution::Fans,
    scheme::Multipliers,
    status::{Status, StatusArg},
};

/// Options of `fanin_plan_open`: what the command line's options of the same names override.
///
/// Start from `fanin_plan_options_default` and change its fields. NULL means the defaults.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct PlanOptions {
    /// `sizeof(fanin_plan_options)`, which tells the library the caller's version. Options of a
    /// later version are refused if they set a field that this version does not know.
    pub struct_size: usize,
    /// The seed of every stream, if `has_seed` is 1.
    pub seed: u64,
    /// 1 if `seed` is given; 0 takes the seed of the recipe, or 0.
    pub has_seed: u32,
    /// The dtype of every parameter for which no rule names one; 0 takes the model's own, or f32.
    pub dtype: DtypeArg,
    /// The layout of shapes, as text, for rules that name none; NULL takes the model's own, or
    /// `torch`.
    pub layout: *const c_char,
    /// For a configuration: a recipe without [parameters] whose rules replace the published
    /// initialisation; its formulas may use the fields of the configuration. NULL for none.
    pub rules: *const c_char,
}

impl PlanOptions {
    const DEFAULT: Self = Self {
        struct_size: size_of::<Self>(),
        seed: 0,
        has_seed: 0,
        dtype: 0,
        layout: ptr::null(),
        rules: ptr::null(),
    };

    /// Copies the caller's options; fields that the caller's version does not have are the
    /// defaults.
    ///
    /// # Safety
    ///
    /// `options` is NULL or has as many bytes as its `struct_size` says.
    unsafe fn read(options: *const Self) -> Result<Self, Failure> {
        let mut known = Self::DEFAULT;
        if options.is_null() {
            return Ok(known);
        }
        if !aligned(options) {
            let message = format!("`options` is at {options:p}, which is not aligned; pass a fanin_plan_options");
            return Err(Failure::new(Status::Misaligned, message));
        }
        let invalid = |message: String| Err(Failure::new(Status::InvalidOptions, message));
        // SAFETY: every version's options begin with their size.
        let size = unsafe { options.cast::<usize>().read() };
        let whole = size_of::<Self>();
        if !(size_of::<usize>()..=LARGEST).contains(&size) {
            return invalid(format!(
                "`struct_size` of the options is {size}; start from fanin_plan_options_default(), which sets it to \
                 {whole}"
            ));
        }
        // SAFETY: the caller guarantees that many readable bytes.
        let given = unsafe { slice::from_raw_parts(options.cast::<u8>(), size) };
        if given.iter().skip(whole).any(|&byte| byte != 0) {
            return invalid(format!(
                "the options have {size} bytes and set a field that this version, with {whole} bytes, does not know; \
                 use a newer library or only the first {whole} bytes"
            ));
        }
        macro_rules! copy {
            ($($field:ident),+) => {
                $(if std::mem::offset_of!(Self, $field) + size_of_val(&known.$field) <= size {
                    // SAFETY: the field is inside the bytes that the caller guarantees, and aligned.
                    known.$field = unsafe { (&raw const (*options).$field).read() };
                })+
            };
        }
        copy!(seed, has_seed, dtype, layout, rules);
        if known.has_seed > 1 {
            return invalid(format!("`has_seed` of the options must be 0 or 1, got {}", known.has_seed));
        }
        Ok(known)
    }
}

/// Returns the default options, those of NULL: the model's own seed, dtype, layout and rules.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_plan_options_default() -> PlanOptions {
    PlanOptions::DEFAULT
}

/// A plan: the names, shapes, dtypes and values of the parameters of a whole model, and the seed.
///
/// The values are those of the file that the program `fanin` writes, bit for bit. Created by
/// `fanin_plan_open`, closed by `fanin_plan_close`; it never changes in between, so any number of
/// threads may use it at once.
#[derive(Debug)]
pub struct Plan {
    plan: init_model::Plan,
    texts: Vec<Texts>,
    /// The indices of the parameters, sorted by name.
    by_name: Vec<usize>,
}

/// The texts of one parameter, as C reads them.
#[derive(Debug)]
struct Texts {
    name: CString,
    initializer: CString,
    scheme: Option<CString>,
    values: CString,
}

impl Texts {
    fn new(entry: &Entry) -> Result<Self, Failure> {
        let owned = |text: &dyn Display| {
            CString::new(text.to_string()).map_err(|_| {
                let message = "the name of a parameter contains a NUL, which ends a text in C; give it another name";
                Failure::new(Status::InvalidModel, message)
            })
        };
        Ok(Self {
            name: owned(&entry.name)?,
            initializer: owned(&entry.initializer)?,
            scheme: entry.scheme.as_ref().map(|scheme| owned(scheme)).transpose()?,
            values: owned(&entry.resolved)?,
        })
    }
}

// A plan is shared between threads.
const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<Plan>();
};

/// One parameter of a plan. The texts and the shape belong to the plan: they live until it is
/// closed.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Parameter {
    /// Its name, UTF-8, ends with a NUL; it also names its stream.
    pub name: *const c_char,
    /// The sizes of its axes: `ndim` numbers.
    pub shape: *const usize,
    /// The number of its axes.
    pub ndim: usize,
    /// The number of its elements, the product of `shape`.
    pub elements: usize,
    /// Its dtype, in which a file has it.
    pub dtype: DtypeArg,
    /// 0; reserved for later versions.
    pub reserved: u32,
    /// The initializer, as text: that of its rule, or the one that the rule's scheme gives.
    pub initializer: *const c_char,
    /// The scheme of its rule, as text; NULL if the rule names an initializer.
    pub scheme: *const c_char,
    /// What the initializer resolves to, with the rule's scale, as text whose numbers have all
    /// their digits: `normal(mean=0, std=0.02)`, `orthogonal(rows=32, cols=144, gain=2)`.
    pub values: *const c_char,
    /// Its fans; NAN where the layout defines none.
    pub fans: Fans,
    /// The factors of the scheme for training; all 1, and `residual` NAN, without a scheme.
    pub multipliers: Multipliers,
}

/// Returns a recipe without parameters, whose rules are for a configuration.
fn rules_alone(rules: Recipe) -> Result<Recipe, Failure> {
    match rules.parameters.first() {
        None => Ok(rules),
        Some(parameter) => Err(Failure::new(
            Status::InvalidModel,
            format!(
                "{}: `rules` have [parameters], but the configuration gives names and shapes; remove one of them",
                parameter.location
            ),
        )),
    }
}

/// Reads the recipe of a model, with the options that override it.
///
/// # Safety
///
/// The texts of `options` are NULL or end with a NUL.
unsafe fn recipe(source: PlanSource, given: &str, options: PlanOptions) -> Result<Recipe, Failure> {
    let PlanOptions { seed, has_seed, dtype, layout, rules, .. } = options;
    let dtype = if dtype == 0 { None } else { Some(choice::dtype(dtype)?) };
    // SAFETY: as for this function.
    let optional = |name, pointer: *const c_char| match pointer.is_null() {
        true => Ok(None),
        // SAFETY: as for this function.
        false => unsafe { text(name, pointer) }.map(Some),
    };
    let layout: Option<Layout> = optional("layout", layout)?.map(str::parse).transpose()?;
    let rules = optional("rules", rules)?;
    if rules.is_some() && source != PlanSource::Config {
        let message = "`rules` are for a configuration; a recipe or a preset has its own";
        return Err(Failure::new(Status::InvalidOptions, message));
    }
    let mut recipe = match (source, rules) {
        (PlanSource::Recipe, _) => Recipe::parse(given, "recipe")?,
        (PlanSource::Config, None) => Config::parse(given, "config.json")?.into_recipe(),
        (PlanSource::Config, Some(rules)) => {
            let model = Config::parse(given, "config.json")?.into_recipe();
            let mut recipe = rules_alone(Recipe::parse_with(rules, "rules", model.fields)?)?;
            recipe.parameters = model.parameters;
            recipe.layout = recipe.layout.or(model.layout);
            recipe.dtype = recipe.dtype.or(model.dtype);
            recipe
        }
        (PlanSource::Preset, _) => preset(given)?,
    };
    recipe.seed = (has_seed == 1).then_some(seed).or(recipe.seed);
    recipe.dtype = dtype.or(recipe.dtype);
    recipe.layout = layout.or(recipe.layout);
    Ok(recipe)
}

/// Plans a model: `text` is a recipe in TOML, the text of a model's `config.json`, or the name of a
/// preset such as `gpt2`, as `source` says.
///
/// No file is read. The plan has the values that the program `fanin init` writes for the same recipe
/// and options. `*plan` is written on success only. `options` and `error` may be NULL. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_plan_open(
    plan: *mut *mut Plan,
    source: PlanSourceArg,
    text: *const c_char,
    options: *const PlanOptions,
    error: *mut Error,
) -> StatusArg {
    let body = || {
        let source = choice::source(source)?;
        // SAFETY: the caller guarantees what the conventions require of pointers.
        let recipe = unsafe { recipe(source, self::text("text", text)?, PlanOptions::read(options)?)? };
        let planned = recipe.plan()?;
        let entries = planned.entries();
        let texts = entries.iter().map(Texts::new).collect::<Result<_, _>>()?;
        let mut by_name: Vec<usize> = (0..entries.len()).collect();
        by_name.sort_by_key(|&index| entries[index].name.as_str());
        let made = Box::into_raw(Box::new(Plan { plan: planned, texts, by_name }));
        // SAFETY: the caller guarantees that `plan` is NULL or may be written.
        unsafe { put("plan", plan, made) }.inspect_err(|_| {
            // SAFETY: from a box, and not shared with anyone.
            drop(unsafe { Box::from_raw(made) });
        })
    };
    // SAFETY: the caller guarantees that `error` is NULL or may be written.
    unsafe { guard(error, body) }
}

/// Closes a plan, with the texts and shapes of its parameters. NULL is allowed; each plan is closed
/// once.
///
/// Safe on distinct plans: no other thread may use the plan any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_plan_close(plan: *mut Plan) {
    guard::unit(|| {
        if !plan.is_null() {
            // SAFETY: created by `fanin_plan_open`, and closed once.
            drop(unsafe { Box::from_raw(plan) });
        }
    });
}

/// Returns the number of parameters; 0 for NULL.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_plan_len(plan: *const Plan) -> usize {
    // SAFETY: NULL, or created by `fanin_plan_open` and not yet closed.
    unsafe { plan.as_ref() }.map_or(0, |plan| plan.texts.len())
}

/// Returns the number of elements of all parameters together; 0 for NULL.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_plan_elements(plan: *const Plan) -> u64 {
    // SAFETY: NULL, or created by `fanin_plan_open` and not yet closed.
    unsafe { plan.as_ref() }.map_or(0, |plan| plan.plan.elements())
}

/// Returns the size of all parameters together in bytes, each in its own dtype; 0 for NULL.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_plan_bytes(plan: *const Plan) -> u64 {
    // SAFETY: NULL, or created by `fanin_plan_open` and not yet closed.
    unsafe { plan.as_ref() }.map_or(0, |plan| plan.plan.bytes())
}

/// Returns the seed; 0 for NULL. A parameter that is not packed of others has the stream
/// `fanin_stream_child(fanin_stream_new(seed), name)`.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_plan_seed(plan: *const Plan) -> u64 {
    // SAFETY: NULL, or created by `fanin_plan_open` and not yet closed.
    unsafe { plan.as_ref() }.map_or(0, |plan| plan.plan.seed())
}

/// Returns the plan behind the caller's pointer.
///
/// # Safety
///
/// `plan` is NULL, or created by `fanin_plan_open` and not yet closed.
unsafe fn opened<'a>(plan: *const Plan) -> Result<&'a Plan, Failure> {
    if !aligned(plan) {
        let message = format!("`plan` is at {plan:p}, which is not aligned; pass a plan from fanin_plan_open");
        return Err(Failure::new(Status::Misaligned, message));
    }
    // SAFETY: as for this function.
    unsafe { plan.as_ref() }
        .ok_or_else(|| Failure::new(Status::NullPointer, "`plan` is NULL; pass a plan from fanin_plan_open".to_owned()))
}

impl Plan {
    fn entry(&self, index: usize) -> Result<&Entry, Failure> {
        self.plan.entries().get(index).ok_or_else(|| {
            let message = format!("`index` must be below {}, the number of parameters, got {index}", self.texts.len());
            Failure::new(Status::UnknownParameter, message)
        })
    }
}

/// Writes the digest of the plan as text that ends with a NUL: `v1-` and 32 hexadecimal digits.
///
/// Plans of equal digest and seed have the same values; files that `fanin init` wrote have it in
/// their metadata, as `fanin.plan`. `size` bytes may be written; `FANIN_TEXT_SIZE` are always
/// enough. If the text does not fit, nothing is written. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_plan_digest(
    text: *mut c_char,
    size: usize,
    plan: *const Plan,
    error: *mut Error,
) -> StatusArg {
    // SAFETY: the caller guarantees what the conventions require of pointers.
    unsafe { guard(error, || put_text(text, size, &opened(plan)?.plan.digest())) }
}

/// Finds a parameter by its name, and writes its index.
///
/// `name` is UTF-8 and ends with a NUL. If the plan has no such parameter, the status is
/// `FANIN_STATUS_UNKNOWN_PARAMETER`, and the message names those that are spelled alike. Takes
/// O(log n) comparisons. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_plan_find(
    index: *mut usize,
    plan: *const Plan,
    name: *const c_char,
    error: *mut Error,
) -> StatusArg {
    // SAFETY: the caller guarantees what the conventions require of pointers.
    unsafe {
        guard(error, || {
            let (plan, name) = (opened(plan)?, text("name", name)?);
            let entries = plan.plan.entries();
            let found = plan.by_name.binary_search_by_key(&name, |&index| entries[index].name.as_str());
            let at = found.map_err(|_| plan.unknown(name))?;
            put("index", index, plan.by_name[at])
        })
    }
}

impl Plan {
    #[cold]
    fn unknown(&self, name: &str) -> Failure {
        use init_core::text::{nearest, shorten};
        let names: Vec<&str> = self.plan.entries().iter().map(|entry| entry.name.as_str()).collect();
        let near = nearest(name, &names).map(|near| format!(": did you mean `{}`?", shorten(near, 100)));
        let near = near.unwrap_or_else(|| "; fanin_plan_parameter lists all by index".to_owned());
        let message = format!("the plan has no parameter `{}`{near}", shorten(name, 100));
        Failure::new(Status::UnknownParameter, message)
    }
}

/// Writes the name, shape, dtype and initializer of the parameter with this index, in the order of
/// the recipe and of the file.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_plan_parameter(
    parameter: *mut Parameter,
    plan: *const Plan,
    index: usize,
    error: *mut Error,
) -> StatusArg {
    // SAFETY: the caller guarantees what the conventions require of pointers.
    unsafe {
        guard(error, || {
            let plan = opened(plan)?;
            let (entry, texts) = (plan.entry(index)?, &plan.texts[index]);
            let dims = entry.shape.dims();
            let found = Parameter {
                name: texts.name.as_ptr(),
                shape: dims.as_ptr(),
                ndim: dims.len(),
                elements: entry.shape.numel() as usize,
                dtype: choice::dtype_number(entry.dtype),
                reserved: 0,
                initializer: texts.initializer.as_ptr(),
                scheme: texts.scheme.as_ref().map_or(ptr::null(), |scheme| scheme.as_ptr()),
                values: texts.values.as_ptr(),
                fans: Fans::from_core(entry.fans),
                multipliers: Multipliers::from_core(entry.multipliers),
            };
            put("parameter", parameter, found)
        })
    }
}

/// Which elements of a parameter a fill writes.
enum Span<'a> {
    /// From a flat index on.
    Offset(u64),
    Shard(&'a Shard),
}

impl Plan {
    /// Fills elements of a parameter. What could fail is checked before anything is written.
    fn fill<T: Element>(
        &self,
        dst: &mut [MaybeUninit<T>],
        span: &Span<'_>,
        entry: &Entry,
        options: Filler,
    ) -> Result<(), Failure> {
        let resolved = &entry.resolved;
        let stream = self.plan.stream(entry);
        if entry.packed.is_none() {
            match *span {
                Span::Offset(offset) => options.fill_at_uninit(dst, offset, resolved, stream)?,
                Span::Shard(shard) => options.fill_shard_uninit(dst, shard, resolved, stream)?,
            };
            return Ok(());
        }
        options.fill_at_uninit::<T>(&mut [], 0, resolved, stream)?;
        options.start()?;
        // The blocks are filled in turn, which needs a slice of values.
        // SAFETY: all bits 0 are a value of each element type.
        let dst = unsafe {
            dst.as_mut_ptr().write_bytes(0, dst.len());
            &mut *(ptr::from_mut(dst) as *mut [T])
        };
        match *span {
            Span::Offset(offset) => self.plan.fill_at(dst, offset, entry, options)?,
            Span::Shard(shard) => self.plan.fill_shard(dst, shard, entry, options)?,
        }
        Ok(())
    }
}

/// Fills a whole parameter of a plan, in row-major order.
///
/// `len` is the number of its elements. `dtype` is that of `dst`: the parameter's own, or another, which
/// gives the values that a model of that dtype has. `options` and `error` may be NULL. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_plan_fill(
    dst: *mut c_void,
    dtype: DtypeArg,
    len: usize,
    plan: *const Plan,
    index: usize,
    options: *const Options,
    error: *mut Error,
) -> StatusArg {
    // SAFETY: the caller guarantees what the conventions require of pointers.
    unsafe {
        guard(error, || {
            let (dtype, options, plan) = (choice::dtype(dtype)?, options::checked(options)?, opened(plan)?);
            let entry = plan.entry(index)?;
            let elements = entry.shape.numel();
            if len as u64 != elements {
                let name = init_core::text::shorten(&entry.name, 100);
                let message = format!("`len` must be {elements}, the elements of `{name}`, got {len}");
                return Err(Failure::new(Status::InvalidLength, message));
            }
            by_dtype!(dtype, T => plan.fill(destination::<T>(dst.cast(), len)?, &Span::Offset(0), entry, options))
        })
    }
}

/// Like `fanin_plan_fill`, for `len` elements of the parameter from flat index `offset` on: the same
/// values that `fanin_plan_fill` writes there.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_plan_fill_at(
    dst: *mut c_void,
    dtype: DtypeArg,
    len: usize,
    offset: u64,
    plan: *const Plan,
    index: usize,
    options: *const Options,
    error: *mut Error,
) -> StatusArg {
    // SAFETY: the caller guarantees what the conventions require of pointers.
    unsafe {
        guard(error, || {
            let (dtype, options, plan) = (choice::dtype(dtype)?, options::checked(options)?, opened(plan)?);
            let entry = plan.entry(index)?;
            let elements = entry.shape.numel();
            match offset.checked_add(len as u64) {
                None => {
                    let message = format!("offset {offset} + {len} elements must be below 2^64");
                    return Err(Failure::new(Status::Overflow, message));
                }
                Some(end) if end > elements => {
                    let name = init_core::text::shorten(&entry.name, 100);
                    let message = format!(
                        "offset {offset} + {len} elements exceeds the {elements} elements of `{name}`; pass a buffer \
                         that ends inside it"
                    );
                    return Err(Failure::new(Status::InvalidLength, message));
                }
                Some(_) => {}
            }
            by_dtype!(dtype, T => plan.fill(destination::<T>(dst.cast(), len)?, &Span::Offset(offset), entry, options))
        })
    }
}

/// Like `fanin_plan_fill`, for a shard of the parameter, in row-major order: the same values that
/// `fanin_plan_fill` writes there.
///
/// The shard begins at `offsets` and has the shape `local`, with `ndim` dimensions each, as many as
/// the parameter has, and exactly `len` elements. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_plan_fill_shard(
    dst: *mut c_void,
    dtype: DtypeArg,
    len: usize,
    offsets: *const usize,
    local: *const usize,
    ndim: usize,
    plan: *const Plan,
    index: usize,
    options: *const Options,
    error: *mut Error,
) -> StatusArg {
    // SAFETY: the caller guarantees what the conventions require of pointers.
    unsafe {
        guard(error, || {
            let (dtype, options, plan) = (choice::dtype(dtype)?, options::checked(options)?, opened(plan)?);
            let entry = plan.entry(index)?;
            let (offsets, local) = (numbers("offsets", offsets, ndim)?, numbers("local", local, ndim)?);
            let shard = Shard::new(entry.shape.dims(), offsets, local)?;
            if len != shard.len() {
                let message = format!("`len` must be {}, the elements of the shard, got {len}", shard.len());
                return Err(Failure::new(Status::InvalidLength, message));
            }
            by_dtype!(dtype, T => plan.fill(destination::<T>(dst.cast(), len)?, &Span::Shard(&shard), entry, options))
        })
    }
}
