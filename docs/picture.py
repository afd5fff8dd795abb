r"""The README's pictures: a command runs in a real terminal, and what it shows is drawn.

    python docs/picture.py docs/run.svg --when "trial 2[0-9] epoch" -- \
        optisearch run studies/mnist.py

`--when` draws the screen as it is when the expression first matches; without it, once the command
has ended. Needs the `test` extra.
"""

import argparse
import fcntl
import io
import os
import pty
import re
import select
import struct
import termios
from pathlib import Path

import pyte
from rich.console import Console
from rich.text import Text

COLUMNS = 100


def watch(command: list[str], rows: int, when: str | None) -> list[Text]:
    """Run a command in a terminal of its own until its screen is worth drawing."""
    screen = pyte.Screen(COLUMNS, rows)
    stream = pyte.ByteStream(screen)
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, COLUMNS, 0, 0))
    while True:
        # A screen is whole when nothing has been written for a moment.
        ready, _, _ = select.select([terminal], [], [], 0.05)
        if ready:
            try:
                chunk = os.read(terminal, 65536)
            except OSError:
                break
            if not chunk:
                break
            stream.feed(chunk)
        elif when and re.search(when, "\n".join(screen.display)):
            os.write(terminal, b"\x03")
            shown = [line(screen, row) for row in range(rows)]
            while _drained(terminal):
                pass
            return shown
    return [line(screen, row) for row in range(rows)]


def _drained(terminal: int) -> bool:
    """Read on, so that the command can end in peace."""
    try:
        return bool(os.read(terminal, 65536))
    except OSError:
        return False


def line(screen: pyte.Screen, row: int) -> Text:
    """One line of the screen with its colours."""
    text = Text()
    for column in range(COLUMNS):
        character = screen.buffer[row][column]
        colour = "" if character.fg == "default" else _COLOURS.get(character.fg, f"#{character.fg}")
        style = f"{'bold ' if character.bold else ''}{colour}".strip()
        text.append(character.data, style=style or None)
    text.rstrip()
    return text


# pyte's word for it.
_COLOURS = {"brown": "yellow", "brightblack": "bright_black"} | {
    name: name for name in ("black", "red", "green", "blue", "magenta", "cyan", "white")
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("picture", type=Path)
    parser.add_argument("--rows", type=int, default=34)
    parser.add_argument("--lines", type=int, help="draw the first so many only")
    parser.add_argument("--when")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    lines = watch(arguments.command, arguments.rows, arguments.when)
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    lines = lines[: arguments.lines]
    while lines and not lines[-1].plain:
        lines.pop()
    for text in lines:
        console.print(text, soft_wrap=True)
    title = " ".join(arguments.command)
    # Rich's fonts come from another host: whatever the reader has is good enough.
    svg = re.sub(r"@font-face \{.*?\}", "", console.export_svg(title=title), flags=re.DOTALL)
    arguments.picture.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
