package org.vmlog.lifecycle.dbus;

import java.util.List;
import java.util.Optional;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.messages.DBusSignal;
import org.vmlog.bus.BusException;
import org.vmlog.bus.BusPeer;
import org.vmlog.identity.Claimant;
import org.vmlog.identity.VmSpec;

/** A service that keeps track of VMs, each an object on the bus. Stateless. */
interface VmService {
  /** As whom it is believed. */
  Claimant claimant();

  /** The name that it owns on the bus. */
  String name();

  /** Whether the bus has to start it, for it says nothing of the VMs before. */
  boolean isToBeStarted();

  /** The interface of its signals that say that a VM comes or goes. */
  String signalInterface();

  /** Those signals. */
  List<String> signals();

  /**
   * The path of the VM that such a signal is about.
   *
   * @throws IllegalArgumentException if it is not what the service sends
   */
  String subject(DBusSignal signal) throws DBusException;

  /**
   * A VM that runs.
   *
   * @param start tells one start of it from another
   */
  record Running(VmSpec vm, String start) {}

  /**
   * Asks for the paths of all VMs, and perhaps of others.
   *
   * @throws IllegalArgumentException if the answer is not what the service answers
   */
  List<String> list(BusPeer service) throws BusException;

  /**
   * Asks what is at a path now; empty if that is no VM, or one that does not run or is not to be
   * believed.
   *
   * @throws IllegalArgumentException if the answer is not what the service answers
   */
  Optional<Running> look(BusPeer service, String path) throws BusException;
}
