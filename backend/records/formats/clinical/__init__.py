"""Readers of the formats in which electrographs, Holter recorders and archives export an ECG.

| File | Endings | Read | Not read |
| --- | --- | --- | --- |
| DICOM waveform | .dcm | 12-lead, general, ambulatory and haemodynamic waveforms | pictures, PDF, deflated files |
| SCP-ECG | .scp | uncoded and coded (Huffman, differences) | subtracted beats, bimodal compression |
| HL7 aECG | .xml | all recorded series | derived series (average beats) |
| ISHNE Holter | .ecg | version 1.0 | annotation files |
| GE MUSE | .xml | rhythm; III, aVR, aVL, aVF computed | median beats |
| Philips Sierra | .xml | 1.03 to 1.04.02, with or without XLI | average beats |

Nothing about the patient is kept, and no diagnosis of the machine. Each reader gives pieces of leads to `timeline`;
`backend.records.formats.recognition` chooses the reader by the content of a file.
"""
