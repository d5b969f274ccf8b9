package io.streamgauge.ordersync.telemetry;

import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.grpc.ServiceDescriptor;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.streamgauge.CallSide;
import io.streamgauge.Streamgauge;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.gray.GrayTags;
import java.util.OptionalInt;
import java.util.function.IntSupplier;

/** Observed by a gauge in this process; {@code end} is run when it is closed. */
public record InCode(Streamgauge gauge, Tracer tracer, Runnable end) implements Attachment {

  @Override
  public void install(ServerBuilder<?> server) {
    gauge.install(server);
  }

  @Override
  public void install(ManagedChannelBuilder<?> channel) {
    gauge.install(channel);
  }

  @Override
  public void preregister(ServiceDescriptor... services) {
    gauge.preregister(services);
  }

  @Override
  public void buffer(String name, IntSupplier depth) {
    Streamgauge.queue(name, depth);
  }

  @Override
  public OptionalInt openStreams() {
    return OptionalInt.of(
        (int)
            gauge.liveStreams().stream()
                .filter(stream -> stream.side() == CallSide.SERVER)
                .count());
  }

  @Override
  public Context tagged(Context context, String tag) {
    return GrayTags.with(context, GrayTag.of(tag));
  }

  @Override
  public String tag() {
    return GrayTags.current().map(GrayTag::value).orElse("");
  }

  @Override
  public void close() {
    end.run();
  }
}
