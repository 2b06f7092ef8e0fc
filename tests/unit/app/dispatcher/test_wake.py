"""Magic packets as they arrive at a card."""

import socket

from app.dispatcher.wake import wake

MAC = "0c:42:a1:5e:99:01"


def test_a_card_gets_its_address_sixteen_times():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as card:
        card.bind(("127.0.0.1", 0))
        card.settimeout(30)
        wake(
            ["no address", MAC], ["", "a.name.instead", "127.0.0.1"], ports=[card.getsockname()[1]]
        )
        packet = card.recv(1000)
    assert packet == b"\xff" * 6 + bytes.fromhex("0c42a15e9901") * 16
