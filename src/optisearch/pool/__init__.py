"""`optisearch run`: worker processes, watched from one that imports no framework."""
