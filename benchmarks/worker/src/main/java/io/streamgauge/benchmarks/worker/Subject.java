package io.streamgauge.benchmarks.worker;

import io.grpc.CallOptions;
import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;

/** Who watches the calls that are measured. */
public interface Subject {

  /** Nobody. */
  Subject BARE =
      new Subject() {
        @Override
        public void install(ServerBuilder<?> server) {}

        @Override
        public void install(ManagedChannelBuilder<?> channel) {}
      };

  /** Watches the server that will be built. */
  void install(ServerBuilder<?> server);

  /** Watches the channel that will be built. */
  void install(ManagedChannelBuilder<?> channel);

  /** What every call is made with. */
  default CallOptions options() {
    return CallOptions.DEFAULT;
  }
}
