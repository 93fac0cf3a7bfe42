"""`python -m tests.fuzz`: tries odd input on all code that reads foreign data; exit code 1 if something is found."""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
from pathlib import Path

from .running import FINDINGS, TARGETS, Finding, run


def main() -> int:
    """Run; see `--help`."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=7.0, help="over all targets together (default 7)")
    parser.add_argument("--seed", type=int, default=None, help="decides all inputs; another one a run by default")
    parser.add_argument("--target", choices=TARGETS, action="append", help="only this one; may be given several times")
    parser.add_argument("--inputs", type=int, default=1 << 60, help="of each target at most")
    parser.add_argument("--input", type=int, default=None, help="try only the input of this number")
    asked = parser.parse_args()
    seed = secrets.randbelow(10**6) if asked.seed is None else asked.seed
    targets = asked.target or TARGETS
    found = 0
    with tempfile.TemporaryDirectory(prefix="fuzz-") as work:
        for target in targets:
            one = asked.input is not None
            result = run(
                target,
                seed,
                Path(work),
                seconds=1e9 if one else 60 * asked.minutes / len(targets),
                inputs=1 if one else asked.inputs,
                first=asked.input or 0,
                tell=_tell,
            )
            found += len(result.findings)
            print(
                f"{target}: {result.tried:,} inputs in {result.seconds / 60:.1f} minutes with seed {seed}, "
                f"{len(result.findings)} kinds of finding",
                flush=True,
            )
            for kind, times in result.alike.items():
                if times > 1:
                    print(f"  {times} times: {kind}", flush=True)
    if found:
        print(f"What was found lies in {FINDINGS}, each with the way to repeat it.")
    return 1 if found else 0


def _tell(finding: Finding) -> None:
    print(f"{finding.target}: {finding.what!a}\n  again: {finding.again}", flush=True)
    for line in finding.trace.strip().splitlines()[-8:]:
        print(f"  {ascii(line)[1:-1]}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
