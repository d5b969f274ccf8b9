/**
 * Routing by gray tag for plain grpc-java, without a mesh: the load-balancing policy {@code
 * gray_prefer} and the name resolver {@code lane:}. Public are the two providers, for gRPC's
 * registries, and the attribute that names an endpoint's lane.
 */
package io.streamgauge.routing;
