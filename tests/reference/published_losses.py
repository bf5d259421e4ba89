"""Writes tests/golden/published/: what the criterion classes of the published repositories compute, unmodified, on
tiny random models, with everything that core/distill takes as input.

    python tests/reference/published_losses.py DSKD DSKDv2 DSKD-KQ tests/golden/model tests/golden/published

The first three arguments are checkouts. Two pairs of models: one_vocabulary (ids at random) and two_vocabularies (two
toy tokenizers over one text). Prompts differ in length, one is cut on one side only, one answer ends with a character
that one side spells with two tokens. Batches are padded to a fixed length by the repositories' own collator. What the
classes ask of the surrounding program (arguments, a distiller, tokenizers, a process group of one) is supplied from
outside; attributes that they read under a name that nobody sets are set here.

Also padding.safetensors: hidden states of the models of tests/golden/model at padded positions.
"""
import importlib
import json
import pathlib
import subprocess
import sys
import tempfile
import types

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

MAX_LENGTH = 20
MAX_PROMPT = 8
DISTANCES = {"forward_kl": "kl", "reverse_kl": "rkl", "js_divergence": "js", "skewed_forward_kl": "skl",
             "skewed_reverse_kl": "srkl", "adaptive_kl": "akl"}


class ToyTokenizer:
    """Longest match over a list of pieces; `mark` stands for a space."""

    def __init__(self, pieces, mark, eos, unk):
        self.pieces, self.mark, self.eos_token = pieces, mark, eos
        self.ids = {piece: i for i, piece in enumerate(pieces)}
        self.eos_token_id = self.ids[eos]
        self.unk_id = unk

    def get_vocab(self):
        return dict(self.ids)

    def convert_ids_to_tokens(self, ids):
        return [self.pieces[int(i)] for i in ids]

    def convert_tokens_to_ids(self, tokens):
        return [self.ids.get(token, self.unk_id) for token in tokens]

    def encode(self, text):
        """Ids and the character behind each token's text."""
        ids, ends, at = [], [], 0
        while at < len(text):
            if text[at] == "\u00e9" and "\u00e9" not in self.ids:  # two bytes, two tokens, one character
                ids += [self.ids["\u00c3"], self.ids["\u00a9"]]
                ends += [at + 1, at + 1]
                at += 1
                continue
            shown = text.replace(" ", self.mark)
            piece = max((p for p in self.pieces if shown.startswith(p, at)), key=len)
            at += len(piece)
            ids.append(self.ids[piece])
            ends.append(at)
        return ids, ends


def toy_tokenizers():
    letters = list("abcde")
    student = ["<|endoftext|>"] + letters + ["\u0120" + c for c in letters] + [
        "\u0120", "ab", "\u0120ab", "cde", "\u0120bc", "dd", "\u00c3", "\u00a9", "\u0120cd"]
    teacher = ["<unk>", "</s>"] + letters + ["\u2581" + c for c in letters] + [
        "\u2581", "\u2581ab", "abc", "\u2581cd", "de", "\u00e9", "dd", "\u2581dd", "cde", "\u2581e\u2581", "bc", "ea", "\u2581de"]
    return (ToyTokenizer(student, "\u0120", "<|endoftext|>", 0), ToyTokenizer(teacher, "\u2581", "</s>", 0))


TEXTS = [
    ("ab cde", " ab cd e ab dd abc"),
    ("de de de de de", " ab bc dd ea"),  # the student's prompt is cut, the teacher's is not
    ("dd", "e abcde \u00e9 ab\u00e9"),
]



def seed_models(student_vocabulary, teacher_vocabulary, seed):
    torch.manual_seed(seed)
    student = GPT2LMHeadModel(GPT2Config(vocab_size=student_vocabulary, n_positions=MAX_LENGTH, n_embd=8, n_layer=1,
                                         n_head=2, initializer_range=0.6, bos_token_id=0, eos_token_id=0))
    teacher = LlamaForCausalLM(LlamaConfig(vocab_size=teacher_vocabulary, hidden_size=12, intermediate_size=24,
                                           num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=2,
                                           initializer_range=0.6, tie_word_embeddings=False, bos_token_id=1,
                                           eos_token_id=1, pad_token_id=None))
    for parameter in teacher.parameters():
        parameter.requires_grad = False
    return student.eval(), teacher.eval()


