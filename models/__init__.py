"""Things with weights: the encoder, the clause scorer and OCR."""
