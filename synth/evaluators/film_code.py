"""Machine code for one FiLM sine network: a matrix product whose results become sines before they leave the registers.

A row's samples are cut into tiles of T frames (a few vectors); a tile's activations lie [unit][T]. One kernel makes J units
of a layer for a tile: J x T accumulators in registers, for each input the T frames and J packed weights, and then scale,
shift and sine (see Emitter.sine) before they are stored, or for the last layer multiplied by the output's weights and added
up. Scales and shifts are a row's own; they are computed in float64 before its first tile, in half turns, as is the first
layer's phase at the row's start. Where modulations move, each has a rise beside it that a frame's blend multiplies.
"""

import math
from typing import Any

from llvmlite import ir

from synth.evaluators.film_layout import (
    PARTS,
    SCALE,
    SCALE_RISE,
    SHIFT,
    SHIFT_RISE,
    TABLE,
    FilmShape,
    blocks,
    tiles_at_once,
)
from synth.evaluators.kernel_code import KernelCode
from synth.machine import Tile
from synth.vector_ir import DOUBLE, FLOAT, INDEX, INT, POINTER, Emitter, Value

UNROLL = 4
"""Inputs in one turn of a kernel's loop"""


def film_module(shape: FilmShape, tile: Tile) -> Any:  # noqa: ANN401 (llvmlite has no types)
    """The IR module, whose one public function is `void run(int64 *table, float *scratch)`."""
    return _FilmCode(shape, tile).module


