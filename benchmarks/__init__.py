"""What every claim about speed and every default is measured with."""
