"""Mistakes inside the chain rule: a use that is not followed, a derivative that is left out or taken of something else.

    >>> from .exercise import Exercise
    >>> from .tried import trials_of
    >>> layer = Exercise.of(lambda X: X @ X.T, lambda X, Y, G: G @ X, {"X": "N D"})
    >>> exact = Arithmetic(exact=True)
    >>> use_mistaken(trials_of(layer, exact), "X", exact)
    'X is used more than once, and the claim misses its use in X · X as the right factor'

The claim is compared with what the reverse sweep gives if one local partial, wherever its formula stands, is another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import combinations
from typing import Any

from ..arrays import Array, fill, objects
from ..engine.numbers import Number
from ..engine.op import Choice, Op
from ..engine.own import degree, expansion
from ..engine.sweep import reverse_sweep, topological_order
from ..engine.value import Value
from ..errors import OpaqueOperationError
from .arithmetic import Arithmetic
from .compare import agree
from .trial import map_entries
from .tried import Tried, claimed_is, constant, ratio, symmetrised
from .uses import Names, Use, UseGraph

SWEEPS = 60_000
"""Nodes that may be visited at the smallest trial in search of one mistake."""

MANY_USES = 6
"""Uses of one input up to which all their subsets are tried."""


def views_of(tried: Sequence[Tried], name: str, arithmetic: Arithmetic) -> list[UseGraph]:
    """The graphs of all trials, seen from one input."""
    names = Names()
    return [UseGraph(t.trial, name, names, lambda g: symmetrised(g, name, arithmetic)) for t in tried]


# ---------------------------------------------------------------------------------------------------------------------
# Uses


def use_mistaken(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """The use, or the path, that the claim misses, counts twice, or gives another sign or factor."""
    views = views_of(tried, name, arithmetic)
    if not comparable(tried, views, name):
        return None
    own = [use for use in views[0].uses if views[0].names.text[use.input] == name]
    known: dict[tuple[int, Use], Array] = {}

    def part(k: int, use: Use) -> Array:
        if (k, use) not in known:
            known[k, use] = objects(tried[k].trial.right[name] - views[k].gradient_without(use))
        return known[k, use]

    start = f"{name} is used more than once, and the claim "
    few = len(views[0].uses) * len(tried[0].trial.order) <= SWEEPS
    others = list(reversed([use for use in views[0].uses if use not in own])) if few else []
    factors = {}
    for use in [*own, *others]:
        if all(use in view.uses for view in views):
            factor = factors[use] = factor_of(use, tried, name, arithmetic, part)
            if factor == "0":
                return f"{start if use in own and len(own) > 1 else 'the claim '}misses {views[0].in_words(use)}"
    if followed := subset_followed(own, tried, views, name, arithmetic, part):
        return followed
    for use, factor in factors.items():
        if factor is not None:
            return f"the claim {WITH_FACTOR.get(factor, OTHER_FACTOR).format(views[0].in_words(use), factor)}"
    return None


WITH_FACTOR = {"2": "counts {0} twice", "−1": "has the wrong sign for {0}"}
OTHER_FACTOR = "has a factor {1} too many for {0}"


def comparable(tried: list[Tried], views: list[UseGraph], name: str) -> bool:
    """Whether the claims have the right shapes."""
    return all(name in t.claims and t.claims[name].shape == t.trial.right[name].shape for t in tried) and bool(views)


def factor_of(
    use: Use, tried: list[Tried], name: str, arithmetic: Arithmetic, part: Callable[[int, Use], Array]
) -> str | None:
    """With which factor the claim has a use in it, if everything else in it is right: "0" if not at all."""
    factors: list[Number] = []
    for k, t in enumerate(tried):
        through, right = part(k, use), t.trial.right[name]
        if agree(through, right, arithmetic):
            return None  # all goes through here: that is no part
        extra = ratio(t.claims[name] - right, through, arithmetic)
        if extra is None:
            return None
        factors.append(1 + extra)
    factor = constant(factors, tried, arithmetic.near)
    return None if factor == "1" else factor


def subset_followed(
    own: list[Use],
    tried: list[Tried],
    views: list[UseGraph],
    name: str,
    arithmetic: Arithmetic,
    part: Callable[[int, Use], Array],
) -> str | None:
    """Which of the input's uses are followed, if the claim is the sum of some of them."""
    if not 1 < len(own) <= MANY_USES:
        return None
    words = views[0].in_words
    for count in range(1, len(own)):
        for followed in combinations(own, count):

            def followed_only(k: int, followed: tuple[Use, ...] = followed) -> Array:
                return objects(sum((part(k, use) for use in followed[1:]), part(k, followed[0])))

            if all(agree(t.claims[name], followed_only(k), arithmetic) for k, t in enumerate(tried)):
                missed = ", ".join(words(use) for use in own if use not in followed)
                only = ", ".join(map(words, followed))
                return f"{name} is used more than once, and the claim follows only {only}; it misses {missed}"
    return None


