"""What `fanin init` writes for llama.cpp opens in its own reader and has the values of the safetensors file.

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
    """The shape, outermost dimension first, type and bytes of each tensor; bf16 is given as bytes by the reader itself."""
    return {tensor.name: (tuple(map(int, reversed(tensor.shape))), tensor.tensor_type, tensor.data.tobytes()) for tensor in reader.tensors}


def main():
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for dtype, kind in TYPES.items():
            # The reader itself stumbles at scalars of bf16, so that `fanin` refuses them.
            shapes = {name: shape for name, shape in SHAPES.items() if shape or dtype != "bf16"}
            expected, remarks = bits(write(folder, "all.safetensors", shapes, dtype))
            whole = {name: (shape, kind, data) for name, (shape, _, data) in expected.items()}
            reader = GGUFReader(write(folder, "all.gguf", shapes, dtype))
            check("architecture", field(reader, "general.architecture", GGUFValueType.STRING) == "unknown")
            check("alignment", field(reader, "general.alignment", GGUFValueType.UINT32) == 32)
            check("seed", field(reader, "fanin.seed", GGUFValueType.UINT64) == int(remarks["fanin.seed"]) == 2**64 - 1)
            check("plan", field(reader, "fanin.plan", GGUFValueType.STRING) == remarks["fanin.plan"])
            check("format", str(field(reader, "fanin.value_format", GGUFValueType.UINT32)) == remarks["fanin.value_format"])
            check("version", field(reader, "fanin.version", GGUFValueType.STRING) == remarks["fanin.version"])
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
    print(f"{count} tensors read by gguf {importlib.metadata.version('gguf')}, bit for bit those of safetensors")


if __name__ == "__main__":
    main()
