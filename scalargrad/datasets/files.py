"""What comes from a user's files: matrices, vectors and labels (CSV, .npy), and functions in Python.

    >>> read_matrix("nothing.csv")
    Traceback (most recent call last):
      ...
    scalargrad.errors.FileError: nothing.csv: cannot be read: No such file or directory

A file that can't be read is a `FileError` of one sentence that says where in the file it is.
"""

from __future__ import annotations

import csv
import math
import runpy
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..affine.losses import numbered
from ..arrays import Array
from ..errors import ArgumentError, FileError


def read_matrix(path: str | Path) -> Array:
    """A matrix of finite numbers from a CSV file (a first row of names only is skipped) or a two-dimensional .npy file.

    Raises
    ------
    FileError
        If the file is missing or no matrix, if rows differ in length, or if a cell is text, nan or infinite.
    """
    path = Path(path)
    if path.suffix == ".npy":
        return _read_npy(path)
    rows = _read_rows(path)
    if rows and not any(_begins_as_number(cell) for _, row in rows[:1] for cell in row):
        rows = rows[1:]
    matrix: list[list[float]] = []
    for line, row in rows:
        if len(row) != len(rows[0][1]):
            first, cells = rows[0]
            raise FileError(
                f"{path}: line {line} has {len(row)} cells and line {first} has {len(cells)}: rows must match"
            )
        numbers = []
        for column, cell in enumerate(row, start=1):
            where = f"{path}, line {line}, column {column}"
            if not _is_number(cell):
                raise FileError(f"{where}: {cell!r} is not a number: write decimals, with commas between cells")
            if not math.isfinite(float(cell)):
                raise FileError(f"{where}, entry [{len(matrix)},{column - 1}]: {cell.strip()} is not a finite number")
            numbers.append(float(cell))
        matrix.append(numbers)
    if not matrix:
        raise FileError(f"{path}: there are no numbers in it")
    return np.array(matrix)


def read_vector(path: str | Path) -> Array:
    """A vector of numbers: a file with a single row or a single column, or a one-dimensional .npy file.

    Raises
    ------
    FileError
        As for `read_matrix`, and if there are several rows and columns.
    """
    matrix = read_matrix(path)
    if 1 not in matrix.shape:
        raise FileError(f"{path}: a {len(matrix)}×{len(matrix[0])} matrix where a single row or column is needed")
    return matrix.ravel()


def read_labels(path: str | Path) -> list[int]:
    """Class labels, one for each sample: integers from 0, or names, which are numbered in alphabetical order.

    A first row that is no integer where all others are is taken as the column's name, as is the first of names if it
    stands nowhere else.

    Raises
    ------
    FileError
        If the file is missing or empty, or if a label is neither.
    """
    path = Path(path)
    if path.suffix == ".npy":
        cells = [f"{x:g}" for x in _read_npy(path).flat]
    else:
        rows = _read_rows(path)
        cells = [cell.strip() for _, row in rows for cell in row]
        if len(cells) > 1 and not cells[0].isdecimal() and cells[0] not in cells[1:]:
            cells = cells[1:]
    if not cells:
        raise FileError(f"{path}: there are no labels in it")
    if all(cell.isdecimal() for cell in cells):
        return [int(cell) for cell in cells]
    if any(_is_number(cell) for cell in cells):
        odd = next(cell for cell in cells if not cell.isdecimal())
        raise FileError(f"{path}: the label {odd!r} is neither an integer from 0 nor, like the others, a name")
    return list(numbered(cells))


def read_module(file: str) -> dict[str, Any]:
    """What a Python file of the user's defines, by name. It is run as a module would be, and not as `__main__`.

    Raises
    ------
    FileError
        If there is no such file, or if it can't be run: with the line of the file where it failed.
    """
    try:
        Path(file).read_bytes()
    except OSError as error:
        raise FileError(f"{file}: cannot be read: {error.strerror or error}") from None
    try:
        return runpy.run_path(file)
    except (Exception, SystemExit) as error:
        raise FileError(f"{where_in(file, error)}: {type(error).__name__}: {error}") from error


def read_function(text: str) -> Callable[..., Any]:
    """The function that `FILE.py:function` names.

    Raises
    ------
    ArgumentError
        If the text names no function.
    FileError
        If there is no such file or function, or if the file can't be run.
    """
    file, _, name = text.rpartition(":")
    if not file or not name.isidentifier():
        raise ArgumentError(f"{text!r} names no function: write FILE.py:function")
    function: Callable[..., Any] | None = read_module(file).get(name)
    if not callable(function):
        raise FileError(f"{file}: there is no function {name!r} in it")
    return function


def where_in(file: str, error: BaseException) -> str:
    """The last place in a file of the user's that an error came through, as "FILE, line 3"."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return f"{file}, line {error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return f"{file}, line {lines[-1]}" if lines else file


def _read_rows(path: Path) -> list[tuple[int, list[str]]]:
    """(line number, cells) for each row that is not blank."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise FileError(f"{path}: this is no text file in UTF-8; give CSV text or a .npy file") from None
    except csv.Error as error:
        raise FileError(f"{path}: this is not CSV: {error}") from None


def _read_npy(path: Path) -> Array:
    try:
        array: Array = np.load(path, allow_pickle=False)
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, EOFError) as error:
        raise FileError(f"{path}: this is not a .npy file of numbers: {error}") from None
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiub":
        raise FileError(f"{path}: this .npy file holds no real numbers")
    if array.ndim == 1:
        array = array[np.newaxis]
    if array.ndim != 2:
        raise FileError(f"{path}: an array of {array.ndim} dimensions where a matrix is needed")
    for index in np.argwhere(~np.isfinite(array)):
        raise FileError(f"{path}, entry [{index[0]},{index[1]}]: {array[tuple(index)]} is not a finite number")
    return array


def _begins_as_number(cell: str) -> bool:
    """Whether a cell of the first row is, or was meant to be, a number: such a row is no row of names."""
    return _is_number(cell) or cell.strip()[:1] in set("0123456789+-.")


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell  # float() takes 1_000
