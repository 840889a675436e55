//! Models for NumPy and llama.cpp: other formats with the values of the safetensors file.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::Stdio,
    thread::sleep,
    time::{Duration, Instant},
};

use init_model::{Header, file::HeaderError};
use tempfile::tempdir;

use crate::{Run, contents, fanin, refused, tensors, works};

/// Scalars, single elements, odd sizes, more than one chunk, and a tensor that is computed as a
/// whole.
const SHAPES: [(&str, &str); 8] = [
    ("scalar", "[]"),
    ("one", "[1]"),
    ("odd", "[3, 5]"),
    ("deep", "[7, 1, 3, 2]"),
    ("large", "[300007]"),
    ("after", "[1, 1]"),
    ("square", "[33, 33]"),
    ("last", "[2]"),
];

fn recipe(shapes: &[(&str, &str)]) -> String {
    let parameters: String = shapes.iter().map(|(name, shape)| format!("{name} = {shape}\n")).collect();
    let orthogonal = "[[rule]]\nmatch = \"square\"\noptional = true\ninit = \"orthogonal\"\n";
    format!(
        "seed = 6\n[parameters]\n{parameters}{orthogonal}\
         [[rule]]\nmatch = \"*\"\noptional = true\ninit = \"normal(0, 1)\"\n"
    )
}

/// The bytes of each tensor of a file, read as the specification of its format says.
fn read(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let file = fs::read(path).unwrap();
    match path.extension().and_then(|ending| ending.to_str()).unwrap() {
        "gguf" => gguf(&file),
        "npz" => npz(&file),
        "npy" => BTreeMap::from([(path.file_stem().unwrap().to_str().unwrap().to_owned(), npy(&file).to_vec())]),
        _ => tensors(&file),
    }
}

fn npy(file: &[u8]) -> &[u8] {
    assert_eq!(file[..8], *b"\x93NUMPY\x01\0");
    &file[10 + usize::from(u16::from_le_bytes([file[8], file[9]]))..]
}

/// Members without compression, whose records follow one another.
fn npz(file: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut rest = file;
    while let Some(record) = rest.strip_prefix(b"PK\x03\x04") {
        let word = |at: usize| u32::from_le_bytes(record[at..at + 4].try_into().unwrap());
        let half = |at: usize| usize::from(u16::from_le_bytes(record[at..at + 2].try_into().unwrap()));
        let (sum, size, name, more) = (word(10), word(14) as usize, half(22), half(24));
        let member = &record[26 + name + more..][..size];
        assert_eq!(crc32fast::hash(member), sum);
        let name = std::str::from_utf8(&record[26..26 + name]).unwrap().strip_suffix(".npy").unwrap();
        assert!(found.insert(name.to_owned(), npy(member).to_vec()).is_none());
        rest = &record[26 + name.len() + 4 + more + size..];
    }
    found
}

struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (head, rest) = self.0.split_first_chunk().unwrap();
        self.0 = rest;
        *head
    }

    fn word(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    fn long(&mut self) -> usize {
        u64::from_le_bytes(self.take()) as usize
    }

    fn text(&mut self) -> String {
        let length = self.long();
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        String::from_utf8(text.to_vec()).unwrap()
    }
}

