"""Training of the alarm models.

`AlarmRecipe` (alarm_recipe.py) is the way they share; icu_alarm.py is its instance. A further alarm model is one more
file with an instance and its line in the registry. Start at alarm_recipe.py.
"""
