"""Training of the stay models.

`StayRecipe` (stay_recipe.py) is the way they share; icu_mortality.py is its instance. A further stay model is one more
file with an instance and its line in the registry. Start at stay_recipe.py.
"""
