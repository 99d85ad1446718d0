"""The reference data: three published tables and ten thousand synthetic waves.

A table is read from the folder that ``GATECAST_DATA`` names; without it, from the cache folder,
into which the steel data is downloaded when first asked for.  Every file is compared with its
SHA-256, so that a figure computed from it can be compared with the published one.
"""

import hashlib
import io
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from gatecast import files
from gatecast.errors import DatasetError, InputError

if TYPE_CHECKING:
    import pandas as pd

#: how the ten thousand waves are split: the first rows train, the next validate, the last test
WAVES_SPLIT = (7000, 2000, 1000)


class Source(NamedTuple):
    """A file of reference data, and where its users get it."""

    name: str
    sha256: str
    page: str
    archive: str | None = None  # a zip that holds the file; None: only by hand
    archive_sha256: str | None = None
    member: str | None = None


STEEL = Source(
    name="steel_industry.csv",
    sha256="9b1cee6f9cb9cd9df2b95814ca90a9a2ff15b7f5f1fba0fae3c643e82072eacc",
    page="https://archive.ics.uci.edu/dataset/851/steel+industry+energy+consumption",
    archive="https://archive.ics.uci.edu/static/public/851/steel+industry+energy+consumption.zip",
    archive_sha256="d82d28b33780ff1582507fcf08ae764ff648af459d58234370c551e62aadeaef",
    member="Steel_industry_data.csv",
)
ELECTRIC = Source(
    name="electric_production.csv",
    sha256="b099ce60afba506d9b4d2c66c82d622605532326898749e4c7c29670ca9f464a",
    page="https://www.kaggle.com/datasets/shenba/time-series-datasets",
)
GRADES = Source(
    name="semester_grades.csv",
    sha256="dea7aaeae480288058c5df4bc7e3010ecd353d2611efd5e219941b23e09baf58",
    page="Kaggle, 'Semester Result of Technical Students' by sankha1998",
)

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def load_steel_industry() -> "pd.DataFrame":
    """Energy use of a steel works in 2018, every quarter of an hour (UCI 851, CC BY 4.0).

    Returns
    -------
    DataFrame of 35,040 rows, in time order
        ``date`` (datetime64): the end of the quarter hour.  The file stamps the last row of
        each day 00:00 of that same day; here it has the day after, and no row is moved.
        ``Usage_kWh``, ``Lagging_Current_Reactive.Power_kVarh``,
        ``Leading_Current_Reactive_Power_kVarh``, ``CO2(tCO2)``,
        ``Lagging_Current_Power_Factor``, ``Leading_Current_Power_Factor`` (float64).
        ``NSM`` (int64): seconds since midnight, 0 in the last row of a day.
        ``WeekStatus``, ``Day_of_week``, ``Load_Type`` (ordered categories): Weekday, Weekend;
        Monday to Sunday; Light_Load, Medium_Load, Maximum_Load.

    References
    ----------
    V E, S., Shin, C., Cho, Y. (2021).  UCI Machine Learning Repository, dataset 851.
    """
    import pandas as pd

    frame = pd.read_csv(_csv(STEEL), encoding="utf-8-sig")
    date = pd.to_datetime(frame["date"], format="%d/%m/%Y %H:%M").astype("datetime64[ns]")
    frame["date"] = date + pd.to_timedelta((date.dt.hour * 60 + date.dt.minute == 0) * 1, "D")
    categories = {
        "WeekStatus": ("Weekday", "Weekend"),
        "Day_of_week": _DAYS,
        "Load_Type": ("Light_Load", "Medium_Load", "Maximum_Load"),
    }
    for name in frame.columns[1:]:
        if name in categories:
            kind = pd.CategoricalDtype(list(categories[name]), ordered=True)
            frame[name] = frame[name].astype(kind)
        elif name != "NSM":
            frame[name] = frame[name].astype(np.float64)
    return frame


def load_electric_production() -> "pd.DataFrame":
    """US electric and gas utilities production index, monthly, 1985-01 to 2018-01.

    Returns
    -------
    DataFrame of 397 rows
        ``date`` (datetime64): the first of the month; ``production`` (float64): the index
        IPG2211A2N of the US Federal Reserve's G.17 as it stood then (the live series has since
        been rebased).
    """
    import pandas as pd

    frame = pd.read_csv(_csv(ELECTRIC))
    date = pd.to_datetime(frame["DATE"], format="%m-%d-%Y").astype("datetime64[ns]")
    return pd.DataFrame({"date": date, "production": frame["VALUE"].astype(np.float64)})


def load_semester_grades() -> "pd.DataFrame":
    """Semester results of engineering students.

    Returns
    -------
    DataFrame of 178 rows, of which 169 have all five grades
        ``1st`` to ``5th`` (float64): grade point average of each semester, NaN where missing.
        ``college_code``, ``roll``, ``subject_code`` (int64); ``gender`` (category): Female,
        Male, or missing.  The file has two columns of roll numbers, each row one of the two,
        and writes the gender in two ways.
    """
    import pandas as pd

    raw = pd.read_csv(_csv(GRADES))
    frame = raw[["1st", "2nd", "3rd", "4th", "5th"]].astype(np.float64)
    gender = raw["Gender"].replace({"F": "Female", "M": "Male"})
    frame["college_code"] = raw["College Code"].astype(np.int64)
    frame["gender"] = pd.Categorical(gender, ["Female", "Male"])
    frame["roll"] = raw["Roll"].fillna(raw["Roll no."]).astype(np.int64)
    frame["subject_code"] = raw["Subject Code"].astype(np.int64)
    return frame


