"""Protocols under which a beat model is tested: on which patients it is trained and on which it is tested.

beat_protocol.py says what a protocol is and runs it, aami.py holds those of ANSI/AAMI EC57 and of whole databases,
dominant_diagnosis.py that of the 12-lead records; outcomes.py counts missed beats and false detections; ablations.py
withholds tracing or measurements, learning_curve.py training patients. The training itself does not belong here. Start
at beat_protocol.py.
"""
