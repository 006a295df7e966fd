"""Philips XLI: second differences of a lead, as high and low bytes apart, in LZW of ten bits."""

import numpy as np

__all__ = ["decode_xli"]

_CODE_BITS = 10
_N_CODES = (1 << _CODE_BITS) - 1
_HEAD_BYTES = 8
_OFFSET = 64
"""Stored values after the second are the negated second difference of the next sample and this."""


def decode_xli(content: bytes, n_leads: int, n_samples: int) -> np.ndarray:
    """Return the samples of compressed leads, each in a chunk of its own.

    Parameters
    ----------
    content : bytes
        For each lead: the length of its chunk (4 bytes), 2 bytes unused, the first difference (2 bytes), the chunk.

    Returns
    -------
    int16 array, shape = (n_samples, n_leads)

    Raises
    ------
    ValueError
        If a chunk is cut, or holds fewer samples or far more.

    References
    ----------
    Pages of the open project sierra-ecg-tools, which found the format; compared with its four example files.
    """
    leads = np.empty((n_samples, n_leads), dtype=np.int16)
    position = 0
    for lead in range(n_leads):
        head = content[position : position + _HEAD_BYTES]
        n_bytes = int.from_bytes(head[:4], "little", signed=True)
        position += _HEAD_BYTES
        chunk = content[position : position + max(0, n_bytes)]
        if len(head) < _HEAD_BYTES or n_bytes < 1 or len(chunk) < n_bytes:
            raise ValueError("a chunk is cut")
        position += n_bytes
        first_difference = int.from_bytes(head[6:], "little", signed=True)
        unpacked = _unpack_lzw(chunk, 2 * n_samples + 2)
        leads[:, lead] = _integrate(_join_bytes(unpacked), first_difference)[:n_samples]
    return leads


def _unpack_lzw(chunk: bytes, most_bytes: int) -> bytes:
    """Return the unpacked bytes, at most ``most_bytes``; codes are read from the highest bit on."""
    strings = [bytes([code]) for code in range(256)]
    unpacked: list[bytes] = []
    n_unpacked = 0
    previous = b""
    for code in _codes(chunk):
        if code >= _N_CODES:
            break
        if code > len(strings) or (code == len(strings) and not previous):
            raise ValueError("a code is unknown")
        string = strings[code] if code < len(strings) else previous + previous[:1]
        if previous and len(strings) < _N_CODES:
            strings.append(previous + string[:1])
        previous = string
        unpacked.append(string)
        n_unpacked += len(string)
        if n_unpacked > most_bytes:
            raise ValueError("more samples than stated")
    return b"".join(unpacked)


def _codes(chunk: bytes) -> list[int]:
    bits = np.unpackbits(np.frombuffer(chunk, dtype=np.uint8))
    groups = bits[: len(bits) // _CODE_BITS * _CODE_BITS].reshape(-1, _CODE_BITS).astype(np.int64)
    codes: list[int] = (groups @ (1 << np.arange(_CODE_BITS)[::-1])).tolist()
    return codes


def _join_bytes(unpacked: bytes) -> np.ndarray:
    """Return the 16-bit values whose high bytes come first and whose low bytes follow."""
    padded = np.frombuffer(unpacked + b"\0" * (len(unpacked) % 2), dtype=np.uint8).astype(np.int64)
    high, low = np.split(padded, 2)
    return (high << 8 | low) + 2**15 & 0xFFFF


def _integrate(stored: np.ndarray, first_difference: int) -> np.ndarray:
    """Return the samples of stored second differences; sums wrap at 16 bits, as in the electrograph."""
    values = stored - 2**15
    if len(values) < 3:
        return values.astype(np.int16)
    second = np.concatenate([[-first_difference], _OFFSET - values[2:-1]])
    slopes = np.cumsum(np.concatenate([[values[1] - values[0]], second]))
    samples = np.concatenate([[values[0]], values[0] + np.cumsum(slopes)])
    return samples.astype(np.int16)
