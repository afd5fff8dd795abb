"""Our own pages: what is stored, who is at work, the reports."""
