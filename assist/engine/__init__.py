"""The engine process: encoder and indexes in memory, nothing of them on disk in clear."""
