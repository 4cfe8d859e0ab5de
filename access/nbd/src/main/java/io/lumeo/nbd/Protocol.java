package io.lumeo.nbd;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.lang.foreign.ValueLayout;

/// The numbers of the NBD protocol, named as in `doc/proto.md` without their `NBD_` prefixes.
final class Protocol {
  private Protocol() {}

  /// Everything on the wire is big-endian and packed.
  static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(BIG_ENDIAN);

  static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(BIG_ENDIAN);
  static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(BIG_ENDIAN);

  static final int MAX_STRING_BYTES = 4096;

  // Handshake.
  static final long NBDMAGIC = 0x4e42444d41474943L;
  static final long IHAVEOPT = 0x49484156454F5054L;
  static final long OPTION_REPLY_MAGIC = 0x3e889045565a9L;
  static final int FLAG_FIXED_NEWSTYLE = 1;
  static final int FLAG_NO_ZEROES = 1 << 1;
  static final int EXPORT_NAME_ZEROES = 124;
  static final int OPTION_HEADER_BYTES = 16;
  static final int OPTION_REPLY_HEADER_BYTES = 20;

  // Options.
  static final int OPT_EXPORT_NAME = 1;
  static final int OPT_ABORT = 2;
  static final int OPT_LIST = 3;
  static final int OPT_STARTTLS = 5;
  static final int OPT_INFO = 6;
  static final int OPT_GO = 7;
  static final int OPT_STRUCTURED_REPLY = 8;
  static final int OPT_LIST_META_CONTEXT = 9;
  static final int OPT_SET_META_CONTEXT = 10;
  static final int OPT_EXTENDED_HEADERS = 11;

  // Option replies. An error has the top bit set.
  static final int REP_ACK = 1;
  static final int REP_SERVER = 2;
  static final int REP_INFO = 3;
  static final int REP_META_CONTEXT = 4;
  static final int REP_ERR_UNSUP = 0x8000_0001;
  static final int REP_ERR_POLICY = 0x8000_0002;
  static final int REP_ERR_INVALID = 0x8000_0003;
  static final int REP_ERR_PLATFORM = 0x8000_0004;
  static final int REP_ERR_UNKNOWN = 0x8000_0006;
  static final int REP_ERR_SHUTDOWN = 0x8000_0007;
  static final int REP_ERR_TOO_BIG = 0x8000_0009;

  // What INFO and GO tell.
  static final int INFO_EXPORT = 0;
  static final int INFO_NAME = 1;
  static final int INFO_DESCRIPTION = 2;
  static final int INFO_BLOCK_SIZE = 3;

  // Transmission flags.
  static final int FLAG_HAS_FLAGS = 1;
  static final int FLAG_READ_ONLY = 1 << 1;
  static final int FLAG_SEND_FLUSH = 1 << 2;
  static final int FLAG_SEND_FUA = 1 << 3;
  static final int FLAG_SEND_TRIM = 1 << 5;
  static final int FLAG_SEND_WRITE_ZEROES = 1 << 6;
  static final int FLAG_SEND_DF = 1 << 7;
  static final int FLAG_CAN_MULTI_CONN = 1 << 8;
  static final int FLAG_SEND_CACHE = 1 << 10;
  static final int FLAG_SEND_FAST_ZERO = 1 << 11;

  // Command flags.
  static final int CMD_FLAG_FUA = 1;
  static final int CMD_FLAG_NO_HOLE = 1 << 1;
  static final int CMD_FLAG_DF = 1 << 2;
  static final int CMD_FLAG_REQ_ONE = 1 << 3;
  static final int CMD_FLAG_FAST_ZERO = 1 << 4;

  // Structured reply chunks. An error has the top bit set.
  static final int CHUNK_FLAG_DONE = 1;
  static final int CHUNK_NONE = 0;
  static final int CHUNK_OFFSET_DATA = 1;
  static final int CHUNK_OFFSET_HOLE = 2;
  static final int CHUNK_BLOCK_STATUS = 5;
  static final int CHUNK_ERROR = 0x8001;
  static final int CHUNK_ERROR_OFFSET = 0x8002;
  static final int CHUNK_ERROR_BIT = 0x8000;

  // The metadata context `base:allocation`.
  static final String BASE_ALLOCATION = "base:allocation";
  static final int STATE_HOLE = 1;
  static final int STATE_ZERO = 1 << 1;
}
