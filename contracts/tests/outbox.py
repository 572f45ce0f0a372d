"""The messages of the outbox, as docs/protocol.md has them."""

from pytezos.crypto.encoding import base58_encode
from pytezos.michelson.forge import unforge_micheline


def kt1(contract):
    return base58_encode(contract, b"KT1").decode()


def outbox_calls(message):
    """The calls of a message, a batch of untyped ones: contract, entrypoint, value."""
    assert message[0] == 0 and int.from_bytes(message[1:5], "big") == len(message) - 5
    rest, calls = message[5:], []
    while rest:
        size = micheline_size(rest)
        value, rest = unforge_micheline(rest[:size]), rest[size:]
        kind, contract, padding, rest = rest[0], rest[1:21], rest[21], rest[22:]
        assert (kind, padding) == (1, 0)
        length, rest = int.from_bytes(rest[:4], "big"), rest[4:]
        entrypoint, rest = rest[:length].decode() or "default", rest[length:]
        calls.append((kt1(contract), entrypoint, value))
    return calls


def micheline_size(data):
    """The bytes of the expression that `data` begins with."""
    tag = data[0]
    if tag == 0:
        return 1 + next(i for i, byte in enumerate(data[1:], 1) if byte < 0x80)
    if tag in (1, 2, 10):
        return 5 + int.from_bytes(data[1:5], "big")
    # 3 and 4 have no arguments, 5 and 6 one, 7 and 8 two; the even ones have annotations.
    assert 3 <= tag <= 8
    size = 2
    for _ in range((tag - 3) // 2):
        size += micheline_size(data[size:])
    if tag % 2 == 0:
        size += 4 + int.from_bytes(data[size:size + 4], "big")
    return size
