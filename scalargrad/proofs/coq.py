"""Having Coq check a text, within limits of time and memory, and remembering which text it was.

    >>> digest("Lemma one : 1 = 1.")[:12]
    '1ea0ca8fb6b6'

A text is accepted only if Coq ends without an error; the record is bound to the SHA-256 digest of that very text. A
refusal means that no proof was found. It refutes nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from ..errors import ArgumentError, CoqError

_HERE = Path(__file__).parent
MOST_SECONDS = 300.0
"""How long a check may take."""
MOST_BYTES = 4 * 2**30
"""How much memory it may use: a wrong rewrite can loop, and grow without end."""
LIBRARY = ("Sums", "Derivatives")
"""The files that others require, in order."""
UNPROVED = re.compile(
    r"\b(Admitted|admit|Axiom|Axioms|Conjecture|Parameter|Parameters|Abort)\b|bypass_check|Unset Guard"
)
"""What a text must not have outside comments: it would be accepted without a proof."""


@dataclass(frozen=True)
class Checked:
    """That Coq accepted a text.

    Attributes
    ----------
    version
        Of Coq, such as "Coq 8.16.1".
    theorems
        The names of the theorems in it.
    digest
        SHA-256 of the text, in hexadecimal.
    """

    version: str
    theorems: tuple[str, ...]
    digest: str

    @property
    def sentence(self) -> str:
        """As evidence."""
        many = "theorems" if len(self.theorems) > 1 else "theorem"
        return f"machine-checked by {self.version}: {many} {', '.join(self.theorems)} (SHA-256 {self.digest[:12]}…)"


def digest(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def theorem(name: str) -> str:
    """The text of a file of this folder, such as "Affine".

    Raises
    ------
    ArgumentError
        If there is none.
    """
    path = _HERE / f"{name}.v"
    if not path.exists():
        known = ", ".join(sorted(path.stem for path in _HERE.glob("*.v")))
        raise ArgumentError(f"there is no {name}.v among the proofs: name one of {known}")
    return path.read_text(encoding="utf-8")


def own_theorems(text: str) -> tuple[str, ...]:
    """The names of the theorems of a text; lemmas are steps on the way."""
    return tuple(re.findall(r"^Theorem ([\w']+)", text, re.MULTILINE))


def body(name: str) -> str:
    """A file of the library without the lines that a text has once, at its head: to put several into one text."""
    return re.sub(
        r"^(From .*|Set Implicit .*|Unset .*|Import .*|Local Open .*)\n", "", theorem(name), flags=re.MULTILINE
    )


HEAD = """From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals topology normedtype landau derive.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.
"""
"""What a text of one piece begins with."""


@cache
def whole(name: str) -> str:
    """A file of this folder as a text that needs no other: with the library before it."""
    return "\n".join([HEAD, *map(body, LIBRARY), body(name)])


# ---------------------------------------------------------------------------------------------------------------------
# Running Coq


def compiler() -> list[str]:
    """The command that checks a file: `coqc`, or `rocq compile`.

    Raises
    ------
    CoqError
        If neither is installed.
    """
    for command in (["coqc"], ["rocq", "compile"]):
        if path := shutil.which(command[0]):
            return [path, *command[1:]]
    raise CoqError(
        "checking a proof needs Coq with MathComp-Analysis: run make proofs in the checkout, which installs both on "
        "Debian or Ubuntu as root, or have opam install coq-mathcomp-analysis and coq-mathcomp-algebra-tactics"
    )


@cache
def version() -> str:
    """Coq's own name and number: "Coq 8.16.1".

    Raises
    ------
    CoqError
        If it is not installed.
    """
    command = [compiler()[0], "--version"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout
    number = re.search(r"version (\S+)", said)
    return f"{'Rocq' if 'Rocq' in said else 'Coq'} {number[1] if number else 'of unknown version'}"


@dataclass(frozen=True)
class Refusal:
    """Where Coq stopped.

    Attributes
    ----------
    line
        Of the text, from 1; 0 where it did not say.
    message
        What it said.
    lemma
        The lemma or theorem that it was in.
    """

    line: int
    message: str
    lemma: str


def run(text: str, seconds: float = MOST_SECONDS, memory: int = MOST_BYTES) -> Refusal | None:
    """None if Coq accepts a text; where it stopped if not.

    Raises
    ------
    CoqError
        If Coq or its libraries are missing, if it took too long, or if it took more memory than it may.
    """
    command = compiler()
    stopped = f"Coq was stopped at its limit of {seconds:.0f} s of computing: no proof was found"
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "certificate.v")
        path.write_text(text, encoding="utf-8")
        try:
            done = subprocess.run(
                [*limited(seconds, memory), *command, "-q", "-w", "none", str(path)],
                cwd=directory, capture_output=True, text=True, timeout=10 * seconds, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise CoqError(stopped) from None
    if done.returncode == 0:
        return None
    if "Cannot find a physical path bound to logical path" in done.stderr or "Unable to locate library" in done.stderr:
        raise CoqError(
            f"{version()} is installed without MathComp-Analysis or Algebra-Tactics: run make proofs in the checkout"
        )
    if "Out of memory" in done.stderr:
        raise CoqError(f"Coq needed more than {memory / 2**30:.1f} GiB: no proof was found")
    if done.returncode < 0:
        raise CoqError(stopped)
    return refusal(text, done.stderr)


def limited(seconds: float, memory: int) -> list[str]:
    """A command to put before another: a process of its own sets the limits for itself, and becomes the other."""
    program = (
        "import os, resource, sys; s, m = map(int, sys.argv[1:3]); "
        "resource.setrlimit(resource.RLIMIT_CPU, (s, s)); resource.setrlimit(resource.RLIMIT_AS, (m, m)); "
        "os.execv(sys.argv[3], sys.argv[3:])"
    )
    if os.name != "posix":
        return []
    return [sys.executable, "-I", "-S", "-c", program, str(max(1, round(seconds))), str(memory)]


def refusal(text: str, said: str) -> Refusal:
    """What Coq's message says of a text that it did not accept."""
    places = re.findall(r"^File .*, line (\d+), characters", said, re.MULTILINE)
    line = int(places[-1]) if places else 0
    message = said.rpartition("\nError:")[2].split("\n\n")[0]
    before = "\n".join(text.splitlines()[:line])
    lemmas = re.findall(r"^(?:Let|Lemma|Theorem) ([\w']+)", before, re.MULTILINE)
    return Refusal(line, " ".join(message.split())[:200], lemmas[-1] if lemmas else "")


