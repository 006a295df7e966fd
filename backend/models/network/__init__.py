"""The LSTM and its two ways of inference for frozen weights: torch, and faster kernels compiled by numba.

Networks are trained in ``backend.models.training``; windows and classes are unknown here. Start with ``lstm``, then
read ``frozen_lstm`` for what explanations need.
"""
