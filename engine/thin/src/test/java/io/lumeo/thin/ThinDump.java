package io.lumeo.thin;

import io.lumeo.testing.XmlElement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

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
    var elements = XmlElement.read(xml);
    var superblock = elements.getFirst();
    var definitions = new HashMap<String, NavigableMap<Long, Long>>();
    var devices = new TreeMap<Integer, Device>();
    NavigableMap<Long, Long> mappings = new TreeMap<>();
    for (var element : elements.subList(1, elements.size())) {
      switch (element.name()) {
        case "def" -> {
          mappings = new TreeMap<>();
          definitions.put(element.attribute("name"), mappings);
        }
        case "device" -> {
          mappings = new TreeMap<>();
          devices.put((int) element.number("dev_id"), device(element, mappings));
        }
        case "ref" -> mappings.putAll(definitions.get(element.attribute("name")));
        case "single_mapping" -> map(mappings, element, "origin_block", "data_block", 1);
        case "range_mapping" ->
            map(mappings, element, "origin_begin", "data_begin", element.number("length"));
        default -> throw new AssertionError(element + " is unknown");
      }
    }
    return new ThinDump(
        superblock.number("time"),
        Long.parseUnsignedLong(superblock.attribute("transaction")),
        superblock.number("data_block_size"),
        superblock.number("nr_data_blocks"),
        devices);
  }

  private static Device device(XmlElement element, NavigableMap<Long, Long> mappings) {
    return new Device(
        element.number("mapped_blocks"),
        Long.parseUnsignedLong(element.attribute("transaction")),
        element.number("creation_time"),
        element.number("snap_time"),
        mappings);
  }

  private static void map(
      NavigableMap<Long, Long> mappings,
      XmlElement element,
      String virtualBlock,
      String dataBlock,
      long length) {
    int time = (int) element.number("time");
    for (long i = 0; i < length; i++) {
      var before =
          mappings.put(
              element.number(virtualBlock) + i, Mapping.pack(element.number(dataBlock) + i, time));
      if (before != null) {
        throw new AssertionError(element + " maps a virtual block again");
      }
    }
  }
}
