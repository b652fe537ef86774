"""The paragraph of the report's first page on attacks: where the paper's comparison of networks and memories was
unfair, in numbers.
"""

import numpy as np
import pandas as pd

from weightspace.report.restructured_text import readable, title, with_interval

_TITLE = "Where the paper's comparison was unfair"


def paragraph(
    transfer: pd.DataFrame, experiment: pd.DataFrame, *, network: str, attack: str, budget: float, memory: str
) -> str:
    """Compose the paragraph, reStructuredText.

    Args:
        transfer, experiment: the tables `transfer` and `paper_experiment`.
        network, attack, budget, memory: what the paper's experiment shows; rows that a run does not have are said to be
            missing.
    """

    def error(target, answer, quantity="error", source=network):
        made = (transfer["source"] == source) & (transfer["attack"] == attack) & np.isclose(transfer["budget"], budget)
        return _cell(transfer[made], target=target, answer=answer, images="all", quantity=quantity)

    def recalled(source, quantity):
        chosen = experiment[np.isclose(experiment["budget"], budget) & (experiment["readout"] == "nearest")]
        return _cell(chosen, network=network, attack=attack, memory=memory, source=source, quantity=quantity)

    name, network_name = readable(memory), readable(network)
    parts = [
        title(_TITLE),
        (
            f"Attack *{readable(attack)}* on *{network_name}*, largest change of a pixel {budget:g}, all test images;"
            " 95 % intervals over seeds.\n"
        ),
        (
            f"- *No clean baseline.* *{name}* misclassifies {error(memory, 'nearest')} of the attacked images. What the"
            " attack adds is the paired difference to the same images clean,"
            f" {error(memory, 'nearest', 'minus_clean')}; the rest it gets wrong without any attack."
        ),
        (
            f"- *Binarisation is the defence.* The attacked network itself misclassifies {error(network, 'grey')} of"
            f" the attacked images in grey, and {error(network, 'binarised')} of the same images binarised, which is"
            " all that a memory sees. Less what noise of the same size does,"
            f" {error(network, 'binarised', 'minus_noise')} is left for the network and"
            f" {error(memory, 'nearest', 'minus_noise')} for the memory."
        ),
        (
            f"- *Which images are attacked.* Of adversarial images made of test images *{name}* misclassifies"
            f" {recalled('test', 'adversarial')}, of those of the images that it stores"
            f" {recalled('stored', 'adversarial')}; the paper does not say which it took."
        ),
        "\nThe figures `transfer_matrix` and `paper_experiment` show both controls beside every number.\n",
    ]
    return "\n".join(parts)


def _cell(table, **where):
    for column, value in where.items():
        table = table[table[column] == value]
    return with_interval(table.iloc[0]) if len(table) == 1 else "(not in this run)"
