"""Weights of other programs become encoder folders: the only room that reads foreign formats.

Files are read in a process of their own, by readers that execute nothing that the files bring. What
leaves this room is safetensors and JSON.
"""
