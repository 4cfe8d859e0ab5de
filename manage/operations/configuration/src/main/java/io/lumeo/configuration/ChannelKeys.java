package io.lumeo.configuration;

import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;

/// `channels:`.
final class ChannelKeys {
  private static final Key<String> NAME =
      Key.required(
          "name", Scalars.naming(Reading.Names.CHANNEL), "what alerts and reports call it");
  private static final Key<Duration> TIMEOUT =
      Key.defaulting(
          "timeout",
          Scalars.duration(Duration.ofSeconds(1), Duration.ofMinutes(5)),
          Duration.ofSeconds(10),
          "10s",
          "how long one attempt may take");
  private static final Key<Integer> RETRIES =
      Key.defaulting(
          "retries",
          Scalars.whole(0, 20),
          11,
          "11",
          "how often it is tried again, ever more rarely: 11 times in about three hours");

  private static final Key<String> WEBHOOK_KIND = Choice.kind("webhook");
  private static final Key<SecretSource> URL =
      Key.optional("url", Scalars.SECRET_ADDRESS, "where to POST");
  private static final Key<SecretSource> URL_FILE =
      Key.optional("urlFile", Scalars.SECRET_FILE, "a file with the address to POST to");
  private static final Key<SecretSource> SECRET =
      Key.optional("secret", Scalars.SECRET, "what signs the messages");
  private static final Key<SecretSource> SECRET_FILE =
      Key.optional("secretFile", Scalars.SECRET_FILE, "a file with what signs the messages");
  private static final Key<ChannelSettings.Template> TEMPLATE =
      Key.defaulting(
          "template",
          Scalars.oneOf(ChannelSettings.Template.class),
          ChannelSettings.Template.GENERIC,
          "generic",
          "the form of the message");
  private static final Key<Boolean> ALLOW_PRIVATE =
      Key.defaulting(
          "allowPrivate",
          Scalars.TRUTH,
          false,
          "false",
          "whether the address may be one of this machine or a private network");

  private static final Section<ChannelSettings.Webhook> WEBHOOK =
      Section.of(
              "webhook",
              "An HTTP POST",
              List.of(
                  NAME,
                  WEBHOOK_KIND,
                  URL,
                  URL_FILE,
                  SECRET,
                  SECRET_FILE,
                  TEMPLATE,
                  ALLOW_PRIVATE,
                  TIMEOUT,
                  RETRIES),
              values ->
                  new ChannelSettings.Webhook(
                      values.get(NAME),
                      values.find(URL).orElseGet(() -> values.get(URL_FILE)),
                      values.find(SECRET).or(() -> values.find(SECRET_FILE)),
                      values.get(TEMPLATE),
                      values.get(ALLOW_PRIVATE),
                      values.get(TIMEOUT),
                      values.get(RETRIES)))
          .exactlyOneOf(URL, URL_FILE)
          .atMostOneOf(SECRET, SECRET_FILE);

  private static final Key<String> SMTP_KIND = Choice.kind("smtp");
  private static final Key<String> SERVER =
      Key.required("server", Scalars.HOST_NAME, "the mail server");
  private static final Key<Integer> PORT =
      Key.optional(
          "port",
          Scalars.whole(1, 65_535),
          "its port (default: 587 for starttls, 465 for tls, 25 for none)");
  private static final Key<ChannelSettings.Security> SECURITY =
      Key.defaulting(
          "security",
          Scalars.oneOf(ChannelSettings.Security.class),
          ChannelSettings.Security.STARTTLS,
          "starttls",
          "how the connection is protected");
  private static final Key<String> USER = Key.optional("user", Scalars.PROSE, "as whom to log in");
  private static final Key<SecretSource> PASSWORD =
      Key.optional("password", Scalars.SECRET, "the password");
  private static final Key<SecretSource> PASSWORD_FILE =
      Key.optional("passwordFile", Scalars.SECRET_FILE, "a file with the password");
  private static final Key<String> FROM = Key.required("from", Scalars.MAIL_ADDRESS, "the sender");
  private static final Key<List<String>> TO =
      Key.required("to", Listing.atLeastOne(Scalars.MAIL_ADDRESS), "the receivers");

