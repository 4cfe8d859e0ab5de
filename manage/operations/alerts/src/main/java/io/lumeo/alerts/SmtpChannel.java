package io.lumeo.alerts;

import jakarta.mail.Authenticator;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.PasswordAuthentication;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Properties;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// Sends messages by mail, through a server that takes them (RFC 5321), as plain text and HTML.
public final class SmtpChannel implements Channel {
  private final String name;
  private final Server server;
  private final InternetAddress from;
  private final List<InternetAddress> to;
  private final InstantSource clock;
  private final @Nullable SSLSocketFactory tls;

  /// How the way to the server is kept secret.
  public enum Encryption {
    /// Not at all; then no password is sent either.
    NONE,
    /// Begun in the clear and then made secret, or not sent at all (RFC 3207).
    STARTTLS,
    /// From the first byte (RFC 8314).
    TLS
  }

  /// The server, and who we are to it.
  ///
  /// @param user null to send without logging in
  /// @param timeout for each step of the exchange, greater than 0
  public record Server(
      String host,
      int port,
      Encryption encryption,
      @Nullable String user,
      @Nullable Secret password,
      Duration timeout) {
    public Server {
      if ((user == null) != (password == null)) {
        throw new IllegalArgumentException(
            "%s needs both a user and a password, or neither".formatted(host));
      }
      if (user != null && encryption == Encryption.NONE) {
        throw new IllegalArgumentException(
            "the password for %s would be sent in the clear; use STARTTLS or TLS".formatted(host));
      }
    }
  }

  /// A channel through `server`.
  ///
  /// @throws IllegalArgumentException if an address is not one, naming it
  public SmtpChannel(
      String name, Server server, String from, List<String> to, InstantSource clock) {
    this(name, server, from, to, clock, null);
  }

  SmtpChannel(
      String name,
      Server server,
      String from,
      List<String> to,
      InstantSource clock,
      @Nullable SSLSocketFactory tls) {
    this.name = name;
    this.server = server;
    this.from = address(from);
    this.to = to.stream().map(SmtpChannel::address).toList();
    this.clock = clock;
    this.tls = tls;
    if (to.isEmpty()) {
      throw new IllegalArgumentException("channel %s sends mail to nobody".formatted(name));
    }
  }

  private static InternetAddress address(String text) {
    try {
      if (!Words.oneLine(text).equals(text)) {
        throw new AddressException("it is not one line");
      }
      return new InternetAddress(text, true);
    } catch (AddressException e) {
      throw new IllegalArgumentException(
          "'%s' is not a mail address: %s".formatted(Words.oneLine(text), e.getMessage()), e);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void deliver(Message message) throws DeliveryFailure {
    send(Mail.of(message));
  }

  /// Sends a letter, such as a report.
  ///
  /// @throws DeliveryFailure if the server did not take it
  public void send(Mail mail) throws DeliveryFailure {
    try {
      Transport.send(letter(mail));
    } catch (SendFailedException e) {
      throw DeliveryFailure.lasting(complaint(e) + "; check the addresses");
    } catch (MessagingException e) {
      throw DeliveryFailure.passing(complaint(e));
    }
  }

  private String complaint(MessagingException e) {
    var text =
        "mail through %s:%d failed: %s".formatted(server.host(), server.port(), e.getMessage());
    return server.password() == null ? text : server.password().removeFrom(text);
  }

  private MimeMessage letter(Mail mail) throws MessagingException {
    var letter = new Letter(session(), mail.id(), from.getAddress());
    letter.setFrom(from);
    for (var address : to) {
      letter.addRecipient(RecipientType.TO, address);
    }
    letter.setSubject(mail.subject(), StandardCharsets.UTF_8.name());
    letter.setSentDate(Date.from(clock.instant()));
    letter.setHeader("Auto-Submitted", "auto-generated"); // RFC 3834: no holiday replies
    var text = new MimeBodyPart();
    text.setText(mail.text(), StandardCharsets.UTF_8.name());
    var html = new MimeBodyPart();
    html.setText(mail.html(), StandardCharsets.UTF_8.name(), "html");
    letter.setContent(new MimeMultipart("alternative", text, html));
    return letter;
  }

  private Session session() {
    var timeout = Long.toString(server.timeout().toMillis());
    var properties = new Properties();
    properties.setProperty("mail.transport.protocol", "smtp");
    properties.setProperty("mail.smtp.host", server.host());
    properties.setProperty("mail.smtp.port", Integer.toString(server.port()));
    properties.setProperty("mail.smtp.connectiontimeout", timeout);
    properties.setProperty("mail.smtp.timeout", timeout);
    properties.setProperty("mail.smtp.writetimeout", timeout);
    properties.setProperty("mail.smtp.ssl.checkserveridentity", "true");
    switch (server.encryption()) {
      case NONE -> properties.setProperty("mail.smtp.starttls.enable", "false");
      case STARTTLS -> {
        properties.setProperty("mail.smtp.starttls.enable", "true");
        properties.setProperty("mail.smtp.starttls.required", "true");
      }
      case TLS -> properties.setProperty("mail.smtp.ssl.enable", "true");
    }
    if (tls != null) {
      properties.put("mail.smtp.ssl.socketFactory", tls);
    }
    var user = server.user();
    var password = server.password();
    if (user == null || password == null) {
      return Session.getInstance(properties);
    }
    properties.setProperty("mail.smtp.auth", "true");
    return Session.getInstance(
        properties,
        new Authenticator() {
          @Override
          protected PasswordAuthentication getPasswordAuthentication() {
            return new PasswordAuthentication(user, password.reveal());
          }
        });
  }

  /// A letter whose identity is that of what it carries.
  private static final class Letter extends MimeMessage {
    private final String id;

    Letter(Session session, String message, String sender) {
      super(session);
      this.id = "<%s@%s>".formatted(message.replaceAll("[^\\w.-]", "-"), domain(sender));
    }

    private static String domain(String sender) {
      return sender.substring(sender.lastIndexOf('@') + 1);
    }

    @Override
    protected void updateMessageID() throws MessagingException {
      setHeader("Message-ID", id);
    }
  }
}
