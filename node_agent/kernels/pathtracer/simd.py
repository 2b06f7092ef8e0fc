"""Eight lanes of float32 at once: the few vector operations that Numba cannot express, as LLVM code.

A plain loop over eight lanes is not turned into vector code where it matters (0.35 to 0.43 of Embree,
slower than a scalar two-way tree). Each function here emits LLVM's
own ``<8 x float>`` operations, which are one instruction with AVX and two with SSE or NEON: LLVM splits
vectors that the processor lacks, so nothing has to be detected and every machine computes the same bits.
There is no fused multiply-add: LLVM fuses only what is marked for it, and nothing here is.

Rows are eight neighbouring floats of a C-contiguous float32 array, counted from its start whatever its
shape. Masks hold lane k in bit k. CPU only.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

emitted: Any = intrinsic

LANES = 8
PLANE_ROWS = 6
"""Rows of a node: the lower x, y, z planes of its eight boxes, then the upper ones."""
BLOCK_ROWS = 10
"""Rows of a block: first corner, edge and edge of its eight triangles, and their numbers as int32."""
NUMBER_ROW = 9

_FLOAT = ir.FloatType()
_INT = ir.IntType(32)
_VECTOR = ir.VectorType(_FLOAT, LANES)


def _row(context, builder, kind, array, row, lane=0):
    """Pointer to float ``lane`` of row ``row`` (an i64) of an array."""
    data = context.make_array(kind)(context, builder, value=array).data
    index = builder.add(builder.mul(row, ir.Constant(row.type, LANES)), ir.Constant(row.type, lane))
    return builder.gep(data, [index])


def _load(builder, place):
    """Eight floats from ``place`` on, aligned or not."""
    return builder.load(builder.bitcast(place, _VECTOR.as_pointer()), align=4)


def _store(builder, vector, place):
    builder.store(vector, builder.bitcast(place, _VECTOR.as_pointer()), align=4)


def _splat(builder, value):
    """``value`` in all lanes."""
    empty = ir.Constant(_VECTOR, ir.Undefined)
    one = builder.insert_element(empty, value, ir.Constant(_INT, 0))
    return builder.shuffle_vector(one, empty, ir.Constant(ir.VectorType(_INT, LANES), [0] * LANES))


def _constant(value):
    return ir.Constant(_VECTOR, [float(value)] * LANES)


def _min(builder, a, b):
    """As the machine's own minimum: ``b`` where either is NaN."""
    return builder.select(builder.fcmp_ordered("<", a, b), a, b)


def _max(builder, a, b):
    return builder.select(builder.fcmp_ordered(">", a, b), a, b)


def _bits(builder, mask):
    """A vector of conditions as the low eight bits of a uint32."""
    return builder.zext(builder.bitcast(mask, ir.IntType(LANES)), _INT)


def _dot(builder, a, b):
    """geometry.dot, term by term."""
    xy = builder.fadd(builder.fmul(a[0], b[0]), builder.fmul(a[1], b[1]))
    return builder.fadd(xy, builder.fmul(a[2], b[2]))


def _cross(builder, a, b):
    """geometry.cross, term by term."""

    def minor(i, j):
        return builder.fsub(builder.fmul(a[i], b[j]), builder.fmul(a[j], b[i]))

    return [minor(1, 2), minor(2, 0), minor(0, 1)]


def _all(builder, conditions):
    mask = conditions[0]
    for other in conditions[1:]:
        mask = builder.and_(mask, other)
    return mask


def _splats(builder, values):
    return [_splat(builder, value) for value in cgutils.unpack_tuple(builder, values)]


@emitted
def slab8(_context, planes, node, near, origin, inverse, far_inverse, t_max, out, at):
    """Mask of a node's eight boxes that the ray meets before ``t_max``; where it enters them, in row ``at``
    of ``out``. ``near``: the row of the plane that the ray meets first on each axis. ``far_inverse``: the inverse,
    a little larger, which makes the test conservative.

    Kay and Kajiya's slabs: boxes are entered where ``traverse.box_entry`` has it, and left a little later. An
    empty box (lower planes +inf, upper -inf) is never met. In as few steps, one after the other, as can be: a
    walk waits for them at every node."""

    def generate(context, builder, signature, args):
        kinds = signature.args
        index = [context.cast(builder, args[k], kinds[k], types.int64) for k in (1, 8)]
        rows = cgutils.unpack_tuple(builder, args[2])
        o, i, j = (_splats(builder, args[k]) for k in (3, 4, 5))
        first = builder.mul(index[0], ir.Constant(index[0].type, PLANE_ROWS * LANES))
        enters, leaves = [], []
        for axis in range(3):
            row = context.cast(builder, rows[axis], kinds[2].dtype, types.int64)
            far = builder.sub(ir.Constant(row.type, 2 * axis + 3), row)
            a, b = (
                _load(builder, builder.gep(_row(context, builder, kinds[0], args[0], r), [first]))
                for r in (row, far)
            )
            enters.append(builder.fmul(builder.fsub(a, o[axis]), i[axis]))
            leaves.append(builder.fmul(builder.fsub(b, o[axis]), j[axis]))
        enter = _max(
            builder, _max(builder, enters[0], _constant(0.0)), _max(builder, enters[1], enters[2])
        )
        most = _min(builder, leaves[0], _splat(builder, args[6]))
        leave = _min(builder, most, _min(builder, leaves[1], leaves[2]))
        _store(builder, enter, _row(context, builder, kinds[7], args[7], index[1]))
        return _bits(builder, builder.fcmp_ordered("<=", enter, leave))

    return types.uint32(planes, node, near, origin, inverse, far_inverse, t_max, out, at), generate