fn gguf(file: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut cursor = Cursor(file);
    assert_eq!((cursor.take(), cursor.word()), (*b"GGUF", 3));
    let (count, entries) = (cursor.long(), cursor.long());
    for _ in 0..entries {
        cursor.text();
        match cursor.word() {
            8 => drop(cursor.text()),
            10 => drop(cursor.long()),
            4 | 5 => drop(cursor.word()),
            2 => drop(cursor.take::<2>()),
            other => panic!("type {other}"),
        }
    }
    let mut entries = Vec::new();
    for _ in 0..count {
        let name = cursor.text();
        let elements: usize = (0..cursor.word()).map(|_| cursor.long()).product();
        let size = [(0, 4), (1, 2), (28, 8), (30, 2)].into_iter().collect::<BTreeMap<_, _>>()[&cursor.word()];
        entries.push((name, cursor.long(), elements * size));
    }
    let data = (file.len() - cursor.0.len()).next_multiple_of(32);
    let (mut end, mut found) = (file.len() - cursor.0.len(), BTreeMap::new());
    for (name, begin, size) in entries {
        let begin = data + begin;
        assert_eq!(begin, end.next_multiple_of(32), "{name}");
        assert!(file[end..begin].iter().all(|&byte| byte == 0), "padding before {name}");
        end = begin + size;
        found.insert(name, file[begin..end].to_vec());
    }
    assert!(file[end..].iter().all(|&byte| byte == 0) && file.len() == end.next_multiple_of(32));
    found
}

#[test]
fn every_format_has_the_values_of_safetensors_and_the_same_bytes_each_time() {
    let folder = tempdir().unwrap();
    let write = |recipe: &str, dtype: &str, threads: &str, out: &str| {
        works(folder.path(), ["init", "-q", "--force", recipe, "--dtype", dtype, "--threads", threads, "-o", out]);
        let path = folder.path().join(out);
        (fs::read(&path).unwrap(), read(&path))
    };
    for dtype in ["f32", "f64", "f16", "bf16"] {
        // llama.cpp's Python package does not open scalars of bf16.
        let shapes = if dtype == "bf16" { &SHAPES[1..] } else { &SHAPES };
        fs::write(folder.path().join("all.toml"), recipe(shapes)).unwrap();
        let (_, expected) = write("all.toml", dtype, "2", "all.safetensors");
        assert_eq!(expected.len(), shapes.len());
        for out in ["all.gguf", "all.npz"] {
            if (out, dtype) == ("all.npz", "bf16") {
                continue;
            }
            let (bytes, found) = write("all.toml", dtype, "1", out);
            assert!(found == expected, "{dtype} {out}");
            assert!(write("all.toml", dtype, "3", out).0 == bytes, "{dtype} {out}: other bytes");
        }
        for shape in SHAPES.iter().filter(|_| dtype != "bf16") {
            let (name, _) = shape;
            fs::write(folder.path().join("one.toml"), recipe(&[*shape])).unwrap();
            let (_, found) = write("one.toml", dtype, "2", &format!("{name}.npy"));
            assert!(found[*name] == expected[*name], "{dtype} {name}");
        }
    }
}

#[test]
fn ranks_write_their_parts_in_every_format() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("all.toml"), recipe(&[("large", "[4, 90001]"), ("odd", "[3, 5]")])).unwrap();
    let write = |out: &str| {
        let rank = ["--rank", "1", "--world", "4", "--split", "large=0"];
        works(folder.path(), ["init", "-q", "--force", "all.toml", "-o", out].into_iter().chain(rank));
        read(&folder.path().join(out))
    };
    let expected = write("part.safetensors");
    assert_eq!(expected["large"].len(), 90_001 * 4);
    assert!(write("part.gguf") == expected && write("part.npz") == expected);
}

#[test]
fn shards_of_gguf_have_the_metadata_that_llama_cpp_needs() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("all.toml"), recipe(&SHAPES)).unwrap();
    works(folder.path(), ["init", "-q", "--force", "all.toml", "-o", "all.safetensors"]);
    works(folder.path(), ["init", "-q", "--force", "all.toml", "--shard-size", "1MB", "-o", "all.gguf"]);
    let mut found = BTreeMap::new();
    for number in 0..3u8 {
        let path = folder.path().join(format!("all-0000{}-of-00003.gguf", number + 1));
        let file = fs::read(&path).unwrap();
        for (key, kind, value) in
            [("split.no", 2, &[number, 0][..]), ("split.count", 2, &[3, 0]), ("split.tensors.count", 5, &[8, 0, 0, 0])]
        {
            let pair = [key.as_bytes(), &[kind, 0, 0, 0], value].concat();
            assert!(file.windows(pair.len()).any(|window| window == pair), "{number}: {key}");
        }
        found.extend(read(&path));
    }
    assert!(found == read(&folder.path().join("all.safetensors")));
    assert_eq!(contents(folder.path()).len(), 5, "no index");
}

