"""Bodies that are bytes: the fuzzer makes lists of numbers from their description, which are sent as bytes."""

import schemathesis


@schemathesis.serializer("application/cose", "application/cbor-seq")
def as_bytes(ctx, value):
    numbers = value if isinstance(value, list) else []
    return bytes(n % 256 for n in numbers if isinstance(n, int))
