"""What the reader of a tutorial writes to make its table: loops, `fit`, means and deviations."""