#[test]
fn what_a_format_cannot_store_is_refused_before_anything_is_written() {
    let folder = tempdir().unwrap();
    for (name, shapes) in [
        ("all.toml", &SHAPES[..]),
        ("one.toml", &SHAPES[1..2]),
        ("long.toml", &[(&*"n".repeat(64), "[2]")]),
        ("fits.toml", &[(&*format!("\"{}\"", "é".repeat(31)), "[2]")]),
        ("deep.toml", &[("a", "[1, 2, 3, 4, 5]")]),
        ("up.toml", &[("\"../a\"", "[2]")]),
    ] {
        fs::write(folder.path().join(name), recipe(shapes)).unwrap();
    }
    for ending in ["npy", "npz", "gguf"] {
        fs::write(folder.path().join(format!("out.{ending}")), "earlier").unwrap();
    }
    for (arguments, words) in [
        (&["all.toml", "-o", "out.npy"][..], &["`out.npy`", "one array", "8 parameters", ".npz"][..]),
        (&["one.toml", "--dtype", "bf16", "-o", "out.npy"], &["`one` is bf16", "--dtype f32"]),
        (&["all.toml", "--dtype", "bf16", "-o", "out.npz"], &["`scalar` is bf16", "--dtype f32"]),
        (&["one.toml", "--resume", "-o", "out.npy"], &["cannot be resumed", "leave out --resume"]),
        (&["one.toml", "--shard-size", "1GB", "-o", "out.npy"], &["--shard-size", ".safetensors and .gguf"]),
        (&["all.toml", "--shard-size", "1MB", "-o", "out.npz"], &["--shard-size", ".safetensors and .gguf"]),
        (&["up.toml", "-o", "out.npz"], &["`../a`", "`..`", "another name"]),
        (&["long.toml", "-o", "out.gguf"], &["nnn`", "64 bytes", "at most 63"]),
        (&["all.toml", "--dtype", "bf16", "-o", "out.gguf"], &["`scalar` is a scalar of bf16", "shape [1]"]),
        (&["deep.toml", "-o", "out.gguf"], &["`a` has 5 dimensions", "at most 4"]),
    ] {
        refused(fanin(folder.path()).args(["init", "--force"]).args(arguments), folder.path(), 2, words);
    }
    fs::create_dir(folder.path().join("folder.gguf")).unwrap();
    let mut command = fanin(folder.path());
    refused(
        command.args(["init", "--force", "one.toml", "-o", "folder.gguf"]),
        folder.path(),
        2,
        &["not a regular file"],
    );
    works(folder.path(), ["init", "-q", "--force", "fits.toml", "-o", "out.gguf"]);
}

/// As in `shards.rs`: the file with the model's name is complete, whenever the run is killed.
#[cfg(unix)]
#[test]
fn killed_runs_are_resumed_in_other_formats_too() {
    let folder = tempdir().unwrap();
    let shapes: Vec<_> = (0..12).map(|layer| format!("w{layer}")).collect();
    let shapes: Vec<_> = shapes.iter().map(|name| (name.as_str(), "[1001, 1003]")).collect();
    fs::write(folder.path().join("model.toml"), recipe(&shapes)).unwrap();
    for ending in ["gguf", "npz"] {
        let [whole, model] = ["whole", "model"].map(|name| format!("{name}.{ending}"));
        let start = Instant::now();
        works(folder.path(), ["init", "-q", "--force", "model.toml", "-o", &whole]);
        let whole_run = start.elapsed();
        let whole = fs::read(folder.path().join(whole)).unwrap();
        let path = folder.path().join(&model);
        let begin = || {
            let mut command = fanin(folder.path());
            command.args(["init", "-q", "--force", "model.toml", "--resume", "-o", &model]);
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        };
        for part in [0.1, 0.9, 0.5, 0.3, 1.0, 0.7] {
            let mut child = begin();
            sleep(whole_run.mul_f64(part) + Duration::from_millis(1));
            child.kill().unwrap();
            child.wait().unwrap();
            assert!(!path.exists() || fs::read(&path).unwrap() == whole, "{model} looks whole");
        }
        assert!(begin().wait().unwrap().success());
        assert!(fs::read(&path).unwrap() == whole);
        assert_eq!(read(&path).len(), 12);
        assert!(!folder.path().join(format!(".{model}.fanin.part")).exists());
    }
}

