"""From a question to cited excerpts, and from what is known of contracts to a list of them."""
