package io.lumeo.agent.watch;

import io.lumeo.alerts.AddressRule;
import io.lumeo.alerts.AlertmanagerChannel;
import io.lumeo.alerts.Channel;
import io.lumeo.alerts.CommandChannel;
import io.lumeo.alerts.DeliveryFailure;
import io.lumeo.alerts.HttpSender;
import io.lumeo.alerts.Message;
import io.lumeo.alerts.Ping;
import io.lumeo.alerts.ProgramRunner;
import io.lumeo.alerts.RetryPolicy;
import io.lumeo.alerts.Route;
import io.lumeo.alerts.Secret;
import io.lumeo.alerts.SmtpChannel;
import io.lumeo.alerts.WebhookChannel;
import io.lumeo.alerts.WebhookShape;
import io.lumeo.configuration.ChannelSettings;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.SecretSource;
import io.lumeo.configuration.Secrets;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the configuration says of channels, as channels. Their secrets are read each time that one
/// is used: a changed password needs no reload, and a missing one keeps nothing else from starting.
///
/// @param secrets where secrets are read from
/// @param programs runs the programs of command channels
/// @param clock stamps what is sent
record ChannelMapping(Secrets secrets, ProgramRunner programs, InstantSource clock) {

  /// Makes a channel with the secrets as they are now.
  private interface Maker<C> {
    C make() throws IOException;
  }

  /// A channel that is made anew for each message.
  private record LateChannel(String name, boolean wantsWhatStands, Maker<? extends Channel> maker)
      implements Channel {
    @Override
    public void deliver(Message message) throws DeliveryFailure {
      made(name, maker).deliver(message);
    }
  }

  private static <C> C made(String name, Maker<C> maker) throws DeliveryFailure {
    try {
      return maker.make();
    } catch (IOException | IllegalArgumentException e) {
      throw DeliveryFailure.passing("channel %s: %s".formatted(name, e.getMessage()));
    }
  }

  /// All channels, each with the rules whose alerts it is told of: of none, where only reports go.
  List<Route> routes(Configuration configuration) {
    return configuration.channels().stream()
        .map(channel ->
            Route.all(channel(channel))
                .of(AlertMapping.rulesOf(configuration, channel.name()))
                .retrying(retries(channel)))
        .toList();
  }

  /// How often a channel is tried again.
  static RetryPolicy retries(ChannelSettings channel) {
    var usual = RetryPolicy.defaults();
    return switch (channel) {
      case ChannelSettings.Webhook webhook -> usual.withAttempts(webhook.retries() + 1);
      case ChannelSettings.Smtp smtp -> usual.withAttempts(smtp.retries() + 1);
      case ChannelSettings.Alertmanager manager -> usual.withAttempts(manager.retries() + 1);
      case ChannelSettings.Command _ -> usual;
    };
  }

  /// A channel as it is configured.
  Channel channel(ChannelSettings settings) {
    return switch (settings) {
      case ChannelSettings.Webhook webhook ->
          new LateChannel(webhook.name(), false, () -> webhook(webhook));
      case ChannelSettings.Smtp smtp -> new LateChannel(smtp.name(), false, () -> smtp(smtp));
      case ChannelSettings.Alertmanager manager ->
          new LateChannel(manager.name(), true, () -> alertmanager(manager));
      case ChannelSettings.Command command ->
          new CommandChannel(
              command.name(), command.hook().command(), command.hook().deadline(), programs);
    };
  }

  /// The mail of a channel that sends some, for letters that are no alerts.
  ///
  /// @throws DeliveryFailure if its password cannot be read
  SmtpChannel mail(ChannelSettings.Smtp settings) throws DeliveryFailure {
    return made(settings.name(), () -> smtp(settings));
  }

  private WebhookChannel webhook(ChannelSettings.Webhook webhook) throws IOException {
    var rule = webhook.allowPrivate() ? AddressRule.ANY : AddressRule.PUBLIC_ONLY;
    return new WebhookChannel(
        webhook.name(),
        address(webhook.address()),
        shape(webhook.template()),
        read(webhook.secret()),
        null,
        HttpSender.within(webhook.timeout(), rule),
        clock);
  }

  private static WebhookShape shape(ChannelSettings.Template template) {
    return switch (template) {
      case GENERIC -> WebhookShape.JSON;
      case NTFY -> WebhookShape.NTFY;
      case SLACK -> WebhookShape.SLACK;
      case DISCORD -> WebhookShape.DISCORD;
    };
  }

  private SmtpChannel smtp(ChannelSettings.Smtp smtp) throws IOException {
    var encryption =
        switch (smtp.security()) {
          case NONE -> SmtpChannel.Encryption.NONE;
          case STARTTLS -> SmtpChannel.Encryption.STARTTLS;
          case TLS -> SmtpChannel.Encryption.TLS;
        };
    return new SmtpChannel(
        smtp.name(),
        new SmtpChannel.Server(
            smtp.server(),
            smtp.port(),
            encryption,
            smtp.user().orElse(null),
            read(smtp.password()),
            smtp.timeout()),
        smtp.from(),
        smtp.to(),
        clock);
  }

  /// An Alertmanager most often runs on the next machine: its address is taken as it is written.
  private AlertmanagerChannel alertmanager(ChannelSettings.Alertmanager manager)
      throws IOException {
    var token = read(manager.token());
    return new AlertmanagerChannel(
        manager.name(),
        manager.address(),
        token == null ? null : Secret.of("Bearer " + token.reveal()),
        HttpSender.within(manager.timeout(), AddressRule.ANY));
  }

  /// The addresses that policies signal their life to, by policy.
  Map<String, Ping.Address> pings(Configuration configuration) {
    var pings = new HashMap<String, Ping.Address>();
    for (var policy : configuration.policies()) {
      policy
          .ping()
          .ifPresent(source ->
              pings.put(
                  policy.id(), () -> made("of policy " + policy.id(), () -> address(source))));
    }
    return pings;
  }

  private @Nullable Secret read(Optional<SecretSource> source) throws IOException {
    return source.isPresent() ? secrets.read(source.get()) : null;
  }

  /// Nothing of the address gets into a message, nor its cause: it is a secret in itself.
  private URI address(SecretSource source) throws IOException {
    try {
      return URI.create(secrets.read(source).reveal());
    } catch (IllegalArgumentException e) {
      throw new IOException("what is configured as its address is none");
    }
  }
}
