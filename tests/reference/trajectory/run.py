"""One training run for trajectory_reference.py: AdamW with its groups, clipping, the schedule, steps on the data's
answers, on the student's own and of the policy gradient. Sections and equations are those of core/distill/METHOD.md.
"""

import math

import torch
from safetensors.torch import load_file

from trajectory import models
from trajectory.draws import BatchOrder, own_answers_draw, replayed, stream_seed
from trajectory.terms import (Margins, Rows, cross_entropy, diagnostics, discriminator_loss, distance,
                              sinkhorn_divergence, transport_cost)


class Run:
    def __init__(self, folder, case, samples, validation):
        self.settings = s = case.settings
        self.samples, self.validation = samples, validation
        self.student = models.Model(folder, "student", trainable=True)
        self.teacher = models.Model(folder, case.teacher, trainable=False)
        initial = {name: tensor.double() for name, tensor in load_file(folder / "initial.safetensors").items()}
        attends = s["method.alignment"] == "cma"
        names = [] if s["method.space"] == "diff" else ["t2s", "s2t"] + (["query"] if attends else [])
        self.projectors = {f"{name}.{part}": initial[f"{name}.{part}"].clone().requires_grad_(True)
                           for name in names for part in ("weight", "bias")}
        matching = s["key_query.matching"] + "."
        self.critics = {name.removeprefix(matching): tensor.clone().requires_grad_(True)
                        for name, tensor in initial.items() if name.startswith(matching)}
        decays = lambda name, tensor: tensor.dim() > 1
        groups = []
        for part, weights, decay in (("train", self.student.weights, s["train.weight_decay"]),
                                     ("projector", self.projectors, s["projector.weight_decay"]),
                                     ("key_query", self.critics, s["key_query.weight_decay"])):
            for decaying in (True, False):  # neither biases nor norms do
                tensors = [t for name, t in weights.items() if decays(name, t) == decaying]
                if tensors:
                    groups.append({"params": tensors, "weight_decay": decay if decaying else 0.0, "part": part})
        self.optimizer = torch.optim.AdamW(groups, lr=1.0, betas=(s["train.beta1"], s["train.beta2"]),
                                           eps=s["train.epsilon"])
        self.parameters = [t for group in groups for t in group["params"]]
        self.order = BatchOrder(s["seed"], len(samples), s["train.batch_size"], s["train.accumulation"])
        self.steps = s["train.steps"]
        self.threshold, self.last_validation, self.buffer = s["on_policy.threshold"], None, []
        self.rollouts, self.sets, self.updates_of_set = [], 0, 0

    def rate(self, part, update):  # cosine after a linear rise
        s = self.settings
        peak, warmup = s[part + ".lr"], s["train.warmup_steps"]
        if update < warmup:
            return peak * (update + 1) / warmup
        progress = (update - warmup) / (self.steps - warmup)
        return s["train.min_lr"] + 0.5 * (peak - s["train.min_lr"]) * (1.0 + math.cos(math.pi * progress))

    def train(self):
        logged = {}
        adaptive = self.settings["on_policy.schedule"] == "adaptive"
        if adaptive:  # the first validation has one to compare with
            logged[0] = self.validate()
        for update in range(self.steps):
            self.values = {}
            policy = self.settings["method.objective"] == "policy-gradient"
            (self.policy_gradient_step if policy else self.distillation_step)(update)
            norm = torch.nn.utils.clip_grad_norm_(self.parameters, self.settings["train.clip_norm"]).item()
            for group in self.optimizer.param_groups:
                group["lr"] = self.rate(group["part"], update)
            self.optimizer.step()
            self.optimizer.zero_grad(set_to_none=True)
            self.values |= {"grad_norm": norm, "lr": self.rate("train", update),
                            "epoch": (update + 1) / self.order.steps_per_epoch}
            if self.projectors:
                self.values["projector_lr"] = self.rate("projector", update)
            if self.critics:
                self.values["critic_lr"] = self.rate("key_query", update)
            if (update + 1) % self.settings["validation.every"] == 0 or update + 1 == self.steps:
                self.values |= self.validate()
            logged[update + 1] = self.values
        return logged

    def validate(self):
        rows = Rows(self.student, [sample["student"] for sample in self.validation], graph=False)
        logits = (rows.hidden @ rows.head.T).detach()
        loss = cross_entropy(logits, rows.labels).mean().item()
        accuracy = Margins.argmax("accuracy", logits).eq(rows.labels).double().mean().item()
        s = self.settings
        if s["on_policy.schedule"] == "adaptive":                                  # section 7.2
            if self.last_validation is not None:
                rise = loss - self.last_validation
                Margins.note("tolerance", torch.tensor(abs(rise - s["on_policy.tolerance"])))
                if rise >= s["on_policy.tolerance"]:
                    self.threshold = min(self.threshold + s["on_policy.threshold_step"], s["on_policy.ratio"])
            self.last_validation = loss
        return {"validation.loss": loss, "validation.accuracy": accuracy}

    def add(self, **values):
        for name, value in values.items():
            name = name.replace("__", ".")
            value = value.item() if isinstance(value, torch.Tensor) else value
            self.values[name] = self.values.get(name, 0.0) + value

    # -- steps

    def distillation_step(self, update):
        s = self.settings
        micro_batches = self.order.micro_batches(update)
        tokens = sum(len(self.samples[i]["student"]["ids"]) - self.samples[i]["student"]["prompt"]
                     for batch in micro_batches for i in batch)  # N of section 2.2
        if s["on_policy.schedule"] == "adaptive":
            self.add(on_policy__threshold=self.threshold, on_policy__replayed=0.0)
        for number, batch in enumerate(micro_batches):
            samples = [self.samples[i] for i in batch]
            answers = self.own_answers(batch, update, number)
            student = Rows(self.student, [sample["student"] for sample in samples], graph=True)
            self.cross_entropy(student, tokens)
            if answers is None:
                teacher = Rows(self.teacher, [sample["teacher"] for sample in samples], graph=False)
                self.distil(student, teacher, tokens, own=False)
                continue
            # one tokenizer: both sides read the answer alike; its mean counts as the data's tokens would
            self.add(on_policy__tokens=sum(len(sample["ids"]) - sample["prompt"] for sample in answers))
            own = Rows(self.student, answers, graph=True)
            self.distil(own, Rows(self.teacher, answers, graph=False), tokens * len(own) / len(student), own=True)

    def own_answers(self, batch, update, number):
        s = self.settings
        if s["on_policy.ratio"] == 0.0:
            return None
        adaptive = s["on_policy.schedule"] == "adaptive"
        share = self.threshold if adaptive else s["on_policy.ratio"]
        r = own_answers_draw(s["seed"], update, number)
        if r >= share or update / self.order.steps_per_epoch < s["on_policy.start_epoch"]:
            return None
        full = len(self.buffer) >= s["on_policy.buffer_size"]
        fresh = 1.0 - update / self.steps if s["on_policy.replay"] == "decreasing" else update / self.steps
        if adaptive and full and r >= share * fresh:
            answers = replayed(self.buffer, len(batch), s["seed"], update, number)
            self.add(on_policy__replayed=sum(len(sample["ids"]) - sample["prompt"] for sample in answers))
            return answers
        answers = [self.answer(self.samples[i]["student"]) for i in batch]
        if adaptive:
            self.buffer = (self.buffer + answers)[-s["on_policy.buffer_size"]:]
        return answers

    def answer(self, sample, mix=0.0):
        """The most probable continuation; with `mix`, of the mixture with the teacher."""
        ids = sample["ids"][:sample["prompt"]]
        end = self.student.config.vocab_size - 1
        with torch.no_grad():
            for _ in range(self.settings["on_policy.max_new_tokens"]):
                q, p = ((model.hidden(ids)[-1] @ model.head.T).softmax(-1) for model in (self.student, self.teacher))
                ids = ids + [Margins.argmax("greedy", ((1.0 - mix) * q + mix * p).log()).item()]
                if ids[-1] == end:
                    break
        return {"prompt": sample["prompt"], "ids": ids}

    # -- parts of the loss of a micro-batch; every sum is divided by `tokens`, gradients add up

    def cross_entropy(self, rows, tokens, weight=1.0):
        logits = rows.hidden @ rows.head.T
        nll = cross_entropy(logits, rows.labels).sum() / tokens                    # (1)
        loss = weight * (1.0 - self.settings["method.kd_rate"]) * nll              # (15)
        loss.backward(retain_graph=True)
        right = Margins.argmax("accuracy", logits).eq(rows.labels).sum().item()
        self.add(nll_loss=nll, accuracy=right / tokens, loss=loss)

    def distil(self, student, teacher, tokens, own, weight=1.0):
        s = self.settings
        if s["method.space"] == "diff":
            target = (teacher.hidden @ teacher.head.T).detach()
            parts = {"kd_loss": distance(s["method.distance"], target, student.hidden @ student.head.T, s,
                                         s["method.temperature"]).sum()}           # (2)
        elif s["method.alignment"] == "cma":
            parts = self.attended(student, teacher, tokens, own)
        else:
            parts = self.projected(student, teacher, tokens, own)
        kd = sum(parts.values()) / tokens
        loss = weight * s["method.kd_rate"] * kd                                   # (15)
        loss.backward(retain_graph=True)
        self.add(kd_loss=kd, loss=loss)
        if s["method.space"] != "diff":
            self.add(**{name: part / tokens for name, part in parts.items()})
        if s["key_query.matching"] != "off":
            self.match(student, teacher, tokens)

    def project(self, name, x):
        return x @ self.projectors[name + ".weight"].T + self.projectors[name + ".bias"]

    def projected(self, student, teacher, tokens, own):
        teacher_logits = teacher.hidden @ teacher.head.T
        labels = Margins.argmax("teacher", teacher_logits) if own else student.labels  # section 7.1
        t2s = self.project("t2s", teacher.hidden) @ student.head.detach().T        # (3), (4)
        s2t = self.project("s2t", student.hidden) @ teacher.head.T                 # (7), (8)
        return self.both_spaces(student, teacher, labels, t2s, s2t, teacher_logits, tokens, mask=None)

    def attended(self, student, teacher, tokens, own):
        teacher_logits = teacher.hidden @ teacher.head.T
        said = Margins.argmax("teacher", teacher_logits)
        inner = teacher.embedding[said if own else teacher.labels]  # section 6.1: e(y) in the values
        query, key = self.queries_and_keys(student, teacher)
        value_t = self.project("t2s", inner / inner.std() + teacher.hidden / teacher.hidden.std())
        value_s = self.project("s2t", student.hidden)
        to_student, to_teacher = [], []
        for q, k, v_t, v_s in zip(query.split(student.counts), key.split(teacher.counts),
                                  value_t.split(teacher.counts), value_s.split(student.counts)):
            scores = q @ k.T / math.sqrt(key.shape[1])
            to_student.append(scores.softmax(1) @ v_t)                             # (11), (12)
            to_teacher.append(scores.T.softmax(1) @ v_s)                           # (13), (14)
        t2s = torch.cat(to_student) @ student.head.detach().T
        s2t = torch.cat(to_teacher) @ teacher.head.T
        labels = said if own else student.labels
        mask = Margins.argmax("t2s", t2s).eq(labels)
        self.add(max_t2s_prob=t2s.softmax(-1).max(-1).values.sum() / tokens)
        return self.both_spaces(student, teacher, labels, t2s, s2t, teacher_logits, tokens, mask)

    def both_spaces(self, student, teacher, labels, t2s, s2t, teacher_logits, tokens, mask):
        s = self.settings
        near = distance(s["method.distance"], t2s.detach(), student.hidden @ student.head.T, s, s["method.temperature"])
        far = distance(s["method.teacher_distance"], teacher_logits, s2t, s, s["method.temperature"])
        said = Margins.argmax("t2s", t2s)
        share = len(student) / len(teacher) / tokens
        self.add(t2s_acc=said.eq(student.labels).double().sum() / tokens,
                 s2t_acc=Margins.argmax("s2t", s2t).eq(teacher.labels).double().sum() * share)
        if labels is not student.labels:  # the teacher's predictions
            self.add(t2s_agreement=said.eq(labels).double().sum() / tokens,
                     t_acc=teacher_logits.argmax(-1).eq(teacher.labels).double().sum() * share)
        if mask is None:  # row meets row
            own = Margins.argmax("accuracy", student.hidden @ student.head.T)
            self.add(s2t_agreement=s2t.argmax(-1).eq(own).double().sum() * share)
        return {"t2s_ce_loss": cross_entropy(t2s, labels).sum(),                   # (5)
                "t2s_kd_loss": (near if mask is None else near * mask).sum(),      # (6)
                "s2t_kd_loss": far.sum()}                                          # (9)

    def queries_and_keys(self, student, teacher):
        key = teacher.token_pairs()
        return self.project("query", student.token_pairs()), key / key.std()

    def match(self, student, teacher, tokens):
        s = self.settings
        query, key = self.queries_and_keys(student, teacher)
        share = len(student) / tokens
        critics = list(self.critics.values())
        queries = [self.projectors["query.weight"], self.projectors["query.bias"]]
        if s["key_query.matching"] == "sinkhorn":
            loss = sinkhorn_divergence(query, key, s["key_query.sinkhorn_epsilon"])
            minimise, maximise = queries, []
        elif s["key_query.matching"] == "gan":  # the discriminator against the queries
            loss, accuracy = discriminator_loss(self.critics, query, key)
            minimise, maximise = critics, queries
            self.add(kq_accuracy=share * accuracy)
        else:  # the critic makes the cost large; queries and navigator make it small
            loss = -transport_cost(self.critics, query, key)
            navigator = [t for name, t in self.critics.items() if "navigator" in name]
            minimise = [t for name, t in self.critics.items() if "navigator" not in name]
            maximise = queries + navigator
        scaled = s["key_query.rate"] * share * loss
        for sign, tensors in ((1.0, minimise), (-1.0, maximise)):
            if tensors:
                for tensor, gradient in zip(tensors, torch.autograd.grad(scaled, tensors, retain_graph=True)):
                    tensor.grad = sign * gradient + (0.0 if tensor.grad is None else tensor.grad)
        self.add(kq_loss=share * loss, loss=scaled)
        self.add(**{name: share * value for name, value in diagnostics(query.detach(), key).items()})

    # -- MiniLLM (section 7.3)

    def policy_gradient_step(self, update):
        s = self.settings
        at_once = s["train.batch_size"] * s["train.accumulation"]
        if self.updates_of_set == s["policy_gradient.inner_epochs"] * -(-len(self.rollouts) // at_once):
            self.sample_rollouts()
        order = BatchOrder(stream_seed(s["seed"], f"rollouts {self.sets}"), len(self.rollouts), s["train.batch_size"],
                           s["train.accumulation"])
        batches = [[self.rollouts[i] for i in batch] for batch in order.micro_batches(self.updates_of_set)]
        tokens = sum(len(rollout["advantages"]) for batch in batches for rollout in batch)
        for batch in batches:
            answers = [rollout["answer"] for rollout in batch]
            rows, teacher = Rows(self.student, answers, graph=True), Rows(self.teacher, answers, graph=False)
            logits, target = rows.hidden @ rows.head.T, teacher.hidden @ teacher.head.T
            old, weights, advantages = (torch.cat([rollout[name] for rollout in batch])
                                        for name in ("old", "weights", "advantages"))
            ratio = weights * (-cross_entropy(logits, rows.labels) - old).exp()
            delta = s["policy_gradient.clip_ratio"]
            free, held = -advantages * ratio, -advantages * ratio.clamp(1.0 - delta, 1.0 + delta)
            for edge in (1.0 - delta, 1.0 + delta):
                Margins.note("clip", (ratio.detach() - edge).abs())
            surrogate = torch.maximum(free, held).sum() / tokens                   # (G5)
            single = distance("rkl", target, logits, s, 1.0).sum() / tokens
            (surrogate + single).backward()
            self.add(pg_loss=surrogate, single_step_loss=single, loss=surrogate + single,
                     clip_share=(held > free).double().sum() / tokens)
        data = self.order.micro_batches(update)
        data_tokens = sum(len(self.samples[i]["student"]["ids"]) - self.samples[i]["student"]["prompt"]
                          for batch in data for i in batch)
        weight = s["policy_gradient.data_rate"]
        for batch in data:
            student = Rows(self.student, [self.samples[i]["student"] for i in batch], graph=True)
            teacher = Rows(self.teacher, [self.samples[i]["teacher"] for i in batch], graph=False)
            self.cross_entropy(student, data_tokens, weight)
            self.distil(student, teacher, data_tokens, own=False, weight=weight)
        self.updates_of_set += 1
        self.values |= self.of_set

    def sample_rollouts(self):
        s = self.settings
        prompts = BatchOrder(stream_seed(s["seed"], "rollouts"), len(self.samples), s["policy_gradient.rollouts"], 1)
        mix = s["policy_gradient.teacher_mix"]
        self.rollouts, rewards, returns = [], [], []
        for i in prompts.micro_batches(self.sets)[0]:
            answer = self.answer(self.samples[i]["student"], mix)
            with torch.no_grad():
                q, p = (-cross_entropy(rows.hidden @ rows.head.T, rows.labels)
                        for rows in (Rows(self.student, [answer], False), Rows(self.teacher, [answer], False)))
            bound = s["policy_gradient.reward_clip"]
            reward = ((p - q) / s["policy_gradient.reward_scaling"]).clamp(-bound, bound)  # (G1)
            for t in range(len(reward)):                                           # (G2)
                terms = reward[t + 1:]
                discounts = s["policy_gradient.discount"] ** torch.arange(len(terms)).double()
                returns.append((discounts * terms).sum() / max(1, len(terms)))
            rewards.append(reward)
            self.rollouts.append({"sample": i, "answer": answer, "old": q,
                                  "weights": 1.0 / ((1.0 - mix) + mix * (p - q).exp()), "gap": q - p})  # (G4)
        credit = torch.stack(returns)
        credit = (credit - credit.mean()) / credit.std(correction=0)               # (G3)
        for rollout, part in zip(self.rollouts, credit.split([len(reward) for reward in rewards])):
            rollout["advantages"] = part
        self.sets += 1
        self.updates_of_set = 0
        self.of_set = {"reward": torch.cat(rewards).mean().item(), "answer_length": len(credit) / len(self.rollouts),
                       "rev_kl": torch.cat([rollout["gap"] for rollout in self.rollouts]).mean().item()}
