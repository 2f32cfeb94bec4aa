"""Models that turn text into vectors, each behind ``assist.ports.Encoder``."""
