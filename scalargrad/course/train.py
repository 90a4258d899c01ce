"""The questions of notebook 5: parameters, losses, steps of an optimiser, and a line to fit.

>>> from .questions import answer
>>> answer("5.1", 337)
right
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..nn import MLP, SGD
from .questions import claimed, in_words, plain_answer, question, unless_equal


@question(
    "5.1",
    "an affine layer of D×M has a weight for each pair of an input and an output, and a bias for each output",
    "the layers are 2×16, 16×16 and 16×1; add their D·M + M",
)
def count_of_parameters(parameters: Any) -> str:
    return unless_equal("the number of parameters", parameters, len(MLP(2, [16, 16, 1]).parameters()))


@question(
    "5.2",
    "where 1 - t·y is positive the loss is 1 - t·y, and elsewhere it is 0",
    "∂L/∂y is -t where t·y < 1 and else 0, times G",
)
def margin(margin_gradient: Callable[..., Any]) -> str:
    return claimed(lambda y, t: np.maximum(1 - t * y, 0), margin_gradient, {"y": "N", "t": "N"})


@question(
    "5.3",
    "the first step has the velocity v = g, and the parameter goes down by rate · v",
    "the second step has v = 0.9 · 0.5 + 0.5",
)
def two_steps(after_one: Any, after_two: Any) -> str:
    sgd, numbers, right = SGD(0.1, momentum=0.9), [np.array(1.0)], []
    for _ in range(2):
        numbers = sgd.step(numbers, [np.array(0.5)])
        right.append(numbers[0])
    return unless_equal("p after one step", after_one, right[0]) or unless_equal(
        "p after two steps", after_two, right[1]
    )


@question(
    "5.4",
    "the class that a row of scores speaks for is the place of its largest",
    "compare scores.argmax(axis=1) with the labels, and take the mean",
)
def share_of_right_answers(accuracy: Callable[[Any, Any], Any]) -> str:
    scores, labels = np.array([[1.0, 3.0, 2.0], [0.5, 0.1, 0.2], [7.0, 8.0, 9.0], [1.0, 0.0, 0.0]]), [1, 0, 0, 0]
    return unless_equal("the accuracy of three right answers of four", accuracy(scores, np.array(labels)), 0.75)


@question(
    "5.5",
    "run both with the same seed and the same number of steps, and compare the last losses",
    "train one model with activation='relu' and one with 'tanh', both with seed=1, for 30 steps, and print the losses",
)
def of_tanh(faster_or_slower: Any, final: Any) -> str:
    """`final` has the losses {"relu": …, "tanh": …} that the reader's experiment came to."""
    if set(final) != {"relu", "tanh"}:
        return f'the losses of your experiment are named "relu" and "tanh", and not {in_words(list(final))}'
    if faster_or_slower not in ("faster", "slower"):
        return f'the answer is "faster" or "slower", and not {in_words(faster_or_slower)}'
    right = "faster" if final["tanh"] < final["relu"] else "slower"
    return (
        ""
        if faster_or_slower == right
        else f"your experiment ends at {final['tanh']:.4g} with tanh, {final['relu']:.4g} without"
    )


@question(
    "5.6",
    "make two Values, a and b; in each step build the loss, call backward(), move both, and set their grad to 0",
    "a.data -= rate * a.grad with a rate of about 0.1; some hundred steps are enough for points between -1 and 1",
)
def fit_a_line(fit: Callable[[Any, Any], Any]) -> str:
    xs = np.linspace(-1, 1, 9)
    for slope, intercept in ((2.0, -1.0), (-0.5, 0.25)):
        given = fit(xs.tolist(), (slope * xs + intercept).tolist())
        a, b = (float(plain_answer(part)) for part in given)
        if abs(a - slope) > 0.01 or abs(b - intercept) > 0.01:
            return f"for points on {slope}·x + {intercept} yours gives {in_words([a, b])}"
    return ""