class Repository:
    """Imports modules of one checkout, with a stub for what needs a GPU."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        for name in [n for n in sys.modules if n.split(".")[0] in ("criterions", "data_utils", "utils", "distiller")]:
            del sys.modules[name]
        sys.modules["deepspeed"] = types.ModuleType("deepspeed")
        sys.path.insert(0, str(self.root / "code"))

    def module(self, name):
        return importlib.import_module(name)

    def done(self):
        sys.path.remove(str(self.root / "code"))

    def commit(self):
        return subprocess.run(["git", "-C", str(self.root), "rev-parse", "HEAD"], capture_output=True, text=True,
                              check=True).stdout.strip()


def arguments(**changed):
    values = dict(kd_rate=0.4, kd_temperature=1.5, teacher_temperature=1.25, kd_objective="forward_kl",
                  label_smoothing=0.0, skew_lambda=0.1, adaptive_kl_alpha=0.5, model_type="gpt2", report_logits=False,
                  only_save_projector=False, only_stu_kd=False, only_tea_kd=False, init_t2s_projector=True,
                  init_s2t_projector=True, topk_vocab=-1, t2s_agreement=1.0)
    values.update(changed)
    return types.SimpleNamespace(**values)


def tokenized(tokenizer, prompt, response):
    prompt_ids, prompt_ends = tokenizer.encode(prompt)
    response_ids, response_ends = tokenizer.encode(response)
    return (prompt_ids[:MAX_PROMPT], prompt_ends[:MAX_PROMPT], response_ids + [tokenizer.eos_token_id],
            response_ends + [-1])


def collated(repository, samples, student_tokenizer, teacher_tokenizer):
    """The batch of DSKD-KQ's collator, which is DSKD's with offsets."""
    import numpy as np
    data = repository.module("data_utils.distill_datasets").DistillDataset
    dataset = data.__new__(data)
    dataset.args = arguments()
    dataset.max_length, dataset.max_prompt_length = MAX_LENGTH, MAX_PROMPT
    dataset.student_tokenizer, dataset.teacher_tokenizers = student_tokenizer, {"llama": teacher_tokenizer}
    seg = np.iinfo(np.int32).max * 2 + 1
    packed = []
    for student, teacher in samples:
        packed.append({"student_input_ids": student[0] + [seg] + student[2],
                       "student_offsets": student[1] + [seg] + student[3],
                       "teacher_llama_input_ids": teacher[0] + [seg] + teacher[2],
                       "teacher_llama_offsets": teacher[1] + [seg] + teacher[3]})
    model_data, label_data, _ = dataset.collate(packed)
    return model_data, label_data


def projectors(seed, bias):
    torch.manual_seed(seed)
    return torch.nn.ModuleDict({"t2s": torch.nn.Linear(12, 8, bias=bias), "s2t": torch.nn.Linear(8, 12, bias=bias),
                                "query": torch.nn.Linear(16, 24, bias=bias)})


class Pair:
    def __init__(self, name, kq, tensors):
        self.name = name
        if name == "one_vocabulary":
            self.student, self.teacher = seed_models(23, 23, 1)
            self.student_tokenizer = self.teacher_tokenizer = ToyTokenizer([str(i) for i in range(23)], "_", "0", None)
            torch.manual_seed(2)
            samples = []
            for prompt, response in ((3, 6), (9, 4), (1, 9)):
                ids = torch.randint(1, 23, (prompt + response,)).tolist()
                side = (ids[:prompt][:MAX_PROMPT], list(range(1, prompt + 1))[:MAX_PROMPT], ids[prompt:] + [0],
                        list(range(1, response + 1)) + [-1])
                samples.append((side, side))
        else:
            self.student_tokenizer, self.teacher_tokenizer = toy_tokenizers()
            self.student, self.teacher = seed_models(len(self.student_tokenizer.pieces),
                                                     len(self.teacher_tokenizer.pieces), 3)
            samples = [(tokenized(self.student_tokenizer, *text), tokenized(self.teacher_tokenizer, *text))
                       for text in TEXTS]
        self.inputs, self.labels = collated(kq, samples, self.student_tokenizer, self.teacher_tokenizer)
        self.tensors = tensors
        self.denominator = 1.25 * float(self.labels["label"].ne(-100).sum())
        self.projectors = projectors(4, bias=True)
        with torch.no_grad():
            student = self.student(self.inputs["input_ids"], attention_mask=self.inputs["attention_mask"],
                                   position_ids=self.inputs["position_ids"], output_hidden_states=True)
            teacher = self.teacher(self.inputs["teacher_llama_input_ids"],
                                   attention_mask=self.inputs["teacher_llama_attention_mask"],
                                   output_hidden_states=True)
        tensors.update({
            "student.hidden": student.hidden_states[-1], "teacher.hidden": teacher.hidden_states[-1],
            "student.ids": self.inputs["input_ids"], "teacher.ids": self.inputs["teacher_llama_input_ids"],
            "student.labels": self.labels["label"], "teacher.labels": self.labels["teacher_llama_label"],
            "student.offsets": self.inputs["offsets"], "teacher.offsets": self.inputs["teacher_llama_offsets"],
            "student.head": self.student.lm_head.weight, "teacher.head": self.teacher.lm_head.weight,
            "student.embedding": self.student.transformer.wte.weight,
            "teacher.embedding": self.teacher.model.embed_tokens.weight,
        })

    def keep_projectors(self):
        for name, parameter in self.projectors.named_parameters():
            self.tensors["projector." + name] = parameter.detach().clone()

    def train(self, call, parameters, steps):
        """Lets projectors learn, so that masks of correctness and agreement are neither empty nor full."""
        optimizer = torch.optim.Adam([p for p in parameters if p is not None], lr=0.05)
        for _ in range(steps):
            optimizer.zero_grad()
            call()[0].backward()
            optimizer.step()

    def clone(self, data):
        return {key: value.clone() for key, value in data.items()}

    def run(self, call, projectors, case):
        """Calls the criterion and keeps the gradients of projectors and of the student's hidden states."""
        kept = []

        def keep(_, __, output):
            output.retain_grad()
            kept.append(output)

        hook = self.student.transformer.ln_f.register_forward_hook(keep)
        self.student.zero_grad()
        projectors.zero_grad()
        loss, log = call()
        loss.backward()
        hook.remove()
        self.tensors[f"gradient.{case}.hidden"] = kept[0].grad
        for name, parameter in projectors.named_parameters():
            if parameter.grad is not None and parameter.grad.abs().sum() > 0:
                self.tensors[f"gradient.{case}.{name}"] = parameter.grad
        return {"loss": float(loss.detach()), **{name: values[0] for name, values in log.items() if name != "loss"}}


