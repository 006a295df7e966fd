"""The techniques of explanation, one in each module, and their registry.

What several techniques share lives beside them (``signed``, ``learned_masks``, ``lstm_states``); judging a technique
belongs in ``quality``. Start with ``registry``, then read ``derivative``, the shortest technique.
"""
