"""What was measured about the documents' tables and claims: `docs/findings.md`, generated.

    python -m docs.findings --storage sqlite:///storage/optisearch.db

Nothing is typed: a claim says what a document says and which measurement answers it (`claims`), a
judge computes the answer (`judges`), and what isn't measured yet is said.
"""
