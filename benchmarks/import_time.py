"""How long `import gatecast` takes beside `import numpy`, each in a fresh interpreter."""

import statistics
import subprocess
import sys
import time

STATEMENTS = ("pass", "import numpy", "import gatecast", "import gatecast.nn")
ROUNDS = 15


def seconds(statement: str) -> float:
    """Wall time of one fresh interpreter that runs the statement."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return time.perf_counter() - start


def main() -> None:
    """Alternate the contestants, take medians, and subtract the bare interpreter."""
    times: dict[str, list[float]] = {statement: [] for statement in STATEMENTS}
    for _ in range(ROUNDS):
        for statement in STATEMENTS:
            times[statement].append(seconds(statement))
    medians = {statement: statistics.median(values) for statement, values in times.items()}
    bare = medians.pop("pass")
    numpy = medians["import numpy"] - bare
    for statement, median in medians.items():
        took = median - bare
        print(f"{statement:<20} {1000 * took:7.1f} ms  {took / numpy:5.2f} x import numpy")


if __name__ == "__main__":
    main()
