package io.lumeo.thin;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/// What the XML of `thin_dump` says, whoever wrote it: shared parts (`<def>`, `<ref>`) and ranges
/// are spelled out, so that two dumps of one content are equal.
record ThinDump(
    long time,
    long transactionId,
    long dataBlockSectors,
    long dataBlocks,
    SortedMap<Integer, Device> devices) {

  /// One device; its mappings are packed as [Mapping] does.
  record Device(
      long mappedBlocks,
      long transactionId,
      long creationTime,
      long snapshotTime,
      NavigableMap<Long, Long> mappings) {}

  /// Our own dump of the metadata in a file.
  static String ours(Path metadata) throws IOException {
    var xml = new StringBuilder();
    Volumes.dump(PoolFiles.of(metadata, metadata), xml, Progress.NONE);
    return xml.toString();
  }

  static ThinDump parse(String xml) {
    try {
      var reader = XMLInputFactory.newFactory().createXMLStreamReader(new StringReader(xml));
      return new Reader(reader).read();
    } catch (XMLStreamException e) {
      throw new AssertionError("not XML: " + xml, e);
    }
  }

  private static final class Reader {
    private final XMLStreamReader xml;
    private final Map<String, NavigableMap<Long, Long>> definitions = new HashMap<>();
    private final SortedMap<Integer, Device> devices = new TreeMap<>();
    private NavigableMap<Long, Long> mappings = new TreeMap<>();
    private long[] superblock = {};

    Reader(XMLStreamReader xml) {
      this.xml = xml;
    }

    ThinDump read() throws XMLStreamException {
      while (xml.hasNext()) {
        if (xml.next() == XMLStreamConstants.START_ELEMENT) {
          element(xml.getLocalName());
        }
      }
      return new ThinDump(superblock[0], superblock[1], superblock[2], superblock[3], devices);
    }

    private void element(String name) {
      switch (name) {
        case "superblock" ->
            superblock =
                new long[] {
                  number("time"),
                  number("transaction"),
                  number("data_block_size"),
                  number("nr_data_blocks")
                };
        case "def" -> {
          mappings = new TreeMap<>();
          definitions.put(xml.getAttributeValue(null, "name"), mappings);
        }
        case "device" -> {
          mappings = new TreeMap<>();
          devices.put(
              (int) number("dev_id"),
              new Device(
                  number("mapped_blocks"),
                  number("transaction"),
                  number("creation_time"),
                  number("snap_time"),
                  mappings));
        }
        case "ref" -> mappings.putAll(definitions.get(xml.getAttributeValue(null, "name")));
        case "single_mapping" -> map(number("origin_block"), number("data_block"), 1);
        case "range_mapping" ->
            map(number("origin_begin"), number("data_begin"), number("length"));
        default -> throw new AssertionError("element " + name + " is unknown");
      }
    }

    private void map(long virtualBlock, long dataBlock, long length) {
      int time = (int) number("time");
      for (long i = 0; i < length; i++) {
        var before = mappings.put(virtualBlock + i, Mapping.pack(dataBlock + i, time));
        if (before != null) {
          throw new AssertionError("virtual block " + (virtualBlock + i) + " is mapped twice");
        }
      }
    }

    private long number(String attribute) {
      return Long.parseLong(xml.getAttributeValue(null, attribute));
    }
  }
}
