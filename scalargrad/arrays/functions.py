"""NumPy's functions on arrays of Values: which are NumPy's own, and how the others are done.

    >>> from .entries import data, values
    >>> X = values([3.0, 1.0, 2.0], "x")
    >>> data(np.sort(X)), np.median(X).label, data(np.select([X > 2, X > 1], [X, 10 * X]))
    (array([1., 2., 3.]), 'x[2]', array([ 3.,  0., 20.]))

Of most functions NumPy's own implementation is right, since it moves entries about or computes with ufuncs. Sorting and
searching decide by the numbers and give other entries, or places: a branch on data, of which a recording warns. The
others are written here, since NumPy would compare and pick, or leave the kind of the numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from ..engine import ops
from ..engine.node import Node
from ..engine.numbers import unit
from ..engine.value import Value
from ..errors import ShapeError
from .entries import data, objects, packed
from .value_array import (
    FUNCTIONS,
    REMEDIES,
    Condition,
    ValueArray,
    constants,
    implements,
    map_arguments,
    numpys_own,
    plain,
    truths,
    unsupported,
)

# ---------------------------------------------------------------------------------------------------------------------
# NumPy's own

# fmt: off
MOVING = (
    "append", "array2string", "array_repr", "array_split", "array_str", "astype", "atleast_1d", "atleast_2d",
    "atleast_3d", "block", "broadcast_arrays", "broadcast_to", "column_stack", "concat", "concatenate", "copy",
    "delete", "diag", "diagflat", "diagonal", "dsplit", "dstack", "expand_dims", "flip", "fliplr", "flipud",
    "full_like", "hsplit", "hstack", "insert", "matrix_transpose", "meshgrid", "moveaxis", "ones_like", "pad",
    "permute_dims", "ravel", "repeat", "reshape", "resize", "roll", "rollaxis", "rot90", "save", "savez",
    "savez_compressed", "split", "squeeze", "stack", "swapaxes", "take", "take_along_axis", "tile", "transpose", "tril",
    "triu", "unstack", "vsplit", "vstack", "zeros_like", "fft.fftshift", "fft.ifftshift", "linalg.diagonal",
    "linalg.matrix_transpose",
)
COMPUTING = (
    "amax", "amin", "apply_along_axis", "apply_over_axes", "average", "clip", "convolve", "correlate", "cross",
    "cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "diff", "dot", "ediff1d", "einsum", "fix", "inner",
    "kron", "max", "mean", "min", "outer", "poly", "polyadd", "polyder", "polysub", "polyval", "prod", "ptp", "std",
    "sum", "tensordot", "trace", "vander", "var", "vdot", "linalg.cross", "linalg.matmul", "linalg.matrix_power",
    "linalg.multi_dot", "linalg.outer", "linalg.tensordot", "linalg.trace", "linalg.vecdot",
)
"""They move entries about, or compute with ufuncs alone."""

ASKING = (
    "can_cast", "common_type", "diag_indices_from", "einsum_path", "may_share_memory", "min_scalar_type", "ndim",
    "result_type", "shape", "shares_memory", "size", "tril_indices_from", "triu_indices_from",
)
"""They ask for the shape or the type."""

DECIDING = (
    "argmax", "argmin", "argpartition", "argsort", "argwhere", "array_equal", "array_equiv", "bincount",
    "count_nonzero", "digitize", "flatnonzero", "isin", "lexsort", "nanargmax", "nanargmin", "nonzero", "savetxt",
    "searchsorted", "linalg.matrix_rank",
)
"""They decide something by the numbers, and give places or truth values."""
# fmt: on


def numpys(name: str) -> list[Any]:
    """NumPy's function of a name, if this NumPy has it."""
    module, _, last = name.rpartition(".")
    found = getattr(getattr(np, module) if module else np, last, None)
    return [] if found is None else [found]


def numbers_that_decide(x: Any) -> Any:
    """The plain numbers in an argument, by which something is about to be decided: here a recording warns, once.

    The numbers of a recording are watched ones, which warn when they are asked for their truth and hold a plain one.
    """
    if isinstance(x, Condition):
        return np.asarray(x)
    if not isinstance(x, (Node, ValueArray)):
        return x
    numbers = [v.data for v in plain(x).flat]
    watched = [number for number in numbers if hasattr(number, "make_node") and hasattr(number, "number")]
    if watched:
        bool(watched[0])
        numbers = [getattr(number, "number", number) for number in numbers]
    return packed(numbers, x.shape if isinstance(x, ValueArray) else ())


