/**
 * Attributed logging for components of this host: who a connection is from is said by whoever
 * launched it, over a broker, and never by the component.
 *
 * <p>The broker's side is a {@link org.vmlog.realm.RealmBroker}: a tree of realms, and for each
 * connection the listener that is to have it. The forwarder's side is a {@link
 * org.vmlog.realm.RealmListener}: it reads what the broker hands over, and has it served. D-Bus, by
 * which the two find each other, is in {@code realm.dbus}; {@code realm.run} is what {@code vmlog
 * run} does.
 *
 * <p>Each side has one thread, a {@link org.vmlog.platform.SelectorLoop}'s.
 */
@NullMarked
package org.vmlog.realm;

import org.jspecify.annotations.NullMarked;