@emitted
def triangles8(_context, blocks, block, o, d, t_min, t_max, out, at):
    """Mask of a block's eight triangles that the ray meets in (t_min, t_max]; their t, u and v in rows
    ``at`` to ``at + 2`` of ``out``.

    Moeller and Trumbore, 1997, by the same operations as ``traverse.triangle_hit``. An empty lane's
    corner is NaN, and no comparison with NaN holds."""

    def generate(context, builder, signature, args):
        kinds = signature.args
        index = [context.cast(builder, args[k], kinds[k], types.int64) for k in (1, 7)]
        first = builder.mul(index[0], ir.Constant(index[0].type, BLOCK_ROWS))
        place = _row(context, builder, kinds[0], args[0], first)
        rows = [
            _load(builder, builder.gep(place, [ir.Constant(_INT, LANES * k)])) for k in range(9)
        ]
        corner, e1, e2 = rows[0:3], rows[3:6], rows[6:9]
        origin, ray = _splats(builder, args[2]), _splats(builder, args[3])
        p = _cross(builder, ray, e2)
        inverse = builder.fdiv(_constant(1.0), _dot(builder, e1, p))
        s = [builder.fsub(a, b) for a, b in zip(origin, corner, strict=True)]
        u = builder.fmul(_dot(builder, s, p), inverse)
        q = _cross(builder, s, e1)
        v = builder.fmul(_dot(builder, ray, q), inverse)
        t = builder.fmul(_dot(builder, e2, q), inverse)
        for k, value in enumerate((t, u, v)):
            _store(builder, value, _row(context, builder, kinds[6], args[6], index[1], LANES * k))
        mask = _all(
            builder,
            [
                builder.fcmp_ordered(">=", u, _constant(0.0)),
                builder.fcmp_ordered(">=", v, _constant(0.0)),
                builder.fcmp_ordered("<=", builder.fadd(u, v), _constant(1.0)),
                builder.fcmp_ordered(">", t, _splat(builder, args[4])),
                builder.fcmp_ordered("<=", t, _splat(builder, args[5])),
            ],
        )
        return _bits(builder, mask)

    return types.uint32(blocks, block, o, d, t_min, t_max, out, at), generate


@emitted
def lowest_lane(_context, mask):
    """The number of the lowest set bit; ``mask`` is not 0."""

    def generate(_context, builder, _signature, args):
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.uint32(mask), generate


@emitted
def int_at(_context, table, row, lane):
    """Lane ``lane`` of row ``row``, read as int32 whatever the table's type. Numba itself would multiply
    by strides that it reads from memory, on the way from one node to the next."""

    def generate(context, builder, signature, args):
        row, lane = (context.cast(builder, args[k], signature.args[k], types.int64) for k in (1, 2))
        place = builder.gep(_row(context, builder, signature.args[0], args[0], row), [lane])
        return builder.load(builder.bitcast(place, _INT.as_pointer()))

    return types.int32(table, row, lane), generate


@emitted
def triangle_at(_context, blocks, block, lane):
    """(corner, edge, edge) of the triangle in a lane of a block."""

    def generate(context, builder, signature, args):
        block, lane = (
            context.cast(builder, args[k], signature.args[k], types.int64) for k in (1, 2)
        )
        row = builder.mul(block, ir.Constant(block.type, BLOCK_ROWS))
        first = builder.gep(_row(context, builder, signature.args[0], args[0], row), [lane])
        values = [
            builder.load(builder.gep(first, [ir.Constant(_INT, LANES * k)])) for k in range(9)
        ]
        kind = types.UniTuple(types.float32, 3)
        vectors = [context.make_tuple(builder, kind, values[k : k + 3]) for k in (0, 3, 6)]
        return context.make_tuple(builder, signature.return_type, vectors)

    vector = types.UniTuple(types.float32, 3)
    return types.UniTuple(vector, 3)(blocks, block, lane), generate


