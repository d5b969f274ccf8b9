package io.streamgauge.compat.jaeger;

/** Server and fulfilment have nothing but the agent; the client has the library in its code. */
class AgentInJaegerIT extends OrderSyncContract {

  @Override
  OrderSync.Attachment attachment() {
    return OrderSync.Attachment.AGENT;
  }
}
