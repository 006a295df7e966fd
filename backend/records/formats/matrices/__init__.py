"""Matrices of numbers with names: MATLAB 5 and HDF5 files; WFDB reads MATLAB 4 files with their header.

`matlab` and `hdf5` list what a file holds, within bounds; `named_matrices` decides which of it is the ECG, its
sampling rate, unit and leads. Start there.
"""
