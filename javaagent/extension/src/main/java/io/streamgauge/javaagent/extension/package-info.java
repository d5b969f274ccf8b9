/** What the agent loads: which classes are hooked, and the agent's defaults. No telemetry logic. */
package io.streamgauge.javaagent.extension;
