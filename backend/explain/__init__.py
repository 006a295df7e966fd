"""Explanations: why a model scores a class of a window as it does.

Arrays go in and a ``Salience`` or another frozen dataclass comes out; nothing is drawn or cached here. Start with
``api``, then read one technique; ``quality`` judges explanations and ``questions`` answers other questions.
"""
