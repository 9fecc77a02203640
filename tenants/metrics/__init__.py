"""Metric events: their partitions, how they come in, and what they add up to."""
