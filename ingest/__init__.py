"""The program that writes: sources, readers, segmentation, facts and the pipeline."""
