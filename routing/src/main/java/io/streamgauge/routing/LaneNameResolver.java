package io.streamgauge.routing;

import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs a resolver for each lane and gives what they find as one list, each endpoint with its lane.
 * Nothing is given until all have answered, or for two seconds: a lane that is late must not look
 * like one that does not exist. Its service config is the baseline's.
 */
final class LaneNameResolver extends NameResolver {

  private static final long PATIENCE_MILLIS = 2_000;

  private final String authority;
  private final Map<String, NameResolver> children;
  private final SynchronizationContext context;
  private final Args args;

  /** What each lane was last found to be; guarded by the context. */
  private final Map<String, ResolutionResult> found = new LinkedHashMap<>();

  private final Map<String, Status> failed = new LinkedHashMap<>();
  private boolean late;
  private Listener2 listener;

  LaneNameResolver(String authority, Map<String, NameResolver> children, Args args) {
    this.authority = authority;
    this.children = children;
    this.args = args;
    this.context = args.getSynchronizationContext();
  }

  @Override
  public String getServiceAuthority() {
    return authority;
  }

  @Override
  public void start(Listener2 listener) {
    this.listener = listener;
    children.forEach((lane, child) -> child.start(new Lane(lane)));
    try {
      SynchronizationContext.ScheduledHandle unused =
          context.schedule(
              () -> {
                late = true;
                publish();
              },
              PATIENCE_MILLIS,
              TimeUnit.MILLISECONDS,
              args.getScheduledExecutorService());
    } catch (IllegalStateException e) {
      late = true; // a channel without a scheduler cannot wait
    }
  }

  @Override
  public void refresh() {
    children.values().forEach(NameResolver::refresh);
  }

  @Override
  public void shutdown() {
    children.values().forEach(NameResolver::shutdown);
    context.execute(() -> listener = null);
  }

  private void publish() {
    if (listener == null || (!late && found.size() + failed.size() < children.size())) {
      return;
    }
    List<EquivalentAddressGroup> all = new ArrayList<>();
    found.forEach(
        (lane, result) -> {
          for (EquivalentAddressGroup group : result.getAddresses()) {
            Attributes attributes =
                group.getAttributes().toBuilder().set(GrayLoadBalancerProvider.LANE, lane).build();
            all.add(new EquivalentAddressGroup(group.getAddresses(), attributes));
          }
        });
    if (!all.isEmpty()) {
      ResolutionResult baseline = found.get(LaneEndpoints.BASELINE);
      ResolutionResult.Builder result = ResolutionResult.newBuilder().setAddresses(all);
      if (baseline != null && baseline.getServiceConfig() != null) {
        result.setServiceConfig(baseline.getServiceConfig());
      }
      listener.onResult(result.build());
    } else if (!failed.isEmpty()) {
      listener.onError(failed.values().iterator().next());
    } else {
      listener.onError(Status.UNAVAILABLE.withDescription("no lane has an endpoint"));
    }
  }

  /** What becomes of one lane. A failure later on takes nothing away of what was found before. */
  private final class Lane extends Listener2 {
    private final String lane;

    Lane(String lane) {
      this.lane = lane;
    }

    @Override
    public void onResult(ResolutionResult result) {
      try {
        List<EquivalentAddressGroup> unused = result.getAddresses();
      } catch (IllegalStateException e) {
        // Since 1.68 a result may be a failure, which the oldest grpc has no word for.
        onError(Status.UNAVAILABLE.withDescription("lane " + lane + ": " + result));
        return;
      }
      context.execute(
          () -> {
            failed.remove(lane);
            found.put(lane, result);
            publish();
          });
    }

    @Override
    public void onError(Status error) {
      context.execute(
          () -> {
            if (!found.containsKey(lane)) {
              failed.put(lane, error);
              publish();
            }
          });
    }
  }
}
