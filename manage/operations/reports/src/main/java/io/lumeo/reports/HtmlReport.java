package io.lumeo.reports;

import static io.lumeo.reports.Html.element;
import static io.lumeo.reports.Html.text;

import io.lumeo.alerts.Quantity;
import io.lumeo.alerts.Severity;
import io.lumeo.reports.Html.Element;
import io.lumeo.storage.Health;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A report as one HTML file that needs nothing else: no script, no request. It is read on a wide
/// screen, on a phone of 360 pixels, where each row of a table becomes a card, by day and by night,
/// and on paper.
public final class HtmlReport {
  private static final String CSS =
      """
      :root{--ink:#1c2328;--soft:#5b6770;--paper:#fff;--card:#f5f7f8;--line:#d5dbdf;--blue:#1f6fb2;
      --band:#a9cdec;--good:#2e7d4f;--warn:#b26a00;--bad:#b3261e;color-scheme:light dark}
      @media (prefers-color-scheme:dark){:root{--ink:#e4e8ea;--soft:#9aa6ae;--paper:#14191d;--card:#1d2429;
      --line:#36424a;--blue:#6db3ec;--band:#27506f;--good:#66c08a;--warn:#e6a23c;--bad:#f2776d}}
      *{box-sizing:border-box}
      body{margin:0 auto;padding:1.2rem;max-width:64rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink);
      background:var(--paper);overflow-wrap:break-word}
      h1{font-size:1.7rem;margin:.2em 0}h2{font-size:1.3rem;margin:1.6em 0 .5em;border-bottom:2px solid var(--line)}
      h3{font-size:1.1rem;margin:1.4em 0 .4em}h4{font-size:1rem;margin:1em 0 .3em}p{margin:.4em 0}
      .soft{color:var(--soft)}.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.7rem;
      margin:1rem 0}
      .tile,.concern{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem}
      .tile b{display:block;font-size:1.25rem;line-height:1.3;white-space:nowrap}.concern{margin:.6rem 0;border-left:.4rem solid var(--warn)}
      .concern.critical{border-left-color:var(--bad)}.concern.info{border-left-color:var(--blue)}
      .concern h4{margin:0}.concern ul{margin:.3em 0;padding-left:1.2em}
      code{font:0.9em ui-monospace,monospace}
      .good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}
      table{border-collapse:collapse;width:100%;font-size:.92rem}
      th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line)}
      th{color:var(--soft);font-weight:600}td{min-width:4.5rem}
      td:first-child,td:last-child{overflow-wrap:anywhere;min-width:7rem}
      .bar{display:block;width:100%;min-width:5rem;height:.5rem;margin-top:.2rem}
      .track{fill:var(--line)}.bar .good{fill:var(--good)}.bar .warn{fill:var(--warn)}.bar .bad{fill:var(--bad)}
      .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:1rem}
      figure{margin:.6rem 0}figcaption{font-size:.9rem}
      .chart{width:100%;height:auto;font:14px system-ui,sans-serif}.chart text{fill:var(--soft)}
      .axis{stroke:var(--soft)}.grid{stroke:var(--line)}.now{stroke:var(--soft);stroke-dasharray:2 3}
      .was,.foreseen{fill:none;stroke:var(--blue);stroke-width:2}.foreseen{stroke-dasharray:6 4}
      .band{fill:var(--band);stroke:none}.size{stroke:var(--bad);stroke-width:1.5}
      @media (max-width:40rem){body{padding:.7rem}thead{display:none}tr{display:block;padding:.4rem 0;
      border-bottom:2px solid var(--line)}td{display:grid;grid-template-columns:7rem 1fr;border:0;padding:.1rem 0}
      td::before{content:attr(data-label);color:var(--soft)}}
      @media print{:root{--ink:#000;--soft:#444;--paper:#fff;--card:#fff;--line:#bbb;--blue:#1f6fb2;--band:#a9cdec;
      --good:#2e7d4f;--warn:#b26a00;--bad:#b3261e;color-scheme:light}body{max-width:none;padding:0;font-size:10.5pt}
      .concern,figure,tr,.tile{break-inside:avoid}h2,h3,h4{break-after:avoid}thead{display:table-header-group}
      @page{margin:1.5cm}}
      """;

  private final ReportData data;
  private final Phrases phrases;

  private HtmlReport(ReportData data) {
    this.data = data;
    this.phrases = new Phrases(data.zone());
  }

  /// The whole file.
  public static String of(ReportData data) {
    var page = new StringBuilder("<!DOCTYPE html>\n");
    new HtmlReport(data).page().writeTo(page);
    return page.append('\n').toString();
  }

