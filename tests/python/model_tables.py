"""Names, shapes and statistics of the models of transformers, torchvision and torch, for
crates/init-model/tests/models.rs.

pip install -r tests/python/models-requirements.txt
python tests/python/model_tables.py > crates/init-model/tests/vectors/models.json

A model's names are those that `save_pretrained` writes: tied heads are left out, and tensors that this version of
transformers renames or fuses in memory have their published names and shapes. For the small models this is checked by
saving them; the large ones are built on the meta device. The statistics are mean, standard deviation, minimum and
maximum of a small model that the library has initialised, and the number of zero rows of a table.
"""

import json
import pathlib
import sys
import tempfile

import safetensors
import torch
import torchvision
import transformers
from transformers.core_model_loading import revert_weight_conversion

PRESETS = pathlib.Path(__file__).parents[2] / "crates/init-model/presets"
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()

# Presets whose whole table is kept; for the others only the totals.
WHOLE = ["gpt2", "llama-3.2-1b", "bert-base", "vit-base", "resnet-18", "resnet-50", "torchvision-resnet-18", "torchvision-resnet-50"]

DECODER = {
    "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 96,
    "vocab_size": 101,
}
ENCODER = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 96}
BERT = {**ENCODER, "vocab_size": 101, "max_position_embeddings": 40}
VIT = {**ENCODER, "image_size": 32, "patch_size": 8}
GPT2 = {"n_embd": 64, "n_layer": 3, "n_head": 4, "n_positions": 40, "vocab_size": 101}
BASIC = {"layer_type": "basic", "depths": [2, 1], "hidden_sizes": [16, 24], "embedding_size": 16, "num_labels": 5}
BOTTLENECK = {"layer_type": "bottleneck", "depths": [1, 2], "hidden_sizes": [32, 64], "embedding_size": 16, "num_labels": 5}


def small():
    """Small configurations: each family, each architecture, and each option that changes names or shapes."""
    for name, config in {
        "gpt2 without a head": {"architectures": ["GPT2Model"], **GPT2},
        "gpt2 with a head": {"architectures": ["GPT2LMHeadModel"], **GPT2, "n_inner": 96, "initializer_range": 0.05},
        "gpt2 untied": {"architectures": ["GPT2LMHeadModel"], **GPT2, "tie_word_embeddings": False},
    }.items():
        yield name, {"model_type": "gpt2", **config}
    for family, head in {"llama": "Llama", "mistral": "Mistral", "mixtral": "Mixtral", "qwen2": "Qwen2", "qwen3": "Qwen3"}.items():
        more = {"num_local_experts": 3} if family == "mixtral" else {}
        for kind, extra in {
            "ForCausalLM": {},
            "ForCausalLM tied": {"tie_word_embeddings": True, "pad_token_id": 7},
            "ForCausalLM of another head_dim": {"head_dim": 24, "initializer_range": 0.1},
            "Model": {"num_key_value_heads": 4, "pad_token_id": -1},
            "ForSequenceClassification": {"num_labels": 3, "pad_token_id": 0},
        }.items():
            if family == "qwen2" and "head_dim" in extra:
                continue
            architecture = head + kind.split()[0]
            yield f"{family} {kind}", {"model_type": family, "architectures": [architecture], **DECODER, **more, **extra}
    biases = {"attention_bias": True}
    yield "llama with biases", {"model_type": "llama", "architectures": ["LlamaForCausalLM"], **DECODER, **biases, "mlp_bias": True}
    yield "qwen3 with biases", {"model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"], **DECODER, **biases, "head_dim": 32}
    for kind, extra in {
        "Model": {"pad_token_id": None},
        "ForMaskedLM": {"initializer_range": 0.05},
        "ForPreTraining": {"type_vocab_size": 3},
        "ForMaskedLM untied": {"tie_word_embeddings": False},
        "ForSequenceClassification": {"id2label": {"0": "a", "1": "b", "2": "c"}},
        "ForTokenClassification": {"num_labels": 9},
        "ForQuestionAnswering": {},
    }.items():
        yield f"bert {kind}", {"model_type": "bert", "architectures": ["Bert" + kind.split()[0]], **BERT, **extra}
    for kind, extra in {
        "Model": {"qkv_bias": False, "pooler_output_size": 48},
        "ForImageClassification": {"num_labels": 5},
        "ForImageClassification oblong": {"image_size": [32, 48], "patch_size": [8, 16], "num_channels": 1, "initializer_range": 0.3},
    }.items():
        yield f"vit {kind}", {"model_type": "vit", "architectures": ["ViT" + kind.split()[0]], **VIT, **extra}
    for kind, config in {
        "Model basic": BASIC,
        "ForImageClassification basic": {**BASIC, "downsample_in_first_stage": True},
        "Model bottleneck": {**BOTTLENECK, "num_channels": 1},
        "ForImageClassification bottleneck": {**BOTTLENECK, "downsample_in_bottleneck": True},
    }.items():
        yield f"resnet {kind}", {"model_type": "resnet", "architectures": ["ResNet" + kind.split()[0]], **config}
    shallow = {"model_type": "torchvision_resnet", "layers": [1, 1, 1, 1], "num_classes": 7}
    yield "torchvision basic", {**shallow, "block": "basic", "layers": [2, 1, 1, 1], "zero_init_residual": True}
    yield "torchvision groups", {**shallow, "block": "bottleneck", "groups": 32, "width_per_group": 4}
    yield "torchvision wide", {**shallow, "block": "bottleneck", "width_per_group": 128, "zero_init_residual": True}
    yield "mlp", {"model_type": "mlp", "sizes": [40, 30, 20, 10]}
    yield "mlp without biases", {"model_type": "mlp", "sizes": [40, 30], "bias": False}


