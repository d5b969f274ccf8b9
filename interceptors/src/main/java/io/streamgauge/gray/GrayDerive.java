package io.streamgauge.gray;

/** On which servers an untagged call may fall into a group. */
public enum GrayDerive {
  /** Where the tag's ingress is {@link GrayIngress#EDGE}: once, at the first hop. */
  EDGE,
  /** On every server. */
  ALWAYS,
  NEVER
}
