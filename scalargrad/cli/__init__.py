"""The command `scalargrad`."""

from .commands import main

__all__ = [
    "main",
]
