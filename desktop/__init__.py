"""The shell: tray, panel, keyring, and the one place that wires everything together."""
