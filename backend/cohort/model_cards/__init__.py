"""Model cards for people: the ``README.md`` of each bundle, made from its card, its notes and its evidence.

No figure is computed here. Start with ``model_card``; the tables of a model's evaluation are in
``backend.models.card_sections``.
"""
