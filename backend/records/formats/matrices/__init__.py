"""Matrices of numbers with names: MATLAB and HDF5 files.

| File | Endings | Read | Not read |
| --- | --- | --- | --- |
| MATLAB 5 to 7 | .mat | numbers, texts, structures and cells | objects, sparse and complex arrays |
| MATLAB 4 | .mat | without a WFDB header beside it | sparse and complex arrays |
| HDF5, MATLAB 7.3 | .h5, .hdf5, .mat | arrays with names; exams as in CODE-15 | links to other files |

`matlab`, `matlab_4` and `hdf5` list what a file holds, within bounds; `named_matrices` decides which of it is the ECG,
its sampling rate, unit and leads. Start there. What a file does not state is asked for, but for the exams of CODE.
"""