  private Element page() {
    var head =
        element(
            "head",
            element("meta").with("charset", "utf-8"),
            element("meta")
                .with("name", "viewport")
                .with("content", "width=device-width, initial-scale=1"),
            element("meta")
                .with("http-equiv", "Content-Security-Policy")
                .with("content", "default-src 'none'; style-src 'unsafe-inline'"),
            element("title", data.title()),
            new Html.Style(CSS));
    var body =
        element(
            "body",
            element("h1", data.title()),
            element("p", phrases.period(data)).with("class", "soft"),
            tiles(),
            element("h2", "What needs a person"));
    body.addAll(concerns());
    body.addAll(forecasts());
    body.add(element("h2", "Hosts"));
    data.hostsWorstFirst().forEach(host -> body.addAll(host(host)));
    body.add(element("h2", "What was done"), deeds());
    return element("html", head, body).with("lang", "en");
  }

  private Element tiles() {
    var up = data.hosts().stream().filter(HostReport::isReachable).count();
    var first = data.firstToBeFull();
    return element(
            "div",
            tile("%d of %d".formatted(up, data.hosts().size()), "hosts answer"),
            tile(count(Severity.CRITICAL), "critical"),
            tile(count(Severity.WARNING), "warnings"),
            tile(
                first.isEmpty() ? "none" : phrases.date(first.getFirst().full().early()),
                first.isEmpty()
                    ? "pool full within sight"
                    : first.getFirst().pool().name() + " may be full"))
        .with("class", "tiles");
  }

  private String count(Severity severity) {
    return Long.toString(
        data.concerns().stream().filter(concern -> concern.severity() == severity).count());
  }

  private static Element tile(String figure, String what) {
    return element("div", element("b", figure), text(what)).with("class", "tile");
  }

  private List<Element> concerns() {
    if (data.concerns().isEmpty()) {
      return List.of(element("p", "Nothing needs a person.").with("class", "good"));
    }
    return data.concernsWorstFirst().stream().map(this::concern).toList();
  }

  private Element concern(Concern concern) {
    var card =
        element(
                "div",
                element(
                    "h4",
                    "%s: %s"
                        .formatted(
                            concern.severity().word().toUpperCase(Locale.ROOT), concern.title())),
                element("p", concern.meaning()),
                element("p", "Since " + phrases.time(concern.since()) + ".").with("class", "soft"))
            .with("class", "concern " + concern.severity().word());
    if (!concern.next().isEmpty()) {
      card.add(
          element("ul")
              .addAll(
                  concern.next().stream()
                      .map(step -> element("li", element("code", step)))
                      .toList()));
    }
    return card;
  }

  private List<Element> forecasts() {
    var foreseen = data.firstToBeFull();
    if (foreseen.isEmpty()) {
      return List.of();
    }
    var rows = new ArrayList<List<Html>>();
    for (var one : foreseen) {
      rows.add(
          List.of(
              text(one.host().name()),
              text(one.pool().name()),
              text(phrases.full(one.full())),
              text(Phrases.perDay(one.growth().bytesPerDay())),
              text(one.growth().confidence())));
    }
    return List.of(
        element("h2", "First to be full"),
        element(
                "p",
                "With one chance in ten it is full before the first date, with one in ten after the"
                    + " second.")
            .with("class", "soft"),
        table(List.of("Host", "Pool", "Full", "Growth", "Confidence"), rows));
  }

  private List<Element> host(HostReport host) {
    var parts = new ArrayList<Element>();
    parts.add(element("h3", host.name()));
    if (!host.isReachable()) {
      parts.add(element("p", phrases.unreachable(host)).with("class", "bad"));
    }
    host.warnings().forEach(warning -> parts.add(element("p", warning).with("class", "warn")));
    if (!host.pools().isEmpty()) {
      parts.add(pools(host));
      var charts = host.pools().stream().flatMap(pool -> chart(pool).stream()).toList();
      if (!charts.isEmpty()) {
        parts.add(element("div").with("class", "charts").addAll(charts));
      }
    }
    if (!host.policies().isEmpty()) {
      parts.add(element("h4", "Policies"));
      parts.add(policies(host));
      for (var policy : host.policies()) {
        if (!policy.verdicts().isEmpty()) {
          parts.add(element("h4", policy.title()));
          parts.add(verdicts(policy));
        }
      }
    }
    if (!host.notes().isEmpty()) {
      parts.add(element("h4", "Worth knowing"));
      host.notes().forEach(note -> parts.add(element("p", note)));
    }
    if (!host.volumes().isEmpty()) {
      parts.add(element("h4", "Volumes and snapshots"));
      parts.add(volumes(host));
    }
    return parts;
  }

