"""Visiting all 2^N patterns: a network beside its floor, a memory's state graph, and how both grow with N.

The floor of a network is what any enumeration pays that computes the first layer from bits: the same matrix products
and tanh, on buffers that already hold bits, on one thread. Taken in turns; processor time; the ratio is the median of
the paired ratios.

    python benchmarks/enumeration.py [--bits 25] [--repetitions 3]
"""

import argparse
import resource
import time

import numpy as np
import torch

from weightspace.data.hypercube import random_patterns
from weightspace.draws import checked_bits, generator
from weightspace.memories import learning_rules
from weightspace.networks import architectures
from weightspace.pattern_space.network_answers import labels_of_all
from weightspace.retrieval.attractors import ends_of_all_states

HIDDEN, CLASSES, BLOCK = 32, 10, 4096
RULE = {"rule": "iterative", "margin": 1, "flip_share": 1, "passes": 300}


def seconds(work):
    """Processor time of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def make_network(bits, device="cpu"):
    module = architectures.build(
        {"architecture": "mlp", "hidden": [HIDDEN], "activation": "tanh"}, shape=(1, bits), classes=CLASSES, seed=0
    )
    return module.to(device)


def make_memory(bits):
    patterns = random_patterns(5, bits, generator=generator(0, "benchmark"))
    labels = np.arange(len(patterns))
    return learning_rules.train(patterns, labels, labels, RULE, generator=checked_bits(0)).memory


@torch.no_grad()
def floor(network, bits):
    """Products and tanh of all patterns, on bits that are already there."""
    first, last = network.layers
    block = min(BLOCK, 2**bits)
    pixels, hidden, logits = torch.ones(block, bits), torch.empty(block, HIDDEN), torch.empty(block, CLASSES)
    for _ in range(2**bits // block):
        torch.addmm(first.bias, pixels, first.weight.T, out=hidden)
        torch.addmm(last.bias, hidden.tanh_(), last.weight.T, out=logits)


def megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bits", type=int, default=25)
    parser.add_argument("--repetitions", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, numpy {np.__version__}, one thread; n = {options.repetitions} repetitions\n")
    network, memory = make_network(options.bits), make_memory(options.bits)
    labels_of_all(make_network(14), 14)
    ends_of_all_states(make_memory(10))
    ratios, rates = [], []
    for _ in range(options.repetitions):
        ours, theirs = (
            seconds(lambda: labels_of_all(network, options.bits)),
            seconds(lambda: floor(network, options.bits)),
        )
        ratios.append(ours / theirs)
        rates.append(2**options.bits / ours)
    peak = megabytes()
    print("| what | value |\n| --- | --- |")
    spread = f"{np.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    print(f"| 2^{options.bits} patterns, {options.bits}-{HIDDEN}-{CLASSES} tanh: time / floor | {spread} |")
    print(f"| the same: patterns per second, and peak memory with PyTorch | {np.median(rates):.3g}, {peak:.0f} MB |")
    graph = np.median([seconds(lambda: ends_of_all_states(memory)) for _ in range(options.repetitions)])
    speed = f"{graph:.1f}, {2**options.bits / graph:.3g}, {megabytes():.0f} MB"
    print(f"| state graph of {options.bits} neurons: s, states per second, peak memory | {speed} |")
    if torch.cuda.is_available():
        device = torch.device("cuda")
        labels_of_all(network, options.bits, device=device)
        start = time.perf_counter()
        labels_of_all(network, options.bits, device=device)
        print(
            f"| the network on {torch.cuda.get_device_name()}: patterns per second |"
            f" {2**options.bits / (time.perf_counter() - start):.3g} |"
        )
    print("\n| N | network, cost of one bit more | state graph, cost of one bit more |\n| --- | --- | --- |")
    sizes = range(options.bits - 5, options.bits)
    times = {
        bits: (
            best(lambda b=bits: labels_of_all(make_network(b), b)),
            best(lambda b=bits: ends_of_all_states(make_memory(b))),
        )
        for bits in sizes
    }
    for bits in list(sizes)[1:]:
        print(f"| {bits} | {times[bits][0] / times[bits - 1][0]:.2f} | {times[bits][1] / times[bits - 1][1]:.2f} |")


def best(work, repetitions=3):
    return min(seconds(work) for _ in range(repetitions))


if __name__ == "__main__":
    main()
