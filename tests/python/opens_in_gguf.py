"""GGUF files of `fanin init` open in the reader of llama.cpp and have the values of the safetensors file.

python tests/python/opens_in_gguf.py path/to/fanin
"""

import importlib.metadata
import pathlib
import subprocess
import sys
import tempfile

from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType

from formats import SHAPES, bits, check, write

TYPES = {
    "f32": GGMLQuantizationType.F32,
    "f64": GGMLQuantizationType.F64,
    "f16": GGMLQuantizationType.F16,
    "bf16": GGMLQuantizationType.BF16,
}


def field(reader, key, kind):
    found = reader.get_field(key)
    check(key, found is not None and found.types == [kind])
    return found.contents()


def tensors(reader):
    """Returns the shape (outermost dimension first), type and bytes of each tensor."""
    return {tensor.name: (tuple(map(int, reversed(tensor.shape))), tensor.tensor_type, tensor.data.tobytes()) for tensor in reader.tensors}


def main():
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for dtype, kind in TYPES.items():
            # The reader fails on bf16 scalars, so `fanin` refuses them.
            shapes = {name: shape for name, shape in SHAPES.items() if shape or dtype != "bf16"}
            expected, metadata = bits(write(folder, "all.safetensors", shapes, dtype))
            whole = {name: (shape, kind, data) for name, (shape, _, data) in expected.items()}
            reader = GGUFReader(write(folder, "all.gguf", shapes, dtype))
            check("architecture", field(reader, "general.architecture", GGUFValueType.STRING) == "unknown")
            check("alignment", field(reader, "general.alignment", GGUFValueType.UINT32) == 32)
            check("seed", field(reader, "fanin.seed", GGUFValueType.UINT64) == int(metadata["fanin.seed"]) == 2**64 - 1)
            check("plan", field(reader, "fanin.plan", GGUFValueType.STRING) == metadata["fanin.plan"])
            check("format", str(field(reader, "fanin.value_format", GGUFValueType.UINT32)) == metadata["fanin.value_format"])
            check("version", field(reader, "fanin.version", GGUFValueType.STRING) == metadata["fanin.version"])
            check("order", [tensor.name for tensor in reader.tensors] == list(shapes))
            check("aligned", all(tensor.data_offset % 32 == 0 for tensor in reader.tensors))
            check("tensors", tensors(reader) == whole)
            count += len(whole)

            write(folder, "parts.gguf", shapes, dtype, ["--shard-size", "500KB"])
            parts = sorted(folder.glob("parts-*.gguf"))
            found = {}
            for number, path in enumerate(parts):
                reader = GGUFReader(path)
                check("number", field(reader, "split.no", GGUFValueType.UINT16) == number)
                check("parts", field(reader, "split.count", GGUFValueType.UINT16) == len(parts) > 1)
                check("tensors", field(reader, "split.tensors.count", GGUFValueType.INT32) == len(whole))
                found.update(tensors(reader))
                path.unlink()
            check("all parts", found == whole)
        config = folder / "config.json"
        config.write_text('{"model_type": "qwen3", "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "head_dim": 16, '
                          '"num_key_value_heads": 1, "intermediate_size": 48, "vocab_size": 50, "dtype": "bfloat16"}')
        subprocess.run([pathlib.Path(sys.argv[1]).resolve(), "init", "-q", "--config", config, "-o", folder / "q.gguf"], check=True)
        reader = GGUFReader(folder / "q.gguf")
        check("family", field(reader, "general.architecture", GGUFValueType.STRING) == "qwen3")
        check("names", reader.tensors[0].name == "model.embed_tokens.weight" and list(reader.tensors[0].shape) == [32, 50])
    print(f"{count} tensors read by gguf {importlib.metadata.version('gguf')}, bit for bit equal to safetensors")


if __name__ == "__main__":
    main()
