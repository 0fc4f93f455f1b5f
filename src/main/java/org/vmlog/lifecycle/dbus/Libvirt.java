package org.vmlog.lifecycle.dbus;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.messages.DBusSignal;
import org.freedesktop.dbus.types.UInt32;
import org.vmlog.bus.BusException;
import org.vmlog.bus.BusPeer;
import org.vmlog.identity.Claimant;

/**
 * libvirt's QEMU driver by way of libvirt-dbus (org.libvirt). What runs, and with which CID, is in
 * each domain's XML, which is asked for after every event. Stateless.
 */
final class Libvirt implements VmService {
  private static final String NAME = "org.libvirt";
  private static final String PATH = "/org/libvirt/QEMU";
  private static final String CONNECT = NAME + ".Connect";
  private static final String DOMAIN = NAME + ".Domain";

  /** VIR_CONNECT_LIST_DOMAINS_ACTIVE. */
  private static final UInt32 ACTIVE = new UInt32(1);

  private static final UInt32 NO_FLAGS = new UInt32(0);

  /** libvirtd answers for a domain only after what it does with it just now. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Override
  public Claimant claimant() {
    return Claimant.Source.LIBVIRT;
  }

  @Override
  public String name() {
    return NAME;
  }

  /** The bus starts it for the first who asks, and until then nobody signals. */
  @Override
  public boolean isToBeStarted() {
    return true;
  }

  @Override
  public String signalInterface() {
    return CONNECT;
  }

  @Override
  public List<String> signals() {
    return List.of("DomainEvent");
  }

  /** Arguments: the domain's path, the event, its detail. */
  @Override
  public String subject(DBusSignal signal) throws DBusException {
    if (!PATH.equals(signal.getPath()) || !"oii".equals(signal.getSig())) {
      throw new IllegalArgumentException(
          "its path is %s and its signature %s, not %s and oii"
              .formatted(signal.getPath(), signal.getSig(), PATH));
    }
    return signal.getParameters()[0].toString();
  }

  @Override
  public List<String> list(BusPeer service) throws BusException {
    Object domains = service.call(PATIENCE, PATH, CONNECT, "ListDomains", "u", ACTIVE)[0];
    return ((List<?>) domains).stream().map(Object::toString).toList();
  }

  @Override
  public Optional<Running> look(BusPeer service, String path) throws BusException {
    Object xml = service.call(PATIENCE, path, DOMAIN, "GetXMLDesc", "u", NO_FLAGS)[0];
    return LibvirtDomain.parse((String) xml).map(domain -> new Running(domain.vm(), domain.id()));
  }
}
