"""The models of tests/golden/trajectory: a GPT-2 student and Llama teachers in plain float64 operations, for
trajectory_reference.py. transformers computes a Llama's norms, positions and softmax in float32 whatever the weights
are, so its models only check these here (`check`).
"""

import json
import math

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig

STUDENT_WIDTH, TEACHER_WIDTH = 16, 24
VOCABULARY, OTHER_VOCABULARY = 48, 40  # the last token of each ends a text

CONFIGS = {
    # dropout as the published models have it: the cases switch it off by train.dropout
    "student": GPT2Config(vocab_size=VOCABULARY, n_embd=STUDENT_WIDTH, n_inner=32, n_layer=2, n_head=2, n_positions=32,
                          bos_token_id=VOCABULARY - 1, eos_token_id=VOCABULARY - 1),
    "teacher": LlamaConfig(vocab_size=VOCABULARY, hidden_size=TEACHER_WIDTH, intermediate_size=32, num_hidden_layers=1,
                           num_attention_heads=2, num_key_value_heads=1, max_position_embeddings=32,
                           tie_word_embeddings=False, bos_token_id=None, eos_token_id=VOCABULARY - 1),
    "other_teacher": LlamaConfig(vocab_size=OTHER_VOCABULARY, hidden_size=TEACHER_WIDTH, intermediate_size=32,
                                 num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=1,
                                 max_position_embeddings=32, tie_word_embeddings=False, bos_token_id=None,
                                 eos_token_id=OTHER_VOCABULARY - 1),
}


def write(folder, name, generator):
    """A model folder with random weights, far enough from uniform predictions for samples to differ."""
    model = AutoModelForCausalLM.from_config(CONFIGS[name])
    weights = {}
    for key, tensor in model.state_dict().items():
        if key == "lm_head.weight" and CONFIGS[name].tie_word_embeddings:
            continue
        middle = 1.0 if tensor.dim() == 1 and "weight" in key else 0.0  # norms
        scale = 0.15 if tensor.dim() == 1 else 0.3
        weights[key] = (middle + scale * torch.randn(tensor.shape, generator=generator)).contiguous()
    if name == "student":  # leans towards the end, so that some of its answers are short
        weights["transformer.wte.weight"][-1] = 3.0 * weights["transformer.ln_f.bias"]
    path = folder / name
    path.mkdir(parents=True, exist_ok=True)
    save_file(weights, path / "model.safetensors", metadata={"format": "pt"})
    CONFIGS[name].architectures = [type(model).__name__]
    config = CONFIGS[name].to_diff_dict() | {"dtype": "float32"}
    (path / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


class Model:
    """Hidden states behind the last norm, which the head multiplies. `weights` are by their Hugging Face names."""

    def __init__(self, folder, name, trainable):
        self.config = CONFIGS[name]
        loaded = load_file(folder / name / "model.safetensors")
        self.weights = {key: value.double().requires_grad_(trainable) for key, value in loaded.items()}

    def hidden(self, ids):
        ids = torch.as_tensor(ids)
        return self.gpt2(ids) if self.config.model_type == "gpt2" else self.llama(ids)

    @property
    def embedding(self):
        return self.weights["transformer.wte.weight" if self.config.model_type == "gpt2" else "model.embed_tokens.weight"]

    @property
    def head(self):
        return self.embedding if self.config.tie_word_embeddings else self.weights["lm_head.weight"]

    def gpt2(self, ids):
        w = {key.removeprefix("transformer."): value for key, value in self.weights.items()}

        def linear(name, x):
            return x @ w[name + ".weight"] + w[name + ".bias"]

        def norm(name, x):
            centred = x - x.mean(-1, keepdim=True)
            variance = centred.square().mean(-1, keepdim=True)
            return centred / (variance + self.config.layer_norm_epsilon).sqrt() * w[name + ".weight"] + w[name + ".bias"]

        x = w["wte.weight"][ids] + w["wpe.weight"][torch.arange(len(ids))]
        for layer in range(self.config.n_layer):
            h = f"h.{layer}."
            q, k, v = linear(h + "attn.c_attn", norm(h + "ln_1", x)).split(self.config.n_embd, dim=-1)
            x = x + linear(h + "attn.c_proj", attention(q, k, v, self.config.n_head, self.config.n_head))
            inner = linear(h + "mlp.c_fc", norm(h + "ln_2", x))
            inner = 0.5 * inner * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (inner + 0.044715 * inner**3)))
            x = x + linear(h + "mlp.c_proj", inner)
        return norm("ln_f", x)

    def llama(self, ids):
        c, w = self.config, self.weights

        def norm(name, x):
            return x / (x.square().mean(-1, keepdim=True) + c.rms_norm_eps).sqrt() * w[name]

        x = w["model.embed_tokens.weight"][ids]
        width = c.hidden_size // c.num_attention_heads
        frequencies = 10000.0 ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)
        angles = torch.arange(len(ids), dtype=torch.float64)[:, None] * frequencies

        def turned(x):  # both halves of a head are the coordinates of points in the plane
            a, b = x.view(len(ids), -1, 2, width // 2).unbind(2)
            cos, sin = angles.cos()[:, None], angles.sin()[:, None]
            return torch.stack([a * cos - b * sin, b * cos + a * sin], 2).reshape(len(ids), -1)

        for layer in range(c.num_hidden_layers):
            h = f"model.layers.{layer}."
            inner = norm(h + "input_layernorm.weight", x)
            q, k, v = (inner @ w[f"{h}self_attn.{name}_proj.weight"].T for name in "qkv")
            mixed = attention(turned(q), turned(k), v, c.num_attention_heads, c.num_key_value_heads)
            x = x + mixed @ w[h + "self_attn.o_proj.weight"].T
            inner = norm(h + "post_attention_layernorm.weight", x)
            gate = inner @ w[h + "mlp.gate_proj.weight"].T
            x = x + (gate * gate.sigmoid() * (inner @ w[h + "mlp.up_proj.weight"].T)) @ w[h + "mlp.down_proj.weight"].T
        return norm("model.norm.weight", x)


def attention(q, k, v, heads, key_heads):
    count = len(q)
    q = q.view(count, heads, -1).transpose(0, 1)
    k, v = (x.view(count, key_heads, -1).transpose(0, 1).repeat_interleave(heads // key_heads, 0) for x in (k, v))
    scores = q @ k.transpose(1, 2) / math.sqrt(q.shape[-1])
    later = torch.ones(count, count, dtype=torch.bool).triu(1)
    return (scores.masked_fill(later, -math.inf).softmax(-1) @ v).transpose(0, 1).reshape(count, -1)


def check(folder, name):
    """What transformers computes from the folder: float64 for GPT-2; a Llama's parts are float32 there."""
    ids = torch.arange(9) * 5 % 37
    published = AutoModelForCausalLM.from_pretrained(folder / name, dtype=torch.float64, attn_implementation="eager")
    with torch.no_grad():
        expected = published.eval()(input_ids=ids[None], use_cache=False).logits[0]
        model = Model(folder, name, trainable=False)
        error = (model.hidden(ids) @ model.head.T - expected).abs().max().item()
    assert error < (1e-12 if name == "student" else 1e-5), (name, error)
