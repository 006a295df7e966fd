"""Training of the beat models.

`BeatRecipe` (beat_recipe.py) is the way they share; ecg_beat.py and ecg_beat_2018.py are its instances. A further beat
model is one more file with an instance and its line in the registry. Start at beat_recipe.py.
"""
