"""The compiled room: dual coordinate descent for one-vs-rest linear machines of any family."""
