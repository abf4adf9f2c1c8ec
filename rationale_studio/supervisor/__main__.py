"""`python -m rationale_studio.supervisor`: what `make studio` runs after set-up. HOST and PORT choose the address."""

from __future__ import annotations

import sys

from rationale_studio import env
from rationale_studio import home as places
from rationale_studio.services.trouble import Trouble
from rationale_studio.supervisor.claim import AlreadyRunning
from rationale_studio.supervisor.studio import Studio


def main() -> int:
    port = env.number("PORT", 8000, least=1, most=65535)
    try:
        Studio(places.studio_home(), env.text("HOST", "127.0.0.1"), port).run()
    except AlreadyRunning as running:
        print(f"  {running}")
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
