"""Distances, rows of a micro-batch and key-query matching for trajectory_reference.py: whole matrices in float64,
gradients by autograd. Sections and equations are those of core/distill/METHOD.md.
"""

import math

import torch

from trajectory.draws import stream_seed

DISTILLER_SEED = 6  # as trajectory_test.cpp has it: of the directions of kq_sliced_w


class Margins:
    """By how much discrete choices were made: the smallest difference of two logits (or log-probabilities) between which
    an argmax chose, or of a number from the bound that it was compared with."""
    smallest = {}

    @classmethod
    def note(cls, what, margins):
        if margins.numel() > 0:
            cls.smallest[what] = min(cls.smallest.get(what, math.inf), margins.min().item())

    @classmethod
    def argmax(cls, what, values):
        top = values.detach().topk(2, dim=-1).values
        cls.note(what, top[..., 0] - top[..., 1])
        return values.detach().argmax(-1)


# ---- distances (section 3), per row

def distance(name, target, student, settings, temperature):
    log_p, log_q = (target / temperature).log_softmax(-1), (student / temperature).log_softmax(-1)
    p, q = log_p.exp(), log_q.exp()
    if name == "kl":                                                               # (D1)
        return (p * (log_p - log_q)).sum(-1)
    if name == "rkl":                                                              # (D2)
        return (q * (log_q - log_p)).sum(-1)
    if name == "srkl":                                                             # (D5)
        skewed = (1.0 - settings["method.skew_lambda"]) * p + settings["method.skew_lambda"] * q
        return (q * (log_q - skewed.log())).sum(-1)
    if name == "gjs":                                                              # (D9)
        beta = settings["method.beta"]
        m = (beta * p + (1.0 - beta) * q).log()
        return (beta * p * (log_p - m) + (1.0 - beta) * q * (log_q - m)).sum(-1)
    raise ValueError(name)


def cross_entropy(logits, labels):
    return -logits.log_softmax(-1)[torch.arange(len(labels)), labels]


# ---- rows of a micro-batch

class Rows:
    """Response rows of one side, sample after sample."""

    def __init__(self, model, samples, graph):
        with torch.set_grad_enabled(graph):
            hidden, inputs, labels, self.counts = [], [], [], []
            for sample in samples:
                ids, first = sample["ids"], sample["prompt"] - 1
                hidden.append(model.hidden(ids[:-1])[first:])
                inputs += ids[first:-1]
                labels += ids[first + 1:]
                self.counts.append(len(ids) - 1 - first)
            self.hidden = torch.cat(hidden)
        self.inputs, self.labels = torch.tensor(inputs), torch.tensor(labels)
        self.embedding, self.head = model.embedding.detach(), model.head

    def __len__(self):
        return len(self.labels)

    def token_pairs(self):
        return torch.cat([self.embedding[self.inputs], self.embedding[self.labels]], -1)


# ---- key-query matching (section 6.6)

def linear(weights, name, x):
    return x @ weights[f"key_query.{name}.weight"].T + weights[f"key_query.{name}.bias"]


def leaky(x):
    return torch.where(x > 0, x, 0.1 * x)


def judged(weights, x):
    carried = linear(weights, "highway", x)
    gate = carried.sigmoid()
    return linear(weights, "output", leaky(linear(weights, "hidden", gate * carried.clamp(min=0) + (1.0 - gate) * x)))


def unit(x):
    return x / x.norm(dim=-1, keepdim=True)


def discriminator_loss(critics, query, key):                                       # (K1)
    key_logits, query_logits = judged(critics, key)[:, 0], judged(critics, query)[:, 0]
    Margins.note("kq_accuracy", torch.cat([key_logits, query_logits]).detach().abs())
    right = 0.5 * ((key_logits > 0).double().mean() + (query_logits < 0).double().mean())
    return -key_logits.sigmoid().log().mean() - (1.0 - query_logits.sigmoid()).log().mean(), right


def transport_cost(critics, query, key):                                           # minus (K2)
    def navigated(x):
        return unit(linear(critics, "navigator.output", leaky(linear(critics, "navigator.hidden", x))))
    cost = (unit(judged(critics, key))[:, None] - unit(judged(critics, query))[None]).norm(dim=-1)
    affinity = navigated(key) @ navigated(query).T
    return 0.5 * ((cost * affinity.softmax(1)).sum(1).mean() + (cost * affinity.softmax(0)).sum(0).mean())


def regularised_transport(x, y, epsilon):
    """min over plans of <P, C> + epsilon KL(P || uniform), solved to the end; gradient through C at the plan."""
    cost = (x[:, None] - y[None]).square().sum(-1) / x.shape[-1]
    kernel_log = -cost.detach() / epsilon
    row, column = torch.zeros(len(x), 1).double(), torch.zeros(1, len(y)).double()
    for iteration in range(100000):  # plan = exp(row + kernel + column), its sums are those of uniform clouds
        row = -math.log(len(x)) - torch.logsumexp(kernel_log + column, 1, keepdim=True)
        column = -math.log(len(y)) - torch.logsumexp(kernel_log + row, 0, keepdim=True)
        plan = (row + kernel_log + column).exp()
        if (plan.sum(1) - 1.0 / len(x)).abs().max() < 1e-13:
            break
    else:
        raise RuntimeError("the transport does not converge")
    entropy = (plan * (plan * len(x) * len(y)).log()).sum()
    return (plan * cost).sum() + epsilon * entropy


def sinkhorn_divergence(query, key, relative_epsilon):                             # (K3)
    epsilon = relative_epsilon * ((query[:, None] - key[None]).square().sum(-1) / key.shape[-1]).mean().item()
    return (regularised_transport(query, key, epsilon) - 0.5 * regularised_transport(query, query, epsilon)
            - 0.5 * regularised_transport(key, key, epsilon))


def diagnostics(query, key):
    both = torch.cat([query, key])
    squares = (both[:, None] - both[None]).square().sum(-1)
    upper = squares[torch.ones_like(squares).triu(1).bool()]
    kernel = (-squares / (2.0 * upper.median())).exp()  # median of squares: the square of the median

    def off_diagonal(k):
        return (k.sum() - k.diagonal().sum()) / (len(k) * (len(k) - 1))

    n, m = len(query), len(key)
    mmd = off_diagonal(kernel[:n, :n]) + off_diagonal(kernel[n:, n:]) - 2.0 * kernel[:n, n:].mean()
    generator = torch.Generator().manual_seed(signed(stream_seed(stream_seed(DISTILLER_SEED, "key_query"), "directions")))
    directions = unit(torch.randn(64, query.shape[1], generator=generator, dtype=torch.float64))
    sorted_q, sorted_k = ((x @ directions.T).sort(0).values for x in (query, key))
    steps = sorted({i / n for i in range(n + 1)} | {j / m for j in range(m + 1)})
    squared = torch.zeros(64).double()
    for begin, end in zip(steps, steps[1:]):  # where both quantile functions are constant
        middle = 0.5 * (begin + end)
        squared += (end - begin) * (sorted_q[int(middle * n)] - sorted_k[int(middle * m)]).square()
    cosine = (unit(query) @ unit(key).T).mean()
    return {"kq_mmd": mmd.item(), "kq_sliced_w": squared.mean().sqrt().item(), "kq_cosine": cosine.item()}


def signed(word):
    return word - (1 << 64) if word >= 1 << 63 else word
