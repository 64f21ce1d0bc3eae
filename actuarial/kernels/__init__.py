"""Compiled kernels: numpy and numba only, no files, no clock, no printing.

A callee lives in the module of its caller and constants come in as arguments: numba's cache does not
notice a change in another file.
"""
