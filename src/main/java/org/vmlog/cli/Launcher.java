package org.vmlog.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.vmlog.platform.Json;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * The programs that start VMs, and what to give them so that a guest without an agent logs: its
 * journal by vsock, its console to the VM's own socket. What each takes is in its documentation;
 * docs/launchers.md says which were run.
 */
enum Launcher {
  QEMU("qemu") {
    @Override
    List<String> lines(Vm vm) {
      List<String> lines = new ArrayList<>();
      vm.cid().ifPresent(cid -> lines.add("-device vhost-vsock-pci,guest-cid=" + cid));
      if (vm.hasVsock()) {
        lines.add("-smbios type=11,value=io.systemd.credential:" + CREDENTIAL + "=" + HOST);
      }
      String path = vm.console().replace(",", ",,"); // as QEMU has it in all its options
      String socket = "socket,id=vmlog,path=" + path + ",reconnect-ms=1000";
      lines.add("-chardev " + quoted(socket) + " -serial chardev:vmlog");
      return lines;
    }
  },
  LIBVIRT("libvirt") {
    @Override
    List<String> lines(Vm vm) {
      List<String> lines = new ArrayList<>();
      if (vm.hasVsock()) {
        lines.add("<os><smbios mode='sysinfo'/></os>");
        lines.add(
            "<sysinfo type='smbios'><oemStrings><entry>io.systemd.credential:%s=%s</entry>"
                    .formatted(CREDENTIAL, HOST)
                + "</oemStrings></sysinfo>");
      }
      vm.cid()
          .ifPresent(
              cid ->
                  lines.add(
                      "<vsock model='virtio'><cid auto='no' address='" + cid + "'/></vsock>"));
      String path = vm.console().replace("&", "&amp;").replace("'", "&apos;").replace("<", "&lt;");
      lines.add("<serial type='unix'><source mode='connect' path='" + path + "'>");
      lines.add("  <reconnect enabled='yes' timeout='1'/></source></serial>");
      return lines;
    }
  },
  CLOUD_HYPERVISOR("cloud-hypervisor") {
    @Override
    List<String> lines(Vm vm) {
      List<String> lines = new ArrayList<>();
      vm.hybridVsock().ifPresent(path -> lines.add("--vsock " + quoted("cid=3,socket=" + path)));
      lines.add("--cmdline '" + kernelOptions(vm) + "' --console off --serial tty");
      lines.add("| " + toConsole(vm));
      return lines;
    }
  },
  FIRECRACKER("firecracker") {
    @Override
    List<String> lines(Vm vm) {
      List<String> lines = new ArrayList<>();
      vm.hybridVsock()
          .ifPresent(
              path ->
                  lines.add(
                      "\"vsock\": { \"guest_cid\": 3, \"uds_path\": " + Json.of(path) + " }"));
      lines.add("\"boot_args\": \"" + kernelOptions(vm) + "\"");
      lines.add("| " + toConsole(vm));
      return lines;
    }
  },
  CROSVM("crosvm") {
    @Override
    List<String> lines(Vm vm) {
      List<String> lines = new ArrayList<>();
      vm.cid().ifPresent(cid -> lines.add("--vsock cid=" + cid));
      if (vm.hasVsock()) {
        lines.add("-p " + SET_CREDENTIAL);
      }
      lines.add(
          "--serial "
              + quoted("type=unix-stream,hardware=serial,num=1,console=true,path=" + vm.console()));
      return lines;
    }
  },
  VMSPAWN("vmspawn") {
    @Override
    List<String> lines(Vm vm) {
      List<String> lines = new ArrayList<>();
      if (vm.hasVsock()) {
        String cid = vm.cid().isPresent() ? " --vsock-cid=" + vm.cid().getAsLong() : "";
        lines.add("--vsock=yes" + cid + " --set-credential=" + CREDENTIAL + ":" + HOST);
      }
      lines.add("--console=read-only | " + toConsole(vm));
      return lines;
    }
  };

  private static final String CREDENTIAL = "journal.forward_to_socket";
  private static final String HOST = "vsock:2:9998";
  private static final String SET_CREDENTIAL = "systemd.set_credential=" + CREDENTIAL + ":" + HOST;
  private static final Pattern PLAIN = Pattern.compile("[\\w@%+=:,./-]+");

  private final String word;

  Launcher(String word) {
    this.word = word;
  }

  /**
   * What is known of the VM.
   *
   * @param console the path of its socket for that
   */
  record Vm(OptionalLong cid, Optional<String> hybridVsock, String console) {
    boolean hasVsock() {
      return cid.isPresent() || hybridVsock.isPresent();
    }
  }

  /** What to add to the command or the file that starts the VM, ready to be pasted. */
  abstract List<String> lines(Vm vm);

  private static String kernelOptions(Vm vm) {
    return "console=ttyS0" + (vm.hasVsock() ? " " + SET_CREDENTIAL : "");
  }

  private static String toConsole(Vm vm) {
    return "socat -u - " + quoted("UNIX-CONNECT:" + vm.console().replaceAll("[,:!]", "\\\\$0"));
  }

  /** As one word of a shell. */
  private static String quoted(String word) {
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /** For picocli. */
  static final class Converter implements ITypeConverter<Launcher> {
    @Override
    public Launcher convert(String text) {
      return Arrays.stream(values())
          .filter(launcher -> launcher.word.equals(text))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "'"
                          + text
                          + "' is no launcher; allowed are "
                          + Arrays.stream(values())
                              .map(launcher -> launcher.word)
                              .collect(Collectors.joining(", "))));
    }
  }
}
