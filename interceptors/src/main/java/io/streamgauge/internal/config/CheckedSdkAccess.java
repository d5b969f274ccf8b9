package io.streamgauge.internal.config;

import io.streamgauge.internal.config.sdk.KnownSdk;
import java.util.function.Function;

/** Asks an {@link SdkAccess} where the SDK may not be there, or may be another one. */
final class CheckedSdkAccess {

  /** Null where this class loader sees no SDK. */
  private final SdkAccess access;

  /**
   * @param given by another module; null for the SDK that this class loader sees
   */
  CheckedSdkAccess(SdkAccess given) {
    access = given == null ? seen() : given;
  }

  private static SdkAccess seen() {
    try {
      return new KnownSdk(true);
    } catch (LinkageError e) {
      return null;
    }
  }

  /** The answer, or {@code none} where there is no SDK to be asked. */
  <T> T ask(Function<SdkAccess, T> question, T none) {
    try {
      return access == null ? none : question.apply(access);
    } catch (LinkageError e) {
      return none;
    }
  }
}
