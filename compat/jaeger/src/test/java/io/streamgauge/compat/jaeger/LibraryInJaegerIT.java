package io.streamgauge.compat.jaeger;

/** All four processes have the library in their code. */
class LibraryInJaegerIT extends OrderSyncContract {

  @Override
  OrderSync.Attachment attachment() {
    return OrderSync.Attachment.LIBRARY;
  }
}
