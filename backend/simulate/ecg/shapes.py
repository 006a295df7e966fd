"""The waves of each kind of beat in each lead, as sums of Gaussians over the heart's phase.

McSharry et al. 2003 (section II, table I) place one Gaussian at each of P, Q, R, S and T on the phase of the heart.
Departures from the paper, whose five Gaussians represent a normal beat in one lead only:

- each kind of beat has its own Gaussians in each of two leads, MLII and V1;
- a wave may consist of several Gaussians, for an asymmetric T, a P of two atria, a notched or slurred bundle branch
  block;
- the phase is given in milliseconds from the R peak at one beat per second (the angle in the paper is 2 pi times the
  seconds);
- at other rates, QRS keeps its duration and T is shifted and stretched by Fridericia's cube root (see `adapt_to_rate`),
  whereas the paper scales all angles by a root of the mean rate.

The values follow the average beats of the MIT-BIH Arrhythmia Database and PTB-XL; tests/simulate checks the tables
against the measured ranges.

References
----------
McSharry PE, Clifford GD, Tarassenko L, Smith LA. A dynamical model for generating synthetic electrocardiogram signals.
IEEE Trans Biomed Eng 2003;50(3):289-294.
Fridericia LS. Die Systolendauer im Elektrokardiogramm bei normalen Menschen und bei Herzkranken.
Acta Med Scand 1920;53:469-486.
Surawicz B et al. AHA/ACCF/HRS recommendations, part III: intraventricular conduction disturbances.
Circulation 2009;119:e235-e240 (what LBBB and RBBB look like in V1 and the limb leads).
"""

from dataclasses import dataclass, replace

import numpy as np

__all__ = ["ATRIAL", "LEADS", "VENTRICULAR", "Bump", "Shape", "adapt_to_rate", "vary_shape"]

LEADS = ("MLII", "V1")


@dataclass(frozen=True)
class Bump:
    """One Gaussian: its height in each lead of `LEADS` (mV), its centre and its standard deviation (ms)."""

    wave: str
    mlii_mv: float
    v1_mv: float
    centre_ms: float
    width_ms: float


@dataclass(frozen=True)
class Shape:
    """The Gaussians of one beat; centres count from its R peak, or for an atrial shape from the peak of its P wave.

    ``spike_ms`` is the time of the pacemaker spike, None in intrinsic beats; ``spike_mv`` its height in MLII, small
    with a bipolar lead and tall with a unipolar one.
    """

    bumps: tuple[Bump, ...]
    spike_ms: float | None = None
    spike_mv: float = 0.0


def _shape(
    *rows: tuple[str, float, float, float, float], spike_ms: float | None = None, spike_mv: float = 0.0
) -> Shape:
    return Shape(tuple(Bump(*row) for row in rows), spike_ms, spike_mv)


# Each row: wave, height in MLII (mV), height in V1 (mV), centre (ms), standard deviation (ms).
ATRIAL = {
    # Right atrium, then left: upright in II, up then down in V1.
    "sinus": _shape(
        ("P", 0.085, 0.050, -14, 16),
        ("P", 0.095, -0.040, 14, 17),
    ),
    # A focus high in the right atrium: upright, but smaller and more pointed than the sinus P.
    "high": _shape(
        ("P", 0.030, 0.060, -9, 11),
        ("P", 0.080, 0.015, 8, 12),
    ),
    # A focus low in the atria: the wave runs upwards, so it is negative in II.
    "low": _shape(
        ("P", -0.060, 0.020, -10, 13),
        ("P", -0.090, 0.055, 10, 14),
    ),
}

