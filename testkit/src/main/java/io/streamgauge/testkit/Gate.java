package io.streamgauge.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What proves one of the gates of docs/safety.md. Each test is a case, and one that tries many
 * things says how many with {@link GateCases}. What was run is left in {@code target/gates} for
 * {@link GateTable}.
 */
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(GateExtension.class)
public @interface Gate {

  /** The gates, {@code R1} to {@code R15} and others with names; each counts the same cases. */
  String[] value();
}
