package io.streamgauge.internal.tracing.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.Value;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.Clock;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SdkTracerProviderBuilder;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.internal.ExtendedSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import io.streamgauge.Streamgauge;
import io.streamgauge.TraceTrust;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.gray.GrayTags;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestPair;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same random calls once with spans of ours and once with those of the SDK's own builder: what
 * processors see and what is exported must be equal, attribute by attribute.
 */
class SdkSpansTest {

  private static final int CALLS = 250;

  private static final List<MethodDescriptor<String, String>> METHODS =
      List.of(TestMethods.UNARY, TestMethods.UNARY, TestMethods.BIDI, TestMethods.SERVER_STREAM);

  /** 40 SDKs with 250 calls each. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
  void exportsWhatTheSdkExports(int group) throws Exception {
    for (int seed = 5 * group; seed < 5 * group + 5; seed++) {
      Side ours = new Side(seed, true);
      Side theirs = new Side(seed, false);
      List<String> first = ours.run();
      List<String> second = theirs.run();
      if (!ours.asksAtRoot) {
        assertThat(ours.records).as("spans of ours, seed %s", seed).isEqualTo(ours.recorded);
      }
      assertThat(theirs.records).as("spans of the SDK, seed %s", seed).isZero();
      for (int i = 0; i < Math.min(first.size(), second.size()); i++) {
        assertThat(first.get(i)).as("seed %s, entry %s", seed, i).isEqualTo(second.get(i));
      }
      assertThat(first).as("seed %s", seed).hasSameSizeAs(second);
    }
  }

  /** One of the two ways, with all that it showed. */
  private static final class Side {

    private final Random random;
    private final boolean own;
    private final List<String> seen = new ArrayList<>();
    private long now = 1_700_000_000_000_000_000L;
    private long drawn;
    private int records;
    private int recorded;

    /** The SDK itself makes the span of a call without a parent. */
    private boolean asksAtRoot;

    Side(int seed, boolean own) {
      // The first numbers of neighbouring seeds are alike.
      this.random = new Random(seed * 0x9E3779B97F4A7C15L);
      this.own = own;
    }

    List<String> run() throws Exception {
      SdkTracerProvider provider = provider();
      OpenTelemetry sdk =
          OpenTelemetrySdk.builder().setTracerProvider(provider).setPropagators(w3c()).build();
      Streamgauge gauge =
          Streamgauge.builder()
              .openTelemetry(own ? sdk : new Hidden(sdk))
              .grayEnabled(random.nextBoolean())
              .ingress(random.nextInt(4) > 0 ? TraceTrust.TRUSTED : TraceTrust.EDGE)
              .captureMetadata(random.nextBoolean() ? new String[] {"x-wanted"} : new String[0])
              .build();
      try (TestPair pair =
          TestPair.open(
              TestTransport.IN_PROCESS,
              service(),
              server -> {
                server.directExecutor();
                gauge.install(server);
              },
              channel -> {
                channel.directExecutor();
                gauge.install(channel);
              })) {
        for (int i = 0; i < CALLS; i++) {
          call(pair.channel());
          if (i == CALLS - 10 && random.nextInt(4) == 0) {
            provider.shutdown().join(10, TimeUnit.SECONDS);
          }
        }
      } finally {
        gauge.close();
        provider.close();
      }
      return seen;
    }

    private SdkTracerProvider provider() {
      SdkTracerProviderBuilder builder =
          SdkTracerProvider.builder()
              .setSampler(sampler())
              .setIdGenerator(new Counting())
              .setClock(new Moved())
              .setResource(Resource.create(Attributes.of(AttributeKey.stringKey("r"), "v")));
      if (random.nextInt(3) == 0) {
        builder.setSpanLimits(
            SpanLimits.builder()
                .setMaxNumberOfAttributes(1 + random.nextInt(16))
                .setMaxNumberOfEvents(1 + random.nextInt(3))
                .setMaxNumberOfLinks(1 + random.nextInt(2))
                .setMaxNumberOfAttributesPerEvent(1 + random.nextInt(3))
                .setMaxNumberOfAttributesPerLink(1 + random.nextInt(3))
                .setMaxAttributeValueLength(1 + random.nextInt(20))
                .build());
      }
      boolean changes = random.nextInt(3) == 0;
      if (random.nextInt(3) == 0) {
        builder.addSpanProcessor(new Watching("other", changes));
      }
      return builder.addSpanProcessor(new Watching("first", changes)).build();
    }