def _deciding(function: Any) -> Callable[..., Any]:
    def decide(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = map_arguments(numbers_that_decide, args, kwargs)
        return function(*args, **kwargs)

    return decide


def _moving(function: Any) -> Callable[..., Any]:
    """NumPy's own, which moves truth values of a condition about as it moves numbers."""
    own = numpys_own(function)

    def move(*args: Any, **kwargs: Any) -> Any:
        kinds: set[type] = set()
        map_arguments(lambda x: kinds.add(type(x)), args, kwargs)
        result = own(*args, **kwargs)
        if Condition not in kinds or kinds & {ValueArray, Value}:
            return result
        return [Condition(x) for x in result] if isinstance(result, (list, tuple)) else Condition(result)

    return move


for _names, _way in ((MOVING, _moving), (COMPUTING, numpys_own), (ASKING, numpys_own), (DECIDING, _deciding)):
    for _name in _names:
        FUNCTIONS.update({found: _way(found) for found in numpys(_name)})


@implements(np.array, np.asarray, np.asanyarray)
def _array(numbers: Any, dtype: Any = None, **options: Any) -> Any:
    """np.array([x, y], like=X): NumPy asks us only where `like` is given."""
    return objects(numbers)


@implements(np.empty_like)
def _empty_like(X: Any, *args: Any, **options: Any) -> Any:
    result = np.empty_like(plain(X), *args, **options)
    if result.dtype == object:
        result.fill(0)  # where NumPy has None, which is not a number
    return result


# ---------------------------------------------------------------------------------------------------------------------
# Conditions


@implements(np.where)
def _where(condition: Any, *choices: Any) -> Any:
    if not choices:
        return np.nonzero(condition)
    condition, (a, b) = truths(condition), map(plain, choices)
    if not isinstance(condition, Condition):
        return np.where(condition, a, b)
    return _choose(plain(condition), a, b)


_choose = np.frompyfunc(ops.WHERE, 3, 1)


@implements(np.select)
def _select(conditions: Any, choices: Any, default: Any = 0) -> Any:
    if len(conditions) != len(choices):
        raise ShapeError(f"{len(conditions)} conditions and {len(choices)} choices: give one choice for each condition")
    for condition, choice in zip(reversed(conditions), reversed(choices), strict=True):
        default = np.where(condition, choice, default)
    return default


@implements(np.piecewise)
def _piecewise(X: Any, conditions: Any, functions: Any, *args: Any, **options: Any) -> Any:
    """Each function of all of X, as where takes them: a condition decides of each entry anew."""
    if isinstance(conditions, (Condition, np.ndarray)) and conditions.ndim == np.ndim(X):
        conditions = [conditions]
    functions, result = list(functions), 0 * X
    if len(functions) == len(conditions) + 1:
        functions, result = functions[:-1], _called(functions[-1], X, args, options)
    if len(functions) != len(conditions):
        raise ShapeError(
            f"{len(conditions)} conditions and {len(functions)} functions: give one for each, and a default"
        )
    for condition, function in zip(conditions, functions, strict=True):
        result = np.where(condition, _called(function, X, args, options), result)
    return result


def _called(function: Any, X: Any, args: Any, options: Any) -> Any:
    return function(X, *args, **options) if callable(function) else function


@implements(np.isclose)
def _isclose(a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Any:
    close = (abs(a - b) <= atol + rtol * abs(b)) & np.isfinite(b) | np.equal(a, b)
    return close | (np.isnan(a) & np.isnan(b)) if equal_nan else close


@implements(np.allclose)
def _allclose(*args: Any, **options: Any) -> bool:
    return bool(np.isclose(*args, **options).all())


@implements(np.all)
def _all(X: Any, *args: Any, **options: Any) -> Any:
    return truths(X).all(*args, **options)


@implements(np.any)
def _any(X: Any, *args: Any, **options: Any) -> Any:
    return truths(X).any(*args, **options)


@implements(np.isposinf)
def _isposinf(X: Any) -> Any:
    return np.isinf(X) & np.greater(X, 0)


@implements(np.isneginf)
def _isneginf(X: Any) -> Any:
    return np.isinf(X) & np.less(X, 0)


@implements(np.nan_to_num)
def _nan_to_num(X: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    most = np.finfo(float).max.item()
    high, low = most if posinf is None else posinf, -most if neginf is None else neginf
    result = np.select([np.isnan(X), np.isposinf(X), np.isneginf(X)], [nan, high, low], X)
    if not copy:
        X[...] = result
    return result if copy else X


@implements(np.extract)
def _extract(condition: Any, X: Any) -> Any:
    return np.ravel(X)[np.ravel(np.asarray(truths(condition)))]


@implements(np.compress)
def _compress(condition: Any, X: Any, *args: Any, **options: Any) -> Any:
    return np.compress(np.asarray(truths(condition)), plain(X), *args, **options)


@implements(np.choose)
def _choose_by_index(index: Any, choices: Any, *args: Any, **options: Any) -> Any:
    return np.choose(numbers_that_decide(index), [plain(objects(x)) for x in choices], *args, **options)


# ---------------------------------------------------------------------------------------------------------------------
# Writing into an array


@implements(np.copyto)
def _copyto(X: Any, entries: Any, casting: str = "same_kind", where: Any = True) -> None:
    X[...] = entries if where is True else np.where(where, entries, X)


@implements(np.putmask)
def _putmask(X: Any, mask: Any, entries: Any) -> None:
    X[...] = np.where(mask, np.resize(entries, np.shape(X)), X)


@implements(np.place)
def _place(X: Any, mask: Any, entries: Any) -> None:
    mask = np.asarray(truths(mask))
    X[mask] = np.resize(entries, int(mask.sum()))


def _writing(function: Any) -> Callable[..., None]:
    """NumPy's own, which writes entries as they are: plain numbers become constants afterwards."""

    def write(X: Any, *args: Any, **options: Any) -> None:
        args, options = map_arguments(plain, args, options)
        function(plain(X), *args, **options)
        if isinstance(X, ValueArray):
            constants(plain(X))

    return write


FUNCTIONS.update({function: _writing(function) for function in (np.put, np.put_along_axis, np.fill_diagonal)})


# ---------------------------------------------------------------------------------------------------------------------
# Sorting: which entry goes where is decided by the numbers, with nan last


@implements(np.sort)
def _sort(X: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    X = np.ravel(X) if axis is None else X
    return np.take_along_axis(
        X, np.argsort(X, -1 if axis is None else axis, kind="stable"), -1 if axis is None else axis
    )


@implements(np.partition)
def _partition(X: Any, kth: Any, axis: int | None = -1, kind: str = "introselect", order: Any = None) -> Any:
    return np.sort(X, axis)  # sorted is partitioned at every place


@implements(np.unique)
def _unique(X: Any, *args: Any, **options: Any) -> Any:
    axis = options.get("axis")
    wanted = ["return_index", "return_inverse", "return_counts", "axis", "equal_nan"]
    asked_for = {"return_index": False, **dict(zip(wanted, args, strict=False)), **options}
    _, index, *others = np.unique(numbers_that_decide(X), **{**asked_for, "return_index": True})
    axis = asked_for.get("axis")
    entries = np.ravel(X)[index] if axis is None else np.take(X, index, axis)
    found = [entries, *[index] * bool(asked_for["return_index"]), *others]
    return entries if len(found) == 1 else tuple(found)


@implements(np.trim_zeros)
def _trim_zeros(X: Any, trim: str = "fb", axis: Any = None) -> Any:
    kept = np.flatnonzero(X)
    if np.ndim(X) != 1:
        raise unsupported(np.trim_zeros)
    return X[kept[0] if "f" in trim and kept.size else 0 : kept[-1] + 1 if "b" in trim and kept.size else None]


for _name in ("union1d", "intersect1d", "setdiff1d", "setxor1d"):
    FUNCTIONS.update({found: numpys_own(found) for found in numpys(_name)})


@implements(np.median)
def _median(X: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: bool = False) -> Any:
    return _quantile(X, Fraction(1, 2), axis, keepdims=keepdims)


@implements(np.percentile)
def _percentile(X: Any, q: Any, *args: Any, **options: Any) -> Any:
    return _quantile(X, np.vectorize(lambda q: Fraction(q) / 100, otypes=[object])(q)[()], *args, **options)


@implements(np.quantile)
def _quantile(
    X: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
) -> Any:
    """By linear interpolation between neighbours; the share q of the way is taken exactly."""
    if method != "linear":
        raise unsupported(np.quantile)
    if np.ndim(q):
        return np.stack([_quantile(X, one, axis, keepdims=keepdims) for one in q])
    lines = np.sort(_lines(X, axis))
    place = Fraction(q) * (lines.shape[-1] - 1)
    below = math.floor(place)
    low, high = lines[..., below], lines[..., math.ceil(place)]
    if place != below:
        share = place - below
        low = low + (high - low) * (unit(lines.flat[0].data) * share.numerator / share.denominator)
    last = lines[..., -1]
    numbers = numbers_that_decide(last)
    result = np.where(numbers != numbers, last, low)  # with nan among them it is nan
    return np.reshape(result, _kept(X, axis)) if keepdims else result[()]


def _lines(X: Any, axis: Any) -> Any:
    """X with the axes that a statistic is taken over as one, the last; all axes if none is named."""
    if axis is None:
        return np.ravel(X)
    axes = np.atleast_1d(axis)
    moved = np.moveaxis(X, axes, range(-len(axes), 0))
    return np.reshape(moved, (*moved.shape[: moved.ndim - len(axes)], -1))


def _kept(X: Any, axis: Any) -> tuple[int, ...]:
    """The shape of X in which those axes are kept with the length 1."""
    axes = range(np.ndim(X)) if axis is None else [int(k) % np.ndim(X) for k in np.atleast_1d(axis)]
    return tuple(1 if k in axes else n for k, n in enumerate(np.shape(X)))


# ---------------------------------------------------------------------------------------------------------------------
# Sums that leave out nan


def _without_nan(function: Any, neutral: int) -> Callable[..., Any]:
    return lambda X, *args, **options: function(np.where(np.isnan(X), neutral, X), *args, **options)


for _name, _function, _neutral in (
    ("nansum", np.sum, 0), ("nancumsum", np.cumsum, 0), ("nanprod", np.prod, 1), ("nancumprod", np.cumprod, 1)
):  # fmt: skip
    FUNCTIONS[getattr(np, _name)] = _without_nan(_function, _neutral)


@implements(np.nanmax)
def _nanmax(X: Any, axis: Any = None, **options: Any) -> Any:
    return np.fmax.reduce(X, axis, **options)


@implements(np.nanmin)
def _nanmin(X: Any, axis: Any = None, **options: Any) -> Any:
    return np.fmin.reduce(X, axis, **options)


@implements(np.nanmean)
def _nanmean(X: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    return np.nansum(X, axis, keepdims=keepdims) / _count(X, axis, keepdims)


@implements(np.nanvar)
def _nanvar(X: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
    squares = (X - np.nanmean(X, axis, keepdims=True)) ** 2
    return np.nansum(squares, axis, keepdims=keepdims) / (_count(X, axis, keepdims) - ddof)


@implements(np.nanstd)
def _nanstd(X: Any, *args: Any, **options: Any) -> Any:
    return np.sqrt(np.nanvar(X, *args, **options))


def _count(X: Any, axis: Any, keepdims: bool) -> Any:
    """How many entries are not nan."""
    return np.sum((~np.isnan(X)).nodes, axis, keepdims=keepdims)


# ---------------------------------------------------------------------------------------------------------------------
# Those in which NumPy would leave the kind of the numbers


@implements(np.real, np.real_if_close)
def _real(X: Any, tol: float = 100) -> Any:
    if np.iscomplexobj(X):
        raise unsupported(np.real)
    return X


@implements(np.imag)
def _imag(X: Any) -> Any:
    return 0 * _real(X)


@implements(np.iscomplexobj)
def _iscomplexobj(X: Any) -> bool:
    return any(isinstance(x.data, complex) for x in objects(X).flat)


@implements(np.isrealobj)
def _isrealobj(X: Any) -> bool:
    return not _iscomplexobj(X)


@implements(np.iscomplex)
def _iscomplex(X: Any) -> Any:
    return np.iscomplex(data(X)) if _iscomplexobj(X) else np.zeros(np.shape(X), dtype=bool)


@implements(np.isreal)
def _isreal(X: Any) -> Any:
    return ~_iscomplex(X)


@implements(np.round, np.around)
def _round(X: Any, decimals: int = 0, out: Any = None) -> Any:
    return np.frompyfunc(lambda x: round(x, decimals), 1, 1)(X)


@implements(np.polyint)
def _polyint(p: Any, m: int = 1, k: Any = 0) -> Any:
    for constant in np.broadcast_to(k or 0, m).tolist():
        p = np.append(p / np.arange(len(p), 0, -1), constant)
    return p


@implements(np.polymul)
def _polymul(a: Any, b: Any) -> Any:
    return np.convolve(a, b)


@implements(np.sinc)
def _sinc(X: Any) -> Any:
    nonzero = np.where(X == 0, 1, X)
    angle = 4 * np.arctan(nonzero * 0 + 1) * nonzero  # π in the kind of the numbers
    return np.where(X == 0, 1, np.sin(angle) / angle)


@implements(np.linspace)
def _linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0
) -> Any:
    step = (stop - start) / max(num - endpoint, 1)
    points = [start + k * step for k in range(num - endpoint)] + [np.positive(stop)] * (endpoint and num > 0)
    found = np.stack(points, axis)
    return (found, step) if retstep else found


@implements(np.trapezoid)
def _trapezoid(y: Any, x: Any = None, dx: Any = 1, axis: int = -1) -> Any:
    y = np.moveaxis(y, axis, -1)
    width = dx if x is None else np.diff(x) if np.ndim(x) == 1 else np.diff(np.moveaxis(x, axis, -1))
    return (width * (y[..., 1:] + y[..., :-1]) / 2).sum(axis=-1)


@implements(np.gradient)
def _gradient(X: Any, *spacing: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Differences over twice the spacing, and over it at the edges."""
    axes = range(np.ndim(X)) if axis is None else np.atleast_1d(axis).tolist()
    steps = spacing * len(axes) if len(spacing) == 1 else spacing or [1] * len(axes)
    if edge_order != 1 or any(np.ndim(h) for h in steps) or len(steps) != len(axes):
        raise unsupported(np.gradient)
    found = []
    for k, h in zip(axes, steps, strict=True):
        f = np.moveaxis(X, k, 0)
        slopes = [(f[1:2] - f[:1]) / h, (f[2:] - f[:-2]) / (2 * h), (f[-1:] - f[-2:-1]) / h]
        found.append(np.moveaxis(np.concatenate(slopes), 0, k))
    return found[0] if len(found) == 1 else tuple(found)


@implements(np.cov)
def _cov(
    m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None, **weights: Any
) -> Any:
    if any(x is not None for x in weights.values()):
        raise unsupported(np.cov)
    X = np.atleast_2d(m) if rowvar or np.ndim(m) == 1 else np.transpose(m)
    if y is not None:
        X = np.concatenate([X, np.atleast_2d(y) if rowvar or np.ndim(y) == 1 else np.transpose(y)])
    X = X - X.mean(axis=1, keepdims=True)
    return np.squeeze(X @ X.T / (X.shape[1] - (not bias if ddof is None else ddof)))[()]


@implements(np.corrcoef)
def _corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    C = np.cov(x, y, rowvar)
    spread = np.sqrt(np.diag(C))
    return np.clip(C / np.outer(spread, spread), -1, 1)


REMEDIES.update(
    {
        np.real: "the real part of a complex number has no complex derivative; use real numbers",
        np.copysign: "use abs(x) * np.sign(y)",
        np.quantile: "the one method is 'linear'",
        np.trim_zeros: "it is for arrays of one dimension",
        np.gradient: "give one spacing for each axis, and edge_order=1",
        np.cov: "it takes no weights; multiply by their square roots",
    }
)
