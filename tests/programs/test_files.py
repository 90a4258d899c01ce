"""Files: there and back, and nothing that is damaged is run."""

from __future__ import annotations

import io
import json
import random
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad import Value, record, record_gradient
from scalargrad.engine import ops
from scalargrad.errors import ProgramError
from scalargrad.programs import Program

from .graphs import bits

NEG = ops.NEG.opcode


def column(k: int, number: Any) -> Any:
    """Instructions with the same number in all of one column."""
    return lambda code: np.where(np.arange(4) == k, number, code).astype(np.int32)


class TestFiles:
    def test_there_and_back(self, layer: Any, tmp_path: Path) -> None:
        X, W, L = layer
        program = record_gradient(L, [X], [W])
        program.save(tmp_path / "p.npz")
        again = Program.load(tmp_path / "p.npz")
        assert again.signature == program.signature
        x = np.random.default_rng(0).normal(size=(9, 2, 2))
        assert bits(again(x, sg.data(W))[0]) == bits(program(x, sg.data(W))[0])
        assert list(again.listing()) == list(program.listing())

    def test_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(ProgramError, match="cannot be read: No such file or directory"):
            Program.load(tmp_path / "none.npz")
        (tmp_path / "text.npz").write_text("hello")
        with pytest.raises(ProgramError, match="this is not a program"):
            Program.load(tmp_path / "text.npz")

    @pytest.fixture
    def saved(self, layer: Any, tmp_path: Path) -> Path:
        X, W, L = layer
        record_gradient(L, [X], [W]).save(tmp_path / "p.npz")
        return tmp_path / "p.npz"

    def changed(self, path: Path, name: str, change: Any) -> None:
        """The file with one of its arrays, or the header, changed."""
        with np.load(path) as file:
            parts = dict(file)
        if name == "header":
            header = json.loads(bytes(parts["header"]))
            change(header)
            parts["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
        else:
            parts[name] = change(parts[name])
        np.savez(path, **parts)

    def test_factors_of_what_is_shared_are_refused(self, tmp_path: Path) -> None:
        a, w = Value(1.0, "a"), Value(2.0, "w")
        path = tmp_path / "p.npz"
        record([], [a], [w], summed=[w * w]).save(path)
        self.changed(path, "rows_results", lambda results: np.append(results[:-1], 0).astype(np.int32))
        with pytest.raises(ProgramError, match="its factors belong to no rows"):
            Program.load(path)

    @pytest.mark.parametrize(
        ("name", "change", "message"),
        [
            ("sample_instructions", lambda t: t + 1000, "its sample tape has an unknown operation"),
            ("sample_instructions", column(1, 10**6), "its sample tape points out of its registers"),
            ("sample_instructions", column(3, -1), "its sample tape points out of its registers"),
            ("sample_instructions", lambda t: t.astype(np.int64), "its sample tape is not an array of n×4 integers"),
            ("sample_instructions", lambda t: t[:, :3], "its sample tape is not an array of n×4 integers"),
            ("rows_instructions", column(2, -(10**6)), "its rows tape points out of its registers"),
            ("rows_instructions", lambda t: column(2, -1)(column(1, -1)(t)), "computes with shared numbers alone"),
            ("rows_instructions", lambda t: column(1, -1)(column(0, NEG)(t)), "computes with shared numbers alone"),
            ("shared_instructions", lambda t: np.array([[0, 0, 0, -1]], np.int32), "its shared tape points out of"),
            ("sample_results", lambda r: r[:-1], "the results of its sample tape do not fit"),
            ("sample_results", lambda r: r + 10**6, "the results of its sample tape do not fit"),
            ("sample_results", lambda r: r.astype(np.int64), "the results of its sample tape do not fit"),
            ("shared_results", lambda r: np.zeros(1, np.int32), "the results of its shared tape do not fit"),
            ("rows_results", lambda r: r - 10**6, "the results of its rows tape do not fit"),
            ("rows_results", lambda r: r[:-1], "the results of its rows tape do not fit"),
            ("rows_results", lambda r: np.append(r[:-1], 10**6).astype(np.int32), "its factors do not fit"),
            ("rows_results", lambda r: np.append(r[:-1], -2).astype(np.int32), "its factors do not fit"),
            ("constants", lambda c: c.astype(np.float32), "its constants are not a vector of float64"),
            ("constants", lambda c: np.zeros(10**4), "its sample tape has too few registers for what is given"),
            ("header", lambda h: h.update(version=99), "this release reads programs of version 3"),
            ("header", lambda h: h.update(operations=["+"]), "this release reads programs of version 3"),
            ("header", lambda h: h["registers"].update(sample=-1), "-1 in its header is not a size"),
            ("header", lambda h: h["registers"].update(rows=2**40), "is not a size"),
            ("header", lambda h: h["registers"].update(rows="many"), "'many' in its header is not a size"),
            (
                "header",
                lambda h: h["registers"].update(rows=1),
                "its rows tape has too few registers for what is given",
            ),
            ("header", lambda h: h["registers"].pop("rows"), "its header is damaged"),
            ("header", lambda h: h.update(registers=1), "its header is damaged"),
            ("header", lambda h: h.pop("signature"), "its header is damaged"),
            ("header", lambda h: h.update(signature=[1]), "its header is damaged"),
            ("header", lambda h: h["signature"].update(inputs=[[2, -2]]), "-2 in its header is not a size"),
            ("header", lambda h: h["signature"].update(names=[]), "its shapes contradict each other"),
            ("header", lambda h: h["signature"].update(outputs=[]), "its shapes contradict each other"),
        ],
    )
    def test_a_damaged_file_is_refused(self, saved: Path, name: str, change: Any, message: str) -> None:
        self.changed(saved, name, change)
        with pytest.raises(ProgramError, match=message):
            Program.load(saved)

    def test_pickles_are_refused(self, saved: Path) -> None:
        self.changed(saved, "constants", lambda c: np.array([object()], dtype=object))
        with pytest.raises(ProgramError, match="this is not a program"):
            Program.load(saved)

    def test_any_damage_gives_an_error_or_a_program_that_runs(self, saved: Path) -> None:
        good = saved.read_bytes()
        rng = random.Random(0)
        with np.load(saved) as file:
            plain = io.BytesIO()
            np.savez(plain, **dict(file))
        for content in (good, plain.getvalue()):
            for _ in range(150):
                damaged = bytearray(content)
                for _ in range(rng.randint(1, 4)):
                    damaged[rng.randrange(len(damaged))] = rng.randrange(256)
                saved.write_bytes(bytes(damaged))
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    try:
                        program = Program.load(saved)
                        program(np.ones((3, 2, 2)), np.ones((2, 2)))
                    except ProgramError:
                        pass
