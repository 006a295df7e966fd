"""Training of the bundled models from their databases.

A `Recipe` (recipe.py) says how a model is made, `publish` (publish.py) writes its bundle, and the registry names all
recipes. What the kinds share is here: the training loop, examples, committees and splits; beats/, alarms/ and stays/
hold one class of recipe each with its instances, and their data. Start at publish.py; classification of a person's
records does not belong here.
"""
