"""`make pi`: the barn's role for real: first start, then receiver, worker and web."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from deploy.supervise import ROOT, Program, manage, run_until_told, start

PI = {"DJANGO_SETTINGS_MODULE": "hexabrand.settings.pi"}


def main() -> int:
    state = Path(os.environ.get("HEXABRAND_STATE_DIR", ROOT / "var"))
    environment = {**PI, "HEXABRAND_STATE_DIR": str(state)}
    sys.stdout.write(manage(environment, "setup"))
    sys.stdout.flush()
    programs = [
        Program("receiver", "runreceiver", environment),
        Program("worker", "runworker", environment),
        Program("pi-web", "serve", environment),
    ]
    return run_until_told(start(state, programs))


if __name__ == "__main__":
    sys.exit(main())
