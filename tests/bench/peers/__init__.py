"""Other people's retrievers and classifiers on Kibitz's data; runs in a venv of its own and knows nothing of Kibitz."""
