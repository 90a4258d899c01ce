"""The theorem for formal derivatives: any commutative ring, any derivation d of it, no axiom.

    >>> from ..derive import outline
    >>> from ..notation import read
    >>> chain = outline(read("y[a,b] = sum(k, x[a,k] * w[k,b])"), "x").chain
    >>> print([line for line in formal_theorem(chain, Identifiers(())).splitlines() if line.startswith("Theorem")][0])
    Theorem formal_x (i : 'I_dN) (j : 'I_dD) : (forall p0 p1, d (x p0 p1) = (p0 == i)%:R * (p1 == j)%:R) ->

d is additive and obeys Leibniz's rule, as ∂/∂x_ij of polynomials does; it is zero on every other array.
"""

from __future__ import annotations

from .identifiers import Identifiers
from .lines import Chain, array_of, comment, each, groups, partial_text, weighted
from .writing import Coq


def formal_theorem(chain: Chain, names: Identifiers) -> str:
    """The section of the theorem: Σ_α Σ_β ∂L/∂y_αβ d(y_αβ) is the entry of the formula, where d is ∂/∂x_ij."""
    coq = Coq(chain.layer, names)
    letter, layer = names.array(chain.name), chain.layer
    factors = [factor for s in chain.uses for term in s.terms for factor in term.factors]
    others = dict.fromkeys(name for name in map(array_of, factors) if name not in ("", chain.name))
    adjoints = [adjoint.name for s in chain.uses if (adjoint := chain.adjoint(s))]
    functions = dict.fromkeys(s.function.symbol for s in chain.uses if s.function)
    sizes = {size for name in (*others, *adjoints, chain.name) for size in layer.shape(name)}
    sizes |= {size for s in chain.uses for t in s.terms for _, size in (*t.bound, *s.indices)}
    sizes |= {factor.name for factor in factors if factor.is_size}
    out = [
        f"(* {comment(chain.statement)}, with formal derivatives: d is ∂/∂{chain.name} at one entry *)",
        f"Section Formal_{letter}.",
        f"Variable R : {'numFieldType' if chain.fractions else 'comRingType'}.",
    ]
    if ordered := sorted(sizes - {"1"}):
        out.append(f"Variables {' '.join(map(names.size, ordered))} : nat.")
    for name in dict.fromkeys((chain.name, *others, *adjoints)):
        out.append(f"Variable {names.array(name)} : {coq.type(name)}.")
    out.append("Variable d : R -> R.\nHypothesis d_is_a_derivation : derivation d.")
    for symbol in functions:
        f, prime = names.function(symbol), names.function(symbol, primed=True)
        out.append(f"Variables {f} {prime} : R -> R.\nHypothesis d_{f} : forall t, d ({f} t) = {prime} t * d t.")

    def everywhere(name: str) -> tuple[str, str]:
        """(a quantifier over indices, the entry at them)"""
        places = [f"p{n}" for n in range(len(layer.shape(name)))]
        return f"forall {' '.join(places)}, " if places else "", names.array(name) + coq.place(places)

    for name in others:
        quantifier, entry = everywhere(name)
        out.append(f"Hypothesis d_{names.array(name)} : {quantifier}d ({entry}) = 0.")
    quantifier, entry = everywhere(chain.name)
    deltas = " * ".join(f"(p{n} == {names.index(index)})%:R" for n, (index, _) in enumerate(chain.free)) or "1"
    by = f"({quantifier}d ({entry}) = {deltas})"
    left = " + ".join(weighted(coq, chain, s, f"d ({coq.right_side(s)})") for s in chain.uses)
    closed = coq.matrix_entry(chain.closed, chain.formula) if chain.closed else coq.formula(chain.formula.terms)
    out.append(f"\nTheorem formal_{letter}{coq.binders(chain.free)} : {by} ->\n  {left}\n  = {closed}.")
    out.append("Proof.\nmove=> dx.")
    for number, s in enumerate(chain.uses):
        adjoint = chain.adjoint(s)
        outer = s.indices if adjoint else ()
        found = iter(groups(coq, chain, s))
        terms = [any(factor.name == chain.name for factor in term.factors) for term in s.terms]
        zeros = " + ".join(next(found)[2] if has else "0" for has in terms)
        enter = "".join(f"apply: eq_bigr => {names.index(index)} _; " for index, _ in outer)
        enter += "apply: (f_equal2 *%R erefl); " if adjoint else ""
        d_of = weighted(coq, chain, s, f"d ({coq.right_side(s)})")
        whole = weighted(coq, chain, s, partial_text(coq, chain, s))
        out += [
            f"have e{number} : {d_of} = {whole}.",
            f"  transitivity {weighted(coq, chain, s, zeros)}; last by {enter}zeros.",
            f"  {enter}apply: fder_eq; first by fder_rules.",
            f"  by {each(['inside' if has else 'nothing' for has in terms])}.",
        ]
    together = each([f"exact: e{number}" for number in range(len(chain.uses))])
    out.append(
        f"etransitivity; last by exact: {letter}_lines.\netransitivity; last by exact: {letter}_line_2.\n"
        f"by {together}.\nQed.\nEnd Formal_{letter}."
    )
    return "\n".join(out)
