"""What an evaluation is about, and every word of it in each language."""
