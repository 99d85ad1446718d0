"""The benchmark's arithmetic, tables, pictures and files, on made-up times."""

import doctest
import sys

import pytest

from benchmarks import __main__ as command
from benchmarks import goals, lines, picture, tables, works
from benchmarks.contestants import contract
from benchmarks.results import Measurement, Results
from benchmarks.works import CORES, PEAK_SIZE, SHAPES, Work, operations, threads_label

DEFAULT = threads_label(CORES)
SMALL = Work("train", "LSTM", *SHAPES[0])
MEDIUM = Work("train", "LSTM", *SHAPES[4])
RATE = 100e9  # of the made-up machine's matrix product


def measured(work, contestant, seconds, variant=DEFAULT, values=(1.0, 0.5)):
    return Measurement(work, contestant, variant, seconds, seconds, seconds, 3, "", list(values))


@pytest.fixture
def results():
    about = {
        "date": "2026-01-02T03:04:05+00:00",
        "command": "python -m benchmarks",
        "quick": True,
        "machine": {"processor": "a processor", "cores": CORES, "system": "a system"},
        "versions": {"python": "3.11"},
    }
    found = [
        measured(SMALL, "peak", 2 * PEAK_SIZE**3 / RATE),
        measured(SMALL, "native", 20e-6),
        measured(SMALL, "reference", 200e-6),
        measured(SMALL, "torch", 700e-6, "1 thread"),
        measured(SMALL, "torch", 900e-6, "2 threads"),
        measured(SMALL, "jax", 60e-6, "scan"),
        measured(SMALL, "jax", 30e-6, "unrolled scan"),
        measured(MEDIUM, "native", operations(MEDIUM) / RATE / 0.5),
        measured(MEDIUM, "torch", 5 * operations(MEDIUM) / RATE, "1 thread"),
        measured(Work("inference", "GRU", *SHAPES[0]), "native", 5e-6),
        measured(Work("inference", "GRU", *SHAPES[0]), "onnxruntime", 9e-6, "1 thread"),
        measured(Work("streaming", "LSTM", 1, 1, 9, 64), "native", 7e-6),
        measured(Work("steel", "LSTM", 1, 7, 9, 13, windows=500), "native", 0.01),
    ]
    for works_along in works.linear(quick=True).values():
        found += [measured(w, "native", 1e-6 * w.windows * w.steps * w.layers) for w in works_along]
    return Results(about, found, ["a peer: not installed"])


@pytest.mark.parametrize("module", [works, lines, contract])
def test_examples_in_docstrings_hold(module):
    done = doctest.testmod(module)
    assert done.attempted
    assert not done.failed


def test_operations_of_the_published_shape():
    rows, fed = 4 * 64, 9 + 64
    assert operations(MEDIUM) == 2 * 32 * 24 * (2 * rows * fed + rows * 64)


def test_operations_between_layers_count_the_gradient_by_the_inputs():
    one = operations(Work("train", "GRU", 2, 3, 5, 5))
    assert operations(Work("train", "GRU", 2, 3, 5, 5, layers=2)) == 2 * one + 2 * 6 * 15 * 5


def test_the_best_setting_of_a_peer_counts(results):
    assert goals.ratio(results, SMALL, "torch", "native") == pytest.approx(35)
    assert goals.ratio(results, SMALL, "jax", "native") == pytest.approx(3)
    assert goals.ratio(results, SMALL, "onnxruntime", "native") is None


def test_verdicts_name_what_is_met_and_missed(results):
    found = {(v.work.task, v.work.hidden, v.goal): v.met for v in goals.verdicts(results)}
    assert found == {
        ("train", 13, "reference kernels, PyTorch ÷ gatecast"): True,
        ("train", 13, "PyTorch ÷ gatecast"): True,
        ("train", 64, "PyTorch ÷ gatecast"): False,
        ("train", 13, "JAX ÷ gatecast"): False,
        ("train", 64, "share of the matrix-product peak"): False,
        ("inference", 13, "ONNX Runtime ÷ gatecast"): False,
        ("streaming", 64, "one step through net.step"): True,
        ("steel", 13, "training windows a second"): True,
    }


def test_every_shape_and_cell_has_a_goal():
    for work in works.grid("train", quick=False):
        assert goals.torch_goal(work) is not None


def test_tables_show_ratio_goal_and_share(results):
    table = tables.ratios(results, "train")
    row = dict(zip(table.columns, table.rows[1], strict=True))
    assert row["PyTorch ÷ native"] == "2.5"
    assert row["goal, native"] == "≥ 2.7 ✗"
    assert row["of peak, native"] == "50.0%"
    assert all(len(row) == len(table.columns) for row in table.rows)


def test_times_have_a_column_for_each_setting(results):
    table = tables.times(results, "train")
    assert "PyTorch, 2 threads" in table.columns
    assert "JAX, unrolled scan" in table.columns
    assert table.rows[0][table.columns.index("PyTorch, 1 thread")] == "0.7000"


def test_markdown_has_the_date_the_command_and_every_row(results):
    text = tables.markdown(tables.tables(results), results)
    assert "2026-01-02" in text
    assert "python -m benchmarks" in text
    assert "left out: a peer: not installed" in text
    assert "| 32 × 24, 9 → 64 | LSTM |" in text


def test_lines_through_proportional_times_are_straight(results):
    found = lines.lines(results)
    assert [line.axis for line in found] == ["windows", "steps", "layers"]
    assert all(line.r_squared == pytest.approx(1) for line in found)


def test_other_work_is_told(results):
    assert results.disagreements() == []
    results.measurements.append(measured(SMALL, "notebook", 1e-3, values=(1.0, 0.6)))
    assert "notebook" in results.disagreements()[0]


@pytest.mark.parametrize("option", ["--goals", "--markdown"])
def test_saved_results_are_shown_again(results, tmp_path, monkeypatch, capsys, option):
    path = tmp_path / "results.json"
    results.save(path)
    assert Results.load(path) == results
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--show", str(path), option])
    assert command.main() == 0
    assert "1 × 7, 9 → 13" in capsys.readouterr().out


def test_pictures_are_drawn(results, tmp_path):
    written = picture.draw(results, tmp_path)
    assert [path.name for path in written] == ["ratios.png", "linearity.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in written)
