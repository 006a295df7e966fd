"""Records of the PhysioNet challenge 2015 that are, as far as the signals show, from one patient.

The challenge does not identify patients. But some records share seconds of signal, and records with neighbouring
numbers often have the same usual beat in both leads (correlation of the median beats above 0.97), which records with
distant numbers never have: records were numbered patient by patient. A patient on both sides of a split would inflate
the figures.
"""

import numpy as np

__all__ = ["ONE_PATIENT", "keep_patients_together"]

ONE_PATIENT = (
    ("v100s", "v101l", "v102s"),
    ("b124s", "b125l", "b126s"),
    ("f137l", "v139l"),
    ("t149l", "t150s", "t151l"),
    ("v153l", "v155l"),
    ("a167l", "a172s"),
    ("a170s", "a171l"),
    ("t174s", "t175l"),
    ("v181l", "v182s"),
    ("v198s", "v199l"),
    ("t213l", "t214s"),
    ("a223l", "a225l", "a226s"),
    ("b227l", "b228s", "b229l"),
    ("t234s", "t235l"),
    ("f236s", "f237l"),
    ("t249l", "t251l", "t252s"),
    ("v253l", "v255l"),
    ("v256s", "v257l"),
    ("v262s", "t263l"),
    ("a272s", "a273l"),
    ("a278s", "a279l"),
    ("f281l", "v282s"),
    ("b285l", "b286s"),
    ("v292s", "v293l"),
    ("v294s", "v295l"),
    ("a297l", "v298s"),
    ("a301l", "a302s"),
    ("a306s", "b308s"),
    ("v309l", "v312s"),
    ("v322s", "v323l"),
    ("t333l", "v334s", "t335l"),
    ("b339l", "b340s", "b341l"),
    ("v354s", "v355l"),
    ("t356s", "t357l", "t358s"),
    ("v359l", "v360s"),
    ("t412s", "t413l"),
    ("v419l", "v423l"),
    ("v426s", "v427l"),
    ("v431l", "v432s"),
    ("a442s", "a446s"),
    ("t444s", "t447l"),
    ("v448s", "f450s"),
    ("v481l", "v483l"),
    ("b484s", "b485l", "b486s"),
    ("v489l", "a490s"),
    ("t503l", "t504s"),
    ("v518s", "v519l"),
    ("t520s", "t521l"),
    ("v535l", "v536s"),
    ("b537l", "b538s"),
    ("a539l", "f545l"),
    ("v541l", "f544s"),
    ("a555l", "v557l", "a558s"),
    ("b560s", "b562s"),
)
"""Records that share seconds of signal, or whose numbers differ by at most five and whose usual beats are the same."""


def keep_patients_together(records: np.ndarray, folds: np.ndarray, is_fixed: np.ndarray) -> np.ndarray:
    """Return the folds with all records of a patient of ONE_PATIENT in one fold, int64, shape = (n,).

    Parameters
    ----------
    records : array of str, shape = (n,)
    folds : int array, shape = (n,)
    is_fixed : bool array, shape = (n,)
        Records whose fold does not change. The other records of a patient move to the fold of its first fixed record,
        or else of its first record.
    """
    joined = folds.copy()
    for patient in ONE_PATIENT:
        positions = np.flatnonzero(np.isin(records, patient))
        if positions.size:
            fixed = positions[is_fixed[positions]]
            joined[positions] = folds[fixed[0] if fixed.size else positions[0]]
    return joined
