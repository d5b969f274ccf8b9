package io.streamgauge.stream;

/** What other rooms keep on a stream; opaque here. Written before the stream starts. */
abstract class StreamNotes extends StreamFlow {

  private Object context;
  private Object span;
  private boolean borrowed;
  private volatile Object checkpoint;
  private StreamSession session;
  private Object link;
  private Object tag;
  private Object mirror;
  private boolean keepsTag;
  private String rejection;
  private int headerRoom;
  private String traceId;
  private String spanId;
  private boolean sampled;

  StreamNotes(StreamSide side, StreamEnv env) {
    super(side, env);
  }

  /** What must be current while the application's callbacks run; opaque here. */
  public Object context() {
    return context;
  }

  public void context(Object context) {
    this.context = context;
  }

  /** The stream's span, opaque here. */
  public Object span() {
    return span;
  }

  public void span(Object span) {
    this.span = span;
  }

  /** The same for a span that another instrumentation has made for this call, and will end. */
  public void borrowSpan(Object span) {
    this.span = span;
    borrowed = true;
  }

  public boolean isSpanBorrowed() {
    return borrowed;
  }

  /** Where the stream's checkpoints have got to, opaque here. */
  public Object checkpoint() {
    return checkpoint;
  }

  public void checkpoint(Object checkpoint) {
    this.checkpoint = checkpoint;
  }

  /** Client: the session the stream belongs to, or null. */
  public StreamSession session() {
    return session;
  }

  public void session(StreamSession session) {
    this.session = session;
  }

  /** A span the stream's own is to be linked to, opaque here; null if none. */
  public Object link() {
    return link;
  }

  public void link(Object link) {
    this.link = link;
  }

  /** The gray tag of the call, opaque here; null if it has none. */
  public Object tag() {
    return tag;
  }

  public void tag(Object tag) {
    this.tag = tag;
  }

  /** gRPC's context for the application's callbacks, where it must be another; opaque here. */
  public Object mirror() {
    return mirror;
  }

  public void mirror(Object mirror) {
    this.mirror = mirror;
  }

  /** Client: the tag is not to be sent to this peer. */
  public void keepTag(boolean keep) {
    keepsTag = keep;
  }

  public boolean keepsTag() {
    return keepsTag;
  }

  /** Server: the call is to be refused; the first reason stays. */
  public void reject(String why) {
    if (rejection == null) {
      rejection = why;
    }
  }

  /** Why the call is to be refused, or null. */
  public String rejection() {
    return rejection;
  }

  /** Client: bytes left beside the application's headers; at 0 or below ours are not sent. */
  public int headerRoom() {
    return headerRoom;
  }

  public void headerRoom(int bytes) {
    headerRoom = bytes;
  }

  public void trace(String traceId, String spanId, boolean sampled) {
    this.traceId = traceId;
    this.spanId = spanId;
    this.sampled = sampled;
  }

  /** 32 hex digits, or null when the stream has no trace. */
  public String traceId() {
    return traceId;
  }

  /** 16 hex digits, or null when the stream has no trace. */
  public String spanId() {
    return spanId;
  }

  /** Whether the trace is recorded, so that a link to it leads somewhere. */
  public boolean sampled() {
    return sampled;
  }
}
