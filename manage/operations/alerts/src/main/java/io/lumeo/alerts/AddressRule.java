package io.lumeo.alerts;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/// Which addresses may be connected to. An address that somebody types into a webhook must not lead
/// into the network behind the host, nor to a cloud's metadata service, unless the configuration
/// says that it may.
public enum AddressRule {
  /// Only addresses of the public internet.
  PUBLIC_ONLY,
  /// Private and local ones too.
  ANY;

  boolean allows(InetAddress address) {
    return switch (this) {
      case ANY -> !address.isMulticastAddress() && !address.isAnyLocalAddress();
      case PUBLIC_ONLY -> isPublic(address);
    };
  }

  private static boolean isPublic(InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    var bytes = address.getAddress();
    return address instanceof Inet4Address ? isPublic4(bytes) : isPublic6(bytes);
  }

  /// The blocks of IANA's special-purpose registry (RFC 6890) that the JDK has no question for.
  private static boolean isPublic4(byte[] bytes) {
    var a = bytes[0] & 0xff;
    var b = bytes[1] & 0xff;
    var c = bytes[2] & 0xff;
    return !(a == 0
        || (a == 100 && b >= 64 && b < 128)
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113)
        || a >= 240);
  }

  /// Global unicast only, and what carries an IPv4 address in it is judged by that one.
  private static boolean isPublic6(byte[] bytes) {
    if (starts(bytes, 0x00, 0x64, 0xff, 0x9b)) { // NAT64, RFC 6052
      return isPublic(embedded(bytes, 12));
    }
    if (starts(bytes, 0x20, 0x02)) { // 6to4, RFC 3056
      return isPublic(embedded(bytes, 2));
    }
    return (bytes[0] & 0xe0) == 0x20
        && !starts(bytes, 0x20, 0x01, 0x00) // Teredo and other protocols, RFC 2928
        && !starts(bytes, 0x20, 0x01, 0x01)
        && !starts(bytes, 0x20, 0x01, 0x0d, 0xb8); // documentation, RFC 3849
  }

  private static boolean starts(byte[] bytes, int... prefix) {
    for (var i = 0; i < prefix.length; i++) {
      if ((bytes[i] & 0xff) != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  private static InetAddress embedded(byte[] bytes, int offset) {
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(bytes, offset, offset + 4));
    } catch (UnknownHostException e) {
      throw new AssertionError("four bytes are an address", e);
    }
  }
}
