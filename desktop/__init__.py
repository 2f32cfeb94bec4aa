"""The shell: tray, panel, keyring, and the one place that wires everything together."""

from desktop.singletons import keep_alive

keep_alive()
