"""Prints digests of what networks learn, attacks find and volumes come out as, for `test_processors`; a minute under
emulation, most of it to import.
"""

import hashlib

import numpy as np
import torch

from weightspace.attacks.grey_attacks import craft
from weightspace.attacks.surrogates import attackable
from weightspace.memories.dense_training import train as train_dense
from weightspace.networks.architectures import Network, build
from weightspace.networks.training import train
from weightspace.splitting import simulate
from weightspace.weight_space.spaces import TanhNetwork

COMMON = {"input": "grey", "labels": "given", "batch_size": 20, "epochs": 1}
NETWORKS = {
    "mlp": {"architecture": "mlp", "hidden": [16], "activation": "tanh", "loss": "rms", "optimiser": "sgd"},
    "conv": {"architecture": "conv", "channels": [2, 4], "kernel": 5, "hidden": 8, "loss": "cross_entropy"},
    "recurrent": {"architecture": "recurrent", "cell": "lstm", "units": 8, "loss": "cross_entropy"},
}
PGD = {"method": "pgd", "domain": "grey", "norm": "linf", "budgets": [0.2], "knowledge": "gradients", "steps": 3}


def digest(*arrays):
    return hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)).hexdigest()[:16]


def main():
    torch.set_num_threads(1)
    drawn = np.random.default_rng(0)
    grey, labels = drawn.integers(0, 256, (80, 784), dtype=np.uint8), drawn.permutation(80) % 10
    pair = torch.as_tensor(grey / 127.5 - 1, dtype=torch.float32), torch.as_tensor(labels, dtype=torch.int64)
    for name, kind in NETWORKS.items():
        definition = {"optimiser": "adam", "learning_rate": 0.01, **COMMON, **kind}
        module = build(definition, shape=(28, 28), classes=10, seed=1)
        train(module, pair, pair, definition, seed=2)
        print(name, digest(*(value.numpy() for value in module.state_dict().values())))
        network = Network(module, {"definition": definition, "shape": (28, 28), "classes": 10})
        attacked = craft(attackable(network), grey[:20], labels[:20], PGD | {"step_size": 0.2, "restarts": 1}, seed=3)
        print(name, "attacked", digest(attacked))
    patterns = np.where(grey > 127, 1, -1).astype(np.int8)
    dense = {"memories": 8, "exponent": 3, "temperature": 4, "deviation": 0.05}
    dense |= {"epochs": 1, "batch_size": 20, "learning_rate": 0.003}
    memory, _ = train_dense(patterns, labels, dense, generator=np.random.default_rng(4))
    print("dense", digest(*(value.detach().numpy() for value in memory.module.state_dict().values())))
    few = patterns[:6, :25].astype(float), np.arange(6) % 2
    space = TanhNetwork(*few, *few, hidden=3, classes=2, gain=1.0)
    run = simulate(space, largest=6, particles=20, sweeps=1, generator=np.random.default_rng(5))
    print("volume", digest(run.log_share))
    print("functions", digest(np.exp(pair[0].numpy()), np.tanh(pair[0].numpy()), np.linalg.svd(pair[0].numpy())[1]))


if __name__ == "__main__":
    main()
