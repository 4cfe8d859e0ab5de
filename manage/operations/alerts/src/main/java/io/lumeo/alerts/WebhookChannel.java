package io.lumeo.alerts;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Posts messages to an address.
///
/// With a key, the header `Lumeo-Signature: t=SECONDS,v1=HEX` proves who sent it and when: HEX is
/// HMAC-SHA256, by the key, of the seconds since 1970, a dot, and the body. A receiver computes it
/// again, compares in constant time, and refuses seconds that are minutes away from its own.
public final class WebhookChannel implements Channel {
  private final String name;
  private final URI address;
  private final WebhookShape shape;
  private final @Nullable Secret key;
  private final @Nullable Secret authorization;
  private final HttpSender sender;
  private final InstantSource clock;

  /// A channel to `address`.
  ///
  /// @param key what messages are signed with, or null
  /// @param authorization the value of the `Authorization` header, such as `Bearer …`, or null
  public WebhookChannel(
      String name,
      URI address,
      WebhookShape shape,
      @Nullable Secret key,
      @Nullable Secret authorization,
      HttpSender sender,
      InstantSource clock) {
    this.name = name;
    this.address = address;
    this.shape = shape;
    this.key = key;
    this.authorization = authorization;
    this.sender = sender;
    this.clock = clock;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void deliver(Message message) throws DeliveryFailure {
    var body = shape.body(message, address);
    var headers = new LinkedHashMap<String, String>();
    headers.put("Content-Type", "application/json");
    headers.put("Idempotency-Key", message.id());
    if (authorization != null) {
      headers.put("Authorization", authorization.reveal());
    }
    if (key != null) {
      headers.put("Lumeo-Signature", signature(key, clock.instant().getEpochSecond(), body));
    }
    sender.post(shape.address(address), headers, body);
  }

  static String signature(Secret key, long seconds, byte[] body) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key.reveal().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      mac.update((seconds + ".").getBytes(StandardCharsets.US_ASCII));
      return "t=%d,v1=%s".formatted(seconds, HexFormat.of().formatHex(mac.doFinal(body)));
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has HmacSHA256", e);
    }
  }
}
