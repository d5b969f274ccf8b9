package io.streamgauge.benchmarks.brave;

import brave.Tracing;
import brave.grpc.GrpcTracing;
import brave.handler.MutableSpan;
import brave.handler.SpanHandler;
import brave.propagation.TraceContext;
import brave.sampler.Sampler;
import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.streamgauge.benchmarks.worker.Subject;
import io.streamgauge.benchmarks.worker.SubjectProvider;
import java.util.Optional;

/** Brave, whose spans go to a handler that drops them. */
public final class BraveProvider implements SubjectProvider {

  private static final float FEW = 0.01f;

  @Override
  public Optional<Subject> open(String config) {
    return switch (config) {
      case "brave" -> Optional.of(new Brave(Sampler.ALWAYS_SAMPLE));
      case "brave-1pct" -> Optional.of(new Brave(Sampler.create(FEW)));
      default -> Optional.empty();
    };
  }

  private static final class Brave implements Subject {
    private final GrpcTracing tracing;

    Brave(Sampler sampler) {
      tracing =
          GrpcTracing.create(
              Tracing.newBuilder().sampler(sampler).addSpanHandler(new NoSpans()).build());
    }

    @Override
    public void install(ServerBuilder<?> server) {
      server.intercept(tracing.newServerInterceptor());
    }

    @Override
    public void install(ManagedChannelBuilder<?> channel) {
      channel.intercept(tracing.newClientInterceptor());
    }
  }

  /** Not Brave's own no-op, which would turn recording off. */
  private static final class NoSpans extends SpanHandler {
    @Override
    public boolean end(TraceContext context, MutableSpan span, Cause cause) {
      return true;
    }
  }
}
