"""What schemathesis, which loads this, holds against any answer: words of the server's inside."""

from typing import Any

import schemathesis

from scripts.trials import inside_shown


def nothing_of_the_inside(_: Any, response: Any, case: Any) -> None:
    """No answer shows any."""
    if shown := inside_shown(response.content.decode(errors="replace"), f"{case.body}{case.headers}"):
        raise AssertionError(f"the answer shows {shown[0][:200]!r}")


schemathesis.check(nothing_of_the_inside)
