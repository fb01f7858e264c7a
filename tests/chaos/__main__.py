"""`python -m tests.chaos`: the long form. Traffic and trouble for as long as told, then the judge's table.

Exit code 1 when anything was lost, doubled or stuck.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from flask_migrate import upgrade

from app import create_app
from app.extensions import db
from config import Settings
from tests.chaos.judge import Verdict
from tests.chaos.run import Plan, run
from tests.chaos.stack import ChaosStack
from tests.support.databases import PostgresqlServer, postgresql_database
from tests.support.processes import TEST_KEY
from tests.support.redis import RedisServer

SETTLES_WITHIN_S = 300.0
_NO_END = 10**6
_ALL_IS_WELL = "nothing lost, nothing doubled, nothing stuck"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, help="the seed of a run that is to be repeated")
    parser.add_argument("--minutes", type=float, default=40.0, help="of trouble (default: 40)")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--sends", type=int, default=20_000, help="messages to send at most")
    parser.add_argument("--rate", type=float, default=10.0, help="sends a second; twice as many webhooks")
    parser.add_argument("--every", type=float, default=5.0, help="seconds from one trouble to the next")
    chosen = parser.parse_args()
    seed = chosen.seed if chosen.seed is not None else random.SystemRandom().randrange(10**6)
    plan = Plan(
        seed,
        rounds=_NO_END,
        longest_s=chosen.minutes * 60,
        posts_per_s=chosen.rate * 2,
        sends_per_s=chosen.rate,
        sends=chosen.sends,
        accounts=8,
        trouble_every_s=chosen.every,
        longest_trouble_s=8.0,
        settle_s=SETTLES_WITHIN_S,
    )
    print(f"seed {seed}, {chosen.database}, {chosen.minutes:g} minutes", flush=True)  # noqa: T201
    with _stack(chosen.database) as stack:
        verdict = run(stack, plan)
    _show(verdict)
    return 1 if verdict.faults else 0


@contextmanager
def _stack(database: str) -> Iterator[ChaosStack]:
    folder = Path(tempfile.mkdtemp(prefix="waba-chaos-"))
    with ExitStack() as cleaning:
        settings = _settings(folder)
        if database == "sqlite":
            _migrate(settings)
            stack = ChaosStack(settings, folder, WEB_GRACEFUL_S="8")
        else:
            server, redis = PostgresqlServer(), RedisServer()
            cleaning.callback(server.close)
            cleaning.callback(redis.kill)
            redis.start()
            addresses = postgresql_database(server.url)
            cleaning.callback(lambda: list(addresses))
            settings = _settings(folder, next(addresses))
            stack = ChaosStack(settings, folder, database=server, redis=redis, WEB_GRACEFUL_S="8")
        cleaning.callback(stack.stop)
        stack.start()
        yield stack


def _settings(folder: Path, database_url: str = "") -> Settings:
    return Settings(
        database_url=database_url or f"sqlite:///{folder / 'chaos.sqlite'}",
        redis_url=None,
        secret_key="c" * 48,
        encryption_keys=(TEST_KEY.encode(),),
        graph_api_base_url="http://127.0.0.1:9",
        graph_api_version="v25.0",
        public_base_url="http://127.0.0.1:5000",
        instance_path=folder,
        testing=True,
        log_level="WARNING",
    )


def _migrate(settings: Settings) -> None:
    app = create_app(settings)
    with app.app_context():
        upgrade()
        db.engine.dispose()


def _show(verdict: Verdict) -> None:
    width = max(map(len, verdict.figures))
    lines = [f"{name:<{width}}  {figure}" for name, figure in verdict.figures.items()]
    lines += [f"BROKEN: {fault}" for fault in verdict.faults] or [
        "nothing lost, nothing doubled, nothing stuck"
    ]
    print("\n".join(lines), flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
