"""`optisearch run`: worker processes on this machine, watched from one that imports no framework."""
