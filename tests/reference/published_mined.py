#!/usr/bin/env python3
"""Golden values of MinED from the published code.

    published_mined.py CODE DEMO > tests/golden/published/mined/losses.json

CODE is the folder `code` of a checkout of the published DSKD repository, which this script runs unmodified; DEMO is
resources/demo. In float32 the published criterion writes its targets over the student's own logits (core/distill/METHOD.md 11.2);
with float64 logits its `.float()` copies, and it computes what it says, in float32.

The models are formulas instead of weights, so that the test needs no large file: hidden states are sines of token,
position and column, the heads cosines of token and column (see `rows` and `head`; minimum_edits_golden_test.cpp has the
same).
"""

import json
import sys
import types
from pathlib import Path

import editdistance
import torch
from transformers import AutoTokenizer

WIDTH = {"student": 5, "teacher": 7}
PROMPTS = ["### Instruction:\nSay it.\n\n### Response:\n", "Name three of them.\n"]
ANSWERS = [
    "The quick brown fox jumps over the lazy dog, and nobody knows why.",
    "Tokenizers of different vocabularies disagree about unusual words.\nExactly 42 of them: \"caf\u00e9\", na\u00efve!",
]


def rows(ids, width):
    """(B, T) ids -> (B, T, width) hidden states."""
    position = torch.arange(ids.shape[1], dtype=torch.float64)[None, :, None]
    column = torch.arange(width, dtype=torch.float64)
    return 1.5 * torch.sin(0.7 * ids.double()[:, :, None] + 0.3 * position + 1.1 * column)


def head(vocabulary, width):
    token = torch.arange(vocabulary, dtype=torch.float64)[:, None]
    return torch.cos(0.13 * token + 0.9 * torch.arange(width, dtype=torch.float64))


class Model:
    def __init__(self, vocabulary, width):
        self.head = head(vocabulary, width).requires_grad_(True)
        self.width = width

    def eval(self):
        return self

    def __call__(self, ids, **_):
        return types.SimpleNamespace(logits=rows(ids, self.width) @ self.head.T)


def spelled(tokenizer):
    pieces = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    return [piece.replace("\u0120", "\u2581") for piece in pieces]


def nearest(teacher, student):
    """The map that the published code reads from a file: exact spellings, the eos, else the fewest edits."""
    known = {}
    for number, piece in enumerate(spelled(student)):
        known.setdefault(piece, number)
    candidates = spelled(student)
    result = []
    for piece in spelled(teacher):
        if piece in known:
            result.append(known[piece])
        else:
            result.append(min(range(len(candidates)), key=lambda i: (editdistance.eval(piece, candidates[i]), i)))
    for name in ("pad_token_id", "bos_token_id", "eos_token_id"):
        a, b = getattr(teacher, name), getattr(student, name)
        if a is not None and b is not None:
            result[a] = b
    return result


def encode(tokenizer, prompt, answer):
    first = tokenizer.encode(prompt, add_special_tokens=False)
    return first, tokenizer.encode(answer, add_special_tokens=False) + [tokenizer.eos_token_id]


def padded(samples, pad):
    """Inputs and labels of a batch as the published data set lays them out, with -100 where nothing is predicted."""
    length = max(len(prompt) + len(answer) for prompt, answer in samples) - 1
    inputs = torch.full((len(samples), length), pad)
    labels = torch.full((len(samples), length), -100)
    for i, (prompt, answer) in enumerate(samples):
        ids = torch.tensor(prompt + answer)
        inputs[i, : len(ids) - 1] = ids[:-1]
        labels[i, len(prompt) - 1 : len(ids) - 1] = ids[len(prompt) :]
    return inputs, labels


