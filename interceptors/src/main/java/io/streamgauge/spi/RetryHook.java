package io.streamgauge.spi;

/** Where hooks inside gRPC tell when it keeps a copy of what a client call has sent. */
public interface RetryHook {

  /** From now on gRPC keeps a copy of what is sent, in case it must send it again. */
  void onReplayBegun();

  /** An attempt was settled on; the copy is gone. */
  void onReplayOver();
}
