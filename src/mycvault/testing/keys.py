"""
What every provider of root keys must do, as a class of tests: subclass it and say how your provider is reached.

The promises are those of `mycvault.KeyProvider`, each with a test.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from mycvault import KeyProvider, WrongKeys

KEY = bytes(range(32))
CONTEXT = b"vault 0190 employer 0191"


class KeyProviderContract:
    """What every provider of root keys must do; subclass it, and override the fixtures `keys` and `strange_keys`."""

    @pytest.fixture
    def keys(self) -> KeyProvider:
        """Give a provider."""
        raise NotImplementedError("override the fixture keys")

    @pytest.fixture
    def strange_keys(self) -> KeyProvider:
        """Give a provider that holds none of the keys of *keys*."""
        raise NotImplementedError("override the fixture strange_keys")

    def test_it_is_a_key_provider(self, keys: KeyProvider) -> None:
        """The object meets the port."""
        assert isinstance(keys, KeyProvider)

    @pytest.mark.parametrize("context", [CONTEXT, b"", bytes(range(256))])
    def test_keys_come_back(self, keys: KeyProvider, context: bytes) -> None:
        """What was wrapped is given back for the same context."""
        assert keys.unwrap(keys.wrap(KEY, context=context), context=context) == KEY

    def test_what_is_wrapped_does_not_show_the_key(self, keys: KeyProvider) -> None:
        """Not in clear, neither half of it."""
        wrapped = keys.wrap(KEY, context=CONTEXT)
        assert KEY[:16] not in wrapped
        assert KEY[16:] not in wrapped

    def test_what_is_wrapped_names_its_key(self, keys: KeyProvider) -> None:
        """The current key's name is found in what it wrapped, without asking for the key."""
        assert keys.key_id(keys.wrap(KEY, context=CONTEXT)) == keys.current() != ""

    @pytest.mark.parametrize("context", [b"", CONTEXT + b"\0", CONTEXT[:-1], CONTEXT.upper()])
    def test_another_context_is_refused(self, keys: KeyProvider, context: bytes) -> None:
        """A key wrapped for one place does not open in another."""
        wrapped = keys.wrap(KEY, context=CONTEXT)
        with pytest.raises(WrongKeys):
            keys.unwrap(wrapped, context=context)

    def test_changed_bytes_are_refused(self, keys: KeyProvider) -> None:
        """One bit anywhere, a byte less, a byte more: never a key."""
        wrapped = keys.wrap(KEY, context=CONTEXT)
        flipped = [
            wrapped[:place] + bytes([wrapped[place] ^ 1]) + wrapped[place + 1 :]
            for place in range(len(wrapped))
        ]
        for changed in (*flipped, wrapped[:-1], wrapped + b"\0", b""):
            with pytest.raises(WrongKeys):
                keys.unwrap(changed, context=CONTEXT)

    def test_a_stranger_is_refused(self, keys: KeyProvider, strange_keys: KeyProvider) -> None:
        """Without the key nothing opens."""
        wrapped = keys.wrap(KEY, context=CONTEXT)
        with pytest.raises(WrongKeys):
            strange_keys.unwrap(wrapped, context=CONTEXT)

    def test_threads(self, keys: KeyProvider) -> None:
        """Threads share a provider."""

        def work(number: int) -> bool:
            key, context = bytes([number]) * 32, bytes([number])
            return keys.unwrap(keys.wrap(key, context=context), context=context) == key

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(work, range(64)))
