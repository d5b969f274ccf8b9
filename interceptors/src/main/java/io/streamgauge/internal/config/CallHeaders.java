package io.streamgauge.internal.config;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.streamgauge.internal.grpc.CallHooks;
import io.streamgauge.internal.grpc.HeaderPort;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.tagging.KnownTag;
import io.streamgauge.internal.tagging.TagBaggage;
import io.streamgauge.internal.tagging.TagHeaders;
import io.streamgauge.internal.tracing.CallSpans;
import io.streamgauge.internal.tracing.ForeignSpans;
import io.streamgauge.internal.tracing.TraceHeaders;

/**
 * What is read from and written to the headers of a call, in order: the trace that came in, the
 * tag, the span, a tag by the trace, the trace that goes out, the tag that goes out. A fault in one
 * step is swallowed, and the next step still runs.
 */
final class CallHeaders implements HeaderPort {

  private final Guard guard;

  /** Null where we make no spans; then {@link #spans} is, too. */
  private final TraceHeaders trace;

  private final CallSpans spans;

  /** Whether another instrumentation makes the spans, which values are to lead to. */
  private final boolean foreign;

  /** Null where tags are off. */
  private final TagHeaders tags;

  CallHeaders(Guard guard, TraceHeaders trace, CallSpans spans, boolean foreign, TagHeaders tags) {
    this.guard = guard;
    this.trace = trace;
    this.spans = spans;
    this.foreign = foreign;
    this.tags = tags;
  }

  private void swallow(Throwable t) {
    guard.swallow(CallHooks.SITE_HEADERS, t);
  }

  @Override
  public void clientCall(StreamRecorder stream) {
    if (trace != null) {
      try {
        trace.make(stream);
      } catch (Throwable t) {
        swallow(t);
      }
    }
  }

  @Override
  @CallPath
  public void serverHeaders(StreamRecorder stream, Metadata headers, ServerCall<?, ?> call) {
    KnownTag only = onlyTag(headers);
    if (trace != null) {
      try {
        trace.extract(stream, headers, only == null ? null : only.baggage());
      } catch (Throwable t) {
        swallow(t);
      }
    } else if (foreign) {
      linkForeign(stream);
    }
    if (tags != null) {
      try {
        tags.resolve(stream, headers, call, only);
      } catch (Throwable t) {
        swallow(t);
      }
    }
    if (spans != null) {
      try {
        spans.serverHeaders(stream, headers, call);
      } catch (Throwable t) {
        swallow(t);
      }
    }
    if (tags != null) {
      try {
        tags.derive(stream, headers);
      } catch (Throwable t) {
        swallow(t);
      }
    }
  }

  private KnownTag onlyTag(Metadata headers) {
    try {
      boolean asks =
          (trace != null && trace.readsBaggage()) || (tags != null && tags.believesCallers());
      return asks ? TagBaggage.only(headers) : null;
    } catch (Throwable t) {
      swallow(t);
      return null;
    }
  }

  private void linkForeign(StreamRecorder stream) {
    try {
      ForeignSpans.link(stream);
    } catch (Throwable t) {
      swallow(t);
    }
  }

  @Override
  public String refusal(StreamRecorder stream) {
    try {
      return tags == null ? null : tags.refusal(stream);
    } catch (Throwable t) {
      swallow(t);
      return null;
    }
  }

  @Override
  public void unstartedHeaders(StreamRecorder stream, Metadata headers) {
    if (trace == null) {
      return;
    }
    try {
      trace.extractUnstarted(stream, headers);
    } catch (Throwable t) {
      swallow(t);
    }
    try {
      spans.unstarted(stream);
    } catch (Throwable t) {
      swallow(t);
    }
  }

  @Override
  @CallPath
  public void clientHeaders(
      StreamRecorder stream,
      Metadata headers,
      CallOptions options,
      String authority,
      boolean none) {
    if (trace != null) {
      try {
        trace.begin(stream, headers, none);
      } catch (Throwable t) {
        swallow(t);
      }
    } else if (foreign) {
      linkForeign(stream);
    }
    if (tags != null) {
      try {
        tags.choose(stream, headers, options, authority, none);
      } catch (Throwable t) {
        swallow(t);
      }
    }
    if (spans != null) {
      try {
        spans.clientHeaders(stream, headers, options, authority);
      } catch (Throwable t) {
        swallow(t);
      }
    }
    boolean traceOnly = none;
    if (trace != null) {
      traceOnly = false; // what a step has put there that then fails is not known
      try {
        traceOnly = !trace.inject(stream, headers, none);
      } catch (Throwable t) {
        swallow(t);
      }
    }
    if (tags != null) {
      try {
        tags.inject(stream, headers, traceOnly);
      } catch (Throwable t) {
        swallow(t);
      }
    }
  }
}
