//! The value format is frozen: every sampler in every dtype gives the committed values.
//!
//! `tests/vectors/golden_hashes.json` is written by the oracle, not by the kernels:
//! `cargo test -p fanin-tests --test golden_values -- --ignored`, only for a new value format.

use std::hash::Hasher;
use std::path::PathBuf;

use fanin_tests::cases::samplers;
use fanin_tests::levels::Both;
use fanin_tests::oracle::{self, Value};
use half::{bf16, f16};
use init_kernels::{Filler, Level, Stream, VALUE_FORMAT};
use serde_json::{Map, Value as Json, json};
use siphasher::sip128::{Hasher128, SipHasher24};

const LEN: usize = (1 << 17) + 5;
const SEED: u64 = 42;
const NAME: &str = "h.0.attn.c_attn.weight";

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors/golden_hashes.json")
}

fn committed() -> Json {
    let text = std::fs::read_to_string(file()).expect("the committed file");
    serde_json::from_str(&text).expect("JSON")
}

/// Returns SipHash-2-4-128 under the key 0 of the little-endian bytes, and the first values.
fn entry<T: Value>(values: &[T]) -> Json {
    let mut hasher = SipHasher24::new();
    for value in values {
        hasher.write(&value.bits().to_le_bytes()[..size_of::<T>()]);
    }
    let hash = hasher.finish128().as_bytes().map(|byte| format!("{byte:02x}")).concat();
    let width = 2 * size_of::<T>();
    let first = values.iter().take(8).map(|value| format!("{:0width$x}", value.bits()));
    json!({ "hash": hash, "first": first.collect::<Vec<_>>() })
}

fn key_text(key: oracle::Key) -> String {
    format!("{:016x} {:016x}", key.0, key.1)
}

/// Computes the whole file with the oracle.
fn golden() -> Json {
    let key = oracle::child(oracle::root(SEED), NAME);
    let mut values = Map::new();
    for (name, distribution) in samplers() {
        let entries = json!({
            "distribution": distribution.to_string(),
            "f32": entry::<f32>(&oracle::tensor(LEN, &distribution, key)),
            "f64": entry::<f64>(&oracle::tensor(LEN, &distribution, key)),
            "bf16": entry::<bf16>(&oracle::tensor(LEN, &distribution, key)),
            "f16": entry::<f16>(&oracle::tensor(LEN, &distribution, key)),
        });
        values.insert(name.to_owned(), entries);
    }
    let hexadecimal = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    json!({
        "note": "Values of fanin's value format, written by the oracle in tests/src/oracle from \
                 docs/value-format.md. Version 1 is frozen with its polynomials: a change here is a new \
                 version and a value-breaking line in the changelog.",
        "value_format": 1,
        "seed": SEED,
        "name": NAME,
        "values_hashed": LEN,
        "hash": "SipHash-2-4-128 under the key 0 of the values' little-endian bytes",
        "keys": {
            "root(0)": key_text(oracle::root(0)),
            "root(42)": key_text(oracle::root(42)),
            "root(2^64 - 1)": key_text(oracle::root(u64::MAX)),
            "root(42) child(h.0.attn.c_attn.weight)": key_text(key),
            "root(42) child()": key_text(oracle::child(oracle::root(42), "")),
            "root(42) child(größe)": key_text(oracle::child(oracle::root(42), "größe")),
            "root(42) child_index(0)": key_text(oracle::child_index(oracle::root(42), 0)),
            "root(42) child_index(2^64 - 1)": key_text(oracle::child_index(oracle::root(42), u64::MAX)),
        },
        "raw_bytes": hexadecimal(oracle::raw_bytes(key, 128)),
        "raw_bytes_from_16320": hexadecimal(oracle::raw_bytes(key, 16_448).split_off(16_320)),
        "values": values,
    })
}

#[test]
fn every_level_gives_the_committed_values() {
    fn check<T: Both>(level: Level, committed: &Json) {
        let stream = Stream::new(SEED).child(NAME);
        for (name, distribution) in samplers() {
            let mut values = vec![T::default(); LEN];
            Filler::new().level(level).fill(&mut values, &distribution, stream).expect(name);
            assert_eq!(entry(&values), committed["values"][name][T::NAME], "{name}, {}, {level}", T::NAME);
        }
    }
    let committed = committed();
    for level in Level::available() {
        check::<f32>(level, &committed);
        check::<f64>(level, &committed);
        check::<bf16>(level, &committed);
        check::<f16>(level, &committed);
    }
}

#[test]
fn streams_give_the_committed_keys_and_bytes() {
    let committed = committed();
    let (model, key) = (Stream::new(42), |stream: Stream| key_text(stream.key()));
    let keys = &committed["keys"];
    assert_eq!(key(Stream::new(0)), keys["root(0)"]);
    assert_eq!(key(model), keys["root(42)"]);
    assert_eq!(key(Stream::new(u64::MAX)), keys["root(2^64 - 1)"]);
    assert_eq!(key(model.child(NAME)), keys["root(42) child(h.0.attn.c_attn.weight)"]);
    assert_eq!(key(model.child("")), keys["root(42) child()"]);
    assert_eq!(key(model.child("größe")), keys["root(42) child(größe)"]);
    assert_eq!(key(model.child_index(0)), keys["root(42) child_index(0)"]);
    assert_eq!(key(model.child_index(u64::MAX)), keys["root(42) child_index(2^64 - 1)"]);

    let mut bytes = vec![0; 16_448];
    rand::Rng::fill_bytes(&mut model.child(NAME).rng(), &mut bytes);
    let text = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(text(&bytes[..128]), committed["raw_bytes"]);
    assert_eq!(text(&bytes[16_320..]), committed["raw_bytes_from_16320"]);
}

#[test]
fn the_committed_file_equals_the_oracle_and_has_this_version() {
    let committed = committed();
    assert_eq!(committed["value_format"], VALUE_FORMAT);
    assert_eq!(committed, golden());
}

#[test]
#[ignore = "writes the committed file: only with a new value format"]
fn write_the_golden_values() {
    let text = serde_json::to_string_pretty(&golden()).expect("JSON");
    std::fs::write(file(), text + "\n").expect("the file is writable");
}
