"""Programs that mean harm, each with the endings that a sandbox may give it. They run in sandboxes and nowhere else.

`{secret}` is a file and `{port}` a port of this machine that the test can see and a program must not reach.
"""

from __future__ import annotations

from dataclasses import dataclass

from inference.sandbox.base import Program, RunEnding

SECRET = "lighthouse-keeper-4711"  # noqa: S105
OK, ERROR, TIMEOUT, MEMORY, OUTPUT, REFUSED, CRASH = (
    RunEnding.OK, RunEnding.ERROR, RunEnding.TIMEOUT, RunEnding.MEMORY, RunEnding.OUTPUT, RunEnding.REFUSED,
    RunEnding.CRASH,
)  # fmt: skip


@dataclass(frozen=True)
class Attempt:
    """A program, how it may end in monty and in the jail, and the values that are harmless where it may end well."""

    code: str
    monty: tuple[RunEnding, ...]
    jail: tuple[RunEnding, ...]
    harmless: tuple[object, ...] = ()

    def program(self, **places: object) -> Program:
        code = self.code
        for name, value in places.items():
            code = code.replace("{" + name + "}", str(value))
        return Program(code)


# The walk from a literal to a module that has the system's calls, and what it would do there.
WALK = """
kinds = ().__class__.__base__.__subclasses__()
wrap = [kind for kind in kinds if kind.__name__ == "_wrap_close"][0]
result = wrap.__init__.__globals__["popen"]("id").read()
"""
# What the C library says when no process can be made for the shell.
NO_SHELL = (-1, 127 << 8)
LIBC = "import ctypes\nlibc = ctypes.CDLL(None)\nresult = libc."
EVERY_DESCRIPTOR = """
import os
result = []
for fd in range(1, 64):
    try:
        os.write(fd, b"x")
        result.append(fd)
    except OSError:
        pass
"""
NEIGHBOURS = """
import gc, sys
mark = "-".join(["neighbour", "program"])
found = [text for text in gc.get_objects() if isinstance(text, str)]
for frame in sys._current_frames().values():
    while frame:
        found += [str(value) for value in frame.f_locals.values() if isinstance(value, (str, bytes, list))]
        frame = frame.f_back
result = [text[:40] for text in found if mark in text and text != mark]
"""
LOUD_ERROR = """
class Loud(Exception):
    def __str__(self):
        while True:
            pass
raise Loud
"""
ERROR_TREE = """
error = ValueError("x" * 1000)
for _ in range(100000):
    next_one = ValueError(error)
    next_one.__cause__ = error
    error = next_one
raise error
"""
BURST = (ERROR, MEMORY, TIMEOUT, CRASH)
CATCH_ALL = "while True:\n    try:\n        print('x' * 1000)\n    except BaseException:\n        pass\nresult = 1"

