"""Writes tests/golden/trajectory: training runs computed by plain float64 operations and autograd, every logged value of
every step, for tests/unit/core/train/trajectory_test.cpp.

Run by hand with torch 2.15 and transformers 5.24:  python tests/reference/trajectory_reference.py
  student, teacher, other_teacher   tiny model folders with random weights (trajectory/models.py)
  initial.safetensors               what projectors and critics begin with
  trajectories.json                 settings and samples of all; each case: its own settings, the logged values by step,
                                    and the answers that are remembered at the end

Written from core/distill/METHOD.md (its equations' numbers are below), not from core/distill: whole matrices, autograd,
minimax by two gradients in place of reversed ones, transport solved to the end. Where METHOD.md leaves a detail open:
networks of key-query matching as published (section 6.6 and key_query_critics.h), std of (G3) over n.

Switched off, because they are random numbers of another generator: dropout (train.dropout, key_query.dropout), sampling
(on_policy.temperature 0: the most probable token) and the choice of rows to match (key_query.rows is not reached).
The values are only of use where float32 decides as float64 does, so every argmax and clip is asked by what margin it
was decided (Margins).
"""

import json
import math
import pathlib

import torch
from safetensors.torch import save_file

from trajectory import models
from trajectory.run import Run
from trajectory.terms import Margins

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden" / "trajectory"
HIDDEN = 12  # of the critics
SEED = 31    # of weights and samples: one where no choice is closer than LEAST_MARGIN
LEAST_MARGIN = 5e-4

BASE = {
    "seed": 10, "method.objective": "kd", "method.fidelity": "paper", "method.space": "dual", "method.alignment": "none",
    "method.distance": "kl", "method.teacher_distance": "kl", "method.temperature": 2.0,
    "method.teacher_temperature": 1.0, "method.temperature_squared": False, "method.kd_rate": 0.6,
    "method.skew_lambda": 0.1, "method.beta": 0.3, "method.t2s_target": "gold", "method.agreement_mask": False,
    "method.correctness_mask": True,
    "projector.init": "random", "projector.bias": True, "projector.s2t": "trained", "projector.lr": 0.01,
    "projector.weight_decay": 0.2,
    "key_query.matching": "off", "key_query.rate": 0.5, "key_query.hidden": HIDDEN, "key_query.lr": 0.02,
    "key_query.weight_decay": 0.3, "key_query.dropout": 0.0, "key_query.rows": 512, "key_query.sinkhorn_epsilon": 0.3,
    "key_query.sinkhorn_iterations": 500,
    "on_policy.ratio": 0.0, "on_policy.schedule": "fixed", "on_policy.start_epoch": 0.0, "on_policy.max_new_tokens": 6,
    "on_policy.temperature": 0.0, "on_policy.threshold": 0.0, "on_policy.threshold_step": 0.1,
    "on_policy.tolerance": 0.1, "on_policy.buffer_size": 1000, "on_policy.replay": "decreasing",
    "policy_gradient.teacher_mix": 0.2, "policy_gradient.reward_scaling": 0.5, "policy_gradient.reward_clip": 3.0,
    "policy_gradient.discount": 0.9, "policy_gradient.length_normalisation": True, "policy_gradient.clip_ratio": 0.2,
    "policy_gradient.inner_epochs": 2, "policy_gradient.rollouts": 4, "policy_gradient.single_step": True,
    "policy_gradient.data_rate": 0.7,
    # epsilon far above float32's noise in a gradient, which AdamW would otherwise scale up to whole steps
    "train.steps": 8, "train.batch_size": 2, "train.accumulation": 2, "train.lr": 0.01, "train.min_lr": 0.002,
    "train.schedule": "cosine", "train.warmup_steps": 2, "train.weight_decay": 0.1, "train.beta1": 0.8,
    "train.beta2": 0.95, "train.epsilon": 1e-4, "train.clip_norm": 1.3, "train.dropout": 0.0, "train.precision": "fp32",
    "train.device": "cpu", "train.threads": 1, "train.chunk_rows": 7, "data.loss_on": "response", "validation.every": 3,
    "validation.generate_samples": 0, "log.probe_every": 0,
}


class Case:
    def __init__(self, name, method, teacher="teacher", **fields):
        self.name, self.method, self.teacher = name, method, teacher
        self.own_settings = {field.replace("__", "."): value for field, value in fields.items()}
        self.settings = BASE | self.own_settings


