"""Children: whom they run as, how nicely, and what of the agent's environment they see."""

import os
from pathlib import Path

import pytest

from node_agent.agent import platform_posix as platform
from node_agent.agent.worker_process import Launch
from node_agent.wire.messages import DeviceInfo


def said(argv: list[str], **more) -> str:
    process = platform.spawn(argv, {"PATH": os.environ["PATH"]}, Path("/"), **more)
    os.set_blocking(process.stdout.fileno(), True)
    output, _ = process.communicate(b"go\n")
    return output.decode().strip()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may start a child as another user")
def test_a_child_runs_as_another_user_with_their_groups_alone():
    import pwd

    nobody = pwd.getpwnam("nobody")
    script = "id -u; id -G"
    groups = sorted(os.getgrouplist("nobody", nobody.pw_gid))
    uid, own = said(["sh", "-c", script], user="nobody").splitlines()
    assert int(uid) == nobody.pw_uid
    assert sorted(map(int, own.split())) == groups


def test_a_user_that_does_not_exist_is_an_error_in_words():
    with pytest.raises(OSError, match="there is no user 'nosuchuser'"):
        platform.spawn(["true"], {}, Path("/"), user="nosuchuser")


def test_a_child_is_as_nice_as_it_is_told():
    assert said(["sh", "-c", "read go; nice"], niceness=7) == str(os.nice(0) + 7)


def test_only_named_variables_are_passed_on(monkeypatch):
    monkeypatch.setenv("LICENCE_SERVER", "host")
    monkeypatch.setenv("SECRET", "x")
    device = DeviceInfo(kind="cpu", name="", memory_bytes=1, cores=1)
    folder = Path("/w")
    launch = Launch(
        device=device,
        directory=folder,
        kernel_cache=folder,
        pass_on=("LICENCE_SERVER",),
        user="render",
    )
    environment = launch.environment()
    assert environment["LICENCE_SERVER"] == "host"
    assert "SECRET" not in environment
    assert (environment["HOME"], environment["USER"]) == ("/w", "render")
