"""A plugin whose reader stumbles over some queries, as a parser in C would."""

import os
import signal

from insights_core import hookimpl


class Stumbling:
    @hookimpl
    def insights_describe_query(self, query):
        if query.get("end"):
            os.kill(os.getpid(), signal.SIGKILL)
