package io.lumeo.thin;

import io.lumeo.block.BlockDevice;
import java.io.IOException;
import java.util.ArrayList;

/// Writes a pool's metadata as the XML of `thin_dump`, with the mappings of every device spelled
/// out, so that `thin_restore` of any version takes it.
final class MetadataDump {
  private static final long CACHE_BYTES = 16L << 20;

  private final BlockDevice device;
  private final Appendable out;
  private final Progress progress;

  MetadataDump(BlockDevice device, Appendable out, Progress progress) {
    this.device = device;
    this.out = out;
    this.progress = progress;
  }

  void run() throws IOException {
    var metadata = PoolMetadata.open(device, CACHE_BYTES, false);
    line(
        "<superblock uuid=\"\" time=\"%d\" transaction=\"%s\"%s version=\"2\" data_block_size=\"%d\" nr_data_blocks=\"%d\"%s>"
            .formatted(
                metadata.snapshotTime(),
                Long.toUnsignedString(metadata.transactionId()),
                metadata.needsCheck() ? " flags=\"1\"" : "",
                metadata.dataBlockSectors(),
                metadata.dataBlocks(),
                metadata.heldRoot() == 0 ? "" : " metadata_snap=\"" + metadata.heldRoot() + "\""));
    var devices = new ArrayList<DeviceDetails>();
    metadata.forEachDevice(devices::add);
    int done = 0;
    for (var details : devices) {
      Pool.stopIfAsked(progress, done++, devices.size(), "dumping the metadata");
      dump(metadata, details);
    }
    line("</superblock>");
    progress.update(done, done);
  }

  private void dump(PoolMetadata metadata, DeviceDetails details) throws IOException {
    line(
        "  <device dev_id=\"%d\" mapped_blocks=\"%d\" transaction=\"%s\" creation_time=\"%d\" snap_time=\"%d\">"
            .formatted(
                details.id().value(),
                details.mappedBlocks(),
                Long.toUnsignedString(details.transactionId()),
                details.creationTime(),
                details.snapshotTime()));
    var run = new Run();
    metadata.forEachMapping(
        metadata.device(details.id()),
        0,
        Long.MAX_VALUE,
        (virtualBlock, mapping) -> {
          run.add(virtualBlock, mapping);
          return true;
        });
    run.end();
    line("  </device>");
  }

  /// Mappings that continue one another: next virtual block, next data block, same time.
  private final class Run {
    private long origin;
    private long mapping;
    private long length;

    void add(long virtualBlock, long next) throws IOException {
      if (length > 0
          && virtualBlock == origin + length
          && next == mapping + (length << Mapping.TIME_BITS)) {
        length++;
        return;
      }
      end();
      origin = virtualBlock;
      mapping = next;
      length = 1;
    }

    void end() throws IOException {
      if (length == 1) {
        line(
            "    <single_mapping origin_block=\"%d\" data_block=\"%d\" time=\"%d\"/>"
                .formatted(origin, Mapping.dataBlock(mapping), Mapping.time(mapping)));
      } else if (length > 1) {
        line(
            "    <range_mapping origin_begin=\"%d\" data_begin=\"%d\" length=\"%d\" time=\"%d\"/>"
                .formatted(origin, Mapping.dataBlock(mapping), length, Mapping.time(mapping)));
      }
      length = 0;
    }
  }

  private void line(String line) throws IOException {
    out.append(line).append('\n');
  }
}
