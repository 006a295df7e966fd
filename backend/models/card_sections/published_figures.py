"""Published results of training on DS1 and testing on DS2 of MIT-BIH, for comparison."""

from dataclasses import dataclass

__all__ = ["PUBLISHED_FIGURES", "PublishedFigures"]


@dataclass(frozen=True)
class PublishedFigures:
    """Sensitivity and positive predictive value of S and V, as a publication states them.

    Attributes
    ----------
    source : str
    accuracy : float or None
        None where the source states none.
    supraventricular, ventricular : (float, float)
        Sensitivity and positive predictive value.
    """

    source: str
    accuracy: float | None
    supraventricular: tuple[float, float]
    ventricular: tuple[float, float]


PUBLISHED_FIGURES = (
    PublishedFigures(
        "de Chazal, O'Dwyer & Reilly 2004, IEEE Trans Biomed Eng 51(7):1196-1206", None, (0.759, 0.385), (0.777, 0.819)
    ),
    PublishedFigures("Llamedo & Martínez 2011, IEEE Trans Biomed Eng 58(3):616-625", 0.93, (0.77, 0.39), (0.81, 0.87)),
    PublishedFigures(
        "Mondéjar-Guerra et al. 2019, Biomed Signal Process Control 47:41-48", 0.945, (0.781, 0.497), (0.947, 0.939)
    ),
    PublishedFigures("Mousavi & Afghah 2019, ICASSP 1308-1312", None, (0.8894, 0.9257), (0.9994, 0.9950)),
)
"""All four used the annotated R peaks, so that no beat was missed."""
