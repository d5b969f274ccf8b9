package io.streamgauge.benchmarks.worker;

import java.util.Optional;

/** Found by {@link java.util.ServiceLoader} on the class path of a configuration. */
public interface SubjectProvider {

  /** The subject of that name, set up; empty if it is another provider's. */
  Optional<Subject> open(String config);
}
