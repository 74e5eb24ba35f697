"""What the tests of the documentation share: a page's fenced blocks, and output as pages show it."""

import os
import pathlib
import re
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Else each run would compile the standard library anew.
GOCACHE = os.environ.get("GOCACHE") or os.path.expanduser("~/.cache/go-build")
JARS = ":".join(f"/usr/share/java/{name}.jar" for name in ("junit-platform-console-standalone", "junit-jupiter-api", "opentest4j"))


class Block(NamedTuple):
    language: str
    text: str
    place: str
    file: str | None  # that its first line names, in a comment
    before: str  # the text between the last block and this one
    shown: str | None = None  # the ```text block that follows


def blocks(page):
    """The page's fenced blocks, each ```text block joined to the block before it, if that is a program."""
    found, end = [], 0
    text = page.read_text(encoding="utf-8")
    for fence in re.finditer(r"^```([^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        place = f"{page.relative_to(ROOT)}:{text.count(chr(10), 0, fence.start()) + 1}"
        named = re.match(r"(?:<\?php )?(?:#|//|--) (\S+\.\w+)\n", fence[2])
        block = Block(fence[1], fence[2], place, named[1] if named else None, text[end:fence.start()])
        end = fence.end()
        if block.language == "text" and found and found[-1].language not in ("", "text") and found[-1].shown is None:
            found[-1] = found[-1]._replace(shown=block.text)
        else:
            found.append(block)
    return found


def pattern(shown):
    """A regular expression for output that looks like `shown`."""
    lines = [r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line.rstrip()).replace("…", ".*?") + r"[ \t]*\n" for line in shown.splitlines()]
    return "".join(lines)
