"""Recorded models: values, ties, refusals, and the models of other libraries."""
