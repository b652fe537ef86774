"""Square attack (Andriushchenko et al. 2020): random search that sees the logits and no gradient, so no masking of
gradients can stop it.
"""

import math

import torch

# After so many of 10,000 queries the share of changed pixels is halved (the paper's schedule), scaled to the number of
# queries at hand.
_HALVINGS = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000)


def share_of_pixels(query, queries, first):
    """Share of an image's pixels that a square covers at a query, beginning with ``first``."""
    scaled = query / queries * 10_000
    return first / 2 ** sum(scaled > halving for halving in _HALVINGS)


@torch.no_grad()
def square(module, images, labels, budget, definition):
    """The L∞ attack: vertical stripes of ±budget, then squares of ±budget kept where the margin grows; see `attacks`.
    All queries are used.
    """
    count, size = images.shape
    side = math.isqrt(size)
    stripes = _signs((count, 1, side), images).expand(count, side, side).reshape(count, size)
    best = (images + budget * stripes).clamp(0, 1)
    margin = _margin(module(best), labels)
    for query in range(definition["queries"]):
        width = max(1, round(math.sqrt(share_of_pixels(query, definition["queries"], definition["share"]) * size)))
        width = min(width, side)
        inside = _squares(count, side, width, images.device)
        change = budget * _signs((count, 1), images)
        tried = torch.where(inside, (images + change).clamp(0, 1), best)
        found = _margin(module(tried), labels)
        better = found > margin
        best[better], margin[better] = tried[better], found[better]
    return best


def _squares(count, side, width, device):
    """For each image a mask (count, side²) of one square of ``width``, placed at random."""
    corners = torch.randint(side - width + 1, (2, count, 1), device=device)
    rows, columns = (
        (torch.arange(side, device=device) >= corner) & (torch.arange(side, device=device) < corner + width)
        for corner in corners
    )
    return (rows[:, :, None] & columns[:, None, :]).reshape(count, -1)


def _signs(shape, like):
    return 2 * torch.randint(2, shape, device=like.device).to(like.dtype) - 1


def _margin(logits, labels):
    own = logits.gather(1, labels[:, None])[:, 0]
    return logits.scatter(1, labels[:, None], -torch.inf).amax(1) - own
