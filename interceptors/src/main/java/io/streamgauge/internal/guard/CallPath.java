package io.streamgauge.internal.guard;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A method that runs inside a call of the application, behind the {@link Guard}. A test makes each
 * of these methods throw, one at a time, and requires that no call ends differently for it. The
 * library itself reads this annotation nowhere.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface CallPath {

  /**
   * Whether only a transport that counts bytes runs the method; the in-process transport does not.
   */
  boolean bytes() default false;

  /** Whether only a short call runs the method, which ends before the watch or a scrape sees it. */
  boolean quick() default false;

  /** Whether the method runs only where OpenTelemetry is told how long each call took. */
  boolean recorded() default false;

  /** Whether the method runs only where OpenTelemetry takes the histograms when it collects. */
  boolean pulled() default false;
}
