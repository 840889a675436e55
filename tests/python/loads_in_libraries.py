"""Files that fanin writes from the configurations of crates/init-model/tests/vectors/models.json
load into the models of transformers, torchvision and torch: no extra tensor, none missing, and
every value equal to that in the file.

python tests/python/loads_in_libraries.py path/to/fanin
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import torch
import transformers
from safetensors.torch import load_file

import model_tables

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()


def load(folder, config):
    if config["model_type"] in ("mlp", "torchvision_resnet"):
        model, _ = model_tables.build(config)
        model.load_state_dict(load_file(folder / "model.safetensors"), strict=True)
        return model
    [architecture] = config["architectures"]
    model, found = getattr(transformers, architecture).from_pretrained(folder, output_loading_info=True)
    # A missing counter of batches is initialised to 0.
    missing = {name for name in found["missing_keys"] if not name.endswith("num_batches_tracked")}
    if missing or found["unexpected_keys"] or found["mismatched_keys"]:
        sys.exit(f"{architecture}: {found}")
    return model


def main():
    fanin = pathlib.Path(sys.argv[1]).resolve()
    vectors = json.loads((pathlib.Path(__file__).parents[2] / "crates/init-model/tests/vectors/models.json").read_text())
    models, values = 0, 0
    for entry in vectors["models"]:
        if "config" not in entry:
            continue
        config = entry["config"]
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "config.json").write_text(json.dumps(config))
            run = [fanin, "init", "-q", "--config", folder / "config.json", "-o", folder / "model.safetensors"]
            subprocess.run(run, check=True)
            file = load_file(folder / "model.safetensors")
            loaded = model_tables.published(load(folder, config))
        for name, tensor in loaded.items():
            if name.endswith("num_batches_tracked"):
                continue
            written = file.pop(name, None)
            written = file.pop(name.removeprefix("transformer.")) if written is None else written
            if not torch.equal(written, tensor):
                sys.exit(f"{entry['name']}: {name} differs from the file")
            values += tensor.numel()
        if file:
            sys.exit(f"{entry['name']}: {sorted(file)} were not loaded")
        models += 1
    print(f"{models} models loaded, {values:,} values equal to the files")


if __name__ == "__main__":
    main()
