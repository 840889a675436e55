"""Initializers in the form that training frameworks ask for."""
