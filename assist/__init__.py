"""The knowledge of Kibitz: text, retrieval, ranking, signals, the decision log. Runs without a window."""

import os

__version__ = "0.1.0"

# onnxruntime's official builds report each start to their maker, and look for this when they are loaded. It is said
# here, since every process of Kibitz imports this package before anything else.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
