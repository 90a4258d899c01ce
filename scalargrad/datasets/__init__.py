"""Data to verify on: Fisher's iris measurements, and matrices, vectors and labels from a user's files.

>>> X, labels = iris()
>>> X.shape, len(labels)
((150, 4), 150)
"""

from .files import read_labels, read_matrix, read_vector
from .iris import iris

__all__ = ["iris", "read_labels", "read_matrix", "read_vector"]
