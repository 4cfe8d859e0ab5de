package io.lumeo.nbd;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// How socket addresses are written for people and in URIs: `127.0.0.1:10809`, `[::1]:10809`, and a
/// Unix socket as its path.
public final class SocketAddresses {
  private static final int GROUPS = 8;

  private SocketAddresses() {}

  /// The address as text.
  public static String toText(SocketAddress address) {
    return address instanceof InetSocketAddress internet && internet.getAddress() != null
        ? hostText(internet.getAddress()) + ":" + internet.getPort()
        : address.toString();
  }

  private static String hostText(InetAddress host) {
    return host instanceof Inet6Address ? "[" + shortened(host) + "]" : host.getHostAddress();
  }

  /// RFC 5952: no leading zeroes, and the longest run of zero groups, the first of several, as
  /// `::`.
  private static String shortened(InetAddress host) {
    var groups = new ArrayList<String>();
    for (var bytes = ByteBuffer.wrap(host.getAddress()); bytes.hasRemaining(); ) {
      groups.add(Integer.toHexString(Short.toUnsignedInt(bytes.getShort())));
    }
    for (int length = GROUPS; length >= 2; length--) {
      for (int from = 0; from + length <= GROUPS; from++) {
        if (groups.subList(from, from + length).stream().allMatch("0"::equals)) {
          return joined(groups.subList(0, from))
              + "::"
              + joined(groups.subList(from + length, GROUPS));
        }
      }
    }
    return joined(groups);
  }

  private static String joined(List<String> groups) {
    return String.join(":", groups);
  }
}
