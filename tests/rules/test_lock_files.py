"""The lock files: exact, with checksums, and tied to no registry and no machine."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ["requirements.txt", "requirements-dev.txt", "requirements/node.txt", "requirements/lock.txt"]
CLIENTS = "tests/sandbox/clients/node"  # public clients that the sandbox's tests run, apart from the product
PIN = re.compile(r"^([a-z0-9.-]+)==([^\s;]+)(?: ; .+?)? \\$", re.MULTILINE)


def pins(name: str) -> set[tuple[str, str]]:
    return set(PIN.findall((ROOT / name).read_text()))


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_exact_and_has_checksums(name: str) -> None:
    text = (ROOT / name).read_text()
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert entries
    for entry in entries:
        assert PIN.match(entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry


@pytest.mark.parametrize("name", [*LOCKS, ".npmrc", f"{CLIENTS}/.npmrc"])
def test_no_address_and_no_path_of_a_machine_is_named(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"://|--(extra-)?index-url|--find-links|^registry|/home/|/root/|/Users/", text)


def test_the_tests_run_on_the_packages_the_product_has() -> None:
    assert pins("requirements.txt") <= pins("requirements-dev.txt")


def test_nothing_that_a_package_needs_is_missing_from_the_lock() -> None:
    """What is listed is installed, and nothing beside it: a gap would show only when it is imported."""
    command = [sys.executable, "-m", "pip", "check"]
    checked = subprocess.run(command, check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("folder", [".", CLIENTS])
def test_npm_packages_are_exact_and_known_by_checksum_alone(folder: str) -> None:
    wanted = json.loads((ROOT / folder / "package.json").read_text())["dependencies"]
    locked = json.loads((ROOT / folder / "package-lock.json").read_text())["packages"]
    assert locked[""]["dependencies"] == wanted
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    for name, package in locked.items():
        if name:
            assert package["integrity"].startswith("sha512-")
            assert "resolved" not in package


def test_the_icons_are_listed_once_each_in_order() -> None:
    names = (ROOT / "icons.txt").read_text().splitlines()
    assert names == sorted(set(names))
