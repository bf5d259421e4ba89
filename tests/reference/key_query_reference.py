"""Writes tests/golden/distill/key_query.json: what the published code of DSKD-CMA-GA computes for its two matching
losses, and which gradients it gives, on a few random queries and keys.

    python tests/reference/key_query_reference.py DSKD_KQ_CHECKOUT/code tests/golden/distill

The published transport adds a part between columns of features, which the program leaves out (key_query_matching.h);
with a critic that maps everything to 0 it is below 1e-14 here.
"""

import argparse
import json
import pathlib
import sys
import types

import torch
from torch import nn

ROWS, WIDTH, HIDDEN = 6, 4, 5


def linear(inputs, outputs):
    return nn.Linear(inputs, outputs, dtype=torch.float64)


def networks(kind):
    nets = types.SimpleNamespace(kq_adver_type=kind, kq_criterion=nn.BCEWithLogitsLoss())
    nets.kq_dropout1 = nets.kq_dropout2 = nn.Identity()
    nets.kq_nonlinear = nets.kq_nonlinear2 = nets.kq_nonlinear3 = nets.kq_nonlinear4 = nn.LeakyReLU(0.1)
    nets.kq_highway1, nets.kq_highway2 = linear(WIDTH, WIDTH), linear(WIDTH, WIDTH)
    nets.kq_linear1, nets.kq_linear2 = linear(WIDTH, HIDDEN), linear(HIDDEN, 1)
    for first in (3, 5, 7, 9):
        setattr(nets, f"kq_linear{first}", linear(WIDTH, HIDDEN))
        setattr(nets, f"kq_linear{first + 1}", linear(HIDDEN, HIDDEN))
    with torch.no_grad():
        nets.kq_linear8.weight.zero_()
        nets.kq_linear8.bias.zero_()
    return nets


def case(criterion, kind):
    nets = networks(kind)
    ours = {"highway": nets.kq_highway1}
    if kind == "gan":
        ours |= {"hidden": nets.kq_linear1, "output": nets.kq_linear2}
    else:
        ours |= {"hidden": nets.kq_linear3, "output": nets.kq_linear4,
                 "navigator.hidden": nets.kq_linear5, "navigator.output": nets.kq_linear6}
    key = torch.randn(1, ROWS, WIDTH, dtype=torch.float64)
    query = (torch.randn(1, ROWS, WIDTH, dtype=torch.float64) + 0.4).requires_grad_(True)
    loss = criterion.compute_kq_matching_loss(key, query, nets)
    loss.backward()
    tensors = {f"key_query.{name}.{part}": getattr(module, part) for name, module in ours.items()
               for part in ("weight", "bias")}
    return {
        "query": query[0].tolist(),
        "key": key[0].tolist(),
        "loss": loss.item(),
        "query_gradient": None if query.grad is None else query.grad[0].tolist(),
        "critics": {name: tensor.tolist() for name, tensor in tensors.items()},
        "critic_gradients": {name: tensor.grad.tolist() for name, tensor in tensors.items()},
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("code", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    options = parser.parse_args()
    # Only the criterion is wanted, without what else the package imports.
    package = types.ModuleType("criterions")
    package.__path__ = [str(options.code / "criterions")]
    sys.modules["criterions"] = package
    from criterions.dual_space_kd_with_cma_plus_kq_matching import DualSpaceKDWithCMAPlusKQMatching
    torch.Tensor.cuda = lambda tensor, *unused: tensor
    torch.manual_seed(7)
    published = DualSpaceKDWithCMAPlusKQMatching.__new__(DualSpaceKDWithCMAPlusKQMatching)
    nn.Module.__init__(published)
    golden = {kind: case(published, kind) for kind in ("gan", "ct")}
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "key_query.json").write_text(json.dumps(golden) + "\n")