@emitted
def move_block(_context, to, to_block, blocks, block, time):
    """A block's triangles at a moment: its rows and ``time`` times those of the block behind it."""

    def generate(context, builder, signature, args):
        kinds = signature.args
        rows = [
            builder.mul(index, ir.Constant(index.type, BLOCK_ROWS))
            for index in (context.cast(builder, args[k], kinds[k], types.int64) for k in (1, 3))
        ]
        target = _row(context, builder, kinds[0], args[0], rows[0])
        source = _row(context, builder, kinds[2], args[2], rows[1])
        moment = _splat(builder, args[4])
        for k in range(NUMBER_ROW):
            place, behind = LANES * k, LANES * (k + BLOCK_ROWS)
            start = _load(builder, builder.gep(source, [ir.Constant(_INT, place)]))
            way = _load(builder, builder.gep(source, [ir.Constant(_INT, behind)]))
            moved = builder.fadd(start, builder.fmul(moment, way))
            _store(builder, moved, builder.gep(target, [ir.Constant(_INT, place)]))
        return context.get_dummy_value()

    return types.void(to, to_block, blocks, block, time), generate


@emitted
def lower_row(_context, to, at, table, row):
    """``to[at] = min(to[at], table[row])`` in each of the eight lanes."""

    def generate(context, builder, signature, args):
        kinds = signature.args
        at, row = (context.cast(builder, args[k], kinds[k], types.int64) for k in (1, 3))
        place = _row(context, builder, kinds[0], args[0], at)
        other = _load(builder, _row(context, builder, kinds[2], args[2], row))
        _store(builder, _min(builder, other, _load(builder, place)), place)
        return context.get_dummy_value()

    return types.void(to, at, table, row), generate


def _halves(builder, vector):
    """Lanes 0 to 3, and lanes 4 to 7."""
    return [
        builder.shuffle_vector(
            vector,
            ir.Constant(_VECTOR, ir.Undefined),
            ir.Constant(ir.VectorType(_INT, 4), list(range(first, first + 4))),
        )
        for first in (0, 4)
    ]


@emitted
def lower_middle(_context, to, at, records, row):
    """As ``lower_row`` with (twice the middle, minus twice the middle) of a record's box."""

    def generate(context, builder, signature, args):
        kinds = signature.args
        at, row = (context.cast(builder, args[k], kinds[k], types.int64) for k in (1, 3))
        place = _row(context, builder, kinds[0], args[0], at)
        low, high = _halves(builder, _load(builder, _row(context, builder, kinds[2], args[2], row)))
        order = ir.Constant(ir.VectorType(_INT, LANES), list(range(LANES)))
        both = builder.shuffle_vector(builder.fsub(low, high), builder.fsub(high, low), order)
        _store(builder, _min(builder, both, _load(builder, place)), place)
        return context.get_dummy_value()

    return types.void(to, at, records, row), generate


@emitted
def copy_row(_context, to, at, table, row):
    """``to[at] = table[row]``, eight lanes; Numba's own needs reference counts."""

    def generate(context, builder, signature, args):
        kinds = signature.args
        at, row = (context.cast(builder, args[k], kinds[k], types.int64) for k in (1, 3))
        value = _load(builder, _row(context, builder, kinds[2], args[2], row))
        _store(builder, value, _row(context, builder, kinds[0], args[0], at))
        return context.get_dummy_value()

    return types.void(to, at, table, row), generate


@emitted
def fill_row(_context, to, at, value):
    """``to[at] = value`` in each of the eight lanes."""

    def generate(context, builder, signature, args):
        at = context.cast(builder, args[1], signature.args[1], types.int64)
        place = _row(context, builder, signature.args[0], args[0], at)
        _store(builder, _splat(builder, args[2]), place)
        return context.get_dummy_value()

    return types.void(to, at, value), generate


@emitted
def swap_rows(_context, table, first, second):
    """Exchange two rows."""

    def generate(context, builder, signature, args):
        kinds = signature.args
        places = []
        for k in (1, 2):
            row = context.cast(builder, args[k], kinds[k], types.int64)
            places.append(_row(context, builder, kinds[0], args[0], row))
        rows = [_load(builder, place) for place in places]
        _store(builder, rows[0], places[1])
        _store(builder, rows[1], places[0])
        return context.get_dummy_value()

    return types.void(table, first, second), generate


@emitted
def bins3(_context, records, row, low, scale, last):
    """The bins, 0 to ``last``, of a record's middle on the three axes: (middle - low) * scale, cut off."""

    def generate(context, builder, signature, args):
        kinds = signature.args
        row = context.cast(builder, args[1], kinds[1], types.int64)
        halves = _halves(builder, _load(builder, _row(context, builder, kinds[0], args[0], row)))
        middle = builder.fsub(*halves)
        lows, scales = (cgutils.unpack_tuple(builder, args[k]) for k in (2, 3))
        bins = []
        for axis in range(3):
            value = builder.extract_element(middle, ir.Constant(_INT, axis))
            place = builder.fmul(builder.fsub(value, lows[axis]), scales[axis])
            # Cut off before the conversion, which is undefined for NaN and for what int32 cannot hold.
            place = _min(builder, place, args[4])
            place = _max(builder, place, ir.Constant(_FLOAT, 0.0))
            bins.append(builder.fptosi(place, ir.IntType(64)))
        return context.make_tuple(builder, signature.return_type, bins)

    return types.UniTuple(types.int64, 3)(records, row, low, scale, last), generate
