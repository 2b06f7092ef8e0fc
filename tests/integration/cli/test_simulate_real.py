"""`windfire simulate --real`: light nodes in processes of their own drive a real dispatcher."""

import json

import pytest

from app.cli.main import run


@pytest.mark.timeout(240)
def test_a_real_dispatcher_is_driven(capsys):
    words = ["--nodes", "6", "--gpus", "9", "--seconds", "2", "--frame-seconds", "0.1", "--json"]
    assert run(["simulate", "--real", *words]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["frames"] > 9
    assert 0 < found["utilisation"] <= 1
    assert found["idle_p50_ms"] > 0
    assert found["violations"] == []


def test_what_is_refused(capsys):
    assert run(["simulate", "--real", "--seconds", "0"]) == 2
    assert "--seconds is 1 to" in capsys.readouterr().err
    assert run(["simulate", "--real", "--faults", "losses"]) == 2
    assert "--real takes neither" in capsys.readouterr().err