def make_waves(
    seed: int = 0, *, horizon: int = 1, steps: int = 50, series: int = 10_000
) -> npt.NDArray[np.float64]:
    """Noisy sums of two sine waves, each row a series with its own frequencies and offsets.

    0.5·sin((t - o1)(10·f1 + 10)) + 0.2·sin((t - o2)(20·f2 + 20)) + 0.1·(u - 0.5), where t is
    evenly spaced in [0, 1] over the row and f1, f2, o1, o2 (one a series) and u (one a point)
    are uniform in [0, 1], drawn in that order.

    Parameters
    ----------
    seed : int
    horizon : int
        Values to forecast, after the first ``steps``.
    steps : int
    series : int

    Returns
    -------
    (series, steps + horizon) array

    Examples
    --------
    >>> waves = make_waves(seed=0)
    >>> waves.shape
    (10000, 51)
    >>> test = waves[9000:]
    >>> print(f"naive forecast: {((test[:, 50] - test[:, 49]) ** 2).mean():.4f}")
    naive forecast: 0.0226
    """
    for name, value in (("horizon", horizon), ("steps", steps), ("series", series)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InputError(f"{name} must be a whole number >= 1, it is {value!r}")
    rng = np.random.default_rng(seed)
    f1, f2, o1, o2 = rng.random((4, series, 1))
    t = np.linspace(0, 1, steps + horizon)
    waves: npt.NDArray[np.float64] = 0.5 * np.sin((t - o1) * (f1 * 10 + 10)) + 0.2 * np.sin(
        (t - o2) * (f2 * 20 + 20)
    )
    waves += 0.1 * (rng.random(waves.shape) - 0.5)
    return waves


def cache_folder() -> Path:
    """The folder that downloads go to, and into which a file may be put by hand."""
    import pooch

    return Path(pooch.os_cache("gatecast"))


def _csv(source: Source) -> io.BytesIO:
    """The bytes of a file, from GATECAST_DATA, the cache or the network; checked."""
    folder = os.environ.get("GATECAST_DATA")
    path = (Path(folder) if folder else cache_folder()) / source.name
    if path.is_file():
        return io.BytesIO(_checked(source, path, path.read_bytes()))
    if folder:
        raise DatasetError(
            f"{path} does not exist, and GATECAST_DATA={folder} says that it should: "
            f"{_by_hand(source, path)}, or unset GATECAST_DATA"
        )
    if source.archive is None:
        raise DatasetError(f"{source.name} cannot be downloaded: {_by_hand(source, path)}")
    content = _extract(source, _download(source, path), path)
    files.write_bytes(path, content)
    return io.BytesIO(content)


def _by_hand(source: Source, path: Path) -> str:
    return f"get it from {source.page} and save it as {path}"


def _checked(source: Source, path: Path, content: bytes) -> bytes:
    """The content, when it is the file whose figures were published."""
    found = hashlib.sha256(content).hexdigest()
    if found != source.sha256:
        raise DatasetError(
            f"{path} is another file than the reference data: its SHA-256 is {found}, it must be "
            f"{source.sha256}; {_by_hand(source, path)}, unchanged"
        )
    return content


def _download(source: Source, path: Path) -> Path:
    """The zip in the cache, fetched with retries and compared with its checksum."""
    import pooch

    assert source.archive is not None
    name = f"{path.stem}.zip"
    fetcher = pooch.create(
        path=path.parent,
        base_url="",
        registry={name: f"sha256:{source.archive_sha256}"},
        urls={name: source.archive},
        retry_if_failed=3,
    )
    level = pooch.get_logger().level
    pooch.get_logger().setLevel("WARNING")
    progress = _Progress(source.name)
    try:
        return Path(fetcher.fetch(name, downloader=pooch.HTTPDownloader(progressbar=progress)))
    except (OSError, ValueError) as error:  # no network, a refusal, a wrong checksum
        raise DatasetError(
            f"{source.name} could not be downloaded from {source.archive} "
            f"({type(error).__name__}: {error}); check the network, or {_by_hand(source, path)}"
        ) from error
    finally:
        progress.close()
        pooch.get_logger().setLevel(level)


def _extract(source: Source, archive: Path, path: Path) -> bytes:
    """The CSV out of the zip; pooch would not check what it extracts."""
    assert source.member is not None
    try:
        with zipfile.ZipFile(archive) as content:
            return _checked(source, path, content.read(source.member))
    except (zipfile.BadZipFile, KeyError) as error:
        archive.unlink()
        raise DatasetError(
            f"{archive} does not hold {source.member} ({error}) and was removed; try again"
        ) from error


class _Progress:
    """A bar on a terminal, drawn by rich; pooch sets ``total`` and calls the rest."""

    def __init__(self, name: str) -> None:
        from rich.console import Console
        from rich.progress import Progress

        console = Console(stderr=True)
        self.total = 0
        self._bar = Progress(console=console, disable=not console.is_terminal, transient=True)
        self._task = self._bar.add_task(f"Downloading {name}", total=None)
        self._bar.start()

    def update(self, size: int) -> None:
        self._bar.update(self._task, advance=size, total=self.total)

    def reset(self) -> None:
        self._bar.reset(self._task)

    def close(self) -> None:
        self._bar.stop()
