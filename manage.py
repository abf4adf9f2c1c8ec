#!/usr/bin/env python
"""Runs a management command, with the embedded servers if none run already: `manage.py help` lists the commands."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext

from django.core.management import execute_from_command_line

from rationale_studio import home
from rationale_studio.services.embedded import borrowed
from rationale_studio.services.trouble import Trouble

WITHOUT_DATA = {"help", "--help", "-h", "version", "--version", "check", "collectstatic", "spectacular"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rationale_studio.settings")
    needs_data = len(sys.argv) > 1 and sys.argv[1] not in WITHOUT_DATA
    try:
        with borrowed(home.studio_home()) if needs_data else nullcontext():
            execute_from_command_line(sys.argv)
    except Trouble as trouble:
        raise SystemExit(str(trouble)) from None


if __name__ == "__main__":
    main()
