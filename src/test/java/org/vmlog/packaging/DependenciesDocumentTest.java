package org.vmlog.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** docs/dependencies.md is of what the build takes: another version is looked at anew. */
class DependenciesDocumentTest {
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `([^`]+)` \\| ([^ ]+) \\|");

  @Test
  void document_namesEachLibraryWithItsVersion() throws Exception {
    Map<String, String> named = new TreeMap<>();
    ROW.matcher(Files.readString(Path.of("docs/dependencies.md")))
        .results()
        .forEach(row -> named.put(row.group(1), row.group(2)));
    assertThat(named).isEqualTo(librariesOfThePom());
  }

  /** Those that the programs or the compiler need, without what Maven finds for them. */
  private static Map<String, String> librariesOfThePom() throws Exception {
    Document pom =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(Path.of("pom.xml").toFile());
    Element project = pom.getDocumentElement();
    Element properties = child(project, "properties");
    Map<String, String> libraries = new TreeMap<>();
    NodeList all = child(project, "dependencies").getElementsByTagName("dependency");
    for (int i = 0; i < all.getLength(); i++) {
      Element one = (Element) all.item(i);
      Element scope = child(one, "scope");
      if (scope == null || scope.getTextContent().equals("runtime")) {
        String version = child(one, "version").getTextContent();
        String property = version.replaceAll("[${}]", "");
        libraries.put(
            child(one, "artifactId").getTextContent(),
            version.equals(property) ? version : child(properties, property).getTextContent());
      }
    }
    return libraries;
  }

  private static Element child(Element of, String name) {
    for (var node = of.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element && element.getTagName().equals(name)) {
        return element;
      }
    }
    return null;
  }
}