HOSTILE = {
    "reads a file": Attempt("result = open('{secret}').read()", (REFUSED,), (REFUSED,)),
    "reads the list of users": Attempt("result = open('/etc/passwd').read()", (REFUSED,), (REFUSED,)),
    "writes a file": Attempt("open('{folder}/written', 'w').write('x')", (REFUSED,), (REFUSED,)),
    "writes to /tmp": Attempt("open('/tmp/written', 'w').write('x')", (REFUSED,), (REFUSED,)),
    "writes to its own library": Attempt(
        "import os\nopen(os.__file__, 'a').write('x')", (REFUSED, ERROR), (REFUSED,)
    ),
    "lists a folder": Attempt("import os\nresult = os.listdir('{folder}')", (REFUSED,), (REFUSED,)),
    "lists the root": Attempt(
        "import os\nresult = sorted(set(os.listdir('/')) - {'lib', 'lib64', 'usr', 'packages', 'python'})",
        (REFUSED,), (OK,), ([],),
    ),
    "follows a link out": Attempt("import os\nos.symlink('/etc', '/tmp/out')", (REFUSED, ERROR), (REFUSED,)),
    "connects to this machine": Attempt(
        "import socket\nsocket.create_connection(('127.0.0.1', {port}), 1)", (REFUSED,), (REFUSED,)
    ),
    "asks a name server": Attempt(
        "import socket\nresult = socket.gethostbyname('example.org')", (REFUSED,), (REFUSED,)
    ),
    "fetches a page": Attempt(
        "import urllib.request\nresult = urllib.request.urlopen('http://127.0.0.1:{port}/').read()",
        (REFUSED,), (REFUSED,),
    ),
    "reads a variable of the environment": Attempt(
        "import os\nresult = os.environ['STUDIO_TEST_SECRET']", (REFUSED,), (ERROR,)
    ),
    "reads the environment": Attempt("import os\nresult = dict(os.environ)", (REFUSED,), (OK,), ({},)),
    "reads /proc": Attempt("result = open('/proc/self/environ').read()", (REFUSED,), (REFUSED,)),
    "lists processes": Attempt("import os\nresult = os.listdir('/proc')", (REFUSED,), (REFUSED,)),
    "loops for ever": Attempt("while True:\n    pass", (TIMEOUT,), (TIMEOUT,)),
    "sleeps": Attempt("import time\ntime.sleep(3600)\nresult = 1", (TIMEOUT,), (TIMEOUT,)),
    "prints without end": Attempt("while True:\n    print('x' * 1000)", (OUTPUT,), (OUTPUT,)),
    "prints and catches everything": Attempt(CATCH_ALL, (OUTPUT,), (OUTPUT,)),
    "returns a long text": Attempt("result = 'x' * 1000000", (OUTPUT,), (OUTPUT,)),
    "returns a long list": Attempt("result = [[1]] * 200000", (OUTPUT, MEMORY), (OUTPUT,)),
    "returns a list in itself": Attempt("result = []\nresult.append(result)", (OK,), (OUTPUT,), (["[...]"],)),
    "allocates 300 MB": Attempt("result = len('x' * (300 * 2**20))", (MEMORY,), (MEMORY,)),
    "shares 300 MB": Attempt("import mmap\nresult = len(mmap.mmap(-1, 300 * 2**20))", (REFUSED,), (REFUSED, MEMORY)),
    "forks once": Attempt("import os\nresult = os.fork()", (REFUSED, ERROR), (REFUSED,)),
    "starts a thread": Attempt("import threading\nthreading.Thread(target=print).start()", (REFUSED,), (ERROR,)),
    "starts a program": Attempt("import subprocess\nsubprocess.run(['id'])", (REFUSED,), (REFUSED,)),
    "replaces itself": Attempt("import os\nos.execv('/python/bin/python3', ['x'])", (REFUSED, ERROR), (REFUSED,)),
    "asks the shell": Attempt("import os\nresult = os.system('id')", (REFUSED, ERROR), (OK,), NO_SHELL),
    "recurses": Attempt("def deeper(n):\n    return deeper(n + 1)\nresult = deeper(0)", (ERROR,), (ERROR,)),
    "recurses without a limit": Attempt(
        "import sys\nsys.setrecursionlimit(10**9)\ndef deeper(n):\n    return deeper(n + 1)\ndeeper(0)",
        (REFUSED, ERROR), (MEMORY, CRASH, TIMEOUT),
    ),
    "nests its own text": Attempt("result = " + "(" * 5000 + ")" * 5000, (ERROR,), (ERROR, MEMORY)),
    "computes a huge integer": Attempt("result = 10**10**10", (MEMORY, ERROR), (TIMEOUT, MEMORY)),
    "writes out a huge integer": Attempt("result = 7**300000", (OUTPUT,), (OUTPUT,)),
    "raises an error that cannot be told": Attempt(LOUD_ERROR, (REFUSED,), (TIMEOUT,)),
    "raises an error made of errors": Attempt(ERROR_TREE, BURST, BURST),
    "raises a long error": Attempt("raise ValueError('x' * 5000000)", (ERROR,), (ERROR,)),
    "leaves by the back door": Attempt("import os\nresult = 1\nos._exit(0)", (REFUSED, ERROR), (CRASH,)),
    "leaves": Attempt("result = 1\nraise SystemExit(0)", (ERROR,), (ERROR,)),
    "walks to the system's calls": Attempt(WALK, (ERROR,), (REFUSED,)),
    "evaluates text": Attempt("result = eval(\"__import__('os').listdir('{folder}')\")", (ERROR,), (REFUSED,)),
    "executes text": Attempt("exec(\"import os\\nresult = open('{secret}').read()\")", (REFUSED,), (REFUSED,)),
    "imports by name": Attempt(
        "import importlib\nresult = importlib.import_module('subprocess').getoutput('id')", (REFUSED,), (REFUSED,)
    ),
    "imports the studio": Attempt("import annotations\nresult = annotations.__file__", (REFUSED,), (REFUSED,)),
    "calls the C library's shell": Attempt(LIBC + "system(b'id')", (REFUSED,), (OK,), NO_SHELL),
    "calls the C library's socket": Attempt(LIBC + "socket(2, 1, 0)", (REFUSED,), (OK,), (-1,)),
    "asks for namespaces": Attempt(LIBC + "unshare(0x10000000)", (REFUSED,), (OK,), (-1,)),
    "asks to mount": Attempt(LIBC + "mount(b'none', b'/packages', b'tmpfs', 0, 0)", (REFUSED,), (OK,), (-1,)),
    "traces its parent": Attempt(LIBC + "ptrace(16, 2, 0, 0)", (REFUSED,), (OK,), (-1,)),
    "becomes the superuser": Attempt("import os\nos.setuid(0)", (REFUSED, ERROR), (REFUSED,)),
    "signals its parent": Attempt("import os\nos.kill(os.getppid(), 9)", (REFUSED, ERROR), (REFUSED,)),
    "signals everybody": Attempt("import os\nos.kill(-1, 9)", (REFUSED, ERROR), (REFUSED,)),
    "writes to what its parent has open": Attempt(EVERY_DESCRIPTOR, (REFUSED, ERROR), (OK,), ([],)),
    "talks in its parent's name": Attempt(
        "import os\nos.write(0, b'[\"ok\", 666, \"\", \"\", 0]')\nresult = 1", (REFUSED, ERROR), (CRASH,)
    ),
    "looks for its neighbours' programs": Attempt(NEIGHBOURS, (REFUSED, ERROR), (OK,), ([],)),
    "lifts its own limits": Attempt(
        "import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))", (REFUSED,), (REFUSED, ERROR)
    ),
}  # fmt: skip
