/**
 * order-sync: the sample service. {@code domain} knows orders, {@code store} keeps them, {@code
 * server}, {@code client} and {@code fulfilment} speak gRPC, {@code cli} starts them, {@code demo}
 * runs them together and {@code check} compares the journals with the database.
 */
package io.streamgauge.ordersync;