def v1(pair, criterion, args, case, train=0):
    """The criterion of DSKD or DSKD-KQ; its log is divided by the denominator already."""
    distiller = types.SimpleNamespace(student_model=pair.student, teacher_model=pair.teacher,
                                      teacher_model_type="llama", projectors=pair.projectors)

    def call():
        out = criterion(args)(distiller, pair.clone(pair.inputs), pair.clone(pair.labels), {}, pair.denominator)
        return (out["loss"], out["log"]) if isinstance(out, dict) else out

    if train > 0:
        pair.train(call, pair.projectors.parameters(), train)
        pair.keep_projectors()
    return pair.run(call, pair.projectors, case)


def v2(pair, repository, criterion, args, case, unk=0):
    module = repository.module("distiller")
    distiller = types.SimpleNamespace(
        args=args, student_model=pair.student, teacher_model=pair.teacher, student_tokenizer=pair.student_tokenizer,
        teacher_tokenizer=pair.teacher_tokenizer)
    pair.student_tokenizer.unk_id = unk
    heads = projectors(5, bias=False)
    distiller.t2s_projector, distiller.s2t_projector = heads["t2s"], heads["s2t"]
    distiller.query_projector = heads["query"]
    module.Distiller.projector_init(distiller)
    distiller.t2s_projectors, distiller.s2t_projectors = distiller.t2s_projector, distiller.s2t_projector
    pair.tensors["initial_t2s"] = heads["t2s"].weight.detach().clone()
    batch = {"input_batch": {"input_ids": pair.inputs["input_ids"], "attention_mask": pair.inputs["attention_mask"],
                             "position_ids": pair.inputs["position_ids"]},
             "label_batch": {"label": pair.labels["label"].clone(), "loss_denom": torch.tensor(pair.denominator)},
             "teacher_input_batch": {"input_ids": pair.inputs["teacher_llama_input_ids"],
                                     "attention_mask": pair.inputs["teacher_llama_attention_mask"]},
             "teacher_label_batch": {"label": pair.labels["teacher_llama_label"].clone(),
                                     "loss_denom": torch.tensor(pair.denominator)}}

    def call():
        return criterion(args)(distiller, batch, {})

    pair.train(call, [heads["t2s"].weight, heads["query"].weight], 12)
    for name in ("t2s", "query"):
        pair.tensors[f"projector.{case}.{name}.weight"] = heads[name].weight.detach().clone()
    return pair.run(call, heads, case)


def model_padding(folder):
    """Hidden states of a batch of two, padded to 12 positions as the collator pads."""
    tensors = {}
    torch.manual_seed(6)
    for name in ("gpt2", "llama", "mistral", "qwen2_tied", "qwen3", "phi3"):
        model = AutoModelForCausalLM.from_pretrained(folder / name, dtype=torch.float32).eval()
        ids = torch.randint(2, model.config.vocab_size, (2, 12))
        mask = torch.ones(2, 12)
        for row, length in enumerate((7, 4)):
            ids[row, length:], mask[row, length:] = 1, 0
        positions = {"position_ids": (torch.arange(12) * mask).long()} if name == "gpt2" else {}
        with torch.no_grad():
            hidden = model(ids, attention_mask=mask, output_hidden_states=True, **positions).hidden_states[-1]
        tensors[name + ".ids"], tensors[name + ".hidden"] = ids, hidden
    return tensors


