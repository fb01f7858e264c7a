"""Functions run in processes of their own. Not by a plain fork: the threads of earlier tests hold locks,
and a forked child would wait for them for ever."""

from __future__ import annotations

import multiprocessing

JOBS = multiprocessing.get_context("forkserver")
JOBS.set_forkserver_preload(["app", "tests.chaos.workers", "tests.support.usage"])
