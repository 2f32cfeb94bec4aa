"""A door for measuring: the app's own judgement on labelled data, without a window (``python -m assist eval``)."""
