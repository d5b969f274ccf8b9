/**
 * The behaviour every attachment of Streamgauge must show, as JUnit suites over series and spans.
 * It knows nothing of the library's classes, so that the library and the agent answer to one
 * contract.
 */
package io.streamgauge.testkit;
