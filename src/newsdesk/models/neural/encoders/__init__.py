"""Pretrained text encoders: found, checked, read, run, and remembered.

An encoder is kept as numbers under names of our own (`architecture`), whoever trained it and
however its files call them. PyTorch trains on those numbers; ONNX Runtime predicts with them,
through a graph that is built here, in 32-bit floats or in 8-bit integers.
"""