  private static final Section<ChannelSettings.Smtp> SMTP =
      Section.of(
              "smtp",
              "Mail",
              List.of(
                  NAME,
                  SMTP_KIND,
                  SERVER,
                  PORT,
                  SECURITY,
                  USER,
                  PASSWORD,
                  PASSWORD_FILE,
                  FROM,
                  TO,
                  TIMEOUT,
                  RETRIES),
              ChannelKeys::smtp)
          .atMostOneOf(PASSWORD, PASSWORD_FILE)
          .checked(ChannelKeys::passwordsAreProtected)
          .checked(ChannelKeys::passwordsHaveUsers);

  private static final Key<String> ALERTMANAGER_KIND = Choice.kind("alertmanager");
  private static final Key<URI> ALERTMANAGER_URL =
      Key.required("url", Scalars.ADDRESS, "its address, without /api");
  private static final Key<SecretSource> TOKEN =
      Key.optional("token", Scalars.SECRET, "a bearer token");
  private static final Key<SecretSource> TOKEN_FILE =
      Key.optional("tokenFile", Scalars.SECRET_FILE, "a file with a bearer token");

  private static final Section<ChannelSettings.Alertmanager> ALERTMANAGER =
      Section.of(
              "alertmanager",
              "Prometheus Alertmanager",
              List.of(
                  NAME, ALERTMANAGER_KIND, ALERTMANAGER_URL, TOKEN, TOKEN_FILE, TIMEOUT, RETRIES),
              values ->
                  new ChannelSettings.Alertmanager(
                      values.get(NAME),
                      values.get(ALERTMANAGER_URL),
                      values.find(TOKEN).or(() -> values.find(TOKEN_FILE)),
                      values.get(TIMEOUT),
                      values.get(RETRIES)))
          .atMostOneOf(TOKEN, TOKEN_FILE)
          .checked((values, reading) ->
              values
                  .find(NAME)
                  .ifPresent(name ->
                      reading.cannotCarryReports(
                          name, "an Alertmanager takes alerts, not reports")));

  private static final Key<String> COMMAND_KIND = Choice.kind("command");

  private static final Section<ChannelSettings.Command> COMMAND =
      Section.of(
              "commandChannel",
              "A command that is given the message as JSON",
              List.of(NAME, COMMAND_KIND, HookKeys.COMMAND, HookKeys.DEADLINE),
              values -> new ChannelSettings.Command(values.get(NAME), HookKeys.make(values)))
          .checked(HookKeys::isSafe);

  static final Shape<ChannelSettings> SHAPE = choice();

  private ChannelKeys() {}

  private static Choice<ChannelSettings> choice() {
    var sections = new LinkedHashMap<String, Section<? extends ChannelSettings>>();
    sections.put("webhook", WEBHOOK);
    sections.put("smtp", SMTP);
    sections.put("alertmanager", ALERTMANAGER);
    sections.put("command", COMMAND);
    return new Choice<>(sections);
  }

  private static ChannelSettings.Smtp smtp(Values values) {
    var security = values.get(SECURITY);
    var usual =
        switch (security) {
          case STARTTLS -> 587;
          case TLS -> 465;
          case NONE -> 25;
        };
    return new ChannelSettings.Smtp(
        values.get(NAME),
        values.get(SERVER),
        values.find(PORT).orElse(usual),
        security,
        values.find(USER),
        values.find(PASSWORD).or(() -> values.find(PASSWORD_FILE)),
        values.get(FROM),
        values.get(TO),
        values.get(TIMEOUT),
        values.get(RETRIES));
  }

  private static void passwordsAreProtected(Values values, Reading reading) {
    var open = values.find(SECURITY).filter(ChannelSettings.Security.NONE::equals).isPresent();
    if (open && hasPassword(values)) {
      reading.mistake(
          values.place(SECURITY),
          Section.join(values.path(), "security"),
          "the password would be sent in clear; use starttls or tls");
    }
  }

  private static void passwordsHaveUsers(Values values, Reading reading) {
    if (hasPassword(values) != values.isWritten(USER)) {
      reading.mistake(
          values.place(), values.path(), "needs both 'user' and 'passwordFile', or neither");
    }
  }

  private static boolean hasPassword(Values values) {
    return values.isWritten(PASSWORD) || values.isWritten(PASSWORD_FILE);
  }
}
