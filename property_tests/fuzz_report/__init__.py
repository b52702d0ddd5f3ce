"""What a campaign says: a line meanwhile, then a summary or a counterexample, as text, as HTML."""
