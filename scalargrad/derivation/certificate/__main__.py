"""`make proofs`: have Coq check `Affine.v` and, in one file, the certificates of all derivations that have a name."""

from __future__ import annotations

from ...proofs.coq import check_by_coq, whole
from ..derive import NAMED, derive_by_index
from .certificate import certificate_of_many


def main() -> None:
    """Check both, and say so; what Coq refuses raises its error."""
    print("Affine.v:", check_by_coq(whole("Affine")).sentence, flush=True)
    chains = {name: [derivation.chain for derivation in derive_by_index(name, {})] for name in NAMED}
    checked = certificate_of_many(chains).check()
    print(f"{', '.join(NAMED)}: {len(checked.theorems)} theorems, {checked.sentence.partition(':')[0]}")


if __name__ == "__main__":
    main()
