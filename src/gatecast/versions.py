"""What is installed here: for bug reports."""

import platform
from importlib import metadata

from gatecast import kernels

PACKAGES = (
    "numpy",
    "scipy",
    "scikit-learn",
    "pandas",
    "narwhals",
    "safetensors",
    "joblib",
    "threadpoolctl",
    "matplotlib",
)


def version_of(package: str) -> str:
    """Return the installed version of a package.

    Examples
    --------
    >>> version_of("no-such-package")
    'not installed'
    """
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def collect() -> dict[str, str]:
    """Return what matters for a bug report, by name.

    Examples
    --------
    >>> "numpy" in collect()
    True
    """
    facts = {
        "gatecast": version_of("gatecast"),
        "python": f"{platform.python_version()} ({platform.python_implementation()})",
        "platform": platform.platform(),
    }
    for name, value in kernels.info().items():
        facts[f"kernels {name}"] = ", ".join(value) if isinstance(value, list) else str(value)
    return facts | {package: version_of(package) for package in PACKAGES}


def show_versions() -> None:
    """Print what matters for a bug report.

    Examples
    --------
    >>> show_versions()
    gatecast ...
    """
    facts = collect()
    width = max(map(len, facts))
    print("\n".join(f"{name:<{width}}  {value}" for name, value in facts.items()))
