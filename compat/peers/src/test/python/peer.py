"""A gRPC peer in Python with OpenTelemetry's instrumentation for grpcio: a server that answers with
what is current in its handlers, or a client that prints what the other side answered.
src/test/java drives it by its arguments, its input and its lines."""

import os
import sys
import threading
from concurrent import futures

from opentelemetry import baggage, context, trace
from opentelemetry.instrumentation.grpc import GrpcInstrumentorClient, GrpcInstrumentorServer
from opentelemetry.sdk.trace import TracerProvider

trace.set_tracer_provider(TracerProvider())
GrpcInstrumentorServer().instrument()
GrpcInstrumentorClient().instrument()

import grpc  # noqa: E402  (after the instrumentation has replaced its functions)

SERVICE = "streamgauge.test.Echo"
encode = str.encode
decode = bytes.decode


def say(line):
    print(line, flush=True)


def seen(headers):
    trace_id = trace.get_current_span().get_span_context().trace_id
    tags = [value for key, value in headers if key == "x-env-tag"]
    return " ".join(
        [
            trace.format_trace_id(trace_id),
            str(baggage.get_baggage("tenant") or ""),
            ",".join(tags),
            str(baggage.get_baggage("gray.tag") or ""),
        ]
    )


# ---- server ---------------------------------------------------------------------------------------


class Server:
    def __init__(self):
        # Set when a line of input says that a stuck handler may read on.
        self.release = threading.Event()

    def unary(self, request, call):
        return seen(call.invocation_metadata())

    def bidi(self, requests, call):
        """Answers each message with what it sees. At "stick" it stops reading until it is released,
        and from then on it counts what comes and says nothing until the end."""
        for message in requests:
            if message == "stick":
                self.release.wait()
                yield str(sum(1 for _ in requests))
                return
            yield seen(call.invocation_metadata())

    def serve(self):
        server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
        handlers = {
            "Unary": grpc.unary_unary_rpc_method_handler(self.unary, decode, encode),
            "Bidi": grpc.stream_stream_rpc_method_handler(self.bidi, decode, encode),
        }
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        say(f"port {port}")
        for line in sys.stdin:
            if line.strip() == "read":
                self.release.set()
        # The process that started this one has closed the input.
        os._exit(0)


# ---- client ---------------------------------------------------------------------------------------


def bidi(channel):
    return channel.stream_stream(f"/{SERVICE}/Bidi", encode, decode)


def call(port, tag=None):
    """One call of each kind inside a span, with baggage."""
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        with trace.get_tracer("peer").start_as_current_span("caller") as span:
            say(f"trace {trace.format_trace_id(span.get_span_context().trace_id)}")
            active = baggage.set_baggage("tenant", "acme")
            headers = []
            if tag:
                active = baggage.set_baggage("gray.tag", tag, active)
                headers.append(("x-env-tag", tag))
            token = context.attach(active)
            unary = channel.unary_unary(f"/{SERVICE}/Unary", encode, decode)
            say("unary " + unary("unary", metadata=headers))
            for answer in bidi(channel)(iter(["bidi"]), metadata=headers):
                say("bidi " + answer)
            context.detach(token)


def flood(port, count):
    """Sends as many messages as it is told. Says "still N" when the next one was not taken for half
    a second, and "done N" when all were."""
    sent = 0
    over = threading.Event()

    def messages():
        nonlocal sent
        message = "x" * 1024
        for _ in range(count):
            yield message
            sent += 1

    def watch():
        before, told = -1, -1
        while not over.wait(0.5):
            if sent == before != told:
                told = sent
                say(f"still {sent}")
            before = sent

    threading.Thread(target=watch, daemon=True).start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        for _ in bidi(channel)(messages()):
            pass
        over.set()
        say(f"done {sent}")


if __name__ == "__main__":
    mode = sys.argv[1]
    if mode == "serve":
        Server().serve()
    elif mode == "call":
        call(*sys.argv[2:4])
    elif mode == "flood":
        flood(sys.argv[2], int(sys.argv[3]))
    else:
        sys.exit("usage: peer.py serve | call PORT [TAG] | flood PORT COUNT")