class _FilmCode(KernelCode):
    def __init__(self, shape: FilmShape, tile: Tile) -> None:
        super().__init__("film", tile, TABLE, apart=True)
        self.shape = shape
        self.sizes = blocks(shape.width, tile.outputs)
        self.kernels: dict[tuple[int, bool, bool], Value] = {}
        for moving in (False, True):
            for last in (False, True):
                for size in sorted(set(self.sizes)):
                    self.kernels[size, last, moving] = self._kernel(size, last=last, moving=moving)
        self.firsts = {moving: self._first(moving=moving) for moving in (False, True)}
        self.prologues = {moving: self._prologue(moving=moving) for moving in (False, True)}
        self.row_functions = {moving: self._row(moving=moving) for moving in (False, True)}
        self.differs = self._differs()
        self._run()

    def _argument(self, emit: Emitter, x: list[Value], parts: Value, unit: Value | int, blend: list[Value]) -> list[Value]:
        """x * scale + shift of a unit, for each vector of the tile; `blend` is empty where nothing moves."""
        width = self.shape.width
        build = emit.builder

        def part(which: int) -> Value:
            place = build.add(emit.index(which * width), unit) if not isinstance(unit, int) else which * width + unit
            return emit.broadcast(parts, place)

        scale, shift = part(SCALE), part(SHIFT)
        if not blend:
            return [emit.fma(each, scale, shift) for each in x]
        scale_rise, shift_rise = part(SCALE_RISE), part(SHIFT_RISE)
        return [
            emit.fma(each, emit.fma(share, scale_rise, scale), emit.fma(share, shift_rise, shift))
            for each, share in zip(x, blend, strict=True)
        ]

    def _kernel(self, size: int, *, last: bool, moving: bool) -> Value:
        """kernel(x [width][T], weights [width][size], parts, blend [T], y, output weights): y is [size][T], or the sum [T]."""
        width, tile = self.shape.width, self.tile
        name = f"kernel_{size}{'_last' * last}{'_moving' * moving}"
        function, emit = self.function(name, *(POINTER,) * 6)
        x, weights, parts, blend, y, output = function.args
        step = next(step for step in (UNROLL, 2, 1) if width % step == 0)
        zeros = [emit.splat(0.0)] * (size * tile.vectors)
        with emit.loop(width, step, zeros) as (index, sums):
            for turn in range(step):
                unit = emit.builder.add(index, emit.index(turn), flags=("nuw", "nsw"))
                frames = emit.builder.mul(unit, emit.index(tile.frames), flags=("nuw", "nsw"))
                row = emit.builder.mul(unit, emit.index(size), flags=("nuw", "nsw"))
                values = [emit.load(emit.at(x, frames), lane * tile.lanes) for lane in range(tile.vectors)]
                for place in range(size):
                    weight = emit.broadcast(emit.at(weights, row), place)
                    for lane in range(tile.vectors):
                        number = place * tile.vectors + lane
                        sums[number] = emit.fma(values[lane], weight, sums[number])
        shares = self._vectors(emit, blend) if moving else []
        total = self._vectors(emit, y) if last else []
        for place in range(size):
            mine = sums[place * tile.vectors : (place + 1) * tile.vectors]
            sines = [emit.sine(angle) for angle in self._argument(emit, mine, parts, place, shares)]
            if last:
                weight = emit.broadcast(output, place)
                total = [emit.fma(sine, weight, before) for sine, before in zip(sines, total, strict=True)]
            else:
                self._write(emit, sines, emit.at(y, place * tile.frames))
        if last:
            self._write(emit, total, y)
        emit.builder.ret_void()
        return function

    def _vectors(self, emit: Emitter, pointer: Value) -> list[Value]:
        return [emit.load(pointer, lane * self.tile.lanes) for lane in range(self.tile.vectors)]

    def _write(self, emit: Emitter, values: list[Value], pointer: Value) -> None:
        for lane, value in enumerate(values):
            emit.store(value, pointer, lane * self.tile.lanes)

    def _first(self, *, moving: bool) -> Value:
        """first(offsets [T], blend [T], parts, y [width][T])"""
        function, emit = self.function(f"first{'_moving' * moving}", *(POINTER,) * 4)
        offsets, blend, parts, y = function.args
        times = self._vectors(emit, offsets)
        shares = self._vectors(emit, blend) if moving else []
        with emit.loop(self.shape.width) as (unit, _):
            sines = [emit.sine(angle) for angle in self._argument(emit, times, parts, unit, shares)]
            self._write(emit, sines, emit.at(y, emit.builder.mul(unit, emit.index(self.tile.frames))))
        emit.builder.ret_void()
        return function

    def _prologue(self, *, moving: bool) -> Value:
        """prologue(gamma [films][width], beta, gamma end, beta end, constants, time, parts [layers][4][width])"""
        shape, width = self.shape, self.shape.width
        name = f"prologue{'_moving' * moving}"
        function, emit = self.function(name, POINTER, POINTER, POINTER, POINTER, POINTER, DOUBLE, POINTER)
        gamma, beta, gamma_end, beta_end, constants, time, parts = function.args
        lanes = next(lanes for lanes in (16, 8, 4, 2, 1) if lanes <= self.tile.lanes and width % lanes == 0)
        seconds = emit.spread(time, lanes)
        for layer in range(shape.layers):
            film = 0 if shape.films == 1 else layer * width
            with emit.loop(width, lanes) as (unit, _):
                place = emit.builder.add(unit, emit.index(film))
                rows = [(gamma, beta), (gamma_end, beta_end)] if moving else [(gamma, beta)]
                scales_shifts = [
                    self._scale_and_shift(
                        emit,
                        layer,
                        unit,
                        lanes,
                        seconds,
                        constants,
                        *(
                            emit.builder.fpext(emit.load(pointer, place, FLOAT, lanes), emit.vector(DOUBLE, lanes))
                            for pointer in row
                        ),
                    )
                    for row in rows
                ]
                (scale, shift), after = scales_shifts[0], scales_shifts[-1]
                results = [scale, emit.wrapped(shift, lanes)]
                if moving:
                    results += [emit.builder.fsub(after[0], scale), emit.builder.fsub(after[1], shift)]
                for part, result in enumerate(results):
                    where = emit.builder.add(unit, emit.index((layer * PARTS + part) * width))
                    emit.store(emit.builder.fptrunc(result, emit.vector(FLOAT, lanes)), parts, where)
        emit.builder.ret_void()
        return function

    def _scale_and_shift(
        self, emit: Emitter, layer: int, unit: Value, lanes: int, seconds: Value, constants: Value, gamma: Value, beta: Value
    ) -> tuple[Value, Value]:
        """Of the accumulators, or for the first layer of the time offset: float64, in half turns."""
        build, width, layers = emit.builder, self.shape.width, self.shape.layers

        def constant(row: int) -> Value:
            return emit.load(constants, build.add(unit, emit.index(row * width)), DOUBLE, lanes)

        scale = build.fadd(build.fmul(gamma, constant(2 * layer)), emit.splat(1.0, DOUBLE, lanes))
        shift = build.fadd(build.fmul(scale, constant(2 * layer + 1)), beta)
        if layer == 0:
            shift = build.fadd(shift, build.fmul(scale, constant(2 * layers + 1)))
            scale = build.fmul(scale, constant(2 * layers))
            shift = build.fadd(shift, build.fmul(scale, seconds))
        half_turns = emit.splat(1.0 / math.pi, DOUBLE, lanes)
        return build.fmul(scale, half_turns), build.fmul(shift, half_turns)

    def _row(self, *, moving: bool) -> Value:
        """row(table, row, scratch)"""
        shape, tile = self.shape, self.tile
        function, emit = self.function(f"row{'_moving' * moving}", POINTER, INDEX, POINTER)
        table, row, scratch = function.args
        build = emit.builder
        films = build.mul(row, emit.index(shape.films * shape.width))
        rows = [
            emit.at(self.address(emit, table, name if moving else name.removesuffix("_end")), films)
            for name in ("gamma", "beta", "gamma_end", "beta_end")
        ]
        time = build.load(emit.at(self.address(emit, table, "time_start"), row, DOUBLE), typ=DOUBLE)
        build.call(self.prologues[moving], [*rows, self.address(emit, table, "constants"), time, scratch])
        tiles = self.number(emit, table, "tiles")
        first_frame = build.mul(build.mul(row, tiles), emit.index(tile.frames))
        with emit.loop(tiles, tiles_at_once(tile)) as (begin, _):
            left = build.sub(tiles, begin)
            count = build.select(
                build.icmp_unsigned("<", left, emit.index(tiles_at_once(tile))), left, emit.index(tiles_at_once(tile))
            )
            frame = build.add(first_frame, build.mul(begin, emit.index(tile.frames)))
            self._tiles(emit, table, row, time, frame, count, scratch, moving=moving)
        build.ret_void()
        return function

    def _tiles(
        self, emit: Emitter, table: Value, row: Value, time: Value, frame: Value, count: Value, scratch: Value, *, moving: bool
    ) -> None:
        """All layers of the `count` tiles that begin at `frame` of all rows' frames."""
        shape, tile, build = self.shape, self.tile, emit.builder
        layer_floats = tiles_at_once(tile) * tile.frames * shape.width
        here = emit.at(scratch, shape.layers * PARTS * shape.width)
        there, sums = emit.at(here, layer_floats), emit.at(here, 2 * layer_floats)
        offsets, out = (emit.at(self.address(emit, table, name), frame) for name in ("time_offset", "samples"))
        blend = emit.at(self.address(emit, table, "blend"), frame) if moving else offsets
        weights = self.address(emit, table, "weights")
        for layer in range(shape.layers):
            last = layer == shape.layers - 1
            parts = emit.at(scratch, layer * PARTS * shape.width)
            with emit.loop(count) as (number, _):
                shift = build.mul(number, emit.index(tile.frames))
                x, y = (emit.at(side, build.mul(shift, emit.index(shape.width))) for side in (here, there))
                if layer == 0:
                    build.call(self.firsts[moving], [emit.at(offsets, shift), emit.at(blend, shift), parts, x])
                else:
                    packed = emit.at(weights, (layer - 1) * shape.width * shape.width)
                    output = emit.at(weights, (shape.layers - 1) * shape.width * shape.width)
                    total = emit.at(sums, shift)
                    if last:
                        self._write(emit, [emit.splat(shape.output_bias)] * tile.vectors, total)
                    self._blocks(emit, x, packed, parts, emit.at(blend, shift), total if last else y, output, last, moving)
                    if last:
                        place = build.add(frame, shift)
                        self._finish(emit, table, row, time, total, place, emit.at(out, shift), moving=moving)
            if layer:
                here, there = there, here

    def _blocks(
        self,
        emit: Emitter,
        x: Value,
        weights: Value,
        parts: Value,
        blend: Value,
        y: Value,
        output: Value,
        last: bool,
        moving: bool,
    ) -> None:
        """One layer of one tile: a loop for each size of kernel."""
        build, unit = emit.builder, 0
        for size in sorted(set(self.sizes), reverse=True):
            kernel = self.kernels[size, last, moving]
            with emit.loop(self.sizes.count(size)) as (number, _):
                place = build.add(build.mul(number, emit.index(size)), emit.index(unit))
                target = y if last else emit.at(y, build.mul(place, emit.index(self.tile.frames)))
                matrix = emit.at(weights, build.mul(place, emit.index(self.shape.width)))
                build.call(kernel, [x, matrix, emit.at(parts, place), blend, target, emit.at(output, place)])
            unit += size * self.sizes.count(size)

    def _finish(
        self, emit: Emitter, table: Value, row: Value, time: Value, total: Value, frame: Value, out: Value, *, moving: bool
    ) -> None:
        """Write a tile's samples, under the envelope where there is one."""
        values = self._vectors(emit, total)
        if self.shape.knots:
            knots = emit.builder.mul(row, emit.index(self.shape.knots))
            envelope = emit.at(self.address(emit, table, "envelope"), knots)
            offsets = self._vectors(emit, emit.at(self.address(emit, table, "time_offset"), frame))
            places = [self._knot_place(emit, time, offset) for offset in offsets]
            levels = [self._level(emit, envelope, place) for place in places]
            if moving:
                ends = emit.at(self.address(emit, table, "envelope_end"), knots)
                shares = self._vectors(emit, emit.at(self.address(emit, table, "blend"), frame))
                rises = [
                    emit.builder.fsub(self._level(emit, ends, place), level)
                    for place, level in zip(places, levels, strict=True)
                ]
                levels = [emit.fma(*each) for each in zip(shares, rises, levels, strict=True)]
            values = [emit.builder.fmul(value, emit.exp(level)) for value, level in zip(values, levels, strict=True)]
        self._write(emit, values, out)

    def _knot_place(self, emit: Emitter, time: Value, offset: Value) -> Value:
        """Where samples lie among the knots, 0 to knots - 1."""
        rate, last = self.shape.knots_per_second, self.shape.knots - 1.0
        build = emit.builder
        start = build.fptrunc(build.fmul(time, ir.Constant(DOUBLE, rate)), FLOAT)
        return emit.clip(emit.fma(offset, emit.splat(rate), emit.spread(start)), 0.0, last)

    def _level(self, emit: Emitter, knots: Value, place: Value) -> Value:
        """The knots, interpolated."""
        build, kind = emit.builder, emit.vector(FLOAT)
        below = build.fptosi(emit.clip(place, 0.0, self.shape.knots - 2.0), emit.vector(INT))
        low = high = ir.Constant(kind, ir.Undefined)
        for lane in range(emit.lanes):
            number = ir.Constant(INT, lane)
            knot = build.zext(build.extract_element(below, number), INDEX)
            low = build.insert_element(low, build.load(emit.at(knots, knot), typ=FLOAT), number)
            after = build.load(emit.at(emit.at(knots, knot), 1), typ=FLOAT)
            high = build.insert_element(high, after, number)
        return emit.fma(build.fsub(high, low), build.fsub(place, build.sitofp(below, kind)), low)

    def _differs(self) -> Value:
        """differs(one, other, count): whether two arrays of floats differ in any bit."""
        function, emit = self.function("differs", POINTER, POINTER, INDEX, result=INT)
        one, other, count = function.args
        build = emit.builder
        with emit.loop(count, 1, [ir.Constant(INT, 0)]) as (index, found):
            pair = [build.load(emit.at(pointer, index, INT), typ=INT) for pointer in (one, other)]
            found[0] = build.or_(found[0], build.xor(*pair))
        build.ret(found[0])
        return function

    def _moves(self, emit: Emitter, table: Value, row: Value) -> Value:
        """Whether a row's modulations differ between its two ends."""
        shape, build = self.shape, emit.builder
        found: Value = ir.Constant(INT, 0)
        sizes = {"gamma": shape.films * shape.width, "beta": shape.films * shape.width, "envelope": shape.knots}
        for name, size in sizes.items():
            if size:
                place = build.mul(row, emit.index(size))
                pair = [emit.at(self.address(emit, table, each), place) for each in (name, f"{name}_end")]
                found = build.or_(found, build.call(self.differs, [*pair, emit.index(size)]))
        return build.icmp_unsigned("!=", found, ir.Constant(INT, 0))

    def _run(self) -> None:
        """run(table, scratch): take rows until there are none."""
        function, emit = self.function("run", POINTER, POINTER, public=True)
        table, scratch = function.args
        build = emit.builder
        loop, body, moved, held, moving, done = (
            function.append_basic_block(name) for name in ("take", "body", "moved", "held", "moving", "done")
        )
        rows = self.number(emit, table, "rows")
        can_move = build.icmp_unsigned("!=", self.number(emit, table, "gamma_end"), emit.index(0))
        build.branch(loop)
        build.position_at_end(loop)
        row = build.atomic_rmw("add", self.slot(emit, table, "counter"), emit.index(1), "monotonic")
        build.cbranch(build.icmp_unsigned("<", row, rows), body, done)
        build.position_at_end(body)
        build.cbranch(can_move, moved, held)
        build.position_at_end(moved)
        build.cbranch(self._moves(emit, table, row), moving, held)
        for block, which in ((held, False), (moving, True)):
            build.position_at_end(block)
            build.call(self.row_functions[which], [table, row, scratch])
            build.branch(loop)
        build.position_at_end(done)
        build.ret_void()
