package org.vmlog.lifecycle.dbus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;

class LibvirtDomainTest {
  private static final VmSpec WEB = VmSpec.named(new VmId("libvirt", "web-1")).withType("libvirt");

  @Test
  void parse_runningDomain_hasItsNameAndCid() {
    assertThat(
            LibvirtDomain.parse(
                """
                <!-- made by virsh -->
                <domain type='kvm' id='3' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
                  <name>web-1</name>
                  <uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid>
                  <devices>
                    <disk><source file='/x'/></disk>
                    <vsock model='virtio'><cid auto='yes' address='42'/><alias name='v'/></vsock>
                  </devices>
                </domain>
                """))
        .contains(new LibvirtDomain(WEB.withCid(42), "3"));
  }

  @Test
  void parse_withoutVsock_hasNoCid() {
    assertThat(LibvirtDomain.parse("<domain id='3'><name>web-1</name></domain>"))
        .contains(new LibvirtDomain(WEB, "3"));
  }

  @Test
  void parse_domainThatDoesNotRun_isEmpty() {
    assertThat(LibvirtDomain.parse("<domain type='kvm'><name>web-1</name></domain>")).isEmpty();
  }

  /** Whoever may define a domain may put anything in its metadata. */
  @Test
  void parse_sameElementsElsewhere_doNotCount() {
    assertThat(
            LibvirtDomain.parse(
                """
                <domain id='3'>
                  <metadata>
                    <a:vsock xmlns:a='urn:a'><cid address='7'/><name>other</name></a:vsock>
                    <domain id='9'><name>db-1</name><devices><vsock><cid address='8'/></vsock>
                    </devices></domain>
                  </metadata>
                  <name>web-1</name>
                  <devices>
                    <b:vsock xmlns:b='urn:b'><b:cid address='9'/></b:vsock>
                    <controller><vsock><cid address='10'/></vsock></controller>
                    <!-- <vsock><cid address='11'/></vsock> -->
                    <vsock><cid auto='no' address='42'/><name>none</name></vsock>
                  </devices>
                </domain>
                """))
        .contains(new LibvirtDomain(WEB.withCid(42), "3"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "domain",
        "<domain id='3'>",
        "<domain id='3'></domain>",
        "<domain id='3'><name></name></domain>",
        "<domain id='3'><name>x</name><devices><vsock><cid address='many'/></vsock></devices></domain>",
        "<domain id='3'><name>&lol;</name></domain>",
      })
  void parse_whatIsNoDomain_isRefused(String xml) {
    assertThatIllegalArgumentException().isThrownBy(() -> LibvirtDomain.parse(xml));
  }

  @Test
  void parse_entities_areNeverReadNorExpanded(@TempDir Path folder) throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "secret");
    String external =
        "<!DOCTYPE domain [<!ENTITY x SYSTEM '%s'>]><domain id='3'><name>&x;</name></domain>"
            .formatted(secret.toUri());
    String laughs =
        "<!DOCTYPE d [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><domain id='3'><name>&b;</name></domain>";

    assertThatIllegalArgumentException().isThrownBy(() -> LibvirtDomain.parse(external));
    assertThatIllegalArgumentException().isThrownBy(() -> LibvirtDomain.parse(laughs));
  }
}
