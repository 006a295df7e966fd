"""The sidebar: which record is read, by which model, and the model's card.

What only one kind of window needs is in that kind's folder. Start with ``reading_choice.py``.
"""