ATTENTION = {"method__alignment": "cma", "teacher": "other_teacher"}
DIFFERENT = {"method__space": "diff", "method__temperature": 1.0}
CASES = [
    Case("dskd", "dskd"),
    Case("cma_gan", "dskd-cma-ga", key_query__matching="gan", **ATTENTION),
    Case("cma_ct", "dskd-cma-ct", key_query__matching="ct", **ATTENTION),
    Case("cma_sinkhorn", "", key_query__matching="sinkhorn", **ATTENTION),
    Case("imitkd", "imitkd", on_policy__ratio=1.0, **DIFFERENT),
    Case("gkd", "gkd", method__distance="gjs", on_policy__ratio=0.5, on_policy__start_epoch=0.5, **DIFFERENT),
    Case("distillm", "distillm", method__distance="srkl", on_policy__ratio=1.0, on_policy__schedule="adaptive",
         on_policy__threshold=0.6, on_policy__threshold_step=0.2, on_policy__tolerance=0.0, on_policy__buffer_size=4,
         train__lr=0.05, validation__every=1, **DIFFERENT),  # so large that the validation loss rises
    Case("minillm", "minillm", method__objective="policy-gradient", method__space="diff", train__accumulation=1),
    Case("own_dskd", "", on_policy__ratio=1.0),
    Case("own_cma_gan", "", method__alignment="cma", key_query__matching="gan", on_policy__ratio=1.0),
]


def drawn_samples(count, generator):
    """Prompt and answer in the tokens of student and teacher; `other` in another tokenizer's."""
    def below(low, high):
        return torch.randint(low, high, (), generator=generator).item()

    def tokens(length, vocabulary):
        return torch.randint(0, vocabulary - 1, (length,), generator=generator).tolist()

    samples = []
    for _ in range(count):
        sample = {}
        for side, vocabulary in (("student", models.VOCABULARY), ("other", models.OTHER_VOCABULARY)):
            prompt = below(2, 6)
            sample[side] = {"prompt": prompt, "ids": tokens(prompt + below(3, 8), vocabulary) + [vocabulary - 1]}
        samples.append(sample)
    return samples


def initial_weights(generator):
    """Projectors and critics, as nn.Linear begins. Critics stand below the name of their matching."""
    width = 2 * models.TEACHER_WIDTH
    shapes = {"t2s": (models.STUDENT_WIDTH, models.TEACHER_WIDTH), "s2t": (models.TEACHER_WIDTH, models.STUDENT_WIDTH),
              "query": (width, 2 * models.STUDENT_WIDTH)}
    for matching, output in (("gan", 1), ("ct", HIDDEN)):
        shapes |= {f"{matching}.key_query.highway": (width, width), f"{matching}.key_query.hidden": (HIDDEN, width),
                   f"{matching}.key_query.output": (output, HIDDEN)}
    shapes |= {"ct.key_query.navigator.hidden": (HIDDEN, width), "ct.key_query.navigator.output": (HIDDEN, HIDDEN)}
    weights = {}
    for name, (outputs, inputs) in shapes.items():
        for part, shape in (("weight", (outputs, inputs)), ("bias", (outputs,))):
            weights[f"{name}.{part}"] = (2.0 * torch.rand(shape, generator=generator) - 1.0) / math.sqrt(inputs)
    return weights


def of_side(samples, side):
    return [{"student": sample["student"], "teacher": sample[side]} for sample in samples]


def trajectory(case, samples, validation):
    Margins.smallest = {}
    side = "student" if case.teacher == "teacher" else "other"
    run = Run(GOLDEN, case, of_side(samples, side), of_side(validation, side))
    steps = run.train()
    clipped = [values["grad_norm"] > case.settings["train.clip_norm"] for step, values in steps.items() if step > 0]
    assert min(Margins.smallest.values()) > LEAST_MARGIN, (case.name, Margins.smallest)
    print(case.name, {what: f"{margin:.1e}" for what, margin in Margins.smallest.items()}, f"clipped {sum(clipped)}")
    answers = [r["answer"]["ids"][r["answer"]["prompt"]:] for r in run.rollouts]
    answers += [sample["ids"][sample["prompt"]:] for sample in run.buffer]
    return {"name": case.name, "method": case.method, "teacher": case.teacher, "settings": case.own_settings,
            "steps": {str(step): {name: float(f"{value:.12g}") for name, value in values.items()}
                      for step, values in steps.items()}, "answers": answers}


def text_of(value):
    """JSON with one line for what is short or holds only numbers and words."""
    items = list(value.values() if isinstance(value, dict) else value) if isinstance(value, (dict, list)) else []
    line = json.dumps(value)
    if len(line) <= 120 or not any(isinstance(item, (dict, list)) for item in items):
        return line
    if isinstance(value, list):
        return "[\n" + ",\n".join(map(text_of, items)) + "\n]"
    return "{\n" + ",\n".join(f"{json.dumps(key)}: {text_of(item)}" for key, item in value.items()) + "\n}"


if __name__ == "__main__":
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(SEED)
    for name in models.CONFIGS:
        models.write(GOLDEN, name, generator)
        models.check(GOLDEN, name)
    save_file(initial_weights(generator), GOLDEN / "initial.safetensors")
    samples, validation = drawn_samples(6, generator), drawn_samples(3, generator)
    golden = {"settings": BASE, "samples": samples, "validation": validation,
              "cases": [trajectory(case, samples, validation) for case in CASES]}
    (GOLDEN / "trajectories.json").write_text(text_of(golden) + "\n")