#[test]
fn inspect_verify_diff_and_like_take_every_format() {
    let folder = tempdir().unwrap();
    let rules = "[[rule]]\nmatch = \"square\"\noptional = true\ninit = \"orthogonal\"\n\
                 [[rule]]\nmatch = \"*\"\noptional = true\ninit = \"normal(0, 1)\"\n";
    fs::write(folder.path().join("rules.toml"), rules).unwrap();
    for (dtype, ending, shapes) in [
        ("f32", "npz", &SHAPES[..]),
        ("f64", "npz", &SHAPES),
        ("f16", "gguf", &SHAPES),
        ("bf16", "gguf", &SHAPES[1..]),
        ("f32", "npy", &SHAPES[2..3]),
        ("f64", "npy", &SHAPES[..1]),
    ] {
        fs::write(folder.path().join("model.toml"), recipe(shapes)).unwrap();
        // An .npy file has no tensor name; the name of the file stands in.
        let name = if ending == "npy" { shapes[0].0 } else { "model" };
        let (file, other) = (format!("{name}.{ending}"), format!("other/{name}.{ending}"));
        fs::create_dir_all(folder.path().join("other")).unwrap();
        let run = |arguments: &[&str]| Run::of(fanin(folder.path()).args(arguments));
        works(folder.path(), ["init", "-q", "--force", "model.toml", "--dtype", dtype, "-o", &file]);
        works(folder.path(), ["init", "-q", "--force", "model.toml", "--dtype", dtype, "-o", "model.safetensors"]);

        let found = works(folder.path(), ["verify", &file, "--recipe", "model.toml", "--dtype", dtype]);
        assert!(found.text().contains("is exactly the initial state"), "{}", found.text());
        let wrong = run(&["verify", &file, "--recipe", "model.toml", "--dtype", dtype, "--seed", "7"]);
        assert_eq!(wrong.code, Some(1), "{file}: {}", wrong.err);

        // The statistics are those of the same values in a safetensors file, in the same order.
        let statistics = |file: &str| works(folder.path(), ["inspect", file]).text().to_owned();
        assert_eq!(statistics(&file), statistics("model.safetensors"), "{file}");
        assert_eq!(works(folder.path(), ["diff", &file, "model.safetensors"]).code, Some(0));

        works(
            folder.path(),
            ["init", "-q", "--force", "--like", &file, "--rules", "rules.toml", "--seed", "6", "-o", &other],
        );
        assert!(read(&folder.path().join(&other)) == read(&folder.path().join(&file)), "{file}: like");
        works(
            folder.path(),
            ["init", "-q", "--force", "--like", &file, "--rules", "rules.toml", "--seed", "7", "-o", &other],
        );
        let moved = run(&["diff", &file, &other]);
        assert!(moved.text().contains(shapes[0].0), "{}", moved.text());
    }
}

