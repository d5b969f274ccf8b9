package io.streamgauge.internal.stream;

/** Ids of a trace, for streams without tracing. */
public final class TestTrace implements TraceSlot {

  private final String traceId;
  private final String spanId;
  private final boolean sampled;

  private TestTrace(String traceId, String spanId, boolean sampled) {
    this.traceId = traceId;
    this.spanId = spanId;
    this.sampled = sampled;
  }

  /** Gives the stream a trace. */
  public static void of(StreamRecorder stream, String traceId, String spanId, boolean sampled) {
    stream.traceSlot(new TestTrace(traceId, spanId, sampled));
  }

  @Override
  public String traceId() {
    return traceId;
  }

  @Override
  public long traceNumber() {
    return traceId == null ? 0 : traceId.hashCode();
  }

  @Override
  public String spanId() {
    return spanId;
  }

  @Override
  public boolean isSampled() {
    return sampled;
  }
}
