"""The quality of explanations: faithfulness, randomisation, stability and agreement with the waves of a beat.

Nothing here depends on how a technique works; it is explained through ``api`` like any other. Start with
``faithfulness`` for scores and ``verdict`` for the sentences that clinicians read.
"""
