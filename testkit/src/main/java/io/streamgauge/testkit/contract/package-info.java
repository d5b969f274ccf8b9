/**
 * The behaviour every attachment of Streamgauge must show, as JUnit suites over series and spans.
 * The suites use no class of the library, so that the library and the agent answer to one contract.
 */
package io.streamgauge.testkit.contract;