def main():
    *roots, models, out = sys.argv[1:]
    out = pathlib.Path(out)
    torch.distributed.init_process_group("gloo", rank=0, world_size=1,
                                         init_method="file://" + tempfile.mktemp())
    kq = Repository(roots[2])
    one, two = {}, {}
    same, cross = Pair("one_vocabulary", kq, one), Pair("two_vocabularies", kq, two)
    cases = {}

    def add(pair, name, fidelity, repository, method, terms):
        cases[name] = {"pair": pair.name, "fidelity": fidelity, "commit": repository.commit(), "method": method,
                       "denominator": pair.denominator, "terms": terms}

    criterions = kq.module("criterions")
    v1(cross, criterions.DualSpaceKDWithCMA, arguments(), "cma_kq", train=12)
    for name, criterion in (("cla", criterions.DualSpaceKDWithCLA), ("clp", criterions.DualSpaceKDWithCLP),
                            ("cma_kq", criterions.DualSpaceKDWithCMA)):
        add(cross, name, "reference-v1", kq, {"space": "dual", "alignment": name.split("_")[0], "distance": "kl"},
            v1(cross, criterion, arguments(), name))
    kq.done()

    dskd = Repository(roots[0])
    criterions = dskd.module("criterions")
    v1(same, criterions.DualSpaceKD, arguments(), "dskd", train=12)
    for theirs, ours in DISTANCES.items():
        add(same, "vanilla_" + ours, "reference-v1", dskd, {"space": "diff", "alignment": "none", "distance": ours},
            v1(same, criterions.VariousDivergence, arguments(kd_objective=theirs), "vanilla_" + ours))
    add(same, "dskd", "reference-v1", dskd, {"space": "dual", "alignment": "none", "distance": "rkl"},
        v1(same, criterions.DualSpaceKD, arguments(kd_objective="reverse_kl"), "dskd"))
    add(cross, "cma", "reference-v1", dskd, {"space": "dual", "alignment": "cma", "distance": "skl"},
        v1(cross, criterions.DualSpaceKDWithCMA, arguments(kd_objective="skewed_forward_kl"), "cma"))
    add(cross, "uld", "reference-v1", dskd, {"space": "diff", "alignment": "position", "distance": "uld"},
        v1(cross, criterions.UniversalLogitDistillation, arguments(), "uld"))
    dskd.done()

    second = Repository(roots[1])
    criterions = second.module("criterions")
    for name, threshold in (("dskd_v2", 1.0), ("dskd_v2_unmasked", 0.0)):
        add(same, name, "reference-v2", second,
            {"space": "dual", "alignment": "none", "distance": "rkl", "threshold": threshold},
            v2(same, second, criterions.DualSpaceKDV2, arguments(kd_objective="reverse_kl", t2s_agreement=threshold),
               name))
    for name, threshold, unk in (("eta", 1.0, 0), ("eta_unmasked", 0.0, 0), ("eta_without_unk", 1.0, None)):
        add(cross, name, "reference-v2", second,
            {"space": "dual", "alignment": "eta-published", "distance": "skl", "threshold": threshold,
             "unk": -1 if unk is None else unk},
            v2(cross, second, criterions.DualSpaceKDV2WithETA,
               arguments(kd_objective="skewed_forward_kl", t2s_agreement=threshold), name, unk))
    add(cross, "cma_v2", "reference-v2", second, {"space": "dual", "alignment": "cma", "distance": "rkl"},
        v2(cross, second, criterions.DualSpaceKDWithCMA, arguments(kd_objective="reverse_kl"), "cma_v2"))
    second.done()

    common = {"temperature": 1.5, "teacher_temperature": 1.25, "kd_rate": 0.4, "skew_lambda": 0.1,
              "adaptive_alpha": 0.5,
              "student_tokens": cross.student_tokenizer.pieces, "teacher_tokens": cross.teacher_tokenizer.pieces,
              "student_eos": cross.student_tokenizer.eos_token, "teacher_eos": cross.teacher_tokenizer.eos_token,
              "cases": cases}
    (out / "losses.json").write_text(json.dumps(common, indent=1, ensure_ascii=False) + "\n")
    for pair in (same, cross):
        save_file({k: v.detach().clone().contiguous() for k, v in pair.tensors.items()},
                  str(out / f"{pair.name}.safetensors"))
    save_file(model_padding(pathlib.Path(models)), str(out / "padding.safetensors"))
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main()
