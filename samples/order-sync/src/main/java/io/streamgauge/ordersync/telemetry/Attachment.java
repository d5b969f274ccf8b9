package io.streamgauge.ordersync.telemetry;

import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.grpc.ServiceDescriptor;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.OptionalInt;
import java.util.function.IntSupplier;

/**
 * How a process is observed: by code of ours in it, or by an agent from outside, in which case
 * there is nothing to do; of the library only what routes is used.
 */
public interface Attachment extends AutoCloseable {

  /** The tag of a gray order. */
  String GRAY = "gray";

  /** For a process that something else attaches to. */
  Attachment FROM_OUTSIDE =
      new Attachment() {
        private static final String KEY = "gray.tag";

        @Override
        public void install(ServerBuilder<?> server) {}

        @Override
        public void install(ManagedChannelBuilder<?> channel) {}

        @Override
        public void preregister(ServiceDescriptor... services) {}

        @Override
        public void buffer(String name, IntSupplier depth) {}

        @Override
        public OptionalInt openStreams() {
          return OptionalInt.empty();
        }

        @Override
        public String tag() {
          String tag = Baggage.current().getEntryValue(KEY);
          return tag == null ? "" : tag;
        }

        @Override
        public Context tagged(Context context, String tag) {
          Baggage baggage = Baggage.fromContext(context).toBuilder().put(KEY, tag).build();
          return context.with(baggage);
        }

        @Override
        public Tracer tracer() {
          return GlobalOpenTelemetry.getTracer("ordersync");
        }

        @Override
        public void close() {}
      };

  void install(ServerBuilder<?> server);

  void install(ManagedChannelBuilder<?> channel);

  /** Starts the methods of the services at zero. */
  void preregister(ServiceDescriptor... services);

  /** Shows a queue of the current server stream. */
  void buffer(String name, IntSupplier depth);

  /** Server streams the toolkit sees open; empty if it is not at hand. */
  OptionalInt openStreams();

  /** The gray tag of the call or message being handled, empty if it has none. */
  String tag();

  /** A context that carries a tag to the next hop. */
  Context tagged(Context context, String tag);

  /** For the spans of the application itself. */
  Tracer tracer();

  /** Where the call or message being handled comes from. */
  default Origin origin() {
    return new Origin(Context.current(), tag().equals(GRAY));
  }

  /** The origin that was written down as {@link Origin#text}. */
  default Origin restore(String text) {
    Origin read = Origin.parse(text);
    return read.gray() ? new Origin(tagged(read.context(), GRAY), true) : read;
  }

  @Override
  void close();
}
