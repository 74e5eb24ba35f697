"""What the drivers of compiled clients share: the program beside them is compiled once, and then run as the driver.

Programs are kept below $XDG_CACHE_HOME/malaposta/clients (~/.cache), named by what they were made of.
"""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import mail_client

HERE = pathlib.Path(__file__).resolve().parent


def compile_into(folder, source, text, build):
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        made = pathlib.Path(name) / "made"
        made.mkdir()
        (made / source).write_bytes(text)
        done = subprocess.run(build(made), cwd=made, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            print(f"{source} does not compile, so its library is not installed: {done.stdout[-500:]}", file=sys.stderr)
            sys.exit(3)
        made.rename(folder)


def run(source, tool, build, start):
    """Compiles `source` of this folder into a folder of its own and becomes the program.

    `build` and `start` get that folder: a command that fills it with the source in it, and the one that runs what came of it.
    """
    if shutil.which(tool) is None:
        mail_client.not_installed(tool)
    text = (HERE / source).read_bytes()
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "malaposta" / "clients"
    folder = cache / f"{pathlib.Path(source).stem}-{hashlib.sha256(text).hexdigest()[:16]}"
    cache.mkdir(parents=True, exist_ok=True)
    # Many drivers may be started at once: one of them compiles, the others wait for it.
    with open(cache / f"{folder.name}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            compile_into(folder, source, text, build)
    command = start(folder)
    os.execvp(command[0], command + sys.argv[1:])