def check_by_coq(text: str, seconds: float = MOST_SECONDS, memory: int = MOST_BYTES) -> Checked:
    """Have Coq check a text that needs no other files than MathComp's, and remember that it did.

    Parameters
    ----------
    text
        Of a file.
    seconds, memory
        Limits: of computing, and in bytes.

    Raises
    ------
    CoqError
        If Coq is missing, if the text leaves something unproved, or if no proof was found, which refutes nothing.
    """
    if found := UNPROVED.search(re.sub(r"\(\*.*?\*\)", "", text, flags=re.DOTALL)):
        raise CoqError(f"the text has {found[0]}, so that something in it would stand without a proof")
    if refused := run(text, seconds, memory):
        raise CoqError(
            f"no proof was found, which is no refutation: {version()} stopped in {refused.lemma or 'the text'} at line "
            f"{refused.line} ({refused.message})"
        )
    checked = Checked(version(), own_theorems(text), digest(text))
    remember(checked)
    return checked


# ---------------------------------------------------------------------------------------------------------------------
# What was checked on this machine


def records() -> Path:
    """Where it is written what was checked: one file for each digest."""
    cache_home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache_home, "scalargrad", "checked-by-coq")


def remember(checked: Checked) -> None:
    """Write it down; where nothing can be written, it is not remembered."""
    try:
        records().mkdir(parents=True, exist_ok=True)
        (records() / f"{checked.digest}.json").write_text(json.dumps(asdict(checked)), encoding="utf-8")
    except OSError:
        pass


def remembered(text: str) -> Checked | None:
    """The record of this very text, if Coq accepted it on this machine."""
    try:
        found = json.loads((records() / f"{digest(text)}.json").read_text(encoding="utf-8"))
        record = Checked(str(found["version"]), tuple(found["theorems"]), str(found["digest"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record if record.digest == digest(text) else None


def affine_theorem() -> Checked | None:
    """The record of `Affine.v`, if Coq accepted it, with the library that it stands on, on this machine."""
    return remembered(whole("Affine"))