/// Changes every byte of a header in several ways, and truncates the file after each: the result is
/// tensors or an error of one line, never a panic.
#[test]
fn corrupt_headers_are_read_or_refused_without_a_panic() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("model.toml"), recipe(&[("a", "[2, 3]"), ("b", "[]")])).unwrap();
    fs::write(folder.path().join("one.toml"), recipe(&[("a", "[2, 3]")])).unwrap();
    for (ending, recipe) in [("gguf", "model.toml"), ("npz", "model.toml"), ("npy", "one.toml")] {
        works(folder.path(), ["init", "-q", "--force", recipe, "-o", &format!("model.{ending}")]);
        let whole = fs::read(folder.path().join(format!("model.{ending}"))).unwrap();
        let path = folder.path().join(format!("corrupt.{ending}"));
        let mut refused = 0;
        for at in 0..whole.len() {
            let changed =
                [0, 1, 9, 0x7f, 0xff, whole[at] ^ 1].map(|byte| [&whole[..at], &[byte], &whole[at + 1..]].concat());
            for file in changed.into_iter().chain([whole[..at].to_vec(), [&whole[..at], &whole[at + 1..]].concat()]) {
                fs::write(&path, file).unwrap();
                match Header::read(&path) {
                    Ok(header) => assert!(header.tensors().iter().all(|tensor| tensor.bytes <= whole.len() as u64)),
                    Err(error) => {
                        refused += 1;
                        assert_eq!(error.to_string().lines().count(), 1, "{error}");
                    }
                }
            }
        }
        assert!(refused > whole.len(), "{ending}: {refused} of {}", whole.len());
    }
}

/// Sizes that a header claims and no file can have are refused immediately, without allocating
/// memory for them.
#[test]
fn counts_and_lengths_beyond_the_file_are_refused() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("claims.gguf");
    let huge = (1u64 << 60).to_le_bytes();
    let head =
        |tensors: u64, entries: u64| [&b"GGUF\x03\0\0\0"[..], &tensors.to_le_bytes(), &entries.to_le_bytes()].concat();
    let key = [&1u64.to_le_bytes()[..], b"k"].concat();
    let name = [&1u64.to_le_bytes()[..], b"t", &[4, 0, 0, 0]].concat();
    for (file, words) in [
        (head(1 << 60, 0), "ends within its header"),
        (head(0, 1 << 60), "ends within its header"),
        ([&head(0, 1)[..], &huge].concat(), "a string of 1152921504606846976 bytes"),
        ([&head(0, 1)[..], &key, &[9, 0, 0, 0, 4, 0, 0, 0], &huge].concat(), "ends within its header"),
        ([&head(0, 1)[..], &key, &[9, 0, 0, 0, 8, 0, 0, 0], &huge].concat(), "ends within its header"),
        ([&head(0, 1)[..], &key, &[9, 0, 0, 0, 9, 0, 0, 0], &huge].concat(), "unknown type 9"),
        ([&head(1, 0)[..], &name, &huge, &huge, &huge, &huge, &[0; 12]].concat(), "larger than any file"),
        ([&head(1, 0)[..], &name, &huge, &[1; 24], &[0; 12]].concat(), "larger than any file"),
        (b"GGUF\0\0\0\x03".to_vec(), "version 50331648"),
        (b"GGUF".to_vec(), "ends within its header"),
        (b"PK\x03\x04\x14\0\0\0".to_vec(), "its directory cannot be read"),
        (b"\x93NUMPY".to_vec(), "ends within the header"),
        (b"\x93NUMPY\x02\0\xff\xff\xff\xff".to_vec(), "ends within the header"),
    ] {
        fs::write(&path, file).unwrap();
        let start = Instant::now();
        let error = Header::read(&path).unwrap_err();
        assert!(matches!(error, HeaderError::Corrupt { .. }) && error.to_string().contains(words), "{words}: {error}");
        assert!(start.elapsed() < Duration::from_secs(1), "{words}");
    }
    refused(fanin(folder.path()).args(["inspect", "claims.gguf"]), folder.path(), 2, &["`claims.gguf`", "NumPy"]);
}
