"""The lines of a derivation as lemmas, for any commutative ring and all sizes, those of zero included.

    >>> from ..derive import outline
    >>> from ..notation import read
    >>> chain = outline(read("y[a,b] = sum(k, x[a,k] * w[k,b])"), "x").chain
    >>> print(LineLemmas(chain, Identifiers(())).text().splitlines()[0])
    Section Lines_x.

Line 1 is the chain rule (3). Lemma k says that line k equals line k − 1; of line 1, the partials are written as one sum
for each term of the forward pass, with the product rule in it, since that is how they are derived in `theorems`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NoReturn

from ...errors import CertificateError
from ..differentiation import free_indices, local_partial
from ..matrix_form import Matrix, Network
from ..terms import DELTA, Factor, Formula, ForwardPass, Ranges, Statement, Term, likeness
from .identifiers import Identifiers
from .writing import Coq


@dataclass(frozen=True)
class Chain:
    """What is certified: the lines of one derivation, each with the reason that is printed beside it.

    Attributes
    ----------
    name
        What L is differentiated by.
    layer
        The forward pass.
    lines
        From (3) to the formula.
    reasons
        Why each line equals the one before.
    statement
        The formula as text.
    written
        What the forward pass was written as, if not in index notation.
    """

    name: str
    layer: ForwardPass
    lines: tuple[Formula | Matrix, ...]
    reasons: tuple[str, ...]
    statement: str
    written: str = ""

    @property
    def free(self) -> Ranges:
        """The indices of the entry of x that L is differentiated by."""
        return free_indices(self.layer, self.name)

    @property
    def uses(self) -> tuple[Statement, ...]:
        """The statements that x stands in."""
        return tuple(statement for statement in self.layer.statements if statement.uses(self.name))

    @property
    def formula(self) -> Formula:
        """The last line in index form."""
        return [line for line in self.lines if isinstance(line, Formula)][-1]

    @property
    def closed(self) -> Matrix | None:
        """The last line, if it is a matrix formula."""
        last = self.lines[-1]
        return last if isinstance(last, Matrix) else None

    @property
    def factors(self) -> Iterator[Factor]:
        """Every factor of every line but the first."""
        for line in self.lines[1:]:
            if isinstance(line, Formula):
                for term in line.terms:
                    yield from term.factors

    @property
    def is_polynomial(self) -> bool:
        """Whether no statement that x is in has a quotient."""
        return all(factor.exponent > 0 for s in self.uses for term in s.terms for factor in term.factors)

    @property
    def fractions(self) -> bool:
        """Whether a number is not whole or there is a quotient, so that the ring must be a field."""
        if any(factor.exponent < 0 for factor in self.factors) or not self.is_polynomial:
            return True
        terms = [term for line in self.lines if isinstance(line, Formula) for term in line.terms]
        terms += [term for statement in self.layer.statements for term in statement.terms]
        return any(term.coefficient.denominator != 1 for term in terms)

    def adjoint(self, statement: Statement) -> Factor | None:
        """∂L/∂y_αβ of what a statement makes; None of the loss itself, since ∂L/∂L = 1 is not written."""
        if statement.name == self.layer.output and self.layer.is_scalar:
            return None
        return replace(statement.entry, name=self.layer.adjoint(statement.name))


def array_of(factor: Factor) -> str:
    """The array that a factor is an entry of; none of a δ or a size."""
    return "" if factor.name == DELTA or factor.is_size else factor.name


def each(tactics: Sequence[str]) -> str:
    """Tactics for t₁ + … + tₙ = u₁ + … + uₙ, one for each term."""
    script = tactics[0]
    for tactic in tactics[1:]:
        script = f"apply: (f_equal2 +%R); [{script} | {tactic}]"
    return script


class LineLemmas:
    """The lemmas of one derivation."""

    def __init__(self, chain: Chain, names: Identifiers) -> None:
        self.chain = chain
        self.coq = Coq(chain.layer, names)
        self.names = names
        self.letter = names.array(chain.name)
        self.binders = self.coq.binders(chain.free)

    def text(self) -> str:
        """The section."""
        chain = self.chain
        lemmas = [self.lemma(2, self.partials(), self.side(1), self.product_rule())]
        for k in range(2, len(chain.lines)):
            lemmas.append(self.lemma(k + 1, self.side(k - 1), self.side(k), self.script(k)))
        steps = "".join(f"etransitivity; [exact: {self.lemma_name(k)}|]. " for k in range(3, len(chain.lines) + 1))
        return "\n".join(
            [
                f"Section Lines_{self.letter}.",
                *self.variables(),
                *lemmas,
                f"(* from line 2 to the last *)\nLemma {self.letter}_lines{self.binders} :",
                f"  {self.side(1)}\n  = {self.side(len(chain.lines) - 1)}.",
                f"Proof. {steps}reflexivity. Qed.",
                f"End Lines_{self.letter}.",
            ]
        )

    def lemma_name(self, number: int) -> str:
        return f"{self.letter}_line_{number}"

    def lemma(self, number: int, left: str, right: str, script: str) -> str:
        return (
            f"\n(* line {number}: {comment(self.chain.reasons[number - 1])} *)\n"
            f"Lemma {self.lemma_name(number)}{self.binders} :\n  {left}\n  = {right}.\nProof.\n{script}\nQed.\n"
        )

    def variables(self) -> Iterator[str]:
        """The ring, the sizes and the arrays that the lines are made of."""
        chain, coq = self.chain, self.coq
        arrays = list(dict.fromkeys(filter(None, map(array_of, chain.factors))))
        functions = dict.fromkeys(factor.function.symbol for factor in chain.factors if factor.function)
        sizes = {size for name in (*arrays, chain.name) for size in chain.layer.shape(name)}
        sizes |= {factor.name for factor in chain.factors if factor.is_size}
        for line in chain.lines:
            if isinstance(line, Formula):
                sizes |= {size for term in line.terms for _, size in term.bound}
        yield f"Variable R : {'numFieldType' if chain.fractions else 'comRingType'}."
        if ordered := sorted(sizes - {"1"}):
            yield f"Variables {' '.join(map(self.names.size, ordered))} : nat."
        for name in arrays:
            yield f"Variable {self.names.array(name)} : {coq.type(name)}."
        for symbol in functions:
            yield f"Variable {self.names.function(symbol, primed=True)} : R -> R."

    def side(self, number: int) -> str:
        """A line, counted from 0."""
        line = self.chain.lines[number]
        return (
            self.coq.formula(line.terms)
            if isinstance(line, Formula)
            else self.coq.matrix_entry(line, self.chain.formula)
        )

    # Line 2: the partials, written out

    def partials(self) -> str:
        """(3), with each partial as one sum for each term of the forward pass."""
        return " + ".join(self.of_use(statement) for statement in self.chain.uses) or "(0 : R)"

    def of_use(self, statement: Statement) -> str:
        """The part of (3) for one statement."""
        return weighted(self.coq, self.chain, statement, partial_text(self.coq, self.chain, statement))

    def product_rule(self) -> str:
        """Every product of (3) multiplied out."""
        lines, wholes = [], []
        for number, statement in enumerate(self.chain.uses):
            found = groups(self.coq, self.chain, statement)
            adjoint = self.chain.adjoint(statement)
            before = (adjoint,) if adjoint else ()
            outer = statement.indices if adjoint else ()
            parts = [weighted(self.coq, self.chain, statement, text) for _, _, text in found]
            flat = [
                " + ".join(self.coq.term(Term((*before, *t.factors), (*outer, *t.bound), t.coefficient)) for t in inner)
                for _, inner, _ in found
            ]
            whole = " + ".join(f"({text})" for text in flat)
            wholes.append(f"({whole})")
            scripts = []
            for term, _, _ in found:
                depth = len(outer) + len(term.bound)
                enter = f"do {depth} (rewrite ?big_distrr -?big_split /=; apply: eq_bigr => ? _); " if depth else ""
                scripts.append(f"({enter}arith)")
            enter = f"do {len(outer)} (rewrite -?big_split /=; apply: eq_bigr => ? _); " if outer else ""
            lines += [
                f"have e{number} : {self.of_use(statement)} = {whole}.",
                f"  transitivity ({' + '.join(parts)}); first by ({enter}arith).",
                f"  transitivity ({whole}); last by arith.",
                f"  by {each(scripts)}.",
            ]
        together = each([f"exact: e{number}" for number in range(len(wholes))])
        return "\n".join([*lines, f"transitivity ({' + '.join(wholes)}); last by arith.", f"by {together}."])

    # The other lines

    def script(self, number: int) -> str:
        """What proves that a line equals the one before."""
        before, after = self.chain.lines[number - 1 : number + 1]
        if isinstance(before, Matrix):
            return "by matrices."
        if isinstance(after, Matrix):
            return self.as_matrix(before, number)
        pairs = list(zip(before.terms, after.terms, strict=False))
        if len(before.terms) == len(after.terms) and any(len(t.bound) != len(u.bound) for t, u in pairs):
            return each([self.collapsed(t, u) for t, u in pairs]) + "."
        return self.merged(before, after)

    def collapsed(self, term: Term, after: Term) -> str:
        """δ_ki collapses Σ_k, within the sums before it."""
        if term == after:
            return "reflexivity"
        left = [index for index, _ in term.bound if index not in dict(after.bound)]
        if len(left) != 1:
            return "sums"  # not one sum less: nothing that a δ does
        position = [index for index, _ in term.bound].index(left[0])
        deltas = [factor for factor in term.factors if factor.name == DELTA and factor.indices[0] == left[0]]
        if not deltas:
            self.refuse(f"no δ has the index {left[0]}")
        other = deltas[-1].indices[1]
        for delta in deltas:  # which of several it was
            rest = list(term.factors)
            rest.remove(delta)
            bound = tuple(pair for pair in term.bound if pair[0] != left[0])
            if Term(tuple(rest), bound, term.coefficient).renamed({left[0]: delta.indices[1]}) == after:
                other = delta.indices[1]
        enter = f"do {position} (apply: eq_bigr => ? _); " if position else ""
        return f"({enter}collapse {self.names.index(other)})"

    def merged(self, before: Formula, after: Formula) -> str:
        """Like terms: each is brought to the form of the first that is like it, then numbers are added."""
        terms = (*after.terms, *before.terms)

        def alike(term: Term) -> str:
            first = next(other for other in terms if likeness(other) == likeness(term))
            return self.coq.term(replace(first, coefficient=Fraction(1)))

        def scaled(term: Term) -> str:
            return f"{self.coq.number(term.coefficient)} * {alike(term)}"

        lines = [f"have eR{n} : {self.coq.term(u)} = {scaled(u)} by sums." for n, u in enumerate(after.terms)]
        lines += [f"have eL{n} : {self.coq.term(t)} = {scaled(t)} by sums." for n, t in enumerate(before.terms)]
        lines.append(f"transitivity ({' + '.join(map(scaled, before.terms))}).")
        lines.append(f"  by {each([f'exact: eL{n}' for n in range(len(before.terms))])}.")
        if not after.terms:
            return "\n".join([*lines, "by clear; arith."])
        lines.append(f"transitivity ({' + '.join(map(scaled, after.terms))}); first by clear; arith.")
        lines.append(f"by {each([f'exact: esym eR{n}' for n in range(len(after.terms))])}.")
        return "\n".join(lines)

    def as_matrix(self, formula: Formula, number: int) -> str:
        """Each term is an entry of a matrix formula; then they are added."""
        if not formula.terms:
            return "by rewrite ?entryE."
        lines, middle = [], []
        for n, term in enumerate(formula.terms):
            found = Network(formula, term).contracted()
            if found is None:
                self.refuse("a term has no matrix formula")
            scalars, A = found
            entry = self.coq.matrix_entry(A, formula) if A.parts or formula.free or not scalars else "1"
            factors = [self.coq.number(term.coefficient)] * (term.coefficient != 1)
            factors += [f"({self.coq.scalar(scalar)})" for scalar in scalars] + [f"({entry} : R)"]
            middle.append(" * ".join(factors))
            lines.append(f"have e{n} : {self.coq.term(term)} = {middle[-1]} by sums.")
        lines.append(f"transitivity ({' + '.join(middle)}).")
        lines.append(f"  by {each([f'exact: e{n}' for n in range(len(middle))])}.")
        lines.append("by clear; rewrite ?addmxE ?scalemxE ?onesE ?scalar1E; arith.")
        return "\n".join(lines)

    def refuse(self, why: str) -> NoReturn:
        """A step of a kind that no lemma is made of yet.

        Raises
        ------
        CertificateError
            Always.
        """
        raise CertificateError(f"∂L/∂{self.chain.name} has a step that can't be certified: {why}")


def groups(coq: Coq, chain: Chain, statement: Statement) -> list[tuple[Term, Sequence[Term], str]]:
    """∂y_αβ/∂x_ij, for each term of the statement that has x in it: (the term, what the product rule makes, text)."""
    found = []
    by = Factor(chain.name, tuple(index for index, _ in chain.free))
    for term in statement.terms:
        inner = local_partial(replace(statement, terms=(term,)), by)
        if inner:
            text = coq.sums(term.bound, " + ".join(f"({coq.body(t)})" for t in inner))
            found.append((term, inner, text))
    return found


def partial_text(coq: Coq, chain: Chain, statement: Statement) -> str:
    """∂y_αβ/∂x_ij."""
    return " + ".join(text for _, _, text in groups(coq, chain, statement)) or "(0 : R)"


def weighted(coq: Coq, chain: Chain, statement: Statement, partial: str) -> str:
    """Σ_α Σ_β ∂L/∂y_αβ · partial, for one statement; of the loss, the partial itself."""
    adjoint = chain.adjoint(statement)
    return coq.sums(statement.indices, f"{coq.factor(adjoint)} * ({partial})") if adjoint else f"({partial})"


def comment(text: str) -> str:
    """Text as it may stand in a comment."""
    return text.replace("(*", "( *").replace("*)", "* )").replace('"', "''")
