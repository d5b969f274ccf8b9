package io.streamgauge.routing;

import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import io.grpc.SynchronizationContext.ScheduledHandle;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs a resolver for each lane and gives what they find as one list, each endpoint with its lane.
 * Nothing is given until all have answered, or for two seconds, and never before the baseline has:
 * a lane that is late must not look like one that does not exist. A lane that cannot be found is
 * asked for again, since gRPC does that only where nothing at all was found. Service config and
 * attributes are the baseline's.
 */
final class LaneNameResolver extends NameResolver {

  private static final long PATIENCE_MILLIS = 2_000;

  private final String authority;
  private final Map<String, Lane> lanes = new LinkedHashMap<>();
  private final SynchronizationContext context;
  private final Args args;

  /** What follows is the context's. */
  private boolean late;

  private ScheduledHandle patience;
  private Listener2 listener;

  LaneNameResolver(String authority, Map<String, NameResolver> children, Args args) {
    this.authority = authority;
    this.args = args;
    this.context = args.getSynchronizationContext();
    children.forEach((lane, child) -> lanes.put(lane, new Lane(lane, child)));
  }

  @Override
  public String getServiceAuthority() {
    return authority;
  }

  @Override
  public void start(Listener2 listener) {
    this.listener = listener;
    lanes.values().forEach(lane -> lane.child.start(lane));
    patience =
        schedule(
            PATIENCE_MILLIS,
            () -> {
              late = true;
              publish();
            });
  }

  private ScheduledHandle schedule(long millis, Runnable task) {
    return context.schedule(
        task, millis, TimeUnit.MILLISECONDS, args.getScheduledExecutorService());
  }

  @Override
  public void refresh() {
    lanes.values().forEach(lane -> lane.child.refresh());
  }

  @Override
  public void shutdown() {
    context.execute(
        () -> {
          listener = null;
          stopWaiting();
          lanes.values().forEach(Lane::stopAsking);
        });
    lanes.values().forEach(lane -> lane.child.shutdown());
  }

  /** A channel may shut a resolver down that it has never started. */
  private void stopWaiting() {
    if (patience != null) {
      patience.cancel();
    }
  }

  private boolean mayPublish() {
    Lane baseline = lanes.get(LaneEndpoints.BASELINE);
    boolean all = lanes.values().stream().allMatch(Lane::hasAnswered);
    boolean some = lanes.values().stream().anyMatch(lane -> lane.found != null);
    return all || (late && some && (baseline == null || baseline.hasAnswered()));
  }

  private void publish() {
    if (listener == null || !mayPublish()) {
      return;
    }
    stopWaiting();
    List<EquivalentAddressGroup> all = new ArrayList<>();
    lanes.values().forEach(lane -> lane.addTo(all));
    if (all.isEmpty()) {
      listener.onError(
          lanes.values().stream()
              .filter(lane -> lane.failure != null)
              .map(lane -> lane.failure)
              .findFirst()
              .orElse(Status.UNAVAILABLE.withDescription("no lane has an endpoint")));
      return;
    }
    ResolutionResult.Builder result = ResolutionResult.newBuilder().setAddresses(all);
    Lane baseline = lanes.get(LaneEndpoints.BASELINE);
    if (baseline != null && baseline.found != null) {
      result.setAttributes(baseline.found.getAttributes());
      result.setServiceConfig(baseline.found.getServiceConfig());
    }
    listener.onResult(result.build());
  }

  /** What becomes of one lane. A failure later on takes nothing away of what was found before. */
  private final class Lane extends Listener2 {

    private static final long FIRST_RETRY_MILLIS = 1_000;
    private static final long LAST_RETRY_MILLIS = 120_000;

    private final String name;
    private final NameResolver child;
    private ResolutionResult found;
    private Status failure;
    private ScheduledHandle asking;
    private long retryMillis = FIRST_RETRY_MILLIS;

    Lane(String name, NameResolver child) {
      this.name = name;
      this.child = child;
    }

    boolean hasAnswered() {
      return found != null || failure != null;
    }

    void addTo(List<EquivalentAddressGroup> all) {
      if (found == null) {
        return;
      }
      for (EquivalentAddressGroup group : found.getAddresses()) {
        Attributes attributes =
            group.getAttributes().toBuilder().set(GrayLoadBalancerProvider.LANE, name).build();
        all.add(new EquivalentAddressGroup(group.getAddresses(), attributes));
      }
    }

    @Override
    public void onResult(ResolutionResult result) {
      try {
        List<EquivalentAddressGroup> unused = result.getAddresses();
      } catch (IllegalStateException e) {
        // Since 1.68 a result may be a failure, which the oldest grpc has no word for.
        onError(Status.UNAVAILABLE.withDescription("lane " + name + ": " + result));
        return;
      }
      context.execute(
          () -> {
            found = result;
            failure = null;
            stopAsking();
            publish();
          });
    }

    @Override
    public void onError(Status error) {
      context.execute(
          () -> {
            if (found == null && listener != null) {
              failure = error;
              askAgain();
              publish();
            }
          });
    }

    private void askAgain() {
      if (asking == null) {
        asking =
            schedule(
                retryMillis,
                () -> {
                  asking = null;
                  child.refresh();
                });
        retryMillis = Math.min(LAST_RETRY_MILLIS, retryMillis * 2);
      }
    }

    private void stopAsking() {
      if (asking != null) {
        asking.cancel();
        asking = null;
      }
    }
  }
}
