package org.vmlog.config;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.FileSystems;

/** What a configuration is checked against besides itself. Implementations are thread-safe. */
interface HostFacts {

  /** Whether the host knows a group of this name (or number). */
  boolean hasGroup(String name);

  /** Whether an interface of this host has this address, so that any local user can bind it. */
  boolean hasAddress(InetAddress address);

  static HostFacts ofThisHost() {
    return new HostFacts() {
      @Override
      public boolean hasGroup(String name) {
        try {
          FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByGroupName(name);
          return true;
        } catch (IOException e) {
          return false; // UserPrincipalNotFoundException, or a group nobody can look up.
        }
      }

      @Override
      public boolean hasAddress(InetAddress address) {
        try {
          return NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
          return true; // Not known to be another's: not to be trusted.
        }
      }
    };
  }
}
