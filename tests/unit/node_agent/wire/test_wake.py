"""What is a hardware address, and what wakes its card."""

import pytest

from node_agent.wire.wake import is_ipv4, is_mac, magic_packet


@pytest.mark.parametrize("mac", ["0c:42:a1:5e:99:01", "0C-42-A1-5E-99-01"])
def test_the_packet_is_six_of_255_and_the_address_sixteen_times(mac):
    packet = magic_packet(mac)
    assert len(packet) == 102
    assert packet[:6] == bytes([255] * 6)
    assert packet[6:] == bytes.fromhex("0c42a15e9901") * 16


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0c:42:a1:5e:99",
        "0c:42:a1:5e:99:0g",
        "00:00:00:00:00:00",
        "ff:ff:ff:ff:ff:ff",
        "01:00:5e:00:00:01",
    ],
)
def test_what_names_no_single_card_is_refused(text):
    assert not is_mac(text)
    with pytest.raises(ValueError, match="hardware address"):
        magic_packet(text)


def test_addresses_are_numbers_so_that_nobody_looks_a_name_up():
    assert is_ipv4("10.0.0.255")
    assert not any(map(is_ipv4, ["", "localhost", "10.0.0.256", "10.0.0", "::1", "1.2.3.x"]))