    private Sampler sampler() {
      return switch (random.nextInt(8)) {
        case 0 -> Sampler.alwaysOn();
        case 1 -> Sampler.traceIdRatioBased(0.5);
        case 2 -> {
          asksAtRoot = true;
          yield Sampler.parentBased(new Opinionated());
        }
        case 3 ->
            Sampler.parentBasedBuilder(Sampler.alwaysOn())
                .setRemoteParentSampled(new Opinionated())
                .setLocalParentSampled(Sampler.traceIdRatioBased(0.7))
                .build();
        case 4 -> Sampler.parentBased(Sampler.traceIdRatioBased(0.5));
        default -> Sampler.parentBased(Sampler.alwaysOn());
      };
    }

    // ---- one call ----------------------------------------------------------------------------

    private void call(ManagedChannel channel) {
      MethodDescriptor<String, String> method = METHODS.get(random.nextInt(METHODS.size()));
      CallOptions options = CallOptions.DEFAULT;
      if (random.nextInt(4) == 0) {
        options =
            options.withAuthority(List.of("shop:443", "[::1]:80", "a:b").get(random.nextInt(3)));
      }
      if (random.nextInt(3) == 0) {
        options = options.withOption(GrayTags.CALL_OPTION, GrayTag.of("canary"));
      }
      if (random.nextInt(5) == 0) {
        options = options.withOption(Streamgauge.SESSION, Streamgauge.session());
      }
      Metadata headers = new Metadata();
      if (random.nextBoolean()) {
        headers.put(key("x-wanted"), "value " + random.nextInt());
      }
      try (Scope scope = parent().makeCurrent()) {
        ClientCall<String, String> call = channel.newCall(method, options);
        call.start(new ClientCall.Listener<String>() {}, headers);
        call.request(10);
        int messages = method.getType().clientSendsOneMessage() ? 1 : random.nextInt(4);
        for (int i = 0; i < messages; i++) {
          pass();
          call.sendMessage("message");
        }
        pass();
        if (random.nextInt(10) > 0) {
          call.halfClose();
        }
        call.cancel("over, whatever came of it", null);
      }
      pass();
    }

    private Context parent() {
      int kind = random.nextInt(4);
      if (kind > 1) {
        return Context.root();
      }
      SpanContext given = remote();
      if (kind == 1) {
        given =
            SpanContext.create(
                given.getTraceId(),
                given.getSpanId(),
                given.getTraceFlags(),
                given.getTraceState());
      }
      return Context.root().with(Span.wrap(given));
    }

    private SpanContext remote() {
      TraceState state =
          random.nextBoolean()
              ? TraceState.getDefault()
              : TraceState.builder().put("vendor", "s" + random.nextInt(9)).build();
      return SpanContext.createFromRemoteParent(
          String.format("%016x%016x", random.nextLong(), random.nextLong() | 1),
          String.format("%016x", random.nextLong() | 1),
          TraceFlags.fromByte((byte) random.nextInt(4)),
          state);
    }

    private static Metadata.Key<String> key(String name) {
      return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }

    private void pass() {
      now += random.nextInt(1_000_000);
    }

    private ServerServiceDefinition service() {
      ServerServiceDefinition.Builder builder =
          ServerServiceDefinition.builder(TestMethods.DESCRIPTOR);
      TestMethods.DESCRIPTOR.getMethods().forEach(method -> add(builder, method));
      return builder.build();
    }

    @SuppressWarnings("unchecked")
    private void add(ServerServiceDefinition.Builder builder, MethodDescriptor<?, ?> method) {
      builder.addMethod((MethodDescriptor<String, String>) method, this::serve);
    }

    private ServerCall.Listener<String> serve(ServerCall<String, String> call, Metadata headers) {
      call.request(10);
      change(Span.current());
      return new ServerCall.Listener<String>() {
        @Override
        public void onHalfClose() {
          Span span = Span.current();
          change(span);
          boolean last = random.nextBoolean();
          Status status = Status.fromCodeValue(random.nextInt(3) == 0 ? random.nextInt(17) : 0);
          if (!status.isOk() && random.nextBoolean()) {
            status = status.withDescription("why\nit failed");
          }
          pass();
          call.sendHeaders(new Metadata());
          call.sendMessage("answer");
          call.close(status, new Metadata());
          if (last) {
            change(span);
          }
        }
      };
    }

    // ---- what an application does with a span --------------------------------------------------

