"""What a model card says of the data and the figures of one kind of window, one module for each kind, as Markdown.

These modules turn ``card.json`` into tables and compute no figure; the order of a card and its other sections belong to
``backend.cohort.model_cards``. Start with ``sections``, then ``beat_sections``.
"""