def build(config):
    """Returns the model of a configuration, and its class."""
    config = dict(config)
    family = config.pop("model_type")
    if family == "mlp":
        sizes, bias = config["sizes"], config.get("bias", True)
        layers = []
        for fan_in, fan_out in zip(sizes, sizes[1:]):
            layers += [torch.nn.Linear(fan_in, fan_out, bias=bias), torch.nn.ReLU()]
        return torch.nn.Sequential(*layers[:-1]), "torch.nn.Sequential"
    if family == "torchvision_resnet":
        blocks = {"basic": torchvision.models.resnet.BasicBlock, "bottleneck": torchvision.models.resnet.Bottleneck}
        return torchvision.models.ResNet(blocks[config.pop("block")], **config), "torchvision.models.ResNet"
    [architecture] = config["architectures"]
    made = transformers.AutoConfig.for_model(family, **config)
    return getattr(transformers, architecture)(made), f"transformers.{architecture}"


def published(model):
    """Returns the tensors of the published file, in the order of the model."""
    state = model.state_dict()
    if not isinstance(model, transformers.PreTrainedModel):
        return state
    tied = set(model.all_tied_weights_keys)
    whole = {}
    for name, tensor in state.items():
        if name not in tied:
            # One at a time, because the reversal sorts its argument.
            whole.update(revert_weight_conversion(model, {name: tensor}))
    return whole


def saved(model):
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        with safetensors.safe_open(pathlib.Path(folder) / "model.safetensors", framework="pt") as file:
            return {name: list(file.get_tensor(name).shape) for name in file.keys()}


def shapes(state):
    return {name: list(tensor.shape) for name, tensor in state.items()}


def statistics(tensor):
    wide = tensor.double().flatten()
    rows = int((tensor == 0).all(dim=-1).sum()) if tensor.ndim == 2 else 0
    spread = wide.std(correction=0) if wide.numel() > 1 else torch.zeros(())
    return [float(f"{float(x):.7g}") for x in (wide.mean(), spread, wide.min(), wide.max())] + [rows]


def main():
    command = "python tests/python/model_tables.py > crates/init-model/tests/vectors/models.json"
    versions = {"torch": torch.__version__.split("+")[0], "torchvision": torchvision.__version__.split("+")[0],
                "transformers": transformers.__version__}
    models, totals = [], {}
    for path in sorted(PRESETS.glob("*.json")):
        preset = path.stem
        config = json.loads(path.read_text())
        with torch.device("meta"):
            model, library = build(config)
        state = published(model)
        buffers = {name for name, _ in model.named_buffers()}
        totals[preset] = {
            "library": library,
            "tensors": len(state),
            "parameters": sum(tensor.numel() for name, tensor in state.items() if name not in buffers),
            "buffers": sum(tensor.numel() for name, tensor in state.items() if name in buffers),
        }
        if preset in WHOLE:
            models.append({"name": preset, "preset": preset, "library": library, "tensors": list(shapes(state).items())})
    for name, config in small():
        torch.manual_seed(0)
        model, library = build(config)
        state = published(model)
        if isinstance(model, transformers.PreTrainedModel) and saved(model) != shapes(state):
            sys.exit(f"{name}: save_pretrained writes a different table")
        tensors = [[name, list(tensor.shape), statistics(tensor)] for name, tensor in state.items()]
        models.append({"name": name, "config": config, "library": library, "tensors": tensors})

    lines = ["{", f'"command": {json.dumps(command)},', f'"versions": {json.dumps(versions)},', '"totals": {']
    lines.append(",\n".join(f"{json.dumps(preset)}: {json.dumps(total)}" for preset, total in totals.items()))
    lines.append('},\n"models": [')
    def one(model):
        head = {key: value for key, value in model.items() if key != "tensors"}
        rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in model["tensors"])
        return json.dumps(head)[:-1] + ', "tensors": [\n' + rows + "\n]}"
    lines.append(",\n".join(one(model) for model in models))
    lines.append("]\n}")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
