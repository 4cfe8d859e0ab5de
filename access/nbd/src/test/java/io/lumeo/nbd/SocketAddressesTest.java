package io.lumeo.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SocketAddressesTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, 127.0.0.1:10809",
    "::1, [::1]:10809",
    "::, [::]:10809",
    "fe80:0:0:1:0:0:0:a, [fe80:0:0:1::a]:10809",
    "2001:db8:0:1:1:1:1:0, [2001:db8:0:1:1:1:1:0]:10809",
    "2001:0db8:0:0:1:0:0:1, [2001:db8::1:0:0:1]:10809",
    "1:2:3:4:5:6:7:8, [1:2:3:4:5:6:7:8]:10809"
  })
  void anAddressIsWrittenAsPeopleWriteIt(String host, String text) throws Exception {
    var address = new InetSocketAddress(InetAddress.getByName(host), 10809);

    assertThat(SocketAddresses.toText(address)).isEqualTo(text);
  }

  @Test
  void whatHasNoNumberIsWrittenAsItIs() {
    assertThat(SocketAddresses.toText(UnixDomainSocketAddress.of("/run/nbd.sock")))
        .isEqualTo("/run/nbd.sock");
    assertThat(SocketAddresses.toText(InetSocketAddress.createUnresolved("nowhere", 1)))
        .isEqualTo("nowhere/<unresolved>:1");
  }
}
