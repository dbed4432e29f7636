"""The doors: settings, wiring, the `muniment` command, jobs and benchmarks."""
