"""Bodies that are bytes: the fuzzer makes text from their description, which is sent as bytes."""

import schemathesis


@schemathesis.serializer("application/cose", "application/cbor-seq")
def as_bytes(ctx, value):
    if isinstance(value, bytes):
        return value
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else b""


@schemathesis.deserializer("application/cose", "application/octet-stream", "application/vnd.overt.bundle")
def from_bytes(ctx, response):
    return response.content.decode("latin-1")