VENTRICULAR = {
    "normal": _shape(
        ("QRS", -0.09, 0.00, -24, 6.5),
        ("QRS", 0.00, 0.18, -20, 8),
        ("QRS", 1.20, 0.00, 0, 10),
        ("QRS", 0.00, -0.90, 4, 12),
        ("QRS", -0.24, 0.00, 25, 8),
        ("QRS", 0.00, 0.05, 36, 8),
        ("T", 0.03, 0.03, 120, 45),
        ("T", 0.11, 0.03, 225, 42),
        ("T", 0.20, 0.06, 276, 31),
    ),
    # No septal q; a broad, notched R in II; rS in V1; ST and T point away from QRS.
    "left block": _shape(
        ("QRS", 0.00, 0.12, -54, 7),
        ("QRS", 0.55, -0.85, -34, 11.5),
        ("QRS", 1.10, -1.30, 4, 15),
        ("QRS", 0.30, -0.60, 37, 16),
        ("T", -0.13, 0.22, 140, 40),
        ("T", -0.20, 0.28, 215, 42),
        ("T", -0.13, 0.20, 262, 32),
    ),
    # Normal beginning; then the right ventricle alone: slurred S in II, broad R' in V1 with T against it.
    "right block": _shape(
        ("QRS", -0.09, 0.00, -25, 7),
        ("QRS", 0.00, 0.17, -20, 8),
        ("QRS", 1.05, 0.00, 0, 10),
        ("QRS", 0.00, -0.42, 4, 9),
        ("QRS", -0.30, 0.48, 38, 13),
        ("QRS", -0.22, 0.62, 62, 15),
        ("T", 0.02, -0.06, 140, 38),
        ("T", 0.12, -0.15, 230, 42),
        ("T", 0.20, -0.14, 280, 32),
    ),
    # From the right ventricle's outflow: like a left block in V1, a tall broad R in II, T deep below.
    "right ventricular": _shape(
        ("QRS", 0.38, 0.20, -44, 16),
        ("QRS", 1.85, -0.90, -3, 14),
        ("QRS", 0.95, -1.10, 30, 14),
        ("QRS", 0.30, -0.40, 60, 14),
        ("T", -0.34, 0.18, 130, 40),
        ("T", -0.50, 0.30, 205, 42),
        ("T", -0.42, 0.24, 255, 30),
    ),
    # From the left ventricle's lower wall: like a right block in V1, deep in II, T above.
    "left ventricular": _shape(
        ("QRS", 0.35, 0.32, -46, 14),
        ("QRS", -1.65, 0.75, -4, 14),
        ("QRS", -0.80, 0.65, 30, 14),
        ("QRS", -0.26, 0.25, 60, 14),
        ("T", 0.20, -0.13, 130, 40),
        ("T", 0.38, -0.24, 210, 42),
        ("T", 0.32, -0.18, 260, 30),
    ),
    # From the left ventricle's base: upright in both leads, T deep below in both.
    "basal ventricular": _shape(
        ("QRS", 0.34, 0.25, -41, 14),
        ("QRS", 1.80, 0.66, -4, 13.5),
        ("QRS", 0.85, 0.30, 30, 14),
        ("QRS", 0.28, 0.10, 55, 12.5),
        ("T", -0.24, -0.04, 130, 40),
        ("T", -0.42, -0.16, 205, 42),
        ("T", -0.34, -0.20, 255, 30),
    ),
    # A lead in the right ventricle: spike, quick R, then broad S in II; QS in V1; T tall and late.
    "paced": _shape(
        ("QRS", 1.30, -0.35, 0, 11),
        ("QRS", 0.75, -0.35, 24, 17),
        ("QRS", -0.75, -0.65, 70, 22),
        ("QRS", -1.05, -0.75, 104, 22),
        ("T", 0.28, 0.12, 205, 45),
        ("T", 0.55, 0.26, 290, 48),
        ("T", 0.45, 0.22, 345, 36),
        spike_ms=-20,
        spike_mv=0.65,
    ),
    # A unipolar lead in the apex: a tall spike, and II mostly negative because the ventricles are raised from below.
    "paced apex": _shape(
        ("QRS", 1.20, -0.55, 0, 9),
        ("QRS", 0.30, -0.40, 18, 12),
        ("QRS", -1.70, -0.95, 52, 16),
        ("QRS", -0.95, -0.60, 84, 18),
        ("T", 0.22, 0.15, 185, 42),
        ("T", 0.46, 0.24, 262, 46),
        ("T", 0.40, 0.20, 315, 34),
        spike_ms=-18,
        spike_mv=0.9,
    ),
}


def vary_shape(shape: Shape, rng: np.random.Generator) -> Shape:
    """Return the shape of the same class of beat in another person.

    Waves vary between people by about 15% in height in each lead, and every Gaussian by about 4% in height and 3% in
    width (standard deviations), which spans most of the range between the patients of the databases.
    """
    waves = sorted({bump.wave for bump in shape.bumps})
    gains = {wave: np.clip(rng.normal(1, 0.15, len(LEADS)), 0.65, 1.35) for wave in waves}

    def own(bump: Bump) -> Bump:
        height, width = np.clip(rng.normal(1, (0.04, 0.03)), 0.9, 1.1)
        mlii_gain, v1_gain = gains[bump.wave] * height
        return replace(
            bump,
            mlii_mv=bump.mlii_mv * mlii_gain,
            v1_mv=bump.v1_mv * v1_gain,
            width_ms=bump.width_ms * width,
        )

    return replace(shape, bumps=tuple(own(bump) for bump in shape.bumps))


def adapt_to_rate(shape: Shape, repolarisation_rr_s: float) -> Shape:
    """Return the shape at another heart rate: T is later and longer by the cube root of the RR interval (s).

    Source: Fridericia 1920, QT proportional to RR to the power of 1/3. QRS and P keep their times.
    """
    factor = repolarisation_rr_s ** (1 / 3)

    def at_rate(bump: Bump) -> Bump:
        if bump.wave != "T":
            return bump
        return replace(bump, centre_ms=bump.centre_ms * factor, width_ms=bump.width_ms * factor)

    return replace(shape, bumps=tuple(at_rate(bump) for bump in shape.bumps))