  private Element pools(HostReport host) {
    var rows = new ArrayList<List<Html>>();
    for (var pool : host.pools()) {
      var growth = pool.growth();
      rows.add(
          List.of(
              text(pool.name()),
              text(Phrases.kind(pool.kind())),
              use(pool.data(), 0.80, 0.90),
              use(pool.metadata(), 0.70, 0.85),
              text(growth == null ? Phrases.NONE : Phrases.perDay(growth.bytesPerDay())),
              health(pool.health())));
    }
    return table(List.of("Pool", "Kind", "Data", "Metadata", "Growth", "Health"), rows);
  }

  private List<Element> chart(PoolReport pool) {
    var growth = pool.growth();
    if (growth == null) {
      return List.of();
    }
    return GrowthChart.of(growth, data.zone(), pool.name()).stream()
        .map(chart ->
            element(
                "figure",
                chart,
                element(
                    "figcaption",
                    element("b", pool.name()),
                    text(
                        ": %s. "
                            .formatted(
                                growth.full() == null
                                    ? "not full within sight"
                                    : phrases.full(growth.full()))),
                    element(
                            "span",
                            "Confidence: %s. %s".formatted(growth.confidence(), growth.basis()))
                        .with("class", "soft"))))
        .toList();
  }

  private Element policies(HostReport host) {
    var rows = new ArrayList<List<Html>>();
    for (var policy : host.policies()) {
      rows.add(
          List.of(
              text(policy.name()),
              element(
                      "span",
                      phrases.time(policy.lastSuccess()) + (policy.isOverdue() ? " (overdue)" : ""))
                  .with("class", policy.isOverdue() ? "bad" : "good"),
              text(phrases.time(policy.lastVerified())),
              text(Integer.toString(policy.snapshots()))));
    }
    return table(List.of("Policy", "Last success", "Last verified", "Snapshots"), rows);
  }

  private Element verdicts(PolicyReport policy) {
    var rows = new ArrayList<List<Html>>();
    for (var verdict : policy.verdicts()) {
      rows.add(List.of(text(verdict.snapshot()), text(verdict.word()), text(verdict.reason())));
    }
    return table(List.of("Snapshot", "What becomes of it", "Because"), rows);
  }

  private Element volumes(HostReport host) {
    var rows = new ArrayList<List<Html>>();
    for (var volume : host.volumes()) {
      var isStore = volume.kind() == Volume.Kind.CLASSIC_SNAPSHOT;
      rows.add(
          List.of(
              text(volume.name()),
              text(Phrases.kind(volume.kind())),
              text(Phrases.bytes(volume.sizeBytes())),
              isStore ? use(volume.data(), 0.70, 0.90) : text(Phrases.use(volume.data())),
              volume.fileSystem() == null
                  ? text(Phrases.NONE)
                  : element(
                      "div",
                      text(volume.mountPoint() == null ? "" : volume.mountPoint() + ": "),
                      use(volume.fileSystem(), 0.90, 0.95)),
              health(volume.health())));
    }
    return table(List.of("Volume", "Kind", "Size", "In use", "File system", "Health"), rows);
  }

  private Element deeds() {
    if (data.done().isEmpty()) {
      return element("p", "Nothing was done in this time.").with("class", "soft");
    }
    var rows = new ArrayList<List<Html>>();
    for (var deed : data.doneNewestFirst()) {
      rows.add(
          List.of(
              text(phrases.time(deed.at())),
              text(deed.host()),
              text(deed.actor()),
              text(deed.what()),
              text(deed.target()),
              text(deed.result()),
              text(deed.detail())));
    }
    return table(List.of("When", "Host", "Who", "What", "To what", "Result", "In detail"), rows);
  }

  private static Html use(@Nullable Usage usage, double warn, double bad) {
    if (usage == null) {
      return text(Phrases.NONE);
    }
    var style = usage.ratio() >= bad ? "bad" : usage.ratio() >= warn ? "warn" : "good";
    return element(
        "div",
        text(Phrases.use(usage)),
        Svg.bar(usage.ratio(), style).with("aria-label", Quantity.RATIO.text(usage.ratio())));
  }

  private static Element health(Health health) {
    var style =
        switch (health.state()) {
          case OK -> "good";
          case UNKNOWN, DEGRADED -> "warn";
          case OUT_OF_SPACE, READ_ONLY, INVALID, FAILED -> "bad";
        };
    return element("span", Phrases.health(health)).with("class", style);
  }

  /// A table that can become cards: each cell knows what it is.
  private static Element table(List<String> titles, List<List<Html>> rows) {
    var body = element("tbody");
    for (var row : rows) {
      var cells = element("tr");
      for (var i = 0; i < titles.size(); i++) {
        cells.add(element("td", element("div", row.get(i))).with("data-label", titles.get(i)));
      }
      body.add(cells);
    }
    var head = element("tr").addAll(titles.stream().map(title -> element("th", title)).toList());
    return element("table", element("thead", head), body);
  }
}
