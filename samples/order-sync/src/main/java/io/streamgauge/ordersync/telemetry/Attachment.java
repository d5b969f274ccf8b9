package io.streamgauge.ordersync.telemetry;

import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.grpc.ServiceDescriptor;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.trace.Tracer;
import java.util.function.IntSupplier;

/**
 * How a process is observed: by code of ours in it, or by an agent from outside, in which case
 * there is nothing to do and no class of the library is loaded.
 */
public interface Attachment extends AutoCloseable {

  /** For a process that something else attaches to. */
  Attachment FROM_OUTSIDE =
      new Attachment() {
        @Override
        public void install(ServerBuilder<?> server) {}

        @Override
        public void install(ManagedChannelBuilder<?> channel) {}

        @Override
        public void preregister(ServiceDescriptor... services) {}

        @Override
        public void buffer(String name, IntSupplier depth) {}

        @Override
        public String tag() {
          String tag = Baggage.current().getEntryValue("gray.tag");
          return tag == null ? "" : tag;
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

  /** The gray tag of the call or message being handled, empty if it has none. */
  String tag();

  /** For the spans of the application itself. */
  Tracer tracer();

  @Override
  void close();
}
