"""The command `scalargrad`: one file for each of its commands.

>>> main(["verify", "--shape", "two"])
2
"""

from .main import main

__all__ = ["main"]
