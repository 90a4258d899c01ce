"""The theorem over the reals: for every L that is differentiable at the output, the whole is differentiable by x, and
its gradient is the formula.

    >>> from ..derive import outline
    >>> from ..notation import read
    >>> text = real_theorems([outline(read("y[a,b] = sum(k, x[a,k] * w[k,b])"), "x").chain], Identifiers(()))
    >>> "Theorem gradient_x :" in text
    True

The forward pass is a definition for each statement. `L_of_h` is L as a function of h with all that comes before h held
fixed, so that ∂L/∂h is its gradient; that is what an adjoint is. Where x is used by several statements, lemma 1, the
chain rule (3), takes them one at a time: paths through the first one, and all the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...errors import CertificateError
from ..matrix_form import Scaled, Zeros
from ..terms import Formula, ForwardPass, Statement
from .identifiers import Identifiers
from .lines import Chain, array_of, comment, each, groups, partial_text, weighted
from .writing import Coq

SMOOTH = frozenset(
    (
        "exp",
        "expm1",
        "exp2",
        "sigmoid",
        "log_sigmoid",
        "softplus",
        "erf",
        "sin",
        "cos",
        "arctan",
        "sinh",
        "cosh",
        "tanh",
    )
)
"""Functions that have a derivative everywhere; others are supposed to have one at the numbers they are applied to."""
IN_THE_LIBRARY = {
    "exp": ("@expR R", "@expR R", "is_derive_expR"),
    "sin": ("@trigo.sin R", "@trigo.cos R", "is_derive_sin"),
    "cos": ("@trigo.cos R", "(fun t => - trigo.sin t)", "is_derive_cos"),
}
"""Functions that MathComp-Analysis has, with their derivatives and the lemmas that say so: these are not hypotheses."""
MOST_INDICES = 4


def real_theorems(chains: Sequence[Chain], names: Identifiers) -> str:
    """One section for all derivations of a forward pass.

    Raises
    ------
    CertificateError
        If something has more than four indices.
    """
    layer = chains[0].layer
    for name, shape in layer.shapes.items():
        if len(shape) > MOST_INDICES:
            raise CertificateError(
                f"{name} has {len(shape)} indices: a certificate over the reals has arrays of at most {MOST_INDICES}"
            )
    forward = Forward(layer, names)
    return "\n".join([*forward.definitions(), *("\n" + Real(chain, forward).text() for chain in chains), "End Reals."])


class Forward:
    """The forward pass as definitions, and L as a function of each intermediate result."""

    def __init__(self, layer: ForwardPass, names: Identifiers) -> None:
        self.layer, self.names, self.coq = layer, names, Coq(layer, names, real=True)

    def definitions(self) -> Iterator[str]:
        layer, names, coq = self.layer, self.names, self.coq
        yield "(* ======== Over the real numbers ======== *)\n\nSection Reals.\nVariable R : realType."
        sizes = {size for shape in layer.shapes.values() for size in shape}
        sizes |= {size for s in layer.statements for t in s.terms for _, size in t.bound} | set(layer.dimensions)
        if ordered := sorted(sizes - {"1"}):
            yield f"Variables {' '.join(map(names.size, ordered))} : nat.  (* each size is one more than this *)"
        for symbol in dict.fromkeys(function.symbol for function in layer.functions):
            f, prime = names.function(symbol), names.function(symbol, primed=True)
            if symbol in IN_THE_LIBRARY:
                known, derivative, lemma = IN_THE_LIBRARY[symbol]
                yield f"Let {f} : R -> R := {known}.\nLet {prime} : R -> R := {derivative}."
                yield f"Let {f}_is_derived (t : R) : is_derive t 1 {f} ({prime} t) := {lemma} t."
                continue
            yield f"Variables {f} {prime} : R -> R."
            if symbol in SMOOTH:
                yield f"Hypothesis {f}_is_derived : forall t : R, is_derive t 1 {f} ({prime} t)."
        yield "\n(* the forward pass *)"
        for s in layer.statements:
            type_ = "R" if self.is_loss(s) else coq.type(s.name)
            binders = "".join(f" ({names.array(name)} : {coq.type(name)})" for name in self.arguments(s))
            yield f"Definition {self.made_by(s)}{binders} : {type_} :=\n  {self.array(s)}."
        if not layer.is_scalar:
            yield f"\n(* any function of the output *)\nVariable L : {coq.type(layer.output)} -> R."
        yield "\n(* L as a function of each result, with all that comes before it held fixed *)"
        for position in range(len(layer.statements) - 1 - layer.is_scalar, -1, -1):
            if position == len(layer.statements) - 1:
                continue
            s = layer.statements[position]
            binders = "".join(f" ({names.array(name)} : {coq.type(name)})" for name in self.beside(position))
            yield (
                f"Definition {self.of(s)}{binders} ({names.array(s.name)} : {coq.type(s.name)}) : R :="
                f"\n  {self.after(position + 1)}."
            )
        binders = "".join(f" ({names.array(name)} : {coq.type(name)})" for name in layer.inputs)
        yield f"Definition {self.loss()}{binders} : R :=\n  {self.after(0)}."

    def closed_functions(self) -> str:
        """A tactic that hides what the library's functions are; a rule that does not fit would look inside."""
        symbols = dict.fromkeys(function.symbol for function in self.layer.functions)
        known = [self.names.function(symbol) for symbol in symbols if symbol in IN_THE_LIBRARY]
        rules = " ".join(f"{f}_is_derived" for f in known)
        return f"clearbody {rules}; clearbody {' '.join(known)}.\n" if known else ""

    def is_loss(self, s: Statement) -> bool:
        return self.layer.is_scalar and s.name == self.layer.output

    def arguments(self, s: Statement) -> list[str]:
        """The names that a statement uses, in the order in which they appear."""
        return list(dict.fromkeys(name for term in s.terms for factor in term.factors if (name := array_of(factor))))

    def made_by(self, s: Statement) -> str:
        return self.names.of("made by", s.name, f"{self.names.array(s.name)}_of")

    def made(self, s: Statement) -> str:
        """The value of a statement."""
        return " ".join([self.made_by(s), *map(self.names.array, self.arguments(s))])

    def array(self, s: Statement) -> str:
        """What a statement makes, by its entries."""
        text = self.coq.right_side(s)
        indices = [self.names.index(index) for index, _ in s.indices]
        match indices:
            case []:
                return text if self.is_loss(s) else f"\\matrix_(row < 1, column < 1) ({text})"
            case [i]:
                return f"\\col_{i} ({text})"
            case [i, j]:
                return f"\\matrix_({i}, {j}) ({text})"
        return f"array{len(indices)} (fun {' '.join(indices)} => {text})"

    def beside(self, position: int) -> list[str]:
        """What is used after a statement, made before it or given."""
        later = self.layer.statements[position + 1 :]
        made = {s.name for s in later} | {self.layer.statements[position].name}
        used = {factor.name for s in later for term in s.terms for factor in term.factors}  # δ and sizes have no shape
        return [name for name in self.layer.shapes if name in used - made]

    def of(self, s: Statement) -> str:
        """L as a function of what a statement makes."""
        if s.name == self.layer.output:
            return "L"
        return self.names.of("L of", s.name, f"L_of_{self.names.array(s.name)}")

    def loss(self) -> str:
        """L as a function of the inputs."""
        return self.names.of("L of", "", "L_of_inputs")

    def rest(self, position: int) -> str:
        """`L_of_h x`, to be applied to h."""
        beside = map(self.names.array, self.beside(position))
        return " ".join([self.of(self.layer.statements[position]), *beside])

    def after(self, position: int) -> str:
        """L from this statement on."""
        s = self.layer.statements[position]
        return self.made(s) if self.is_loss(s) else f"{self.rest(position)} ({self.made(s)})"

    def unfold(self) -> str:
        """A tactic that unfolds L as a function of anything."""
        found = [self.of(s) for s in self.layer.statements[: len(self.layer.statements) - 1]]
        last = [self.made_by(self.layer.statements[-1])] if self.layer.is_scalar else []
        return f"cbv beta delta [{' '.join([self.loss(), *found, *last])}]"


