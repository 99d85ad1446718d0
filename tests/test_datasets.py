"""The reference data: the facts that the published figures stand on, and getting the files."""

import hashlib
import http.server
import io
import threading
import zipfile

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split

from gatecast import datasets
from gatecast.errors import DatasetError, InputError
from gatecast.metrics import mse, r2, rmse


def test_steel_has_its_rows_columns_and_types(reference_data):
    steel = datasets.load_steel_industry()
    assert steel.shape == (35_040, 11)
    assert steel.columns[0] == "date"
    assert not steel.isna().any().any()
    assert steel["date"].dtype == "datetime64[ns]"
    assert steel["NSM"].dtype == np.int64
    assert (steel.dtypes.iloc[1:7] == np.float64).all()
    assert steel["Load_Type"].cat.categories[0] == "Light_Load"
    counts = steel["Load_Type"].value_counts()
    assert counts["Light_Load"] > counts["Medium_Load"] > counts["Maximum_Load"]


def test_steel_midnight_is_the_end_of_its_day(reference_data):
    steel = datasets.load_steel_industry()
    stamps = steel["date"]
    assert stamps.iloc[0] == pd.Timestamp("2018-01-01 00:15")
    assert stamps.iloc[-1] == pd.Timestamp("2019-01-01 00:00")
    assert (stamps.diff().iloc[1:] == pd.Timedelta("15min")).all()
    midnight = steel[steel["NSM"] == 0]
    assert len(midnight) == 365
    days = (midnight["date"] - pd.Timedelta(days=1)).dt.day_name()
    assert (days == midnight["Day_of_week"].astype(str)).all()


def test_steel_last_value_scores_as_published(reference_data):
    usage = datasets.load_steel_industry()["Usage_kWh"].to_numpy()
    truth, last = usage[7:], usage[6:-1]
    assert len(truth) == 35_033
    first_test = round(0.7 * 35_040)
    truth, last = truth[first_test:], last[first_test:]
    assert len(truth) == 10_505
    assert mse(truth, last) == pytest.approx(147.43, abs=0.005)
    assert r2(truth, last) == pytest.approx(0.846, abs=0.0005)


def test_steel_same_load_as_the_last_row(reference_data):
    load = datasets.load_steel_industry()["Load_Type"].to_numpy()[7008:]
    assert (load[1:] == load[:-1]).mean() == pytest.approx(0.946, abs=0.0005)


def test_electric_has_its_facts(reference_data):
    electric = datasets.load_electric_production()
    assert electric.shape == (397, 2)
    assert electric["date"].iloc[-1] == pd.Timestamp("2018-01-01")
    months = pd.date_range("1985-01-01", periods=397, freq="MS")
    assert (electric["date"] == months).all()
    values = electric["production"].to_numpy()
    train = values[:250]
    scaled = (train - train.min()) / (train.max() - train.min())
    # The published 0.0035 is that of 24-row windows, whose first target is row 24.
    assert mse(scaled[24:], scaled[12:-12]) == pytest.approx(0.0035, abs=0.00005)
    assert rmse(values[250:], values[238:-12]) == pytest.approx(4.03, abs=0.005)


def test_electric_linear_autoregression(reference_data):
    values = datasets.load_electric_production()["production"].to_numpy()
    windows = np.lib.stride_tricks.sliding_window_view(values, 24)[:-1]
    truth, first_test = values[24:], 250 - 24
    model = LinearRegression().fit(windows[:first_test], truth[:first_test])
    forecast = model.predict(windows[first_test:])
    assert rmse(truth[first_test:], forecast) == pytest.approx(3.44, abs=0.005)


def test_grades_have_their_facts(reference_data):
    grades = datasets.load_semester_grades()
    assert len(grades) == 178
    assert set(grades["gender"].dropna()) == {"Female", "Male"}
    assert grades["roll"].dtype == np.int64
    semesters = grades[["1st", "2nd", "3rd", "4th", "5th"]].dropna()
    assert len(semesters) == 169
    train, test = train_test_split(semesters.to_numpy(), test_size=0.2, random_state=42)
    model = LinearRegression().fit(train[:, :4], train[:, 4])
    assert mse(test[:, 4], model.predict(test[:, :4])) == pytest.approx(0.1859, abs=0.00005)
    assert mse(test[:, 4], test[:, 3]) == pytest.approx(0.3197, abs=0.00005)


