"""The documents' tables and claims, a module for each document."""

from docs.findings.claims import Part
from docs.findings.documents import (
    adam,
    autoencoders,
    classifier,
    gradient_descent,
    honest,
    loss_functions,
)

PARTS: tuple[Part, ...] = (
    *loss_functions.PARTS,
    *gradient_descent.PARTS,
    *classifier.PARTS,
    *adam.PARTS,
    *autoencoders.PARTS,
    *honest.PARTS,
)
