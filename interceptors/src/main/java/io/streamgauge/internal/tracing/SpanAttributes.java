package io.streamgauge.internal.tracing;

import io.opentelemetry.api.common.AttributeKey;
import java.util.List;

/**
 * Every span attribute we set: those of the RPC semantic conventions 1.45.0, and our own under
 * {@code grpc.stream.}, {@code streamgauge.} and {@code gray.}. Values ending in seconds are
 * seconds, rates are per second, bytes are bytes on the wire, depths are messages.
 */
public final class SpanAttributes {

  public static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("rpc.system.name");
  public static final AttributeKey<String> METHOD = AttributeKey.stringKey("rpc.method");
  static final AttributeKey<String> STATUS = AttributeKey.stringKey("rpc.status_code");
  static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");
  static final AttributeKey<String> ADDRESS = AttributeKey.stringKey("server.address");
  static final AttributeKey<Long> PORT = AttributeKey.longKey("server.port");
  static final AttributeKey<String> PEER_ADDRESS = AttributeKey.stringKey("network.peer.address");
  static final AttributeKey<Long> PEER_PORT = AttributeKey.longKey("network.peer.port");
  static final AttributeKey<String> TRANSPORT = AttributeKey.stringKey("network.transport");

  /** Followed by the metadata key, lower case. */
  static final String METADATA = "rpc.request.metadata.";

  static final AttributeKey<Long> STREAM_ID = AttributeKey.longKey("streamgauge.stream.id");
  static final AttributeKey<String> REQUEST_ID = AttributeKey.stringKey("streamgauge.request_id");
  static final AttributeKey<Long> SESSION_STREAM =
      AttributeKey.longKey("streamgauge.session.stream");

  /** Of the last checkpoint that fits into a trace: where they go on. */
  static final AttributeKey<String> NEXT_TRACE = AttributeKey.stringKey("streamgauge.trace.next");

  static final AttributeKey<String> TAG = AttributeKey.stringKey("gray.tag");

  /** Client: how the last attempt was routed, by the policy {@code gray_prefer}. */
  static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("gray.outcome");

  static final AttributeKey<String> TAG_SOURCE = AttributeKey.stringKey("gray.tag.source");

  static final AttributeKey<Long> SENT = AttributeKey.longKey("grpc.stream.msg_sent");
  static final AttributeKey<Long> RECEIVED = AttributeKey.longKey("grpc.stream.msg_received");
  static final AttributeKey<Double> SENT_RATE =
      AttributeKey.doubleKey("grpc.stream.msg_sent_per_second");
  static final AttributeKey<Double> RECEIVED_RATE =
      AttributeKey.doubleKey("grpc.stream.msg_received_per_second");
  static final AttributeKey<Long> BYTES_SENT = AttributeKey.longKey("grpc.stream.bytes_sent");
  static final AttributeKey<Long> BYTES_RECEIVED =
      AttributeKey.longKey("grpc.stream.bytes_received");
  static final AttributeKey<Double> BLOCKED = AttributeKey.doubleKey("grpc.stream.blocked_seconds");
  static final AttributeKey<Double> STALLED = AttributeKey.doubleKey("grpc.stream.stalled_seconds");
  static final AttributeKey<Double> FIRST_MESSAGE =
      AttributeKey.doubleKey("grpc.stream.first_message_seconds");
  static final AttributeKey<Long> DEMAND = AttributeKey.longKey("grpc.stream.demand");
  static final AttributeKey<String> CAUSE = AttributeKey.stringKey("grpc.stream.stall_cause");
  static final AttributeKey<Long> CONNECT = AttributeKey.longKey("grpc.stream.depth.connect");
  static final AttributeKey<Long> STREAM_LIMIT =
      AttributeKey.longKey("grpc.stream.depth.stream_limit");
  static final AttributeKey<Long> EXECUTOR = AttributeKey.longKey("grpc.stream.depth.executor");
  static final AttributeKey<Long> HANDLER = AttributeKey.longKey("grpc.stream.depth.handler");
  static final AttributeKey<Long> APPLICATION =
      AttributeKey.longKey("grpc.stream.depth.application");
  static final AttributeKey<Long> TRANSPORT_BYTES =
      AttributeKey.longKey("grpc.stream.buffer_bytes.transport");
  static final AttributeKey<Long> DEFRAMER_BYTES =
      AttributeKey.longKey("grpc.stream.buffer_bytes.deframer");
  static final AttributeKey<Long> RETRY_BYTES =
      AttributeKey.longKey("grpc.stream.buffer_bytes.retry");

  private SpanAttributes() {}

  static AttributeKey<List<String>> metadata(String key) {
    return AttributeKey.stringArrayKey(METADATA + key);
  }
}
