"""`windfire simulate` at its smallest: what it prints, and what it refuses."""

import json

import pytest

from app.cli.main import run

SMALL = ["simulate", "--nodes", "60", "--gpus", "90", "--shots", "1", "--seed", "5"]


def test_json_has_the_figures(capsys):
    assert run([*SMALL, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    wanted = {"utilisation", "lost_samples", "invariant_violations", "forecast_coverage"}
    assert wanted <= found.keys()
    assert found["seed"] == 5
    assert found["done"] == found["frames"] > 400
    assert found["events"] > found["frames"]


def test_a_person_reads_figures_and_invariants(capsys):
    assert run([*SMALL, "--faults", "losses"]) == 0
    out = capsys.readouterr().out
    assert "utilisation" in out
    assert "held    no device idles beside work that it can do" in out
    assert "faults nodes=1,frames=2,drags=60" in out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--nodes", "0"], "--nodes is 1 to"),
        (["--nodes", "9", "--gpus", "8"], "--gpus is at least 9"),
        (["--frame-seconds", "0"], "--frame-seconds is"),
        (["--faults", "gremlins"], "'gremlins' is none of them"),
    ],
)
def test_what_is_refused(words, sentence, capsys):
    assert run(["simulate", *words]) == 2
    assert sentence in capsys.readouterr().err