class Real:
    """The theorem of one derivation."""

    def __init__(self, chain: Chain, forward: Forward) -> None:
        self.chain, self.forward = chain, forward
        self.names, self.coq, self.layer = forward.names, forward.coq, forward.layer
        self.letter = self.names.array(chain.name)
        self.positions = [self.layer.statements.index(s) for s in chain.uses]
        made = [position for position, s in enumerate(self.layer.statements) if s.name == chain.name]
        self.start = made[0] + 1 if made else 0  # the first statement after x is there
        self.binders = self.coq.binders(chain.free)
        self.indices = [self.names.index(index) for index, _ in chain.free]
        self.direction = f"(delta_mx{self.coq.place(self.indices) or ' 0 0'})"
        self.whole = self.forward.rest(made[0]) + f" {self.letter}" if made else self.total()

    def total(self) -> str:
        return " ".join([self.forward.loss(), *map(self.names.array, self.layer.inputs)])

    def function(self, body: str) -> str:
        """A function of x."""
        return f"(fun {self.letter} => {body})"

    def text(self) -> str:
        letter = self.letter
        text = "\n".join(
            [
                f"(* {comment(self.chain.statement)} *)",
                f"Section Real_{letter}.",
                *self.variables(),
                *self.partials(),
                *self.chain_rule(),
                *self.line_2(),
                *self.theorem(),
                f"End Real_{letter}.",
            ]
        )
        return text.replace("Proof.\n", f"Proof.\n{self.forward.closed_functions()}")

    def variables(self) -> Iterator[str]:
        """What is there before x or beside it, what is made of it, and the adjoints."""
        names, coq, layer = self.names, self.coq, self.layer
        later = layer.statements[self.start :]
        made = {s.name for s in later}
        used = {factor.name for s in later for term in s.terms for factor in term.factors} - made
        if not self.start:
            used |= set(layer.inputs)
        for name in layer.shapes:
            if name in used:
                yield f"Variable {names.array(name)} : {coq.type(name)}."
        for s in later:
            if not self.forward.is_loss(s):
                yield f"Let {names.array(s.name)} := {self.forward.made(s)}."
            yield from self.denominators(s)
            if s.function and s.function.symbol not in SMOOTH:
                (term,) = s.terms
                (factor,) = term.factors
                f = names.function(s.function.symbol)
                argument, prime = coq.factor(factor), names.function(s.function.symbol, primed=True)
                places = "".join(f" {names.index(index)}" for index, _ in s.indices)
                quantifier = f"forall{places}, " if places else ""
                label = names.of("derived at", s.name, f"{f}_is_derived_at_{names.array(factor.name)}")
                yield f"Hypothesis {label} : {quantifier}is_derive ({argument}) 1 {f} ({prime} ({argument}))."
        if not layer.is_scalar:
            yield f"Hypothesis dL : differentiable L {names.array(layer.output)}."
        for position in self.positions:
            s = layer.statements[position]
            if self.chain.adjoint(s):
                adjoint = names.array(layer.adjoint(s.name))
                yield f"Let {adjoint} := grad ({self.forward.rest(position)}) {names.array(s.name)}."

    def denominators(self, s: Statement) -> Iterator[str]:
        """That what a statement divides by is not zero."""
        quotients = {array_of(f): f for term in s.terms for f in term.factors if f.exponent < 0 and array_of(f)}
        for name in quotients:
            places = [f"p{n}" for n in range(len(self.layer.shapes[name]))]
            entry = self.names.array(name) + self.coq.place(places)
            quantifier = f"forall {' '.join(places)}, " if places else ""
            key = f"{s.name} {name}"
            label = self.names.of("not zero", key, f"{self.names.array(name)}_is_not_0")
            derived = self.names.of("inverse", key, f"inverse_of_{self.names.array(name)}")
            yield f"Hypothesis {label} : {quantifier}{entry} != 0."
            arguments = "".join(f" {place}" for place in places)
            yield f"Let {derived}{arguments} := inverse_is_derived ({label}{arguments})."

    def entry(self, s: Statement) -> str:
        """An entry of what a statement makes, as x varies."""
        if self.forward.is_loss(s):
            return self.forward.made(s)
        return f"{self.forward.made(s)}{self.coq.place([self.names.index(index) for index, _ in s.indices])}"

    def partials(self) -> Iterator[str]:
        """A lemma for the local partials of each statement that uses x."""
        for number, s in enumerate(self.chain.uses):
            loss = self.forward.is_loss(s)
            outer = "" if loss else self.coq.binders(s.indices)
            match len(s.indices):
                case 3 | 4 as rank:
                    ext = f"apply: (der_ext (fun _ => array{rank}E {'_ ' * (rank + 1)})); "
                case _:
                    ext = (
                        f"rewrite /{self.forward.made_by(s)}; " if loss else "apply: (der_ext (fun _ => mxE _ _ _ _)); "
                    )
            inside = each(["inside"] * len(groups(self.coq, self.chain, s)))
            yield (
                f"\n(* the local partials of {s.name}, each of which is differentiable *)\n"
                f"Lemma {self.letter}_partial_{number}{self.binders}{outer} :\n"
                f"  der {self.function(self.entry(s))} {self.letter} {self.direction}"
                f"\n    ({partial_text(self.coq, self.chain, s)}).\n"
                f"Proof.\n{ext}apply: der_eq; first by der_rules.\nby zeros; {inside}.\nQed."
            )

    def derivatives(self) -> str:
        """The right side of (3)."""

        def derivative(s: Statement) -> str:
            return f"'D_{self.direction} {self.function(self.entry(s))} {self.letter}"

        return " + ".join(weighted(self.coq, self.chain, s, derivative(s)) for s in self.chain.uses)

    def chain_rule(self) -> Iterator[str]:
        """Line 1, (3), which is proved here."""
        last = len(self.positions) - 1
        script = ["rewrite -!addrA."] if last > 1 else []
        for number, position in enumerate(self.positions):
            s = self.layer.statements[position]
            u = self.names.array(s.name)
            if self.forward.is_loss(s):
                script.append("by [].")
                continue
            F = self.function(self.forward.made(s))
            smooth = f"{self.forward.unfold()}; smooth"
            entries = "move=> ? ?; smooth"
            if number < last:
                L = f"(fun {self.letter} {u} => {self.forward.rest(position)} {u})"
                rule = f"two_uses (F := {F}) (L := {L}) {self.direction} _ _"
            else:
                rule = f"chain_rule (F := {F}) (L := {self.forward.rest(position)}) {self.direction} _ _"
            script.append(f"apply: etrans ({rule}) _; [by {smooth} | by {entries} |].")
            entry = single(len(s.indices))
            script.append(f"by {entry}." if number == last else f"apply: (f_equal2 +%R); first by {entry}.")
        yield (
            f"\n(* line 1: the chain rule (3) *)\nLemma {self.letter}_line_1{self.binders} :\n"
            f"  'D_{self.direction} {self.function(self.whole)} {self.letter}\n  = {self.derivatives()}.\n"
            "Proof.\n" + "\n".join(script) + "\nQed."
        )

    def line_2(self) -> Iterator[str]:
        """Line 2 over the reals: the partials of (3), written out."""
        scripts = []
        for number, s in enumerate(self.chain.uses):
            adjoint = self.chain.adjoint(s)
            outer = [self.names.index(index) for index, _ in s.indices] if adjoint else []
            enter = "".join(f"apply: eq_bigr => {index} _; " for index in outer)
            enter += "apply: (f_equal2 *%R erefl); " if adjoint else ""
            scripts.append(
                f"({enter}by case: ({' '.join([f'{self.letter}_partial_{number}', *self.indices, *outer])}))"
            )
        yield (
            f"\n(* line 2 *)\nLemma {self.letter}_real_line_2{self.binders} :\n  {self.derivatives()}\n"
            f"  = {self.second()}.\n"
            f"Proof.\netransitivity; last by exact: {self.letter}_line_2.\nby {each(scripts)}.\nQed."
        )

    def second(self) -> str:
        """Line 2, which is always in index form."""
        line = self.chain.lines[1]
        assert isinstance(line, Formula)
        return self.coq.formula(line.terms)

    def theorem(self) -> Iterator[str]:
        """The whole is differentiable, and this is its gradient."""
        chain, coq = self.chain, self.coq
        gradient = f"grad {self.function(self.whole)} {self.letter}"
        rank = len(chain.free)
        entry = coq.matrix_entry(chain.closed, chain.formula) if chain.closed else coq.formula(chain.formula.terms)
        if rank in (1, 2):
            places = " ".join([*self.indices, "column"][:2])
            head = f"\\col_{self.indices[0]} " if rank == 1 else f"\\matrix_({', '.join(self.indices)}) "
            claim = f"{gradient} = {coq.matrix(chain.closed) if chain.closed else f'{head}({entry})'}"
            fix = " rewrite (ord1 column)." if rank == 1 else ""
            scaled = "?scalemxE ?zeromxE " if isinstance(chain.closed, Scaled | Zeros) else ""
            right = f"{scaled}[grad _ _ _ _]mxE" if chain.closed else "[grad _ _ _ _]mxE [RHS]mxE"
            enter = f"apply/matrixP => {places}.{fix}\nrewrite {right}."
        else:
            quantifier = f"forall{self.binders}, " if rank else ""
            claim = f"{quantifier}{gradient}{coq.place(self.indices)} = {entry}"
            move = f"move=> {' '.join(self.indices)}; " if rank else ""
            enter = f"{move}rewrite [grad _ _ _ _]mxE."
        yield (
            f"\nTheorem gradient_{self.letter} :\n"
            f"  differentiable {self.function(self.whole)} {self.letter} /\\\n  {claim}.\n"
            f"Proof.\nsplit; first by {self.forward.unfold()}; smooth.\n{enter}\n"
            f"apply: etrans ({self.letter}_line_1{''.join(' ' + i for i in self.indices)}) _.\n"
            f"apply: etrans ({self.letter}_real_line_2{''.join(' ' + i for i in self.indices)}) _.\n"
            f"exact: {self.letter}_lines.\nQed."
        )


def single(rank: int) -> str:
    """A tactic for Σ over a matrix's rows and columns as the sums over an array's indices."""
    match rank:
        case 0:
            return "rewrite !big_ord1"
        case 1:
            return "apply: eq_bigr => ? _; rewrite big_ord1"
        case 2:
            return "[]"
        case 3:
            return "apply: eq_bigr => ? _; rewrite sum_pair"
    return "apply: eq_bigr => ? _; rewrite sum_pair; apply: eq_bigr => ? _; rewrite sum_pair"