def held_constant(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """The two formulas that are made of the input too, and that the claim takes for constants."""
    views = views_of(tried, name, arithmetic)
    if not comparable(tried, views, name):
        return None
    paths = [use for use in views[0].uses if all(use in view.uses for view in views)]
    if len(paths) ** 2 * len(tried[0].trial.order) > 2 * SWEEPS:
        return None
    for a, b in combinations(reversed(paths), 2):
        without = (view.gradient_without(a, b) for view in views)
        if all(agree(t.claims[name], g, arithmetic) for t, g in zip(tried, without, strict=True)):
            words = views[0].in_words
            return f"the claim misses {words(a)} and {words(b)}, as if they were constants"
    return None


def overwritten(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """Whether each entry has but the first, or the last, of the terms that are to be added up."""
    for last in (False, True):
        if claimed_is(tried, name, arithmetic, partial(one_term, name, last)):
            return "entries that are used several times have one term of the sum: = stands where += belongs"
    return None


def one_term(name: str, last: bool, tried: Tried) -> Array:
    """For each entry the first or the last term of its gradient, in the order in which Y's entries are made of it."""
    trial = tried.trial
    terms: dict[Value, list[Number]] = {}
    for y, g in zip(trial.Y.flat, trial.G.flat, strict=True):
        terms.setdefault(y, []).append(g)
    direct = {y: list(gs) for y, gs in terms.items() if isinstance(y, Value) and not y.inputs}

    latest: dict[Value, Value] = {}

    def watch(node: Value, position: int, term: Number, adjoint: Number) -> None:
        terms = direct.setdefault(node.inputs[position], [])
        if latest.get(node.inputs[position]) is node:  # one use in two places, as in x · x
            terms[-1] += term
        else:
            terms.append(term)
        latest[node.inputs[position]] = node

    trial.gradients(watch=watch)
    return map_entries(lambda leaf: direct.get(leaf, [0])[-1 if last else 0], trial.leaves[name])


def jacobian_not_turned(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """Whether the claim is the Jacobian times G, where its transpose belongs: a scan in the wrong direction, say."""
    if any(t.trial.Y.shape != t.trial.right[name].shape or t.trial.Y.size > 64 for t in tried):
        return None
    if not claimed_is(tried, name, arithmetic, partial(forward_mode, name)):
        return None
    return "the Jacobian is not transposed: entry k is Σ ∂y_k/∂x_j · g_j, where Σ ∂y_j/∂x_k · g_j belongs"


def forward_mode(name: str, tried: Tried) -> Array:
    """Σ_j ∂y/∂x_j · g_j for each entry y."""
    trial = tried.trial
    leaves = list(objects(trial.leaves[name]).flat)

    def entry(*index: int) -> Number:
        y = trial.Y[index]
        if not isinstance(y, Value):
            return 0
        order = topological_order(y)
        found = dict(zip(order, reverse_sweep(order, {y: 1}), strict=True))
        return sum(found[x] * g for x, g in zip(leaves, trial.G.flat, strict=True) if found.get(x) is not None)

    return fill(trial.Y.shape, entry)


def choice_ignored(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """Whether all entries among which one is chosen get the gradient of the chosen one."""
    for symbol in sorted({node._op for t in tried for node in t.trial.order if isinstance(node.op, Choice)}):

        def partials(node: Value, symbol: str = symbol) -> Sequence[Number]:
            return [1] * len(node.inputs) if node._op == symbol else node.partials

        def swept(t: Tried, partials: Any = partials) -> Array:
            return t.trial.gradients(partials_of=partials)[name]

        if claimed_is(tried, name, arithmetic, swept):
            return f"every entry gets the gradient, and not only the one that {symbol} chooses"
    return None


def diagonal_only(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """Whether each entry's derivative is taken of the one entry of Y in the same place."""
    if any(t.trial.Y.shape != t.trial.right[name].shape or t.trial.Y.size > 64 for t in tried):
        return None
    if not claimed_is(tried, name, arithmetic, partial(diagonal, name)):
        return None
    return "it is only the diagonal of the Jacobian: each entry of Y is made of other entries too"


def diagonal(name: str, tried: Tried) -> Array:
    """∂L/∂y · ∂y/∂x for each entry x and the y in its place."""
    trial = tried.trial
    leaves = map_entries(lambda leaf: leaf, trial.leaves[name])

    def entry(*index: int) -> Number:
        y = trial.Y[index]
        if not isinstance(y, Value):
            return 0
        order = topological_order(y)
        adjoints = dict(zip(order, reverse_sweep(order, {y: trial.G[index]}), strict=True))
        return adjoints.get(leaves[index], 0)

    return fill(leaves.shape, entry)


# ---------------------------------------------------------------------------------------------------------------------
# Derivatives


def derivative_mistaken(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """Whether a derivative is left out, or stands for something else, in the nodes of one formula."""
    views = views_of(tried, name, arithmetic)
    if not comparable(tried, views, name):
        return None
    budget = SWEEPS // max(1, len(tried[0].trial.order))
    for words, mistaken in (*functions_mistaken(views[0]), *factors_left_out(views[0]), *parts_skipped(views[0])):
        budget -= 1
        if budget < 0:
            return None
        gradients = (mistaken(view) for view in views)
        if all(agree(t.claims[name], g, arithmetic) for t, g in zip(tried, gradients, strict=True)):
            return words
    return None


Mistaken = Callable[[UseGraph], Array]


def functions_mistaken(view: UseGraph) -> Iterator[tuple[str, Mistaken]]:
    """A function of one formula whose derivative is left out, or is taken for the function itself."""
    for top in reversed(view.alone):
        chain = [top]
        while True:
            text = view.names.text[top]
            one = dict.fromkeys(chain, lambda node: 1)
            of = view.names.text[view.alone[chain[-1]]]
            yield f"the derivative of {text} by {of} is missing", partial(with_partials, one)
            itself = {**one, top: lambda node: node.data}
            yield f"{text} stands where its derivative by {of} belongs", partial(with_partials, itself)
            if view.alone[chain[-1]] not in view.alone:
                break
            chain.append(view.alone[chain[-1]])


def with_partials(partial_at: dict[int, Callable[[Value], Number]], view: UseGraph) -> Array:
    """The gradient with other partials in some formulas."""
    return view.gradient_with(partial_at)


def factors_left_out(view: UseGraph) -> Iterator[tuple[str, Mistaken]]:
    """A use in a product, or a quotient, whose local partial is taken for 1."""
    text = view.names.text
    for use in view.uses:
        if not view.names.is_sum[use.output] and use.output not in view.alone:
            derivative = f"the derivative of {text[use.output]} by {text[use.input]}"
            partner = view.names.partner(use)
            words = f"a factor {partner} is missing: it is {derivative}" if partner else f"{derivative} is missing"
            yield words, partial(with_one, use)


def with_one(use: Use, view: UseGraph) -> Array:
    """The gradient with 1 for the partial at a use."""
    return view.gradient(lambda node, at, partial: 1 if at == use else partial)


def parts_skipped(view: UseGraph) -> Iterator[tuple[str, Mistaken]]:
    """A part of the forward pass, as silu or softmax, that the claim steps over as if it were the identity."""
    text, names = view.names.text, view.names
    into: dict[int, list[Use]] = {}
    for use in view.uses:
        if not names.is_sum[use.output] or use.output in view.alone:
            into.setdefault(use.output, []).append(use)
    for top in reversed(into):
        paths: list[tuple[Use, ...]] = [(use,) for use in into[top]]
        for path in paths:
            words = f"the derivative of {text[top]} by {text[path[-1].input]} is missing"
            if len(path) == 1 and names.is_where[top]:
                words = f"it is right only where {text[top]} is {text[path[0].input]}, and taken for that everywhere"
            yield words, partial(with_identity, path)
            if len(path) < LONG_PATH:
                paths += [(*path, use) for use in into.get(path[-1].input, ())]


LONG_PATH = 6
"""Operations of a part of the forward pass that is stepped over as one."""


def with_identity(path: tuple[Use, ...], view: UseGraph) -> Array:
    """The gradient with 1 along a path, and nothing from its formulas to the side."""
    along = {use.output for use in path}

    def change(node: Value, use: Use | None, partial: Number) -> Number:
        return (1 if use in path else 0) if view.formula[node] in along else partial

    return view.gradient(change)


MISTAKEN_PARTIALS: dict[str, Callable[[Op, Value, Value], Sequence[Number]]] = {
    "the pre-activation stands where the activation belongs": lambda op, z, y: op.partials(z.data, z.data),
    "the activation stands where the pre-activation belongs": lambda op, z, y: op.partials(op(y.data), y.data),
    "a square is missing: it is 1 − tanh²": lambda op, z, y: (1 - y.data,) if op.symbol == "tanh" else y.partials,
}
"""Local partials of y = f(z) with one of the two for both."""


def activation_mistaken(tried: list[Tried], name: str, arithmetic: Arithmetic) -> str | None:
    """Whether the claim takes some function's derivative with its pre-activation for its activation, or vice versa."""
    for function in sorted({node._op for t in tried for node in t.trial.order if is_activation(node)}):
        for words, mistaken in MISTAKEN_PARTIALS.items():

            def partials(node: Value, function: str = function, mistaken: Any = mistaken) -> Sequence[Number]:
                return mistaken(node.op, *node.inputs, node) if node._op == function else node.partials

            def swept(t: Tried, partials: Any = partials) -> Array:
                return t.trial.gradients(partials_of=partials)[name]

            if claimed_is(tried, name, arithmetic, swept):
                return f"in the derivative of {function}, {words}"
    return None


def is_activation(node: Value) -> bool:
    """Whether a node's operation is a smooth function of one number, and not a polynomial."""
    return len(node.inputs) == 1 and is_smooth(node) and degree(node, [1]) is None


def is_smooth(node: Value) -> bool:
    """Whether a node's operation bends nowhere, as far as that is known."""
    op = node.op
    if op is None or op.built_in or op.bends is not None:
        return op is None or op.bends is None
    try:
        return all(map(is_smooth, topological_order(expansion(node)[1])))
    except OpaqueOperationError:
        return True
