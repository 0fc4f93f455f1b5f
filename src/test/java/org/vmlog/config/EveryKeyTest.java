package org.vmlog.config;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EveryKeyTest {
  @TempDir Path folder;

  /** The documented file, every key with its documented value. */
  @Test
  void read_everyDocumentedKey_isTaken() throws Exception {
    ConfigFolder config =
        new ConfigFolder(folder)
            .main(
                """
                [listen]
                vsock = 9999
                tcp = "127.0.0.1:9999"
                unix = "/run/vmlog/forwarder.sock"
                unix_mode = "0660"
                unix_group = "vmlog-admin"
                [logs]
                directory = "/var/log/vmlog"
                layout = "plain"
                format = "rfc3164"
                scrub = "standard"
                copy_to_syslog = false
                sync = "never"
                journald = false
                [logs.rotation]
                max_size = "64MiB"
                max_age = "1d"
                keep = 5
                compress = true
                expire = "5d"
                [logs.quota]
                per_vm = "512MiB"
                total = "4GiB"
                keep_free = "5%"
                retain_until_shipped = "6h"
                shipper_state = "/var/lib/vmlog-ship"
                [limits]
                records_per_second = 20000
                burst = 100000
                bytes_per_second = "8MiB"
                max_request = "4MiB"
                max_records = 65536
                connections_per_identity = 8
                connections_anonymous = 64
                pipe = "1MiB"
                pipes_total = "24MiB"
                hold = "5s"
                [syslog]
                socket = "/dev/log"
                queue = "1MiB"
                max_severity = "crit"
                [crosvm]
                socket_directory = "/run/vmlog/vm"
                group = "vmlog-vmm"
                sender = "local"
                [dbus]
                address = "system"
                concierge = true
                machined = false
                libvirt = false
                [attribution]
                log_connector = true
                tcp_anonymous = false
                insecure_loopback_identity = false
                [state]
                directory = "/var/lib/vmlog"
                [metrics]
                listen = "unix:/run/vmlog/metrics.sock"
                [log]
                level = "info"
                [[vm]]
                owner = "alice"
                name = "web-1"
                cid = 42
                address = "10.0.7.2"
                hybrid_vsock = "/run/fc/web-1/v.sock"
                """);

    assertThatCode(config::read).doesNotThrowAnyException();
  }
}
