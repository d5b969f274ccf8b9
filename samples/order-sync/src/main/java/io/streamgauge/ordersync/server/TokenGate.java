package io.streamgauge.ordersync.server;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.streamgauge.ordersync.v1.OrderSyncGrpc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;

/**
 * Lets a stream begin, and the health port show or end streams, only with a bearer token that is a
 * line of a file. The file is read for each stream, which is seldom, so tokens can be replaced
 * while the server runs: add the new one, let the clients take it up, remove the old one.
 */
final class TokenGate implements ServerInterceptor {

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final String BEARER = "Bearer ";

  private final Path file;

  TokenGate(Path file) {
    this.file = file;
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    boolean guarded =
        OrderSyncGrpc.SERVICE_NAME.equals(call.getMethodDescriptor().getServiceName());
    Status refusal = guarded ? refusal(headers.get(AUTHORIZATION)) : null;
    if (refusal == null) {
      return next.startCall(call, headers);
    }
    call.close(refusal, new Metadata());
    return new ServerCall.Listener<>() {};
  }

  /** Why a caller with this authorization header is refused, or null if it is let in. */
  Status refusal(String header) {
    if (header == null || !header.startsWith(BEARER)) {
      return Status.UNAUTHENTICATED.withDescription("a bearer token is missing");
    }
    byte[] token = header.substring(BEARER.length()).getBytes(StandardCharsets.UTF_8);
    try {
      List<String> valid = Files.readAllLines(file);
      boolean known =
          valid.stream()
              .filter(line -> !line.isBlank())
              .anyMatch(
                  line ->
                      MessageDigest.isEqual(line.strip().getBytes(StandardCharsets.UTF_8), token));
      return known ? null : Status.UNAUTHENTICATED.withDescription("the token is not valid now");
    } catch (IOException e) {
      return Status.UNAVAILABLE.withDescription("tokens cannot be checked now").withCause(e);
    }
  }
}
