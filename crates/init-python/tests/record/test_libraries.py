"""Unmodified models of transformers, torchvision and timm: the values recorded are those that the "
"library draws."""

from __future__ import annotations

import pytest

from .conftest import LONG, check_model

TINY = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 64,
    "vocab_size": 101,
    "moe_intermediate_size": 16,
    "num_experts": 4,
    "num_local_experts": 4,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
GPT = {**TINY, "n_embd": 32, "n_layer": 2, "n_head": 4, "rotary_dim": 8, "n_positions": 64}
SEQUENCE = {
    "d_model": 32,
    "num_layers": 2,
    "num_heads": 4,
    "d_ff": 64,
    "d_kv": 8,
    "vocab_size": 101,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "decoder_start_token_id": 1,
    "forced_eos_token_id": 2,
}
VISION = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
SPEECH = {**TINY, "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 4}

TRANSFORMERS = {
    **dict.fromkeys(
        "llama mistral mixtral qwen2 qwen3 qwen2_moe qwen3_moe gemma gemma2 phi phi3 gpt_neox".split(), TINY
    ),
    **dict.fromkeys(
        "opt olmo olmo2 granite cohere stablelm starcoder2 glm glm4 persimmon nemotron".split(), TINY
    ),
    **dict.fromkeys("smollm3 olmoe mamba".split(), TINY),
    **dict.fromkeys("bloom gptj gpt2 gpt_bigcode codegen".split(), GPT),
    **dict.fromkeys("bert roberta electra albert deberta-v2 mpnet".split(), TINY),
    "distilbert": {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 64, "vocab_size": 101},
    **dict.fromkeys("t5 bart whisper".split(), SEQUENCE),
    **dict.fromkeys("vit deit dinov2 beit".split(), VISION),
    **dict.fromkeys("wav2vec2 hubert".split(), SPEECH),
    "resnet": {"embedding_size": 8, "hidden_sizes": [8, 16, 16, 16], "depths": [1, 1, 1, 1]},
    "convnext": {"hidden_sizes": [8, 16, 16, 16], "depths": [1, 1, 1, 1]},
    "segformer": {
        "hidden_sizes": [8, 16, 16, 16],
        "depths": [1, 1, 1, 1],
        "num_attention_heads": [1, 2, 2, 2],
    },
    "swin": {"embed_dim": 16, "depths": [1, 1], "num_heads": [1, 2]},
}


@pytest.mark.parametrize("kind", sorted(TRANSFORMERS))
def test_transformers(kind: str) -> None:
    transformers = pytest.importorskip("transformers")
    config = transformers.CONFIG_MAPPING[kind]
    options = dict(TRANSFORMERS[kind])
    plan = check_model(lambda: transformers.AutoModel.from_config(config(**options)))
    assert len(plan) > 3


TORCHVISION = [
    *("resnet18 alexnet squeezenet1_1 mobilenet_v2 mobilenet_v3_small shufflenet_v2_x0_5".split()),
    *("efficientnet_b0 mnasnet0_5 regnet_y_400mf densenet121 swin_t convnext_tiny vit_b_32".split()),
]


def long_torchvision() -> list[str]:
    """Return all other classification models of torchvision, if the long tests run."""
    if not LONG:
        return []
    torchvision = pytest.importorskip("torchvision")
    models = torchvision.models.list_models(module=torchvision.models)
    return [name for name in models if name not in TORCHVISION]


@pytest.mark.parametrize("name", TORCHVISION + long_torchvision())
def test_torchvision(name: str) -> None:
    torchvision = pytest.importorskip("torchvision")
    check_model(lambda: torchvision.models.get_model(name))


TIMM = (
    "resnet10t deit_tiny_patch16_224 vit_tiny_patch16_224 convnext_atto efficientnet_lite0 "
    "swin_tiny_patch4_window7_224 "
    "regnetx_002 mobilevit_xxs poolformer_s12 pit_ti_224 gmlp_ti16_224 edgenext_xx_small "
    "eva02_tiny_patch14_224 fastvit_t8 "
    "xcit_nano_12_p16_224"
).split()
TIMM_LONG = (
    "resnet18 mixer_s32_224 beit_base_patch16_224 cait_xxs24_224 levit_128s crossvit_tiny_240 "
    "visformer_tiny resmlp_12_224 "
    "twins_svt_small volo_d1_224 nest_tiny davit_tiny maxvit_tiny_tf_224 hgnet_tiny mobilenetv3_small_050 "
    "mnasnet_small "
    "tf_efficientnetv2_b0 ghostnet_050 dla46_c dpn48b repvgg_a0 hrnet_w18_small lcnet_035 tinynet_e "
    "selecsls42 skresnet18 "
    "seresnet18 res2net50_14w_8s resnest14d rexnet_100 regnety_002 cspresnet50 darknet17 vovnet39a "
    "inception_v4 xception41 "
    "convmixer_768_32 sequencer2d_s focalnet_tiny_srf mvitv2_tiny pvt_v2_b0 efficientformer_l1 "
    "tiny_vit_5m_224 "
    "resnext26ts gernet_s hardcorenas_a mobilenetv4_conv_small repghostnet_050 ese_vovnet19b_dw"
).split()


@pytest.mark.parametrize("name", TIMM + (TIMM_LONG if LONG else []))
def test_timm(name: str) -> None:
    timm = pytest.importorskip("timm")
    if name not in timm.list_models():
        pytest.skip(f"timm {timm.__version__} has no {name}")
    check_model(lambda: timm.create_model(name))