    private void change(Span span) {
      if (random.nextInt(3) > 0) {
        return;
      }
      for (int i = random.nextInt(6); i > 0; i--) {
        change(span, random.nextInt(16));
      }
    }

    private void change(Span span, int what) {
      String text = "a rather long text " + random.nextInt(3);
      Attributes attributes =
          Attributes.builder().put("one", text).put("two", 2).put("three", true, false).build();
      switch (what) {
        case 0 -> span.setAttribute("key" + random.nextInt(4), text);
        case 1 -> span.setAttribute("key" + random.nextInt(4), random.nextInt());
        case 2 -> span.setAttribute("rpc.method", "mine");
        case 3 -> span.setAttribute(AttributeKey.stringArrayKey("list"), List.of(text, "b"));
        case 4 -> span.setAttribute(AttributeKey.valueKey("value"), Value.of(Value.of(text)));
        case 5 -> span.addEvent("event");
        case 6 -> span.addEvent(text, attributes);
        case 7 -> span.addEvent("then", attributes, 7, TimeUnit.SECONDS);
        case 8 -> span.recordException(new IllegalStateException(text));
        case 9 -> span.recordException(new IllegalStateException(), attributes);
        case 10 -> span.setStatus(StatusCode.OK, "ignored");
        case 11 -> span.setStatus(StatusCode.ERROR, text);
        case 12 -> span.updateName(text);
        case 13 -> span.addLink(remote(), attributes);
        case 14 -> span.setStatus(StatusCode.UNSET);
        default -> {
          if (random.nextInt(4) == 0) {
            span.end();
          }
        }
      }
    }

    // ---- what is given to the SDK --------------------------------------------------------------

    /** Ids in their order, each the next number. */
    private final class Counting implements IdGenerator {
      @Override
      public String generateSpanId() {
        return String.format("%016x", ++drawn * 0x9E3779B97F4A7C15L);
      }

      @Override
      public String generateTraceId() {
        return String.format("%016x%016x", ++drawn, drawn * 0x9E3779B97F4A7C15L);
      }
    }

    private final class Moved implements Clock {
      /** Corrected now and then: only the first reading of a trace may count. */
      @Override
      public long now() {
        return now + now / 1_000_000 % 7;
      }

      @Override
      public long nanoTime() {
        return now - 77;
      }
    }

    private static final class Opinionated implements Sampler {
      private static final List<SamplingDecision> DECISIONS = List.of(SamplingDecision.values());

      @Override
      public SamplingResult shouldSample(
          Context parent,
          String trace,
          String name,
          SpanKind kind,
          Attributes attributes,
          List<LinkData> links) {
        String seen = attributes.asMap().size() + " " + links.size() + " " + kind;
        SamplingDecision decision =
            DECISIONS.get(Math.floorMod(trace.hashCode(), DECISIONS.size()));
        return new SamplingResult() {
          @Override
          public SamplingDecision getDecision() {
            return decision;
          }

          @Override
          public Attributes getAttributes() {
            return Attributes.of(AttributeKey.stringKey("sampler"), seen);
          }

          @Override
          public TraceState getUpdatedTraceState(TraceState state) {
            return state.toBuilder().put("sampled", "by-me").build();
          }
        };
      }

      @Override
      public String getDescription() {
        return "opinionated";
      }
    }

    /** Writes down what it is told, and may change spans at each turn. */
    private final class Watching implements ExtendedSpanProcessor {
      private final String who;
      private final boolean changes;

      Watching(String who, boolean changes) {
        this.who = who;
        this.changes = changes;
      }

      @Override
      public void onStart(Context parent, ReadWriteSpan span) {
        turn("start", span.toSpanData());
        seen.add(Objects.toString(span.getAttribute(AttributeKey.stringKey("rpc.method"))));
        seen.add(text(Span.fromContext(parent).getSpanContext()));
        if (changes) {
          change(span);
        }
      }

      @Override
      public boolean isStartRequired() {
        return changes;
      }

      @Override
      public void onEnding(ReadWriteSpan span) {
        turn("ending", span.toSpanData());
        if (changes) {
          change(span);
        }
      }

      @Override
      public boolean isOnEndingRequired() {
        return changes;
      }

      @Override
      public void onEnd(ReadableSpan span) {
        turn("end", span.toSpanData());
        seen.add(span.getName() + ' ' + span.getKind() + latency(span));
        // The SDK gives a copy here, in which a Value may have become a plain array.
        seen.add(text(span.getAttributes().toBuilder().build()));
        if (span.getKind() != SpanKind.INTERNAL) { // no checkpoint
          recorded++;
          records += span instanceof RecordedSpan ? 1 : 0;
        }
        change((Span) span); // too late
        seen.add(text(span.toSpanData()));
      }

