"""Runs syncs that are killed: with a data folder and a number, it kills so many at random moments and tells how each ended.

Each is a child of this process, which has everything imported already.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from small_sync import Desk

_LONGEST = 1.0


def main() -> None:
    """See above."""
    data, count = Path(sys.argv[1]), int(sys.argv[2])
    desk = Desk(data, {name: value for name, value in os.environ.items() if name.startswith("MUNIMENT_")})
    dice = random.Random(count)  # noqa: S311  # dice, no secret
    for number in range(count):
        child = os.fork()
        if child == 0:
            # One after the other, so that there is always one to kill, however fast the machine is.
            while desk("sync", *(["--full"] if number % 2 else [])).code in {0, 1}:
                pass
            os._exit(2)
        time.sleep(dice.uniform(0.02, _LONGEST))
        os.kill(child, signal.SIGKILL)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")


if __name__ == "__main__":
    main()
