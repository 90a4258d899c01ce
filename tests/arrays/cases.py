"""All of NumPy's functions on arrays of Values: the one list that the tests go through.

To add a function, add a line: its name, and how it is called. Every property of `test_numpy` then holds of it, and none
of NumPy's functions may be missing here (`test_every_function_of_numpy_is_known`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

MIXED = [[0.3, -1.2, 2.4], [-0.7, 1.6, 0.43]], [[-0.4, 0.9, -2.1], [1.3, -0.2, 0.75]], [[3, -1, 2], [-2, 4, 1]]
POSITIVE = [[0.3, 1.2, 2.5], [0.7, 1.6, 0.45]], [[1.4, 0.9, 0.1], [1.3, 0.2, 3.75]], [[3, 1, 2], [6, 4, 5]]
SMALL = [[0.3, -0.2, 0.5], [-0.7, 0.6, 0.45]], [[-0.4, 0.9, -0.1], [0.3, -0.2, 0.75]], [[0, 0, 0], [0, 0, 0]]
LARGE = [[1.3, 1.2, 2.5], [1.7, 1.6, 4.45]], [[1.4, 2.9, 5.1], [1.3, 4.2, 1.75]], [[3, 1, 2], [2, 4, 1]]
SQUARE = (
    [[0.2, 3.0, 1.0], [1.1, -0.4, 2.0], [0.7, 0.9, 5.0]],
    [[0.3, 2.0, 1.5], [1.2, 0.4, -2.0], [0.6, 0.8, 4.0]],
    ([[0, 3, 1], [1, -4, 2], [7, 9, 5]]),
)
"""For each kind of argument: numbers to build the graph at, others to replay it at, and integers."""


@dataclass(frozen=True)
class Case:
    """A function of NumPy on an array X.

    Attributes
    ----------
    name
        NumPy's name of the function.
    call
        What is called, on Values and on plain numbers.
    at
        Where.
    decides
        Whether the numbers decide which entries are taken: a recording warns then, in place of deciding anew.
    """

    name: str
    call: Callable[[Any], Any]
    at: tuple[Any, Any, Any] = MIXED
    decides: bool = False


def ufuncs(names: str, at: tuple[Any, Any, Any] = MIXED) -> list[Case]:
    """Those of one number, called as they are."""
    return [Case(name, getattr(np, name), at) for name in names.split()]


Y = np.array([[1, 3, -2], [4, -3, 2]])
V = np.array([1, -4, 2])
ONES = np.ones((2, 1), dtype=int)

UFUNCS = [
    *ufuncs("negative positive absolute fabs square exp exp2 expm1 sin cos tan sinh cosh tanh arctan arcsinh cbrt"),
    *ufuncs("deg2rad radians rad2deg degrees sign floor ceil rint trunc modf conjugate reciprocal"),
    *ufuncs("log log2 log10 log1p sqrt", POSITIVE),
    *ufuncs("arcsin arccos arctanh", SMALL),
    *ufuncs("arccosh", LARGE),
    Case("add", lambda X: np.add(X, Y) + (1 + X)),
    Case("subtract", lambda X: np.subtract(X, Y) - (1 - X)),
    Case("multiply", lambda X: np.multiply(X, Y) * (2 * X)),
    Case("divide", lambda X: np.divide(X, Y) + 1 / X),
    Case("power", lambda X: np.power(X, 3) + X**2, MIXED),
    Case("float_power", lambda X: np.float_power(X, 3), POSITIVE),
    Case("maximum", lambda X: np.maximum(X, 1) + np.maximum(0, X)),
    Case("minimum", lambda X: np.minimum(X, 1)),
    Case("fmax", lambda X: np.fmax(X, 1)),
    Case("fmin", lambda X: np.fmin(X, 1)),
    Case("heaviside", lambda X: X * np.heaviside(X, 2)),
    Case("arctan2", lambda X: np.arctan2(X, Y)),
    Case("hypot", lambda X: np.hypot(X, Y)),
    Case("logaddexp", lambda X: np.logaddexp(X, Y)),
    Case("logaddexp2", lambda X: np.logaddexp2(X, Y)),
    Case("remainder", lambda X: np.remainder(X, 2)),
    Case("floor_divide", lambda X: np.floor_divide(X, 2)),
    Case("divmod", lambda X: np.divmod(X, 2)),
    Case("fmod", lambda X: np.fmod(X, 2)),
    Case("matmul", lambda X: X @ np.swapaxes(X, 0, 1) @ Y),
    Case("vecdot", lambda X: np.vecdot(X, Y)),
    Case("matvec", lambda X: np.matvec(X, V)),
    Case("vecmat", lambda X: np.vecmat(X[0], Y.T)),
]

CONDITIONS = [
    Case("greater", lambda X: X * (X > 1)),
    Case("greater_equal", lambda X: np.where(X >= 1, X, -X)),
    Case("less", lambda X: np.where(np.less(X, 0), X * X, X)),
    Case("less_equal", lambda X: (X <= 1) * X),
    Case("equal", lambda X: np.where(X == 1.3, 2 * X, X)),
    Case("not_equal", lambda X: np.where(X != 1.3, 2 * X, X)),
    Case("isnan", lambda X: np.where(np.isnan(X), 0, X)),
    Case("isinf", lambda X: np.where(np.isinf(X), 0, X)),
    Case("isfinite", lambda X: np.where(np.isfinite(X), X, 0)),
    Case("isposinf", lambda X: np.where(np.isposinf(X), 0, X)),
    Case("isneginf", lambda X: np.where(np.isneginf(X), 0, X)),
    Case("isclose", lambda X: np.where(np.isclose(X, 1, atol=0.65), X, 2 * X)),
    Case("logical_and", lambda X: np.where(np.logical_and(X > 0, X < 1), X, 2 * X)),
    Case("logical_or", lambda X: np.where(np.logical_or(X < 0, X > 1), X, 2 * X)),
    Case("logical_xor", lambda X: np.where(np.logical_xor(X > 0, X > 1), X, 2 * X)),
    Case("logical_not", lambda X: np.where(np.logical_not(X > 0), X, 2 * X)),
    Case("bitwise_and", lambda X: X * ((X > 0) & (X < 1))),
    Case("bitwise_or", lambda X: X * ((X < 0) | (X > 1))),
    Case("bitwise_xor", lambda X: X * ((X > 0) ^ (X > 1))),
    Case("invert", lambda X: X * ~(X > 0)),
    Case("all", lambda X: np.where(np.all(X > -1, axis=0), X, 2 * X) + np.where(np.all(X > -9), X, 0)),
    Case("any", lambda X: np.where((X > 1).any(axis=1, keepdims=True), X, 2 * X)),
    Case("where", lambda X: np.where(X > 0, X, 3 * X)),
    Case("select", lambda X: np.select([X > 1, X > 0], [X * X, X], -X)),
    Case("piecewise", lambda X: np.piecewise(X, [X < 0, X > 1], [lambda x: -x, 2, lambda x: x * x])),
    Case("clip", lambda X: np.clip(X, -1, 1) + X.clip(0, None) + np.clip(X, None, 1)),
    Case("nan_to_num", lambda X: np.nan_to_num(X / X * X)),
]

MOVING = [
    Case("append", lambda X: np.append(X, [2])),
    Case("array_split", lambda X: np.array_split(X, 2, axis=1)),
    Case("astype", lambda X: np.astype(X, X.dtype)),
    Case("atleast_1d", lambda X: np.atleast_1d(X[0, 0])),
    Case("atleast_2d", lambda X: np.atleast_2d(X[0])),
    Case("atleast_3d", lambda X: np.atleast_3d(X)),
    Case("block", lambda X: np.block([[X, ONES], [np.zeros((1, 4), dtype=int)]])),
    Case("broadcast_arrays", lambda X: np.broadcast_arrays(X, X[:, :1])),
    Case("broadcast_to", lambda X: np.maximum(np.broadcast_to(X[0], (2, 3)), 0)),
    Case("choose", lambda X: np.choose([0, 1, 0], [X[0], 2 * X[1]])),
    Case("column_stack", lambda X: np.column_stack([X, V[:2]])),
    Case("compress", lambda X: np.compress([True, False, True], X, axis=1)),
    Case("concatenate", lambda X: np.maximum(np.concatenate([X, V[None]]), 0)),
    Case("copy", lambda X: np.copy(X)),
    Case("copyto", lambda X: written(np.copyto, X, 2, where=X > 0)),
    Case("delete", lambda X: np.delete(X, 1, axis=1)),
    Case("diag", lambda X: np.maximum(np.diag(X[0]), 0) + np.diag(X[:, :1])),
    Case("diagflat", lambda X: np.exp(np.diagflat(X[0]))),
    Case("diagonal", lambda X: np.diagonal(X)),
    Case("dsplit", lambda X: np.dsplit(X[None], 3)),
    Case("dstack", lambda X: np.dstack([X, X])),
    Case("empty_like", lambda X: 0 * np.empty_like(X) + X),
    Case("expand_dims", lambda X: np.expand_dims(X, 1)),
    Case("extract", lambda X: np.extract(X > 0, X), decides=True),
    Case("fill_diagonal", lambda X: np.exp(written(np.fill_diagonal, X, 2))),
    Case("flip", lambda X: np.flip(X)),
    Case("fliplr", lambda X: np.fliplr(X)),
    Case("flipud", lambda X: np.flipud(X)),
    Case("full_like", lambda X: np.full_like(X, 2) * X),
    Case("hsplit", lambda X: np.hsplit(X, 3)),
    Case("hstack", lambda X: np.hstack([X, ONES])),
    Case("insert", lambda X: np.insert(X, 1, 2, axis=1)),
    Case("matrix_transpose", lambda X: np.matrix_transpose(X)),
    Case("linalg.matrix_transpose", lambda X: np.linalg.matrix_transpose(X)),
    Case("meshgrid", lambda X: np.meshgrid(X[0], X[1])),
    Case("moveaxis", lambda X: np.moveaxis(X, 0, 1)),
    Case("ones_like", lambda X: np.ones_like(X) * X),
    Case("pad", lambda X: np.exp(np.pad(X, 1)) + np.pad(X, 1, mode="edge")),
    Case("permute_dims", lambda X: np.permute_dims(X, (1, 0))),
    Case("place", lambda X: written(np.place, X, X > 0, [2, 3]), decides=True),
    Case("put", lambda X: np.exp(written(np.put, X, [0, 4], [2, 3]))),
    Case("put_along_axis", lambda X: np.exp(written(np.put_along_axis, X, np.array([[0], [1]]), 2, axis=1))),
    Case("putmask", lambda X: written(np.putmask, X, X > 0, 2)),
    Case("ravel", lambda X: np.ravel(X)),
    Case("real", lambda X: np.real(X) * X.real),
    Case("imag", lambda X: X + np.imag(X)),
    Case("real_if_close", lambda X: np.real_if_close(X)),
    Case("repeat", lambda X: np.repeat(X, 2)),
    Case("reshape", lambda X: np.reshape(X, (3, 2))),
    Case("resize", lambda X: np.resize(X, (3, 3))),
    Case("roll", lambda X: np.roll(X, 1)),
    Case("rollaxis", lambda X: np.rollaxis(X, 1)),
    Case("rot90", lambda X: np.rot90(X)),
    Case("split", lambda X: np.split(X, 3, axis=1)),
    Case("squeeze", lambda X: np.squeeze(X[None])),
    Case("stack", lambda X: np.maximum(np.stack([X[0], X[1], V]), 0)),
    Case("swapaxes", lambda X: np.swapaxes(X, 0, 1)),
    Case("take", lambda X: np.take(X, [2, 0], axis=1)),
    Case("take_along_axis", lambda X: np.take_along_axis(X, np.array([[0], [2]]), 1)),
    Case("tile", lambda X: np.tile(X, 2)),
    Case("transpose", lambda X: np.transpose(X)),
    Case("tril", lambda X: np.exp(np.tril(X)) + np.maximum(np.tril(X), 0)),
    Case("triu", lambda X: np.exp(np.triu(X))),
    Case("unstack", lambda X: np.unstack(X)),
    Case("vsplit", lambda X: np.vsplit(X, 2)),
    Case("vstack", lambda X: np.vstack([X, V])),
    Case("zeros_like", lambda X: np.zeros_like(X) + X),
    Case("fft.fftshift", lambda X: np.fft.fftshift(X)),
    Case("fft.ifftshift", lambda X: np.fft.ifftshift(X)),
    Case("linalg.diagonal", lambda X: np.linalg.diagonal(X)),
]

COMPUTING = [
    Case("apply_along_axis", lambda X: np.apply_along_axis(lambda row: row * row, 1, X)),
    Case("apply_over_axes", lambda X: np.apply_over_axes(np.sum, X, [0, 1])),
    Case("around", lambda X: X * np.around(X, 1)),
    Case("average", lambda X: np.average(X, axis=1, weights=[1, 2, 3])),
    Case("convolve", lambda X: np.convolve(X[0], X[1])),
    Case("correlate", lambda X: np.correlate(X[0], X[1], "full")),
    Case("corrcoef", lambda X: np.corrcoef(X)[0, 1]),
    Case("cov", lambda X: np.cov(X)),
    Case("cross", lambda X: np.cross(X[0], X[1])),
    Case("linalg.cross", lambda X: np.linalg.cross(X[0], X[1])),
    Case("cumprod", lambda X: np.cumprod(X)),
    Case("cumsum", lambda X: np.cumsum(X, axis=0)),
    Case("cumulative_prod", lambda X: np.cumulative_prod(X, axis=1)),
    Case("cumulative_sum", lambda X: np.cumulative_sum(X, axis=1)),
    Case("diff", lambda X: np.diff(X)),
    Case("dot", lambda X: np.maximum(np.dot(X, Y.T), 0)),
    Case("ediff1d", lambda X: np.ediff1d(X)),
    Case("einsum", lambda X: np.maximum(np.einsum("ij,kj->ik", X, Y), 0)),
    Case("fix", lambda X: X * np.fix(X)),
    Case("gradient", lambda X: np.gradient(X[0] * X[1], 2)),
    Case("inner", lambda X: np.inner(X, Y)),
    Case("kron", lambda X: np.kron(X, V)),
    Case("linspace", lambda X: np.linspace(X[0], X[1], 5)),
    Case("max", lambda X: np.max(X, axis=0) + X.max()),
    Case("amax", lambda X: np.amax(X)),
    Case("min", lambda X: np.min(X, axis=1, keepdims=True)),
    Case("amin", lambda X: np.amin(X)),
    Case("mean", lambda X: np.mean(X, axis=0) + X.mean()),
    Case("nancumprod", lambda X: np.nancumprod(X)),
    Case("nancumsum", lambda X: np.nancumsum(X)),
    Case("nanmax", lambda X: np.nanmax(X, axis=1)),
    Case("nanmean", lambda X: np.nanmean(X, axis=0)),
    Case("nanmin", lambda X: np.nanmin(X)),
    Case("nanprod", lambda X: np.nanprod(X)),
    Case("nanstd", lambda X: np.nanstd(X)),
    Case("nansum", lambda X: np.nansum(X, axis=1)),
    Case("nanvar", lambda X: np.nanvar(X, axis=1)),
    Case("outer", lambda X: np.outer(X, V)),
    Case("linalg.outer", lambda X: np.linalg.outer(X[0], V)),
    Case("poly", lambda X: np.poly(X[0])),
    Case("polyadd", lambda X: np.polyadd(X[0], V)),
    Case("polyder", lambda X: np.polyder(X[0])),
    Case("polyint", lambda X: np.polyint(X[0])),
    Case("polymul", lambda X: np.polymul(X[0], V)),
    Case("polysub", lambda X: np.polysub(X[0], V)),
    Case("polyval", lambda X: np.polyval(X[0], X[1])),
    Case("prod", lambda X: np.prod(X, axis=0)),
    Case("ptp", lambda X: np.ptp(X, axis=1)),
    Case("round", lambda X: X * np.round(X)),
    Case("sinc", lambda X: np.sinc(X)),
    Case("std", lambda X: np.std(X, axis=1) + X.std(ddof=1)),
    Case("sum", lambda X: np.sum(X, axis=0) + X.sum() + X.sum(where=X > 0)),
    Case("tensordot", lambda X: np.tensordot(X, Y)),
    Case("linalg.tensordot", lambda X: np.linalg.tensordot(X, Y)),
    Case("trace", lambda X: np.trace(X)),
    Case("trapezoid", lambda X: np.trapezoid(X) + np.trapezoid(X, dx=3) + np.trapezoid(X[0], X[1])),
    Case("vander", lambda X: np.vander(X[0])),
    Case("var", lambda X: np.var(X, axis=0) + X.var()),
    Case("vdot", lambda X: np.vdot(X, Y)),
]

SORTING = [
    Case("median", lambda X: np.median(X, axis=0) + np.median(X), decides=True),
    Case("partition", lambda X: np.partition(X, 1)[:, 1], decides=True),
    Case("percentile", lambda X: np.percentile(X, [25, 40], axis=1), decides=True),
    Case("quantile", lambda X: np.quantile(X, 0.75), decides=True),
    Case("sort", lambda X: np.sort(X, axis=0), decides=True),
    Case("unique", lambda X: np.unique(X), decides=True),
    Case("union1d", lambda X: np.union1d(X[0], X[1]), decides=True),
    Case("intersect1d", lambda X: np.intersect1d(X[0], X), decides=True),
    Case("setdiff1d", lambda X: np.setdiff1d(X[0], X[1]), decides=True),
    Case("trim_zeros", lambda X: np.trim_zeros(np.append(X, 0)), decides=True),
    Case("setxor1d", lambda X: np.setxor1d(X[0], X), decides=True),
]

LINALG = [
    Case("linalg.cholesky", lambda X: np.linalg.cholesky(X @ X.T), SQUARE),
    Case("linalg.det", lambda X: np.linalg.det(X), SQUARE, decides=True),
    Case("linalg.inv", lambda X: np.linalg.inv(X), SQUARE, decides=True),
    Case("linalg.matmul", lambda X: np.linalg.matmul(X, X), SQUARE),
    Case("linalg.matrix_norm", lambda X: np.linalg.matrix_norm(X), SQUARE),
    Case("linalg.matrix_power", lambda X: np.linalg.matrix_power(X, 3), SQUARE),
    Case("linalg.multi_dot", lambda X: np.linalg.multi_dot([X, X, X[:, :2]]), SQUARE),
    Case("linalg.norm", lambda X: np.linalg.norm(X) + np.linalg.norm(X, 1, axis=0) + np.linalg.norm(X, np.inf)),
    Case("linalg.pinv", lambda X: np.linalg.pinv(X), decides=True),
    Case("linalg.slogdet", lambda X: np.linalg.slogdet(X), SQUARE, decides=True),
    Case("linalg.solve", lambda X: np.linalg.solve(X, X[0]), SQUARE, decides=True),
    Case("linalg.tensorinv", lambda X: np.linalg.tensorinv(X, ind=1), SQUARE, decides=True),
    Case("linalg.tensorsolve", lambda X: np.linalg.tensorsolve(X, X[0]), SQUARE, decides=True),
    Case("linalg.trace", lambda X: np.linalg.trace(X), SQUARE),
    Case("linalg.vecdot", lambda X: np.linalg.vecdot(X, Y)),
    Case("linalg.vector_norm", lambda X: np.linalg.vector_norm(X, axis=1) + np.linalg.vector_norm(X, ord=3)),
]

CASES = [*UFUNCS, *CONDITIONS, *MOVING, *COMPUTING, *SORTING, *LINALG]


def written(function: Any, X: Any, *args: Any, **options: Any) -> Any:
    """A copy of X after NumPy has written into it."""
    X = X.copy()
    function(X, *args, **options)
    return X


NO_NUMBERS = {
    *("allclose", "argmax", "argmin", "argpartition", "argsort", "argwhere", "array2string", "array_equal"),
    *("array_equiv", "array_repr", "array_str", "bincount", "can_cast", "common_type", "count_nonzero"),
    *("diag_indices_from", "digitize", "einsum_path", "flatnonzero", "iscomplex", "iscomplexobj", "isin", "isreal"),
    *("isrealobj", "lexsort", "may_share_memory", "min_scalar_type", "nanargmax", "nanargmin", "ndim", "nonzero"),
    *("result_type", "save", "savetxt", "savez", "savez_compressed", "searchsorted", "shape", "shares_memory", "size"),
    *("tril_indices_from", "triu_indices_from", "linalg.matrix_rank"),
}
"""Those that give places, shapes, truth values or text."""
