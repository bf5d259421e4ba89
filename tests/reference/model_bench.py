"""The steps of tests/bench/model_bench.cpp in transformers, for comparison:  python tests/reference/model_bench.py"""

import time

import torch
from transformers import GPT2Config, GPT2Model, LlamaConfig, LlamaForCausalLM, LlamaModel

torch.set_num_threads(2)
LLAMA = dict(vocab_size=4096, hidden_size=256, intermediate_size=688, num_hidden_layers=6, num_attention_heads=8,
             max_position_embeddings=512, tie_word_embeddings=True)
GPT2 = dict(vocab_size=4096, n_embd=256, n_layer=6, n_head=8, n_positions=512, attn_pdrop=0, embd_pdrop=0,
            resid_pdrop=0)


def median_ms(step, repeats):
    """Wall time and processor time of all threads; the latter is comparable where the machine is shared."""
    step()
    wall, processor = [], []
    for _ in range(repeats):
        start = time.perf_counter(), time.process_time()
        step()
        wall.append(1e3 * (time.perf_counter() - start[0]))
        processor.append(1e3 * (time.process_time() - start[1]))
    return f"wall {sorted(wall)[repeats // 2]:.0f}, processor {sorted(processor)[repeats // 2]:.0f}"


def train_step(model):
    ids = torch.randint(4096, (8, 150))

    def step():
        model.zero_grad(set_to_none=True)
        model(input_ids=ids, use_cache=False).last_hidden_state.square().mean().backward()
    return step


def generate_step(model, prompts=8, length=100, new=64, **how):
    ids = torch.full((prompts, length), 7)

    def step():
        model.generate(ids, attention_mask=torch.ones_like(ids), **({"do_sample": False} | how), max_new_tokens=new,
                       min_new_tokens=new, pad_token_id=0)
    return step


def decoding(deep, **how):
    torch.set_num_threads(1)
    return median_ms(generate_step(deep, prompts=16, length=20, new=128, **how), 3)


if __name__ == "__main__":
    sdpa = {"attn_implementation": "sdpa"}
    print("TrainStep/0 ms", median_ms(train_step(LlamaModel(LlamaConfig(**LLAMA, **sdpa)).train()), 12))
    print("TrainStep/1 ms", median_ms(train_step(GPT2Model(GPT2Config(**GPT2, **sdpa)).train()), 12))
    print("Generate ms", median_ms(generate_step(LlamaForCausalLM(LlamaConfig(**LLAMA, **sdpa)).eval()), 4))
    deep = LlamaForCausalLM(LlamaConfig(**(LLAMA | {"num_hidden_layers": 12}), **sdpa)).eval()
    print("Decoding/0 ms", decoding(deep))
    print("Decoding/1 ms", decoding(deep, do_sample=True, temperature=1.0, top_k=0, top_p=1.0))
