"""Machine code for a bank of oscillators: partials of one phase, modes beside them, and shaped noise.

A row's oscillators are first listed: their amplitudes at both ends under the fade at the band limit, their phases at the row's
start, reduced by whole turns in float64, and the numbers of those that sound at all. Then, for tiles of T frames (a few
vectors, which stay in registers), each of these adds its sine under both amplitudes to two sums, between which a frame's blend
chooses. A sine is a polynomial (Emitter.sine): its argument is one multiply-add from the phase offset that was handed in, so a
glide costs nothing. Noise is summed over bands a few frames at once.
"""

from typing import Any

from llvmlite import ir

from synth.evaluators.bank_layout import TABLE, BankShape
from synth.evaluators.kernel_code import KernelCode
from synth.machine import Tile
from synth.vector_ir import DOUBLE, FLOAT, INDEX, INT, POINTER, Emitter, Value

LOWEST = -3e38
TAKEN = 8
"""Rows that a thread takes at a time: one row is a microsecond, not much more than the counter's way between two cores"""


def bank_module(shape: BankShape, tile: Tile) -> Any:  # noqa: ANN401 (llvmlite has no types)
    """The IR module, whose one public function is `void run(int64 *table, float *scratch)`."""
    return _BankCode(shape, tile).module


class _BankCode(KernelCode):
    def __init__(self, shape: BankShape, tile: Tile) -> None:
        super().__init__("bank", tile, TABLE, apart=False)
        self.shape = shape
        places = shape.oscillators + 1  # the last one is silent: with it, no list is empty
        arrays = ("starts", "speeds", "lows", "highs", "numbers")
        self.scratch = {name: number * places for number, name in enumerate(arrays)}
        self.scratch |= {"strongest": 5 * places, "hiss": 5 * places + shape.series}
        self.list_partials = self._list(shape.partials, "partials")
        self.list_modes = self._list(shape.modes, "modes") if shape.modes else None
        self.hiss = self._hiss()
        self.sum = self._sum()
        self.row = self._row()
        self._run()

    def _part(self, emit: Emitter, scratch: Value, name: str) -> Value:
        return emit.at(scratch, self.scratch[name])

    def _list(self, count: int, name: str) -> Value:
        """list(lows, highs, gains, ratios, thetas, phase, bandlimit, scratch, first, listed): how many are listed after it.

        Writes `count` oscillators to the scratch, from place `first` on, and the numbers of those that sound.
        """
        arguments = (POINTER, POINTER, FLOAT, FLOAT, POINTER, POINTER, DOUBLE, FLOAT, POINTER, INDEX, INDEX)
        function, emit = self.function(f"list_{name}", *arguments, result=INDEX)
        listed, done, lanes = function.args[-1], 0, self.tile.lanes
        while done < count:
            lanes = min(lanes, 1 << ((count - done).bit_length() - 1))
            whole = (count - done) // lanes * lanes
            with emit.loop(whole, lanes, [listed]) as (index, carried):
                place = emit.builder.add(index, emit.index(done))
                carried[0] = self._list_vector(emit, function.args[:-1], place, lanes, carried[0])
            listed, done = carried[0], done + whole
        emit.builder.ret(listed)
        return function

    def _list_vector(self, emit: Emitter, arguments: Any, place: Value, lanes: int, listed: Value) -> Value:  # noqa: ANN401
        low, high, low_gain, high_gain, ratios, thetas, phase, bandlimit, scratch, first = arguments
        build = emit.builder
        ratio = emit.load(ratios, place, DOUBLE, lanes)
        narrow = build.fptrunc(ratio, emit.vector(FLOAT, lanes))
        share = build.fdiv(narrow, emit.spread(bandlimit, lanes))
        falling = build.fmul(build.fsub(emit.splat(1.0, FLOAT, lanes), share), emit.splat(self.shape.slope, FLOAT, lanes))
        audible = emit.clip(falling, 0.0, 1.0, lanes)
        ends = [
            build.fmul(build.fmul(emit.load(each, place, FLOAT, lanes), emit.spread(gain, lanes)), audible)
            for each, gain in ((low, low_gain), (high, high_gain))
        ]
        silent = emit.splat(self.shape.silent, FLOAT, lanes)
        flags = [build.fcmp_ordered(">", end, silent) for end in ends]
        bits = build.zext(build.bitcast(build.or_(*flags), ir.IntType(lanes)), INDEX)
        some, after = build.append_basic_block("some"), build.append_basic_block("listed")
        before = build.block
        build.cbranch(build.icmp_unsigned("!=", bits, emit.index(0)), some, after)
        build.position_at_end(some)
        turns = build.fmul(ratio, emit.spread(phase, lanes))
        half_turns = emit.wrapped(build.fmul(turns, emit.splat(2.0, DOUBLE, lanes)), lanes)
        start = build.fptrunc(build.fadd(half_turns, emit.load(thetas, place, DOUBLE, lanes)), emit.vector(FLOAT, lanes))
        speed = build.fmul(narrow, emit.splat(2.0, FLOAT, lanes))
        number = build.add(first, place)
        for name, values in zip(self.scratch, (start, speed, *ends), strict=False):
            emit.store(values, self._part(emit, scratch, name), number)
        grown = self._list_bits(emit, bits, number, self._part(emit, scratch, "numbers"), listed)
        ended = build.block
        build.branch(after)
        build.position_at_end(after)
        result = build.phi(INDEX)
        result.add_incoming(listed, before)
        result.add_incoming(grown, ended)
        return result

    def _list_bits(self, emit: Emitter, bits: Value, number: Value, numbers: Value, listed: Value) -> Value:
        """Append `number` plus the place of each bit that is set (one is) to the list `numbers`."""
        build = emit.builder
        before, body, after = build.block, build.append_basic_block("bit"), build.append_basic_block("bits")
        build.branch(body)
        build.position_at_end(body)
        left, place = build.phi(INDEX), build.phi(INDEX)
        left.add_incoming(bits, before)
        place.add_incoming(listed, before)
        found = build.add(number, build.cttz(left, ir.Constant(ir.IntType(1), 1)))
        build.store(build.trunc(found, INT), emit.at(numbers, place, INT), align=4)
        rest = build.and_(left, build.sub(left, emit.index(1)))
        following = build.add(place, emit.index(1))
        left.add_incoming(rest, body)
        place.add_incoming(following, body)
        build.cbranch(build.icmp_unsigned("!=", rest, emit.index(0)), body, after)
        build.position_at_end(after)
        return following

    def _sum(self) -> Value:
        """sum(scratch, listed, offsets [T], blend [T], out [T]): add the listed oscillators to `out`."""
        function, emit = self.function("sum", POINTER, INDEX, POINTER, POINTER, POINTER)
        scratch, listed, offsets, blend, out = function.args
        build, vectors = emit.builder, range(self.tile.vectors)
        way = [emit.load(offsets, lane * emit.lanes) for lane in vectors]
        parts = {name: self._part(emit, scratch, name) for name in self.scratch}
        with emit.loop(listed, 1, [emit.splat(0.0)] * (2 * self.tile.vectors)) as (index, sums):
            number = build.zext(build.load(emit.at(parts["numbers"], index, INT), typ=INT), INDEX)
            start, speed, low, high = (emit.broadcast(parts[name], number) for name in ("starts", "speeds", "lows", "highs"))
            for lane in vectors:
                sine = emit.sine(emit.fma(way[lane], speed, start))
                sums[2 * lane] = emit.fma(sine, low, sums[2 * lane])
                sums[2 * lane + 1] = emit.fma(sine, high, sums[2 * lane + 1])
        for lane in vectors:
            low, high = sums[2 * lane : 2 * lane + 2]
            share = emit.load(blend, lane * emit.lanes)
            tone = emit.fma(share, build.fsub(high, low), low)
            emit.store(build.fadd(emit.load(out, lane * emit.lanes), tone), out, lane * emit.lanes)
        build.ret_void()
        return function

    def _hiss(self) -> Value:
        """hiss(noise [T][bands], hiss and its rise [2][bands], blend [T], out [T]): write the bands' sum to `out`."""
        function, emit = self.function("hiss", POINTER, POINTER, POINTER, POINTER)
        noise, levels, blend, out = function.args
        bands = self.shape.bands
        lanes = next(lanes for lanes in (16, 8, 4, 2, 1) if lanes <= self.tile.lanes and bands % lanes == 0)
        groups = range(0, bands, lanes)
        low, rise = ([emit.load(levels, end * bands + band, FLOAT, lanes) for band in groups] for end in range(2))
        with emit.loop(self.tile.frames, lanes) as (first, _):
            sums = []
            for step in range(lanes):
                frame = emit.builder.add(first, emit.index(step))
                share, row = emit.broadcast(blend, frame, FLOAT, lanes), emit.builder.mul(frame, emit.index(bands))
                total = emit.splat(0.0, FLOAT, lanes)
                for group, band in enumerate(groups):
                    gain = emit.fma(share, rise[group], low[group])
                    total = emit.fma(emit.load(emit.at(noise, row), band, FLOAT, lanes), gain, total)
                sums.append(total)
            emit.store(emit.sums_of(sums), out, first)
        emit.builder.ret_void()
        return function

    def _row(self) -> Value:
        """row(table, row, scratch)"""
        shape, frames = self.shape, self.tile.frames
        function, emit = self.function("row", POINTER, INDEX, POINTER)
        table, row, scratch = function.args
        build = emit.builder

        def own(name: str, size: int) -> Value:
            return emit.at(self.address(emit, table, name), build.mul(row, emit.index(size)))

        listed = self._listed(emit, table, row, scratch)
        silence = ir.Constant(INT, shape.oscillators)
        build.store(silence, emit.at(self._part(emit, scratch, "numbers"), listed, INT), align=4)
        listed = build.select(build.icmp_unsigned("==", listed, emit.index(0)), emit.index(1), listed)
        levels = self._part(emit, scratch, "hiss")
        low, high = (own(f"hiss_{end}", shape.bands) for end in ("start", "end"))
        with emit.loop(shape.bands) as (band, _):
            start, end = (build.load(emit.at(each, band), typ=FLOAT) for each in (low, high))
            build.store(start, emit.at(levels, band))
            build.store(build.fsub(end, start), emit.at(levels, build.add(band, emit.index(shape.bands))))
        tiles = self.number(emit, table, "tiles")
        begin = build.mul(build.mul(row, tiles), emit.index(frames))
        offsets, blend, out, noise = (self.address(emit, table, name) for name in ("phase_offset", "blend", "samples", "noise"))
        with emit.loop(tiles) as (tile, _):
            frame = build.add(begin, build.mul(tile, emit.index(frames)))
            share, sound = emit.at(blend, frame), emit.at(out, frame)
            build.call(self.hiss, [emit.at(noise, build.mul(frame, emit.index(shape.bands))), levels, share, sound])
            build.call(self.sum, [scratch, listed, emit.at(offsets, frame), share, sound])
        build.ret_void()
        return function

    def _listed(self, emit: Emitter, table: Value, row: Value, scratch: Value) -> Value:
        """List the oscillators of a row: of the strongest series, and the modes."""
        shape, build = self.shape, emit.builder

        def own(name: str, size: int) -> Value:
            return emit.at(self.address(emit, table, name), build.mul(row, emit.index(size)))

        partials = [own(f"partials_{end}", shape.partials) for end in ("start", "end")]
        series = [own(f"series_{end}", shape.series) for end in ("start", "end")]
        ratios, thetas = self.address(emit, table, "ratios"), self.address(emit, table, "thetas")
        phase = build.load(emit.at(self.address(emit, table, "phase_start"), row, DOUBLE), typ=DOUBLE)
        limit = build.load(emit.at(self.address(emit, table, "bandlimit"), row), typ=FLOAT)
        strongest = self._part(emit, scratch, "strongest")
        with emit.loop(shape.series) as (number, _):
            ends = [build.load(emit.at(each, number), typ=FLOAT) for each in series]
            larger = build.select(build.fcmp_ordered(">", *ends), *ends)
            build.store(larger, emit.at(strongest, number))
        listed: Value = emit.index(0)
        for slot in range(shape.slots):
            number = self._largest(emit, strongest)
            build.store(ir.Constant(FLOAT, LOWEST), emit.at(strongest, number))
            gains = [build.load(emit.at(each, number), typ=FLOAT) for each in series]
            own_ratios = emit.at(ratios, build.mul(number, emit.index(shape.partials)), DOUBLE)
            sounds = build.or_(*(build.fcmp_unordered("!=", gain, ir.Constant(FLOAT, 0.0)) for gain in gains))
            first = emit.index(slot * shape.partials)
            arguments = [*partials, *gains, own_ratios, thetas, phase, limit, scratch, first, listed]
            before, some, after = build.block, build.append_basic_block("slot"), build.append_basic_block("slots")
            build.cbranch(sounds, some, after)
            build.position_at_end(some)
            grown = build.call(self.list_partials, arguments)
            build.branch(after)
            build.position_at_end(after)
            result = build.phi(INDEX)
            result.add_incoming(listed, before)
            result.add_incoming(grown, some)
            listed = result
        if self.list_modes is None:
            return listed
        modes = [own(f"modes_{end}", shape.modes) for end in ("start", "end")]
        one, first = ir.Constant(FLOAT, 1.0), emit.index(shape.slots * shape.partials)
        constants = [
            emit.at(ratios, shape.series * shape.partials, DOUBLE),
            emit.at(thetas, shape.partials, DOUBLE),
        ]
        return build.call(self.list_modes, [*modes, one, one, *constants, phase, limit, scratch, first, listed])

    def _largest(self, emit: Emitter, values: Value) -> Value:
        """Number of the first largest of a row's series."""
        build = emit.builder
        first = build.load(values, typ=FLOAT)
        with emit.loop(self.shape.series, 1, [emit.index(0), first]) as (number, best):
            value = build.load(emit.at(values, number), typ=FLOAT)
            better = build.fcmp_ordered(">", value, best[1])
            best[0], best[1] = build.select(better, number, best[0]), build.select(better, value, best[1])
        return best[0]

    def _run(self) -> None:
        """run(table, scratch): take some rows at a time until there are none."""
        function, emit = self.function("run", POINTER, POINTER, public=True)
        table, scratch = function.args
        build = emit.builder
        loop, body, done = (function.append_basic_block(name) for name in ("take", "body", "done"))
        rows = self.number(emit, table, "rows")
        build.branch(loop)
        build.position_at_end(loop)
        first = build.atomic_rmw("add", self.slot(emit, table, "counter"), emit.index(TAKEN), "monotonic")
        build.cbranch(build.icmp_unsigned("<", first, rows), body, done)
        build.position_at_end(body)
        left = build.sub(rows, first)
        count = build.select(build.icmp_unsigned("<", left, emit.index(TAKEN)), left, emit.index(TAKEN))
        with emit.loop(count) as (number, _):
            build.call(self.row, [table, build.add(first, number), scratch])
        build.branch(loop)
        build.position_at_end(done)
        build.ret_void()
