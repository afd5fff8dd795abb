"""Stages told where they are stored: the note and the figures that optuna-dashboard shows."""
