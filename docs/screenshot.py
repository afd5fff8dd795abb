"""The README's pictures of the dashboard: a command serves it, and a browser looks at it.

    python docs/screenshot.py docs/dashboard.png --height 1000 -- \
        optisearch dashboard --port 0
    python docs/screenshot.py docs/note.png --path /dashboard/studies/3/note --until table -- \
        optisearch dashboard --port 0

The picture is taken once the page has stopped asking for anything. Needs the `test` extra, and
Chromium.
"""

import argparse
import io
import re
import shutil
import signal
import subprocess
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

# Flat colours: more of them are hard to see.
_COLOURS = 256


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("picture", type=Path)
    parser.add_argument("--path", default="/")
    parser.add_argument("--width", type=int, default=1200)
    parser.add_argument("--height", type=int, default=800)
    parser.add_argument("--until", default="body", help="a selector of what has to be there")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    with subprocess.Popen(arguments.command, stdout=subprocess.PIPE, text=True) as served:
        try:
            arguments.picture.write_bytes(_few_colours(look(address(served), arguments)))
        finally:
            served.send_signal(signal.SIGINT)


def address(served: subprocess.Popen[str]) -> str:
    """Where the command says that it serves."""
    assert served.stdout is not None
    for line in served.stdout:
        if found := re.search(r"http://\S+", line):
            return found[0].rstrip("/")
    raise SystemExit("The command ended without saying where it serves.")


def look(address: str, arguments: argparse.Namespace) -> bytes:
    """A page as a PNG file."""
    with sync_playwright() as playwright:
        chromium = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))))
        browser = playwright.chromium.launch(executable_path=chromium)
        page = browser.new_page(
            viewport={"width": arguments.width, "height": arguments.height},
            color_scheme="dark" if arguments.dark else "light",
        )
        page.goto(address + arguments.path, wait_until="networkidle")
        page.locator(arguments.until).first.wait_for()
        picture = page.screenshot()
        browser.close()
    return picture


def _few_colours(picture: bytes) -> bytes:
    content = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").quantize(_COLOURS).save(content, "png", optimize=True)
    return content.getvalue()


if __name__ == "__main__":
    main()
