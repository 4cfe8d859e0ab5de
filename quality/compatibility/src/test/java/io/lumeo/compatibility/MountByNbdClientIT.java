package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.KernelRig;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// `lumeo volume mount` where the kernel has nbd devices: server, commands and nbd-client all run
/// in a kernel of their own.
class MountByNbdClientIT {
  private KernelRig guest;

  @BeforeEach
  void serve() {
    guest = KernelRig.boot(List.of());
    guest
        .shell(
            """
            busybox ifconfig lo up
            cat >/run/lumeo <<'SCRIPT'
            #!/bin/sh
            exec %s "$@"
            SCRIPT
            chmod +x /run/lumeo
            /run/lumeo up /run/pool --nbd unix --rest 0 --data-size 1G >/run/up.log 2>&1 &
            until [ -e /run/pool/server.json ]; do
              kill -0 $! || { cat /run/up.log >&2; exit 1; }
              busybox usleep 100000
            done
            """
                .formatted(
                    LumeoUp.command().stream()
                        .map(word -> "'" + word + "'")
                        .collect(Collectors.joining(" "))))
        .expectSuccess();
  }

  @AfterEach
  void stop() {
    guest.close();
  }

  private String lumeo(String words) {
    return guest.shell("/run/lumeo " + words + " --dir /run/pool").expectSuccess().stdout();
  }

  @Test
  void filesAreThereAgainAndADeviceOfOthersIsLeftAlone() {
    lumeo("volume mount vol0 /mnt --fs ext4");
    guest
        .shell("echo 'by nbd' >/mnt/note; grep '^/dev/nbd0 /mnt ext4' /proc/mounts")
        .expectSuccess();
    lumeo("volume umount vol0");
    guest
        .shell("! grep /mnt /proc/mounts | grep nbd; test ! -e /sys/block/nbd0/pid")
        .expectSuccess();

    lumeo("volume mount vol0 /mnt");
    assertThat(guest.shell("cat /mnt/note").stdout()).isEqualTo("by nbd\n");

    // The device changes hands behind our back.
    guest
        .shell(
            """
            umount /mnt
            nbd-client -d /dev/nbd0
            nbd-client -unix /run/pool/nbd.sock -N vol0 /dev/nbd0
            """)
        .expectSuccess();
    lumeo("volume umount vol0");
    guest.shell("test -e /sys/block/nbd0/pid && nbd-client -d /dev/nbd0").expectSuccess();
  }
}
