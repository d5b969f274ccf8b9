package io.streamgauge.ordersync.client;

import io.grpc.CallCredentials;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executor;

/**
 * The first line of a file as bearer token, read anew for each stream: a stream that is resumed
 * does not carry the token of the one before. Without a file, nothing.
 */
final class BearerToken extends CallCredentials {

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final Path file;

  BearerToken(Path file) {
    this.file = file;
  }

  @Override
  public void applyRequestMetadata(RequestInfo info, Executor executor, MetadataApplier applier) {
    if (file == null) {
      applier.apply(new Metadata());
      return;
    }
    executor.execute(
        () -> {
          try {
            Metadata headers = new Metadata();
            headers.put(AUTHORIZATION, "Bearer " + Files.readAllLines(file).get(0).strip());
            applier.apply(headers);
          } catch (IOException | IndexOutOfBoundsException e) {
            applier.fail(Status.UNAVAILABLE.withDescription("no token in " + file).withCause(e));
          }
        });
  }
}