      /** That of a checkpoint is of the real clock. */
      private String latency(ReadableSpan span) {
        return span.getKind() == SpanKind.INTERNAL ? "" : " " + span.getLatencyNanos();
      }

      @Override
      public boolean isEndRequired() {
        return true;
      }

      @Override
      public CompletableResultCode shutdown() {
        return CompletableResultCode.ofSuccess();
      }

      private void turn(String turn, SpanData span) {
        seen.add(who + ' ' + turn + ' ' + text(span));
      }
    }
  }

  // ---- all that a span tells, as text ----------------------------------------------------------

  private static String text(SpanData span) {
    StringBuilder text = new StringBuilder();
    Consumer<Object> add = part -> text.append(part).append('\n');
    add.accept(span.getName() + ' ' + span.getKind() + ' ' + span.getStatus());
    add.accept(text(span.getSpanContext()) + " under " + text(span.getParentSpanContext()));
    add.accept(span.getTraceId() + ' ' + span.getSpanId() + ' ' + span.getParentSpanId());
    add.accept(text(span.getAttributes()) + " of " + span.getTotalAttributeCount());
    for (EventData event : span.getEvents()) {
      add.accept(
          event.getName()
              + " at "
              + (span.getKind() == SpanKind.INTERNAL ? "some time" : event.getEpochNanos())
              + ' '
              + text(event.getAttributes().toBuilder().remove(STACK).build())
              + " of "
              + event.getTotalAttributeCount());
    }
    for (LinkData link : span.getLinks()) {
      add.accept(
          text(link.getSpanContext())
              + ' '
              + text(link.getAttributes())
              + " of "
              + link.getTotalAttributeCount());
    }
    add.accept(span.getTotalRecordedEvents() + " events " + span.getTotalRecordedLinks());
    add.accept(span.hasEnded() + " " + span.getResource() + span.getInstrumentationScopeInfo());
    if (span.getKind() != SpanKind.INTERNAL) { // no checkpoint
      add.accept(span.getStartEpochNanos() + " to " + span.getEndEpochNanos());
    }
    return text.toString();
  }

  /** It has the test's own frames in it. */
  private static final AttributeKey<String> STACK = AttributeKey.stringKey("exception.stacktrace");

  private static String text(Attributes attributes) {
    List<String> texts = new ArrayList<>();
    attributes.forEach(
        (key, value) ->
            texts.add(
                key.getType()
                    + " "
                    + key.getKey()
                    + "="
                    + (isOfOneRun(key.getKey())
                        ? "of this run"
                        : value instanceof Value ? ((Value<?>) value).asString() : value)));
    texts.sort(null);
    return attributes.size() + Arrays.toString(texts.toArray());
  }

  /** Measured by the real clock, or a number that a call without a recorded span may not draw. */
  private static boolean isOfOneRun(String key) {
    return key.endsWith("_seconds") || key.equals("streamgauge.stream.id");
  }

  private static String text(SpanContext ids) {
    return ids.getTraceId()
        + ' '
        + ids.getSpanId()
        + ' '
        + ids.getTraceFlags()
        + ' '
        + ids.getTraceState().asMap()
        + ids.isRemote()
        + ids.isValid()
        + ids.isSampled();
  }

  private static ContextPropagators w3c() {
    return ContextPropagators.create(
        TextMapPropagator.composite(
            W3CTraceContextPropagator.getInstance(), W3CBaggagePropagator.getInstance()));
  }

  /** Keeps it from us that this is an SDK. */
  private record Hidden(OpenTelemetry sdk) implements OpenTelemetry {
    @Override
    public TracerProvider getTracerProvider() {
      TracerProvider provider = sdk.getTracerProvider();
      return new TracerProvider() {
        @Override
        public io.opentelemetry.api.trace.Tracer get(String scope) {
          return provider.get(scope);
        }

        @Override
        public io.opentelemetry.api.trace.Tracer get(String scope, String version) {
          return provider.get(scope, version);
        }

        @Override
        public io.opentelemetry.api.trace.TracerBuilder tracerBuilder(String scope) {
          return provider.tracerBuilder(scope);
        }
      };
    }

    @Override
    public ContextPropagators getPropagators() {
      return sdk.getPropagators();
    }
  }
}
