"""The inner loop of recall, compiled: integers only, and a row of the weights is read only for a neuron that has
changed.

Neurons lie in blocks of 64, each neuron a bit of the block's mask. All images share a reference state, whose fields are
known. An image's changes are the neurons in which it differs from the reference, unless its own fields are given, and
then, in order, every neuron that flips. A block's fields take in the changes since its last turn only when its turn
comes, several rows at a time, so they stay in the fastest memory.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from weightspace.compiled import compiled

WIDTH = 64
GROUP = 4  # rows added at a time; their sum must fit the type of the rows

_INT64 = ir.IntType(64)
_NONE, _ONE = np.uint64(0), np.uint64(1)


def _lanes(context, builder, kind, array, index):
    """Pointer to the `WIDTH` entries from ``index`` on of a contiguous array, as one vector."""
    pointer = builder.gep(make_array(kind)(context, builder, array).data, [index])
    return builder.bitcast(pointer, ir.VectorType(ir.IntType(kind.dtype.bitwidth), WIDTH).as_pointer())


@intrinsic
def _add_rows(_typing, fields, start, rows, chosen):
    """``fields[start : start + WIDTH] += Σ rows[chosen]`` for a tuple of row numbers."""

    def generate(context, builder, signature, arguments):
        fields, start, rows, chosen = arguments
        bits, total = signature.args[2].dtype.bitwidth, None
        for number in range(signature.args[3].count):
            first = builder.mul(builder.extract_value(chosen, number), ir.Constant(_INT64, WIDTH))
            row = builder.load(_lanes(context, builder, signature.args[2], rows, first), align=bits // 8)
            total = row if total is None else builder.add(total, row)
        if bits < 32:
            total = builder.sext(total, ir.VectorType(ir.IntType(32), WIDTH))
        target = _lanes(context, builder, signature.args[0], fields, start)
        builder.store(builder.add(builder.load(target, align=4), total), target, align=4)
        return context.get_dummy_value()

    return types.void(fields, types.int64, rows, chosen), generate


@intrinsic
def _unstable(_typing, fields, start, negative):
    """Mask of the block's neurons whose field has the other sign; ``negative`` is the mask of those that are -1. A
    field of 0 keeps either.
    """

    def generate(context, builder, signature, arguments):
        fields, start, negative = arguments
        values = builder.load(_lanes(context, builder, signature.args[0], fields, start), align=4)
        zero = ir.Constant(values.type, [0] * WIDTH)
        below, above = (builder.bitcast(builder.icmp_signed(sign, values, zero), _INT64) for sign in "<>")
        return builder.or_(builder.and_(below, builder.not_(negative)), builder.and_(above, negative))

    return types.uint64(fields, types.int64, types.uint64), generate


@intrinsic
def _lowest(_typing, mask):
    """Number of the lowest bit of a mask that has one."""

    def generate(_context, builder, _signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate


@compiled
def settle(rows, base, reference, start, negative, states, sweeps, synchronous, settled, used, flips, cycled):
    """Let each state fall to a fixed point, in place.

    Args:
        rows: (blocks, 2 N + 1, `WIDTH`) int16 or int32, what is added to a block's fields when neuron i leaves its
            reference value (row i), when it returns to it (row N + i), and zeros.
        base: (blocks · `WIDTH`,) int32, fields of the reference state.
        start: (B, blocks · `WIDTH`) int32, fields of the states; without rows, they are found from those of the
            reference.
        reference, negative: masks (blocks,) and (B, blocks) uint64 of the neurons that are -1 in the reference and in
            each state.
        states: (B, N) int8.
        sweeps: at most so many.
        synchronous: whether a sweep updates all neurons at once.
        settled, used, flips, cycled: (B,), zero at first; as in `recall.Recall`.
    """
    size, blocks, height = states.shape[1], rows.shape[0], rows.shape[1]
    flat = rows.reshape(blocks * height, WIDTH)
    fields = np.empty(blocks * WIDTH, np.int32)
    # A neuron flips once in a sweep, and no block lags by more than one sweep.
    changes = np.empty(2 * size, np.int64)
    seen = np.empty(blocks, np.int64)
    for image in range(len(states)):
        seen[:] = 0
        if len(start) > 0:
            fields[:], count = start[image], 0
        else:
            fields[:], count = base, _differing(negative[image], reference, changes)
        while used[image] < sweeps and not settled[image] and not cycled[image]:
            count = _forget(changes, count, seen)
            before = count
            for block in range(blocks):
                known = before if synchronous else count
                _catch_up(fields, flat, block, height, changes, seen[block], known)
                count = _flip(
                    fields, flat, block, height, changes, count, negative, reference, states, image, synchronous
                )
                seen[block] = before if synchronous else count
            settled[image] = count == before
            cycled[image] = (
                synchronous and used[image] > 0 and not settled[image] and _same(changes, before, count, size)
            )
            flips[image] += count - before
            used[image] += 1


@compiled
def _differing(negative, reference, changes):
    """Write the neurons in which a state differs from the reference to ``changes``, and return their number."""
    count = 0
    for block in range(len(reference)):
        mask = negative[block] ^ reference[block]
        while mask != _NONE:
            changes[count] = block * WIDTH + _lowest(mask)  # type: ignore[call-arg]
            count += 1
            mask &= mask - _ONE
    return count


@compiled
def _forget(changes, count, seen):
    """Drop the changes that all blocks have seen; the first block has seen fewest."""
    known = seen[0]
    for place in range(known, count):
        changes[place - known] = changes[place]
    for block in range(len(seen)):
        seen[block] -= known
    return count - known


@compiled
def _catch_up(fields, flat, block, height, changes, first, last):
    """Add to a block's fields the changes from ``first`` up to ``last``."""
    start, above, nothing = block * WIDTH, block * height, height - 1
    for place in range(first, last, GROUP):
        second = changes[place + 1] if place + 1 < last else nothing
        third = changes[place + 2] if place + 2 < last else nothing
        fourth = changes[place + 3] if place + 3 < last else nothing
        rows = (above + changes[place], above + second, above + third, above + fourth)
        _add_rows(fields, start, flat, rows)  # type: ignore[call-arg]


@compiled
def _flip(fields, flat, block, height, changes, count, negative, reference, states, image, synchronous):
    """Flip the unstable neurons of a block, lowest first; unless synchronous, each flip acts on those after it."""
    start, above, size = block * WIDTH, block * height, states.shape[1]
    later = ~_NONE
    while True:
        mask = _unstable(fields, start, negative[image, block]) & later  # type: ignore[call-arg]
        if mask == _NONE:
            return count
        place = _lowest(mask)
        neuron, bit = start + place, _ONE << np.uint64(place)
        returns = (negative[image, block] ^ reference[block]) & bit != _NONE
        changes[count] = size + neuron if returns else neuron
        if not synchronous:
            _add_rows(fields, start, flat, (above + changes[count],))
        negative[image, block] ^= bit
        states[image, neuron] = -states[image, neuron]
        count += 1
        later = ~_ONE << np.uint64(place)


@compiled
def _same(changes, before, count, size):
    """Whether the last sweep flipped back what the sweep before it flipped."""
    return count == 2 * before and np.all(changes[:before] % size == changes[before:count] % size)
