"""Neural families and what they share: the torch room.

torch is imported by training alone; predicting takes NumPy and compiled loops, see `forward`.
"""
