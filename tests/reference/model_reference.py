"""Writes tests/golden/model: tiny Hugging Face folders of every family with what transformers computes from them.

Run by hand with transformers 5.24 and torch 2.11:  python tests/reference/model_reference.py [NAME...]
Every folder NAME holds config.json, weights as safetensors, and expected.safetensors:
  ids, lengths            the sequences end to end, int64
  hidden, logits          of each sequence alone, end to end, float32
  prompts, prompt_lengths, greedy, greedy_lengths   transformers' greedy continuation of the prompts
  grad.NAME               gradients of mean cross entropy over all next tokens (of some models)
Weights in low precision are expected to be converted to float32 before anything is computed.
"""

import json
import pathlib
import shutil
import sys

import torch
from safetensors.torch import save_file
from transformers import Exaone4Config
from transformers import Gemma2Config, Gemma3TextConfig, GemmaConfig, GPT2Config, GPTNeoXConfig, LlamaConfig, MistralConfig
from transformers import Olmo2Config, OlmoConfig, Phi3Config, Qwen2Config, Qwen3Config, SmolLM3Config
from transformers import AutoModelForCausalLM

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden" / "model"
LENGTHS = [13, 5, 19, 1]
PROMPT_LENGTHS = [4, 7, 2]
NEW_TOKENS = 12
EOS = 2

