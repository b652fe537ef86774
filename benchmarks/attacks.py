"""Attacks on 1,000 MNIST images, on one thread: PGD beside a plain reference, and greedy flips beside the gradients
that they cannot do without.

Run it as ``python benchmarks/attacks.py``. The reference of PGD is torchattacks where it is installed, and a loop
written down here.
"""

import time

import measure
import numpy as np
import torch

from weightspace.attacks import flips, grey_attacks, surrogates
from weightspace.configuration.choices import load_configuration
from weightspace.data import WHITE
from weightspace.draws import generator
from weightspace.networks import architectures, training

BUDGET, STEPS, IMAGES, REPETITIONS = (
    25 / 255,
    40,
    1000,
    5,
)  # a whole number of grey levels, since images are rounded to them
FLIPS_REPETITIONS = 3
CONFIG = load_configuration()
TRAINED = 6000  # training images of each network, in one epoch


def plain_loop(module, images, labels):
    """Madry et al. (2018), as one writes it down: a random start, steps along the sign of the gradient, projection."""
    attacked = (images + BUDGET * (2 * torch.rand_like(images) - 1)).clamp(0, 1)
    for _ in range(STEPS):
        attacked = attacked.detach().requires_grad_()
        loss = torch.nn.functional.cross_entropy(module(attacked), labels)
        (gradient,) = torch.autograd.grad(loss, attacked)
        attacked = (attacked + BUDGET / 20 * gradient.sign()).clamp(images - BUDGET, images + BUDGET).clamp(0, 1)
    return attacked.detach()


def trained(name, data):
    """A network of the configuration after one epoch on a tenth of the training images: what an attack costs hardly
    depends on more.
    """
    definition = CONFIG["networks"][name] | {"epochs": 1}
    module = architectures.build(definition, shape=data.shape, classes=10, seed=0)
    images, truth = (
        torch.as_tensor(data.train(slice(0, TRAINED)), dtype=torch.float32),
        torch.as_tensor(data.train_labels[:TRAINED]),
    )
    training.train(module, (images, truth), (images[:100], truth[:100]), definition, seed=0)
    return architectures.Network(module)


def compare_pgd(name, network, data):
    """Rows of PGD against its references: seconds, the ratio, and the share misled by both."""
    grey, labels = ((data.test(slice(0, IMAGES)) > 0) * WHITE).astype(np.uint8), data.test_labels[:IMAGES]
    module, definition = (
        surrogates.frozen(network.module),
        CONFIG["attacks"]["pgd"] | {"budgets": [BUDGET], "steps": STEPS},
    )
    images, targets = torch.as_tensor(grey / np.float32(WHITE)), torch.as_tensor(labels)
    functions = {
        "weightspace": lambda: grey_attacks.craft(module, grey, labels, definition, seed=0)[0] / np.float32(WHITE),
        "plain loop": lambda: plain_loop(module, images, targets).numpy(),
    }
    peer = measure.peer("torchattacks", "torchattacks")
    if peer is not None:
        theirs = peer.PGD(module, eps=BUDGET, alpha=BUDGET / 20, steps=STEPS)
        functions["torchattacks"] = lambda: theirs(images, targets).numpy()
    seconds = measure.times_in_turns(functions, repetitions=REPETITIONS)
    misled = {
        who: 100 * (module(torch.as_tensor(attack())).argmax(1) != targets).float().mean().item()
        for who, attack in functions.items()
    }
    return [
        [
            name,
            rival,
            f"{np.median(seconds['weightspace']):.2f}",
            *_ratio(seconds, rival),
            f"{misled['weightspace']:.1f} %, {misled[rival]:.1f} %",
        ]
        for rival in list(functions)[1:]
    ]


def _ratio(seconds, rival):
    middle, spread = measure.ratio(seconds["weightspace"], seconds[rival])
    return (f"{middle} ({spread})",)


def time_flips(name, network, data):
    """A row of greedy flips: seconds, and the ratio to one forward and backward pass for each of their steps."""
    images, labels = data.test(slice(0, IMAGES)), data.test_labels[:IMAGES]
    budgets, growth = (
        CONFIG["binary_attacks"]["budgets"],
        CONFIG["binary_attacks"]["attacks"]["gradient_flips"]["growth"],
    )
    gradient, calls = surrogates.margin_gradient(network.module), [0]

    def counted(patterns, truth):
        calls[0] += 1
        return gradient(patterns, truth)

    def attack(ascent=gradient):
        settings = {"budgets": budgets, "growth": growth, "lookahead": 0, "generator": generator(0, "benchmark")}
        return flips.greedy_flips(network.predict, ascent, images, labels, **settings)

    found = attack(counted)
    steps = calls[0]
    floor = f"{steps} gradients"
    seconds = measure.times_in_turns(
        {"all": attack, floor: lambda: [gradient(images, labels) for _ in range(steps)]}, repetitions=FLIPS_REPETITIONS
    )
    middle, spread = measure.ratio(seconds["all"], seconds[floor])
    misled = 100 * ((found.flips >= 0) & (found.flips <= budgets[-1])).mean()
    times = [
        f"{np.median(seconds[who]):.2f} ({seconds[who].min():.2f} to {seconds[who].max():.2f})"
        for who in ("all", floor)
    ]
    return [name, *times, f"{middle} ({spread})", f"{misled:.1f} %"]


def main():
    torch.set_num_threads(1)
    data = measure.mnist()
    models = {
        name: trained(name, data)
        for name in ("tanh_mlp", "tanh_mlp_wide", "tanh_mlp_deep", "relu_mlp", "conv", "recurrent")
    }
    print(f"PGD-{STEPS} on {IMAGES} images, n = {REPETITIONS}, in turns; ratio: median (smallest to largest)")
    header = ["network", "rival", "seconds", "time / rival", "misled, and by the rival"]
    measure.print_table(
        header, [row for name in ("relu_mlp", "conv", "recurrent") for row in compare_pgd(name, models[name], data)]
    )
    print(f"\nGreedy flips of {IMAGES} images, n = {FLIPS_REPETITIONS}, in turns; median (smallest to largest)")
    header = ["network", "seconds", "seconds of the gradients alone", "time / gradients", "misled by 64 flips"]
    measure.print_table(header, [time_flips(name, network, data) for name, network in models.items()])


if __name__ == "__main__":
    started = time.perf_counter()
    main()
    measure.print_machine()
    print(f"{time.perf_counter() - started:.0f} s in all")
