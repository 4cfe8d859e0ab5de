package io.lumeo.testing;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;

/// One element of an XML document that a tool printed, such as `thin_dump`: its name and its
/// attributes. What is between elements does not matter there.
public record XmlElement(String name, Map<String, String> attributes) {
  public XmlElement {
    attributes = Map.copyOf(attributes);
  }

  /// All elements in the order in which they begin. Fails the test if it is not XML.
  public static List<XmlElement> read(String xml) {
    var elements = new ArrayList<XmlElement>();
    try {
      var reader = XMLInputFactory.newFactory().createXMLStreamReader(new StringReader(xml));
      while (reader.hasNext()) {
        if (reader.next() == XMLStreamConstants.START_ELEMENT) {
          var attributes = new HashMap<String, String>();
          for (int i = 0; i < reader.getAttributeCount(); i++) {
            attributes.put(reader.getAttributeLocalName(i), reader.getAttributeValue(i));
          }
          elements.add(new XmlElement(reader.getLocalName(), attributes));
        }
      }
      return elements;
    } catch (XMLStreamException failure) {
      throw new AssertionError("not XML: " + xml, failure);
    }
  }

  /// The attribute of that name. Fails the test if there is none.
  public String attribute(String attribute) {
    var value = attributes.get(attribute);
    if (value == null) {
      throw new AssertionError("there is no attribute " + attribute + " in " + this);
    }
    return value;
  }

  /// The attribute of that name as a number.
  public long number(String attribute) {
    return Long.parseLong(attribute(attribute));
  }
}
