"""The doors: settings, wiring, the `muniment` command, jobs and benchmarks."""

import os

# ONNX Runtime, which reads scanned pages, would else send Microsoft how it is used, and keep a number of the machine to do so by.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
