"""Fisher's iris measurements, as he printed them in 1936.

>>> X, labels = iris()
>>> X.shape, X[0].tolist(), labels[0], labels[149]
((150, 4), [5.1, 3.5, 1.4, 0.2], 0, 2)
"""

from __future__ import annotations

from importlib.resources import as_file, files

from ..arrays import Array
from .files import read_labels, read_matrix

IRIS = "Fisher's iris measurements (Annals of Eugenics 7, 1936)"


def iris() -> tuple[Array, list[int]]:
    """Fisher's iris measurements: 150×4, in centimetres, and the species of each, 0 to 2.

    Source: R. A. Fisher, *The use of multiple measurements in taxonomic problems*, Annals of Eugenics 7 (1936).
    """
    folder = files(__package__)
    with as_file(folder / "iris.csv") as X, as_file(folder / "iris_labels.csv") as labels:
        return read_matrix(X), read_labels(labels)
