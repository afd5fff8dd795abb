"""`python -m optisearch` is the `optisearch` script."""

from optisearch.cli import main

if __name__ == "__main__":
    main()
