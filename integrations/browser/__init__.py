"""The link to the browser: frames, pairing, session (ADR 16), and the native host that the browser starts."""
