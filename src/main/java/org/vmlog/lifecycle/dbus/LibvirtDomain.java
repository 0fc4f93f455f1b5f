package org.vmlog.lifecycle.dbus;

import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.vmlog.identity.VmId;
import org.vmlog.identity.VmSpec;

/**
 * What matters of a libvirt domain that runs. Its XML (libvirt.org/formatdomain.html) comes partly
 * from whoever defined it, so nothing outside it is ever read, and only the elements at their exact
 * places count. Immutable.
 *
 * @param id libvirt's number for this start of it
 */
record LibvirtDomain(VmSpec vm, String id) {
  /** The owner of every VM of libvirt's, whose names are unique for a driver. */
  private static final String OWNER = "libvirt";

  private static final String ROOT = "/domain";
  private static final String NAME = "/domain/name";
  private static final String CID = "/domain/devices/vsock/cid";

  private static final XMLInputFactory FACTORY = factory();

  /**
   * Reads a domain; empty if it does not run.
   *
   * @throws IllegalArgumentException if it is not XML, or no domain's
   */
  static Optional<LibvirtDomain> parse(String xml) {
    Parser parser = new Parser();
    try {
      parser.read(FACTORY.createXMLStreamReader(new StringReader(xml)));
    } catch (XMLStreamException | RuntimeException e) {
      throw new IllegalArgumentException("its XML does not parse: " + e.getMessage(), e);
    }
    return parser.domain();
  }

  private static XMLInputFactory factory() {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_COALESCING, true);
    return factory;
  }

  private static final class Parser {
    private final Deque<String> places = new ArrayDeque<>();
    private Optional<String> id = Optional.empty();
    private Optional<String> name = Optional.empty();
    private Optional<String> cid = Optional.empty();

    void read(XMLStreamReader xml) throws XMLStreamException {
      while (xml.hasNext()) {
        switch (xml.next()) {
          case XMLStreamConstants.START_ELEMENT -> {
            String parent = places.isEmpty() ? "" : places.peek();
            places.push(parent + "/" + xml.getName());
            begin(xml);
          }
          case XMLStreamConstants.END_ELEMENT -> places.pop();
          case XMLStreamConstants.CHARACTERS -> {
            if (NAME.equals(places.peek())) {
              name = Optional.of(xml.getText());
            }
          }
          default -> {
            // Comments, processing instructions, space.
          }
        }
      }
    }

    private void begin(XMLStreamReader xml) {
      if (ROOT.equals(places.peek())) {
        id = Optional.ofNullable(xml.getAttributeValue(null, "id"));
      } else if (CID.equals(places.peek())) {
        cid = Optional.ofNullable(xml.getAttributeValue(null, "address"));
      }
    }

    Optional<LibvirtDomain> domain() {
      VmSpec vm = VmSpec.named(new VmId(OWNER, name.orElse(""))).withType("libvirt");
      if (cid.isPresent()) {
        vm = vm.withCid(Long.parseLong(cid.get()));
      }
      VmSpec known = vm;
      return id.map(number -> new LibvirtDomain(known, number));
    }
  }
}
