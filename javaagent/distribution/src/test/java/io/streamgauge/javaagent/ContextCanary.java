package io.streamgauge.javaagent;

import io.grpc.Context;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;

/** An application that carries one context to another thread and looks for the other there. */
final class ContextCanary {

  private static final Context.Key<String> KEY = Context.key("canary");

  private ContextCanary() {}

  public static void main(String[] args) throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    AtomicReference<String> seen = new AtomicReference<>("nothing");
    Span span = GlobalOpenTelemetry.getTracer("canary").spanBuilder("canary").startSpan();
    String id = span.getSpanContext().getSpanId();
    expect("the application's OpenTelemetry API is the agent's", true, span.isRecording());

    try (Scope scope = span.makeCurrent()) {
      executor
          .submit(
              Context.current().wrap(() -> seen.set(Span.current().getSpanContext().getSpanId())))
          .get();
    }
    expect("span under a wrapped grpc context", id, seen.get());

    Context tagged = Context.current().withValue(KEY, "v");
    Context previous = tagged.attach();
    Runnable wrapped;
    try {
      wrapped =
          io.opentelemetry.context.Context.current()
              .wrap(() -> seen.set(String.valueOf(KEY.get())));
      expect("key on the same thread", "v", KEY.get());
    } finally {
      tagged.detach(previous);
    }
    executor.submit(wrapped).get();
    expect("key under a wrapped OpenTelemetry context", "v", seen.get());
    expect("key after detach", "null", String.valueOf(KEY.get()));

    executor.submit(() -> seen.set(Span.current().getSpanContext().getSpanId() + KEY.get())).get();
    expect("nothing left on the thread", "0000000000000000null", seen.get());
    nested(span);
    chain();
    span.end();
    executor.shutdown();
    System.out.println("context: ok");
  }

  /** Spans and grpc values, made current in turns, each seen where it should be. */
  private static void nested(Span span) {
    Context one = Context.current().withValue(KEY, "one");
    one.run(
        () -> {
          try (Scope scope = span.makeCurrent()) {
            expect("key inside a span", "one", KEY.get());
            Context.current()
                .withValue(KEY, "two")
                .run(
                    () -> {
                      expect("inner key", "two", KEY.get());
                      expect(
                          "span inside an inner key",
                          span.getSpanContext().getSpanId(),
                          Span.current().getSpanContext().getSpanId());
                    });
            expect("key after the inner one", "one", KEY.get());
          }
          expect("no span after its scope", false, Span.current().getSpanContext().isValid());
        });
    Context.CancellableContext cancellable = Context.current().withCancellation();
    AtomicReference<Context> current = new AtomicReference<>();
    cancellable.run(() -> current.set(Context.current()));
    Context inside = current.get();
    cancellable.cancel(null);
    expect("cancellation reaches what was current", true, inside.isCancelled());
  }

  /** A chain of carried contexts, each made inside the one before, does not grow for ever. */
  private static void chain() {
    Context context = Context.current();
    for (int i = 0; i < 5_000; i++) {
      Context previous = context.attach();
      Context next = Context.current();
      context.detach(previous);
      context = next;
    }
    expect("key at the end of the chain", "null", String.valueOf(KEY.get(context)));
  }

  private static void expect(String what, Object expected, Object seen) {
    if (!expected.equals(seen)) {
      System.out.println("context: WRONG " + what + ": " + seen + " instead of " + expected);
      System.exit(1);
    }
  }
}
