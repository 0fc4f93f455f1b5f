/**
 * Shipping to Apache Kafka. What Kafka's own threads do here is to take notice of an answer; {@code
 * vmlog-kafka} asks a cluster that does not answer what is the matter.
 */
@NullMarked
package org.vmlog.ship.kafka;

import org.jspecify.annotations.NullMarked;