def main():
    code, demo = sys.argv[1], Path(sys.argv[2])
    sys.path.insert(0, code)
    from criterions import min_edit_dis_kld as published

    teacher = AutoTokenizer.from_pretrained(demo / "teacher")
    student = AutoTokenizer.from_pretrained(demo / "student-llama")
    # Class names change between releases of transformers; the published code looks up the space mark by class.
    published.TOKENIZER_TO_SPECIAL_TOKEN[type(teacher)] = "\u0120"
    published.TOKENIZER_TO_SPECIAL_TOKEN[type(student)] = "\u2581"
    mapping = nearest(teacher, student)
    inverse = {}
    for teacher_id, student_id in enumerate(mapping):
        inverse.setdefault(student_id, []).append(teacher_id)  # the published code keeps the first one

    pair = {
        "student": [encode(student, p, a) for p, a in zip(PROMPTS, ANSWERS)],
        "teacher": [encode(teacher, p, a) for p, a in zip(PROMPTS, ANSWERS)],
    }
    student_inputs, student_labels = padded(pair["student"], student.eos_token_id)
    teacher_inputs, teacher_labels = padded(pair["teacher"], teacher.eos_token_id)

    class Criterion(published.MinEditDisForwardKLD):
        """The published criterion, with an ear at its alignment and its terms."""

        alignments = []

        def dtw(self, first, second, norm_func):
            result = super().dtw(first, second, norm_func=norm_func)
            self.alignments.append({"teacher_of_student": result[3], "cost": float(result[1])})
            return result

        def compute_forward_kl_divergence(self, logits, teacher_logits, target, **options):
            self.kd = super().compute_forward_kl_divergence(logits, teacher_logits, target, **options)
            return self.kd

        def record_logging_output(self, logging_output, batch_denom, content):
            return {name: float(value.detach()) for name, value in content.items()}

    cases = []
    for temperature in (1.0, 2.0):
        Criterion.alignments = []
        criterion = Criterion(types.SimpleNamespace(
            kd_rate=0.5, kd_temperature=temperature, teacher_temperature=1.0, label_smoothing=0.0,
            kd_objective="forward_kl"))
        models = {"student": Model(len(student), WIDTH["student"]), "teacher": Model(len(teacher), WIDTH["teacher"])}
        distiller = types.SimpleNamespace(
            student_model=models["student"], teacher_model=models["teacher"], teacher_model_type="t",
            student_tokenizer=student, teacher_tokenizers={"t": teacher},
            tea2stu_id_mapping=torch.tensor(mapping),
            stu2tea_id_mapping_tea=torch.tensor([teachers[:1] for teachers in inverse.values()]),
            stu2tea_id_mapping_stu=torch.tensor(list(inverse)))
        loss, values = criterion.forward(
            distiller,
            {"input_ids": student_inputs, "attention_mask": torch.ones_like(student_inputs),
             "teacher_t_input_ids": teacher_inputs, "teacher_t_attention_mask": torch.ones_like(teacher_inputs)},
            {"label": student_labels, "teacher_t_label": teacher_labels}, {}, 1.0)
        loss.backward()
        gradient = models["student"].head.grad
        probe = torch.sin(torch.arange(gradient.numel(), dtype=torch.float64) * 0.37).view_as(gradient)
        cases.append({
            "temperature": temperature, "nll_loss": values["nll_loss"], "kd_loss": float(criterion.kd.detach()), "loss": float(loss.detach()),
            "head_gradient_dot": float((gradient * probe).sum()), "head_gradient_norm": float(gradient.norm()),
        })
    json.dump({
        "prompts": PROMPTS, "answers": ANSWERS, "student_vocabulary": len(student), "teacher_vocabulary": len(teacher),
        "student_ids": [p + a for p, a in pair["student"]], "teacher_ids": [p + a for p, a in pair["teacher"]],
        "map_sum": sum(i * s for i, s in enumerate(mapping)), "mapped_student_tokens": len(inverse),
        "alignments": Criterion.alignments, "cases": cases,
    }, sys.stdout, separators=(",", ":"))
    print()


if __name__ == "__main__":
    main()
