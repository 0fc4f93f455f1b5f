package org.vmlog.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.vmlog.config.ForwarderConfig;
import org.vmlog.identity.VmSpec;

/**
 * The folders that the forwarder writes to: there, for those who should see them, and no others.
 */
final class FolderChecks {
  private static final Set<PosixFilePermission> OTHERS =
      Set.of(
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE,
          PosixFilePermission.OTHERS_EXECUTE);

  private final ForwarderConfig config;
  private final ServiceChecks service;

  FolderChecks(ForwarderConfig config, ServiceChecks service) {
    this.config = config;
    this.service = service;
  }

  Finding logs() throws IOException {
    Path folder = config.logs().directory();
    Optional<Finding> wrong = missingOrOpen(folder, "whoever is on this host can read all logs");
    if (wrong.isPresent()) {
      return wrong.get();
    }
    if (!Files.isReadable(folder) || !Files.isExecutable(folder)) {
      return Finding.wrong(
          folder + " may not be read by this user",
          "join the group %s and log in anew".formatted(attributes(folder).group()));
    }
    String configured = config.logs().layout().toString().toLowerCase(Locale.ROOT);
    String layout = layout(folder).orElse(configured);
    return layout.equals(configured)
        ? Finding.ok(folder + " can be read")
        : Finding.wrong(
            "%s has the layout %s, and logs.layout is %s".formatted(folder, layout, configured),
            "logs.layout = \"%s\", or another logs.directory".formatted(layout));
  }

  Finding state() throws IOException {
    Path folder = config.stateDirectory();
    return missingOrOpen(folder, "it holds who the VMs are")
        .orElse(Finding.ok(folder + " is there"));
  }

  private static Optional<Finding> missingOrOpen(Path folder, String risk) throws IOException {
    try {
      PosixFileAttributes attributes = attributes(folder);
      if (!attributes.isDirectory()) {
        return Optional.of(Finding.wrong(folder + " is no folder", "make way for one"));
      }
      boolean open = attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE);
      boolean seen = attributes.permissions().stream().anyMatch(OTHERS::contains);
      String chmod = "chmod o= " + folder;
      if (open) {
        return Optional.of(
            Finding.wrong(
                folder + " may be written to by everybody, and the forwarder does not use it so",
                chmod));
      }
      return seen
          ? Optional.of(Finding.note(folder + " is open to everybody: " + risk, chmod))
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.of(
          Finding.wrong(folder + " is missing", "systemctl start vmlog-forwarder, which makes it"));
    }
  }

  /** The folder of the live VMs' sockets, and each VM's own in it. */
  Finding vmSockets() throws IOException {
    Path folder = config.crosvm().socketDirectory();
    if (!Files.exists(folder) && service.vms().isEmpty()) {
      return Finding.note(
          folder + " is missing; the forwarder makes it for the first VM, if it may",
          "systemd-tmpfiles --create vmlog.conf");
    }
    String group = attributes(folder).group().getName();
    Optional<String> wanted = config.crosvm().group();
    if (wanted.isPresent() && !wanted.get().equals(group)) {
      return Finding.wrong(
          "%s is of the group %s, and crosvm.group is %s".formatted(folder, group, wanted.get()),
          "systemd-tmpfiles --create vmlog.conf");
    }
    for (Map<String, Object> vm : service.vms()) {
      for (Object socket : List.of(vm.get("crosvm_socket"), vm.get("grpc_socket"))) {
        Path path = Path.of(String.valueOf(socket));
        if (Files.notExists(path, LinkOption.NOFOLLOW_LINKS)) {
          return Finding.wrong(
              "%s/%s is live, and %s is gone".formatted(vm.get("owner"), vm.get("name"), path),
              "stop the VM and start it anew, or systemctl restart vmlog-forwarder");
        }
      }
    }
    return Finding.ok("%s has those of %s live VMs".formatted(folder, service.vms().size()));
  }

  /** The folders of VMMs with hybrid vsock, of the VMs that are configured or live. */
  Finding hybridVsocks() {
    Map<String, Path> sockets = new TreeMap<>();
    for (VmSpec vm : config.vms()) {
      vm.hybridVsock().ifPresent(path -> sockets.put(vm.id().toString(), path));
    }
    Map<String, String> problems = new TreeMap<>();
    for (Map<String, Object> vm : service.vms()) {
      String name = vm.get("owner") + "/" + vm.get("name");
      if (vm.get("hybrid_vsock") instanceof String path) {
        sockets.put(name, Path.of(path));
      }
      if (vm.get("hybrid_vsock_problem") instanceof String problem) {
        problems.put(name, problem);
      }
    }
    for (Map.Entry<String, Path> vm : sockets.entrySet()) {
      Path door = Path.of(vm.getValue() + "_9999");
      Path folder = Objects.requireNonNull(door.getParent());
      if (Files.notExists(folder)) {
        return Finding.note(
            "%s of %s is missing".formatted(folder, vm.getKey()),
            "start the VMM, or make it with tmpfiles.d; the doors in it are opened when it comes");
      }
      if (problems.containsKey(vm.getKey()) || Files.notExists(door)) {
        return Finding.wrong(
            "%s has no door in %s: %s"
                .formatted(
                    vm.getKey(),
                    folder,
                    problems.getOrDefault(vm.getKey(), "nothing listens on " + door)),
            "let the forwarder write to that folder, and nobody but the VMM's user besides");
      }
    }
    return sockets.isEmpty()
        ? Finding.ok("none is known")
        : Finding.ok("each of %s has its doors".formatted(sockets.size()));
  }

  private static Optional<String> layout(Path folder) throws IOException {
    Path note = folder.resolve(".layout");
    return Files.exists(note)
        ? Optional.of(Files.readString(note, StandardCharsets.US_ASCII).strip())
        : Optional.empty();
  }

  private static PosixFileAttributes attributes(Path folder) throws IOException {
    return Files.readAttributes(folder, PosixFileAttributes.class);
  }
}
