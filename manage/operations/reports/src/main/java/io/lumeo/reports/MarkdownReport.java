package io.lumeo.reports;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A report as Markdown, for tickets and chats: the same as [HtmlReport], without its pictures.
public final class MarkdownReport {
  private final ReportData data;
  private final Phrases phrases;
  private final Markdown page = new Markdown();

  private MarkdownReport(ReportData data) {
    this.data = data;
    this.phrases = new Phrases(data.zone());
  }

  /// The whole text.
  public static String of(ReportData data) {
    var report = new MarkdownReport(data);
    report.write();
    return report.page.toString();
  }

  private void write() {
    page.heading(1, data.title());
    page.sentence(phrases.period(data));
    page.heading(2, "What needs a person");
    if (data.concerns().isEmpty()) {
      page.sentence("Nothing needs a person.");
    }
    data.concernsWorstFirst().forEach(this::concern);
    forecasts();
    page.heading(2, "Hosts");
    data.hostsWorstFirst().forEach(this::host);
    page.heading(2, "What was done");
    deeds();
  }

  private void concern(Concern concern) {
    page.heading(
        3, "%s: %s".formatted(concern.severity().word().toUpperCase(Locale.ROOT), concern.title()));
    page.sentence("%s Since %s.".formatted(concern.meaning(), phrases.time(concern.since())));
    page.commands(concern.next());
  }

  private void forecasts() {
    var foreseen = data.firstToBeFull();
    if (foreseen.isEmpty()) {
      return;
    }
    page.heading(2, "First to be full");
    page.table(
        List.of("Host", "Pool", "Full", "Growth", "Confidence"),
        foreseen.stream()
            .map(one ->
                List.of(
                    one.host().name(),
                    one.pool().name(),
                    phrases.full(one.full()),
                    Phrases.perDay(one.growth().bytesPerDay()),
                    one.growth().confidence()))
            .toList());
  }

  private void host(HostReport host) {
    page.heading(3, host.name());
    if (!host.isReachable()) {
      page.sentence(phrases.unreachable(host));
    }
    host.warnings().forEach(page::sentence);
    pools(host);
    policies(host);
    host.notes().forEach(page::sentence);
    volumes(host);
  }

  private void pools(HostReport host) {
    var rows = new ArrayList<List<String>>();
    for (var pool : host.pools()) {
      var growth = pool.growth();
      rows.add(
          List.of(
              pool.name(),
              Phrases.kind(pool.kind()),
              Phrases.use(pool.data()),
              Phrases.use(pool.metadata()),
              growth == null ? Phrases.NONE : Phrases.perDay(growth.bytesPerDay()),
              Phrases.health(pool.health())));
    }
    table(List.of("Pool", "Kind", "Data", "Metadata", "Growth", "Health"), rows);
  }

  private void policies(HostReport host) {
    var rows = new ArrayList<List<String>>();
    for (var policy : host.policies()) {
      rows.add(
          List.of(
              policy.name(),
              phrases.time(policy.lastSuccess()) + (policy.isOverdue() ? " (overdue)" : ""),
              phrases.time(policy.lastVerified()),
              Integer.toString(policy.snapshots())));
    }
    table(List.of("Policy", "Last success", "Last verified", "Snapshots"), rows);
    for (var policy : host.policies()) {
      if (!policy.verdicts().isEmpty()) {
        page.heading(4, policy.title());
        verdicts(policy);
      }
    }
  }

  private void verdicts(PolicyReport policy) {
    table(
        List.of("Snapshot", "What becomes of it", "Because"),
        policy.verdicts().stream()
            .map(verdict -> List.of(verdict.snapshot(), verdict.word(), verdict.reason()))
            .toList());
  }

  private void volumes(HostReport host) {
    var rows = new ArrayList<List<String>>();
    for (var volume : host.volumes()) {
      var mounted = volume.mountPoint() == null ? "" : volume.mountPoint() + ": ";
      rows.add(
          List.of(
              volume.name(),
              Phrases.kind(volume.kind()),
              Phrases.bytes(volume.sizeBytes()),
              Phrases.use(volume.data()),
              mounted + Phrases.use(volume.fileSystem()),
              Phrases.health(volume.health())));
    }
    table(List.of("Volume", "Kind", "Size", "In use", "File system", "Health"), rows);
  }

  private void deeds() {
    if (data.done().isEmpty()) {
      page.sentence("Nothing was done in this time.");
      return;
    }
    table(
        List.of("When", "Host", "Who", "What", "To what", "Result", "In detail"),
        data.doneNewestFirst().stream()
            .map(deed ->
                List.of(
                    phrases.time(deed.at()),
                    deed.host(),
                    deed.actor(),
                    deed.what(),
                    deed.target(),
                    deed.result(),
                    deed.detail()))
            .toList());
  }

  private void table(List<String> titles, List<List<String>> rows) {
    if (!rows.isEmpty()) {
      page.table(titles, rows);
    }
  }
}
