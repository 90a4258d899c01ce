"""All errors of scalargrad: one root, and each is also the built-in kind that it is.

    >>> from scalargrad import Value
    >>> try: Value("three")
    ... except Error as error: print(error)
    a Value needs a number, and got the text 'three'

The text of an error is one sentence for a person: what, where, and what would be right. Code tells errors apart by
type, never by their text.
"""

from __future__ import annotations


class Error(Exception):
    """The root: whatever scalargrad refuses, it refuses by an error of this type."""


# Arguments


class ArgumentError(Error, ValueError):
    """An argument of the right type with a value that can't be used: an unknown name, a size that is no size."""


class ArgumentTypeError(Error, TypeError):
    """An argument of a type that can't be used."""


class NumberError(ArgumentTypeError):
    """Something that is not a number where one is needed: text, None, a list, an array, a Value in a Value."""


class LeavesGraphError(ArgumentTypeError):
    """A Value where only a plain number fits, so that what is computed of it would not be differentiated."""


class UnsupportedError(ArgumentTypeError):
    """A function of NumPy that is not made of operations of the graph; the message says what to use instead."""


class ShapeError(ArgumentError):
    """Shapes that do not fit each other."""


class EntryError(Error, IndexError):
    """There is no such entry."""


# Numbers


class InexactError(Error, ArithmeticError):
    """The result is irrational, so the exact kind of number that was given cannot hold it."""


class DomainError(Error, ValueError):
    """A function of exact numbers outside its domain, where floats would have nan or an infinity."""


class DivisionByZeroError(Error, ZeroDivisionError):
    """A division of exact numbers by zero."""


class StaleGraphError(ArgumentError):
    """A number was assigned after the forward pass, so that the graph can't be differentiated twice."""


# Operations


class UnknownOperationError(Error, LookupError):
    """No row of the table has this symbol."""


class OpaqueOperationError(ArgumentError):
    """An operation of the user's own needs plain numbers, so what it is made of can't be found out."""


# What the machine lacks


class MissingExtraError(Error, ModuleNotFoundError):
    """A package that an extra installs is missing; the message ends with the command to run.

    Parameters
    ----------
    what
        What needs which package, as the beginning of a sentence: "derivations need SymPy".
    extra
        The extra of pyproject.toml that brings it.
    """

    def __init__(self, what: str, extra: str = "") -> None:
        super().__init__(f"{what}: run pip install '.[{extra}]' in the checkout" if extra else what)


class TooLargeError(Error, MemoryError):
    """A graph that would not fit into this machine's memory."""


class FileError(Error, ValueError):
    """A file that can't be read, or does not hold what it should: with the place in it."""


# One for each part of the project


class ProgramError(ArgumentError):
    """A graph that can't be recorded, numbers that do not fit a program, or a file that is none."""


class ClaimError(Error):
    """A claim can't be compared at all; the message is the verdict."""


class NotJudgedError(Error, ValueError):
    """A claim that could not be judged, asked whether it is right."""


class UndefinedError(Error):
    """A layer has no derivative at the numbers drawn: a division by zero, log of a negative number, a bend."""


class NotationError(ArgumentError):
    """Text that is no forward pass: where it goes wrong, and what would be right."""


class DerivationError(Error, ArithmeticError):
    """A step that does not follow from the one before, or a formula that a scalar graph contradicts."""


class UnconfirmedError(DerivationError):
    """A formula that is not shown, since its derivation could not be confirmed at any numbers."""


class CertificateError(DerivationError):
    """A derivation that no file of Coq is made of: which step, and why."""


class CoqError(Error, RuntimeError):
    """Coq is missing, or it found no proof within its limits of time and memory, which refutes nothing."""


class PlaygroundError(Error, RuntimeError):
    """The playground can't be built: npm is not there, or does not bring what was tried."""


class DiagramError(Error, RuntimeError):
    """A diagram could not be rendered; its DOT text is there all the same, as `.source`."""


class UsageError(Error):
    """The words of the command are off."""
