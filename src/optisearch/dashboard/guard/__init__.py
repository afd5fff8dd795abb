"""Who is let in, and what they may do: each question a middleware of its own."""
