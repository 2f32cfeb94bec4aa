"""The knowledge of Kibitz: text, retrieval, ranking, signals, the decision log. Runs without a window."""

__version__ = "0.1.0"
