"""The fixtures of `trial.py`, for the tests of this folder."""

from tests.pipelines.sync.trial import trial, trial_template

__all__ = ["trial", "trial_template"]
