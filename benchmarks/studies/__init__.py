"""What is trained where no study of `studies/` fits."""
