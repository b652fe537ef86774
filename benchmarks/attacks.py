"""PGD with 40 steps on 1,000 MNIST images, in units of the time of a plain reference, on one thread; and whether it misleads as many.

Run it as ``python benchmarks/attacks.py``. The reference is torchattacks where it is installed, else a loop written down here.
"""

import time

import measure
import numpy as np
import torch

from weightspace import attacks, networks, training
from weightspace.adversarial_files import WHITE

BUDGET, STEPS, IMAGES, REPETITIONS = 25 / 255, 40, 1000, 9  # a whole number of grey levels, since images are rounded to them
NETWORK = {"architecture": "mlp", "hidden": [128], "activation": "relu", "loss": "cross_entropy", "optimiser": "adam"}
NETWORK |= {"learning_rate": 0.002, "batch_size": 100, "epochs": 1}


def plain_loop(module, images, labels):
    """Madry et al. (2018), as one writes it down: a random start, steps along the sign of the gradient, projection."""
    attacked = (images + BUDGET * (2 * torch.rand_like(images) - 1)).clamp(0, 1)
    for _ in range(STEPS):
        attacked = attacked.detach().requires_grad_()
        loss = torch.nn.functional.cross_entropy(module(attacked), labels)
        (gradient,) = torch.autograd.grad(loss, attacked)
        attacked = (attacked + BUDGET / 20 * gradient.sign()).clamp(images - BUDGET, images + BUDGET).clamp(0, 1)
    return attacked.detach()


def main():
    torch.set_num_threads(1)
    data = measure.mnist()
    grey = ((data.test(slice(0, IMAGES)) > 0) * WHITE).astype(np.uint8)
    labels = data.test_labels[:IMAGES]
    tensors = [(torch.as_tensor(images, dtype=torch.float32), torch.as_tensor(truth)) for images, truth in _sets(data)]
    module = networks.build(NETWORK, inputs=grey.shape[1], classes=10, seed=0)
    training.train(module, *tensors, NETWORK, seed=0)
    module = attacks.frozen(module)
    images, targets = torch.as_tensor(grey / np.float32(WHITE)), torch.as_tensor(labels)
    definition = {"method": "pgd", "norm": "linf", "budgets": [BUDGET], "steps": STEPS, "step_size": 0.05}
    reference, name = plain_loop, "plain loop"
    peer = measure.peer("torchattacks", "torchattacks")
    if peer is not None:
        theirs, name = peer.PGD(module, eps=BUDGET, alpha=BUDGET / 20, steps=STEPS), "torchattacks"

        def reference(module, images, labels):
            return theirs(images, labels)

    functions = {
        "weightspace": lambda: attacks.craft(module, grey, labels, definition, seed=0)[0] / np.float32(WHITE),
        name: lambda: reference(module, images, targets).numpy(),
    }
    seconds = measure.times_in_turns(functions, repetitions=REPETITIONS)
    ratio = np.median(np.divide(seconds["weightspace"], seconds[name]))
    errors = {who: (module(torch.as_tensor(attack())).argmax(1) != targets).float().mean().item() for who, attack in functions.items()}
    took, rival = f"{np.median(seconds['weightspace']):.2f} s", f"{ratio:.2f} of the time of {name}"
    print(f"PGD-{STEPS} on {IMAGES} images: {took}, {rival}, median of {REPETITIONS} in turns")
    print(", ".join(f"{who} misleads {100 * error:.1f} %" for who, error in errors.items()))


def _sets(data):
    return (data.train(), data.train_labels), (data.test(), data.test_labels)


if __name__ == "__main__":
    started = time.perf_counter()
    main()
    print(f"{time.perf_counter() - started:.0f} s in all")
