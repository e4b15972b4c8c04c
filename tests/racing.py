"""Many at once: what each was told, by threads that begin together."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from mycvault import MycvaultError


def at_once(*doings: Callable[[], Any]) -> Counter:
    """Do all of it at the same time; count what came of it: "won", the code of a refusal, or what must never be met."""
    told, gate = [], threading.Barrier(len(doings))

    def run(do: Callable[[], Any]) -> None:
        gate.wait()
        try:
            do()
            told.append("won")
        except MycvaultError as error:
            told.append(error.code)
        except Exception as error:  # noqa: BLE001 - what must never be met is told
            told.append(repr(error))

    threads = [threading.Thread(target=run, args=(do,)) for do in doings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(told)