def test_waves_are_the_documented_draw():
    waves = datasets.make_waves(seed=0)
    test = waves[9000:]
    assert mse(test[:, 50], test[:, 49]) == pytest.approx(0.0226, abs=0.00005)
    with pytest.raises(InputError, match="horizon must be a whole number >= 1, it is 0"):
        datasets.make_waves(horizon=0)


# Getting the files.  A small zip on a server of our own stands for the archive of the steel data.

CONTENT = b"\xef\xbb\xbfdate,Usage_kWh\r\n01/01/2018 00:15,3.17\r\n"


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def zipped(content, member="Steel_industry_data.csv"):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr(member, content)
    return memory.getvalue()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.delenv("GATECAST_DATA", raising=False)
    monkeypatch.setattr("pooch.os_cache", lambda _project: tmp_path / "cache")
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    return tmp_path / "cache"


@pytest.fixture
def serve(monkeypatch):
    """A server whose answers are given one by one; None is a failure of the server."""
    answers: list[bytes | None] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = answers.pop(0)
            self.send_response(200 if body is not None else 503)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_arguments):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()

    def use(*bodies, content=CONTENT, archive=None):
        answers[:] = bodies
        url = f"http://127.0.0.1:{server.server_port}/steel.zip"
        source = datasets.STEEL._replace(
            archive=url, sha256=sha256(content), archive_sha256=sha256(archive or zipped(content))
        )
        monkeypatch.setattr(datasets, "STEEL", source)
        return answers

    yield use
    server.shutdown()
    server.server_close()


def test_steel_is_downloaded_once_and_after_a_failure_again(serve, cache, capfd):
    body = zipped(CONTENT)
    left = serve(None, body)
    assert len(datasets.load_steel_industry()) == 1
    assert left == []
    assert (cache / "steel_industry.csv").read_bytes() == CONTENT
    assert len(datasets.load_steel_industry()) == 1  # the server has nothing more to give
    assert capfd.readouterr() == ("", "")  # no bar where there is no terminal


def test_a_wrong_archive_is_refused(serve, cache):
    serve(*[b"<html>log in</html>"] * 4)
    with pytest.raises(DatasetError, match=r"could not be downloaded from .*; check the network"):
        datasets.load_steel_industry()


def test_what_is_extracted_is_checked(serve, cache):
    body = zipped(b"date\n")
    serve(body, archive=body)
    with pytest.raises(DatasetError, match="is another file than the reference data"):
        datasets.load_steel_industry()
    assert not (cache / "steel_industry.csv").exists()


def test_an_archive_without_the_file_is_removed(serve, cache):
    body = zipped(CONTENT, "other.csv")
    serve(body, archive=body)
    with pytest.raises(DatasetError, match=r"does not hold Steel_industry_data\.csv"):
        datasets.load_steel_industry()
    assert list(cache.iterdir()) == []


def test_offline_says_where_to_put_the_file(cache, monkeypatch):
    closed = datasets.STEEL._replace(archive="http://127.0.0.1:1/steel.zip")
    monkeypatch.setattr(datasets, "STEEL", closed)
    with pytest.raises(DatasetError) as caught:
        datasets.load_steel_industry()
    message = str(caught.value)
    assert f"save it as {cache / 'steel_industry.csv'}" in message
    assert "archive.ics.uci.edu/dataset/851" in message


@pytest.mark.parametrize(
    ("load", "name"),
    [
        (datasets.load_electric_production, "electric_production.csv"),
        (datasets.load_semester_grades, "semester_grades.csv"),
    ],
)
def test_what_cannot_be_downloaded_is_asked_for(cache, monkeypatch, load, name):
    with pytest.raises(
        DatasetError, match=rf"{name} cannot be downloaded: get it from .*aggle"
    ) as e:
        load()
    assert f"save it as {cache / name}" in str(e.value)
    monkeypatch.setenv("GATECAST_DATA", str(cache))
    with pytest.raises(DatasetError, match=rf"{name} does not exist, and GATECAST_DATA="):
        load()


def test_another_file_of_the_same_name_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("GATECAST_DATA", str(tmp_path))
    (tmp_path / "semester_grades.csv").write_text("1st,2nd\n1,2\n")
    with pytest.raises(DatasetError, match=r"its SHA-256 is \w{64}, it must be dea7aaea"):
        datasets.load_semester_grades()


def test_the_bar_shows_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    bar = datasets._Progress("steel_industry.csv")
    bar.total = 10
    bar.update(4)
    bar.reset()
    bar.update(10)
    bar.close()
    assert "Downloading steel_industry.csv" in capsys.readouterr().err
