"""Where a model is written, in which format; and that it is written whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from optisearch.errors import OptisearchError
from optisearch.tracebacks import headline

Format = Literal["keras", "saved_model", "onnx", "weights"]

T = TypeVar("T")

# A SavedModel is a folder, of any name.
_ENDINGS: dict[Format, str] = {
    "keras": ".keras",
    "weights": ".weights.h5",
    "onnx": ".onnx",
    "saved_model": "",
}


@dataclass(frozen=True)
class Target:
    """What is written.

    Attributes:
        path: The model's file or folder.
        format: Its format.
        force: Whether what is there already is replaced.
    """

    path: Path
    format: Format
    force: bool = False

    @classmethod
    def of(cls, path: Path, file_format: Format | None, *, force: bool) -> "Target":
        """The target that a person named; the format is the name's where they didn't say.

        Raises:
            OptisearchError: The name doesn't go with the format.
        """
        by_name = next((f for f, end in _ENDINGS.items() if end and path.name.endswith(end)), None)
        chosen = file_format or by_name or ("saved_model" if not path.suffix else None)
        if chosen is None:
            raise OptisearchError(
                "the name says nothing about the format",
                where=str(path),
                remedy=f"Use {path.with_suffix('.keras')}, or say --format",
            )
        ending = _ENDINGS[chosen]
        if not path.name.endswith(ending) or (not ending and by_name is not None):
            wanted = f"ends in {ending}" if ending else "is a folder's"
            use = path.name.removesuffix(_ENDINGS.get(by_name, "") if by_name else path.suffix)
            raise OptisearchError(
                f"the name of a {chosen} model {wanted}",
                where=str(path),
                remedy=f"Use {path.with_name(use + ending)}",
            )
        return cls(path, chosen, force)

    @property
    def card(self) -> Path:
        """The model card's file: `model.md` beside `model.keras`."""
        stem = self.path.name.removesuffix(_ENDINGS[self.format]) or self.path.name
        return self.path.with_name(f"{stem}.md")

    def check(self) -> None:
        """See that it can be written, before anything is trained.

        Raises:
            OptisearchError: It is there already and not to be replaced, or its folder isn't there.
        """
        folder = self.path.parent
        if not folder.is_dir():
            raise OptisearchError(
                f"there is no folder {folder}", where=str(self.path), remedy="Create it first"
            )
        for path in (self.path, self.card):
            if path.exists() and not self.force:
                raise OptisearchError(
                    "it is there already",
                    where=str(path),
                    remedy="Name another one, or replace it: --force",
                )
        if self.path.is_dir() and self.format != "saved_model":
            raise OptisearchError(
                "this is a folder", where=str(self.path), remedy="Name a file in it"
            )

    def write(self, model: Callable[[Path], T], card: Callable[[T], str]) -> T:
        """Write model and card, both or neither.

        They are written beside their places, in a folder of their own, and moved there.

        Args:
            model: Writes the model to a path, and returns what the card has to know of it.
            card: The card's text.

        Raises:
            OptisearchError: They can't be written: the disk is full, say. Nothing is left.
        """
        try:
            aside = Path(tempfile.mkdtemp(prefix=f".{self.path.name}.", dir=self.path.parent))
        except OSError as error:
            raise self._unwritable(error) from None
        try:
            written = model(aside / self.path.name)
            text = aside / self.card.name
            text.write_text(card(written), encoding="utf-8")
            for file in filter(Path.is_file, aside.rglob("*")):
                _settle(file)
            self._move(aside)
            return written
        except OptisearchError:
            raise
        except Exception as error:
            raise self._unwritable(error) from None
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def _move(self, aside: Path) -> None:
        new = aside / self.path.name
        if self.path.is_dir() and new.is_dir():  # a folder replaces none but an empty one
            self.path.rename(aside / "before")
        new.replace(self.path)
        (aside / self.card.name).replace(self.card)

    def _unwritable(self, error: Exception) -> OptisearchError:
        why = error.strerror if isinstance(error, OSError) and error.strerror else headline(error)
        return OptisearchError(
            f"the model can't be written ({why}); nothing was",
            where=str(self.path),
            remedy="Make room, or name a file in another folder",
        )


def _settle(file: Path) -> None:
    """Have a file's bytes on the disk before its name is."""
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
