"""Matrices and labels from files, and what is wrong with them, by line and column; functions from a user's modules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scalargrad.datasets.files import read_function, read_labels, read_matrix, read_module, read_vector
from scalargrad.errors import ArgumentError, FileError


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    "text", ["1,2\n3,4\n", "a,b\n1,2\n3,4\n", "\ufeff1,2\r\n3,4\r\n", "\n1, 2\n\n 3 ,4", '"1","2"\n3,4e0\n']
)
def test_csv(text: str, tmp_path: Path) -> None:
    """With or without names, a byte-order mark, blank lines, spaces and quotes."""
    assert read_matrix(write(tmp_path / "m.csv", text)).tolist() == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    "array", [np.ones((2, 3)), np.ones((2, 3), int), np.ones((2, 3), np.float32), np.zeros((0, 2))]
)
def test_npy(array: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "m.npy", array)
    found = read_matrix(tmp_path / "m.npy")
    assert found.dtype == array.dtype
    assert (found == array).all()
    assert found.shape == array.shape


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2\n3\n", "m.csv: line 2 has 1 cells and line 1 has 2: rows must match"),
        ("a,b\n1,2\n3,x\n", "m.csv, line 3, column 2: 'x' is not a number"),
        ("1/3,1/2\n3,4\n", "m.csv, line 1, column 1: '1/3' is not a number: write decimals, with commas between cells"),
        ("1;2\n3;4\n", "m.csv, line 1, column 1: '1;2' is not a number: write decimals, with commas"),
        ("-x,y\n3,4\n", "m.csv, line 1, column 1: '-x' is not a number"),
        ("1,2\n3,\n", "m.csv, line 2, column 2: '' is not a number"),
        ("1,1_000\n", "m.csv, line 1, column 2: '1_000' is not a number"),
        ("1,2\n3,nan\n", r"m.csv, line 2, column 2, entry \[1,1\]: nan is not a finite number"),
        ("inf,2\n", r"m.csv, line 1, column 1, entry \[0,0\]: inf is not a finite number"),
        ("", "m.csv: there are no numbers in it"),
        ("a,b\n", "m.csv: there are no numbers in it"),
        (b"\xff\xfe\x00", "m.csv: this is no text file in UTF-8"),
        ('"1,2\n', "m.csv: this is not CSV"),
    ],
)
def test_csv_that_is_no_matrix(text: str | bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=message):
        read_matrix(write(tmp_path / "m.csv", text))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for name in ("no.csv", "no.npy"):
        with pytest.raises(FileError, match=f"{name}: cannot be read: No such file or directory"):
            read_matrix(tmp_path / name)
    with pytest.raises(FileError, match="cannot be read: Is a directory"):
        read_matrix(tmp_path)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.ones((1, 1, 1)), "an array of 3 dimensions where a matrix is needed"),
        (np.array([["a"]]), "this .npy file holds no real numbers"),
        (np.array([[1j]]), "this .npy file holds no real numbers"),
        (np.array([[1.0, np.inf]]), r"entry \[0,1\]: inf is not a finite number"),
        (np.array([[1, None]], dtype=object), "this is not a .npy file of numbers"),
    ],
)
def test_npy_that_is_no_matrix(array: Any, message: str, tmp_path: Path) -> None:
    np.save(tmp_path / "m.npy", array, allow_pickle=True)
    with pytest.raises(FileError, match=message):
        read_matrix(tmp_path / "m.npy")


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x93NUMPY\x01\x00"])
def test_npy_that_is_none(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"this is not a .npy file of numbers"):
        read_matrix(write(tmp_path / "m.npy", content))


def test_vectors(tmp_path: Path) -> None:
    assert read_vector(write(tmp_path / "row.csv", "1,2,3\n")).tolist() == [1, 2, 3]
    assert read_vector(write(tmp_path / "column.csv", "b\n1\n2\n")).tolist() == [1, 2]
    np.save(tmp_path / "b.npy", np.array([1.0, 2.0]))
    assert read_vector(tmp_path / "b.npy").tolist() == [1, 2]
    with pytest.raises(FileError, match="a 2×2 matrix where a single row or column is needed"):
        read_vector(write(tmp_path / "m.csv", "1,2\n3,4\n"))


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("0\n2\n1\n", [0, 2, 1]),
        ("class\n0\n2\n", [0, 2]),
        ("0,2,1\n", [0, 2, 1]),
        ("species\nb\na\nb\n", [1, 0, 1]),
        ("b\na\nb\n", [1, 0, 1]),
    ],
)
def test_labels(text: str, labels: list[int], tmp_path: Path) -> None:
    assert read_labels(write(tmp_path / "l.csv", text)) == labels


def test_labels_from_npy(tmp_path: Path) -> None:
    np.save(tmp_path / "l.npy", np.array([0, 2, 1]))
    assert read_labels(tmp_path / "l.npy") == [0, 2, 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0\n-1\n", "the label '-1' is neither an integer from 0 nor, like the others, a name"),
        ("a\nb\n1.5\na\n", "the label"),
        ("", "there are no labels in it"),
    ],
)
def test_labels_that_are_none(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=message):
        read_labels(write(tmp_path / "l.csv", text))


class TestModules:
    def test_a_function_and_what_else_a_file_defines(self, tmp_path: Path) -> None:
        mine = write(tmp_path / "mine.py", "a = 1\ndef f():\n    return a\n")
        assert read_function(f"{mine}:f")() == 1
        assert read_module(str(mine))["a"] == 1

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("x = 1\nx.y\n", "mine.py, line 2: AttributeError: "),
            ("x = (\n", "mine.py, line 1: SyntaxError: "),
            ("import json\n\njson.loads('{')\n", "mine.py, line 3: JSONDecodeError: "),
            ("exec('(')\n", "mine.py, line 1: SyntaxError: "),
            ("\nopen('no-such-file')\n", "mine.py, line 2: FileNotFoundError: "),
            ("raise SystemExit(3)\n", "mine.py, line 1: SystemExit: 3"),
        ],
    )
    def test_a_file_that_raises_is_told_by_its_line(self, text: str, message: str, tmp_path: Path) -> None:
        with pytest.raises(FileError, match=message):
            read_module(str(write(tmp_path / "mine.py", text)))

    def test_what_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(FileError, match="cannot be read: No such file or directory"):
            read_module(str(tmp_path / "none.py"))
        mine = write(tmp_path / "mine.py", "a = 1\n")
        for name in ("a", "b"):
            with pytest.raises(FileError, match=f"there is no function '{name}' in it"):
                read_function(f"{mine}:{name}")
        with pytest.raises(ArgumentError, match=r"'mine' names no function: write FILE.py:function"):
            read_function("mine")
