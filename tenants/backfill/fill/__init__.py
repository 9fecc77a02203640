"""Filling the rows that were there before: strategies, shares, workers, and what makes them stand aside."""