CONFIGS = {
    "gpt2": GPT2Config(vocab_size=101, n_embd=24, n_inner=64, n_layer=2, n_head=4, n_positions=40),
    "llama": LlamaConfig(vocab_size=97, hidden_size=24, intermediate_size=40, num_hidden_layers=2,
                         num_attention_heads=4, tie_word_embeddings=False),
    "llama3": LlamaConfig(vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
                          num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64,
                          tie_word_embeddings=True,
                          rope_parameters={"rope_type": "llama3", "rope_theta": 500000.0, "factor": 4.0,
                                           "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                                           "original_max_position_embeddings": 16}),
    "llama_linear": LlamaConfig(vocab_size=96, hidden_size=32, intermediate_size=40, num_hidden_layers=2,
                                num_attention_heads=2, num_key_value_heads=1, head_dim=8,
                                attention_bias=True, mlp_bias=True, tie_word_embeddings=True,
                                rope_parameters={"rope_type": "linear", "rope_theta": 10000.0, "factor": 2.0}),
    "mistral": MistralConfig(vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
                             num_attention_heads=4, num_key_value_heads=1, sliding_window=6,
                             tie_word_embeddings=False),
    "qwen2_tied": Qwen2Config(vocab_size=112, hidden_size=32, intermediate_size=48, num_hidden_layers=3,
                              num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=True,
                              use_sliding_window=True, sliding_window=8, max_window_layers=1),
    "qwen2_padded": Qwen2Config(vocab_size=128, hidden_size=24, intermediate_size=40, num_hidden_layers=2,
                                num_attention_heads=2, num_key_value_heads=2, tie_word_embeddings=False),
    "qwen3": Qwen3Config(vocab_size=112, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
                         num_attention_heads=4, num_key_value_heads=2, head_dim=16, tie_word_embeddings=True),
    "phi3": Phi3Config(vocab_size=96, hidden_size=32, intermediate_size=40, num_hidden_layers=2,
                       num_attention_heads=4, num_key_value_heads=2, sliding_window=7, pad_token_id=0,
                       tie_word_embeddings=False),
    "gemma": GemmaConfig(vocab_size=96, hidden_size=24, intermediate_size=40, num_hidden_layers=2,
                         num_attention_heads=4, num_key_value_heads=1, head_dim=8),
    # Caps far below the published ones, so that they bend every score and logit of these small models.
    "gemma2": Gemma2Config(vocab_size=112, hidden_size=24, intermediate_size=40, num_hidden_layers=4,
                           num_attention_heads=4, num_key_value_heads=2, head_dim=8, query_pre_attn_scalar=5,
                           sliding_window=6, attn_logit_softcapping=1.5, final_logit_softcapping=3.0),
    "gemma3": Gemma3TextConfig(vocab_size=112, hidden_size=32, intermediate_size=40, num_hidden_layers=4,
                               num_attention_heads=4, num_key_value_heads=2, head_dim=16, query_pre_attn_scalar=24,
                               sliding_window=6, sliding_window_pattern=3,
                               rope_parameters={
                                   "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 50000.0},
                                   "sliding_attention": {"rope_type": "default", "rope_theta": 100.0}}),
    "pythia": GPTNeoXConfig(vocab_size=96, hidden_size=48, intermediate_size=80, num_hidden_layers=2,
                            num_attention_heads=3, rope_parameters={"rope_type": "default", "rope_theta": 10000.0,
                                                                    "partial_rotary_factor": 0.25}),
    "neox_sequential": GPTNeoXConfig(vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
                                     num_attention_heads=2, use_parallel_residual=False, attention_bias=False,
                                     hidden_act="gelu_fast", tie_word_embeddings=True,
                                     rope_parameters={"rope_type": "default", "rope_theta": 500.0,
                                                      "partial_rotary_factor": 0.5}),
    "olmo": OlmoConfig(vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
                       num_attention_heads=4, num_key_value_heads=2, clip_qkv=0.8),
    "olmo2": Olmo2Config(vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
                         num_attention_heads=4, num_key_value_heads=2),
    "smollm": LlamaConfig(vocab_size=96, hidden_size=36, intermediate_size=48, num_hidden_layers=2,
                          num_attention_heads=9, num_key_value_heads=3, tie_word_embeddings=True,
                          rope_parameters={"rope_type": "default", "rope_theta": 100000.0}),
    "smollm3": SmolLM3Config(vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=4,
                             num_attention_heads=4, num_key_value_heads=2, no_rope_layers=[1, 0, 1, 0],
                             use_sliding_window=True, sliding_window=5),
    "exaone4": Exaone4Config(vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=4,
                             num_attention_heads=4, num_key_value_heads=2, sliding_window=5,
                             rope_parameters={"rope_type": "default", "rope_theta": 1000000.0}),
}
STORED = {"llama3": (torch.bfloat16, None), "mistral": (torch.float16, "16KB"), "qwen2_tied": (torch.bfloat16, None),
          "gemma3": (torch.bfloat16, None)}
WITH_GRADIENTS = {
    "gpt2": ["transformer.wpe.weight", "transformer.h.0.attn.c_attn.bias", "transformer.h.1.attn.c_proj.weight",
             "transformer.h.1.ln_2.bias", "transformer.ln_f.weight"],
    "llama": ["model.layers.0.self_attn.q_proj.weight", "model.layers.1.self_attn.v_proj.weight",
              "model.layers.1.mlp.gate_proj.weight", "model.layers.0.input_layernorm.weight", "model.norm.weight"],
    "qwen3": ["model.layers.0.self_attn.q_norm.weight", "model.layers.1.self_attn.k_norm.weight",
              "model.layers.0.self_attn.q_proj.weight"],
    "phi3": ["model.layers.0.self_attn.qkv_proj.weight", "model.layers.1.mlp.gate_up_proj.weight"],
    "gemma2": ["model.layers.0.self_attn.q_proj.weight", "model.layers.1.self_attn.k_proj.weight",
               "model.layers.1.input_layernorm.weight", "model.layers.2.post_feedforward_layernorm.weight",
               "model.norm.weight", "model.embed_tokens.weight"],
    "gemma3": ["model.layers.0.self_attn.q_norm.weight", "model.layers.2.self_attn.k_proj.weight",
               "model.layers.1.post_attention_layernorm.weight", "model.layers.3.mlp.up_proj.weight"],
    "pythia": ["gpt_neox.layers.0.attention.query_key_value.weight", "gpt_neox.layers.1.mlp.dense_h_to_4h.bias",
               "gpt_neox.layers.0.post_attention_layernorm.weight", "gpt_neox.final_layer_norm.bias"],
    "olmo": ["model.layers.0.self_attn.q_proj.weight", "model.layers.1.self_attn.v_proj.weight"],
    "olmo2": ["model.layers.0.self_attn.q_norm.weight", "model.layers.1.post_feedforward_layernorm.weight"],
    "smollm3": ["model.layers.1.self_attn.q_proj.weight", "model.layers.2.self_attn.k_proj.weight"],
    "exaone4": ["model.layers.0.self_attn.q_norm.weight", "model.layers.3.self_attn.k_proj.weight",
                "model.layers.1.post_attention_layernorm.weight", "model.layers.2.post_feedforward_layernorm.weight"],
}


def randomise(model, generator):
    """Larger than the default initialisation, so that no part of the architecture vanishes in the result."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            is_norm = parameter.dim() == 1 and name.endswith("weight")
            centre = 0 if model.config.model_type.startswith("gemma") else 1  # Gemma adds the one itself
            parameter.copy_(centre + 0.3 * noise if is_norm else 0.25 * noise)


def hidden_and_logits(model, **inputs):
    out = model(output_hidden_states=True, use_cache=False, **inputs)
    return out.hidden_states[-1], out.logits


def padded(sequences, side):
    width = max(map(len, sequences))
    ids = torch.zeros(len(sequences), width, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, sequence in enumerate(sequences):
        start = width - len(sequence) if side == "left" else 0
        ids[row, start:start + len(sequence)] = sequence
        mask[row, start:start + len(sequence)] = 1
    return ids, mask


def padded_hidden(model, sequences, side):
    ids, mask = padded(sequences, side)
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    hidden, _ = hidden_and_logits(model, input_ids=ids, attention_mask=mask, position_ids=positions)
    return hidden[mask.bool()]


def greedy(model, prompts):
    """Each prompt alone; the eos that ended it included."""
    answers = []
    for prompt in prompts:
        out = model.generate(prompt[None], attention_mask=torch.ones_like(prompt[None]), do_sample=False,
                             max_new_tokens=NEW_TOKENS, eos_token_id=EOS, pad_token_id=0)
        answers.append(out[0, len(prompt):])
    return answers


def gradients(model, sequences, names):
    total, count = 0, 0
    for sequence in sequences:
        if len(sequence) < 2:
            continue
        _, logits = hidden_and_logits(model, input_ids=sequence[None])
        total = total + torch.nn.functional.cross_entropy(logits[0, :-1], sequence[1:], reduction="sum")
        count += len(sequence) - 1
    (total / count).backward()
    parameters = dict(model.named_parameters())
    return {"grad." + name: parameters[name].grad.clone() for name in names}


def write(name, config):
    folder = GOLDEN / name
    shutil.rmtree(folder, ignore_errors=True)
    generator = torch.Generator().manual_seed(sum(map(ord, name)))
    config._attn_implementation = "eager"
    config.eos_token_id = EOS
    config.bos_token_id = 1
    config.pad_token_id = None
    dtype, shard = STORED.get(name, (torch.float32, None))
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
    randomise(model, generator)
    stored = model.to(dtype)
    stored.save_pretrained(folder, **({"max_shard_size": shard} if shard else {}))
    # Read again rather than converted back: a conversion rounds the rotary frequencies too.
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    vocabulary = config.vocab_size
    sequences = [torch.randint(3, vocabulary, (n,), generator=generator) for n in LENGTHS]
    prompts = [torch.randint(3, vocabulary, (n,), generator=generator) for n in PROMPT_LENGTHS]
    expected = {"ids": torch.cat(sequences), "lengths": torch.tensor(LENGTHS)}
    with torch.no_grad():
        alone = [hidden_and_logits(model, input_ids=s[None]) for s in sequences]
        expected["hidden"] = torch.cat([h[0] for h, _ in alone])
        expected["logits"] = torch.cat([l[0] for _, l in alone])
        gaps = {}
        for side in ("left", "right"):
            difference = padded_hidden(model, sequences, side) - expected["hidden"]
            gaps[side] = f"{difference.abs().max() / expected['hidden'].abs().max():.1e}"
        answers = greedy(model, prompts)
    expected["prompts"] = torch.cat(prompts)
    expected["prompt_lengths"] = torch.tensor(PROMPT_LENGTHS)
    expected["greedy"] = torch.cat(answers)
    expected["greedy_lengths"] = torch.tensor([len(a) for a in answers])
    if name in WITH_GRADIENTS:
        expected.update(gradients(model, sequences, WITH_GRADIENTS[name]))
    save_file({k: v.contiguous() for k, v in expected.items()}, folder / "expected.safetensors")
    print(f"{name}: transformers padded against alone {gaps}", end="; ")
    print("answers", [len(a) for a in answers], sum(f.stat().st_size for f in folder.iterdir()) // 1024, "KiB")


def main():
    torch.manual_seed(0)
    for name, config in CONFIGS.items():
        if len(sys.argv) < 2 or name in sys.argv[1:]:
            write(name, config)
    for extra in GOLDEN.glob("*/generation_config.json"):
        extra.unlink()
    print(json.dumps({"total KiB": sum(f.stat().st_size for f in GOLDEN.rglob("*") if f.is_file()) // 1024}))


if __name__ == "__main__":
    main()
