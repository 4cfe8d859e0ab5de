package io.lumeo.reports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class HtmlReportTest {
  private static final Pattern TAG = Pattern.compile("<(/?)([a-zA-Z!][a-zA-Z0-9]*)");

  @Test
  void thePageSaysEverything() {
    assertThat(HtmlReport.of(SampleReport.week()))
        .contains("From 2026-03-02 07:00 to 2026-03-09 07:00")
        .contains("2 of 3")
        .contains("91 GiB of 100 GiB (91 %)")
        .contains("341.3 MiB of 1 GiB (33.3 %)")
        .contains("It has never answered.")
        .contains("WARNING: Device /dev/sdc")
        .contains("data between 2026-03-19 and 2026-04-02, most likely around 2026-03-25")
        .contains("+614.4 MiB a day")
        .contains("−102.4 MiB a day")
        .contains("Theil-Sen line over 60 days")
        .contains("invalid: its store overflowed and its content is lost")
        .contains("2026-03-07 11:00 (overdue)")
        .contains("<code>lvextend -L +10G vg0/pool0</code>")
        .contains("the group has 3 GiB and 10 GiB are wanted");
  }

  @Test
  void theWorstComesFirst() {
    var page = HtmlReport.of(SampleReport.week());
    assertThat(page.indexOf("CRITICAL: Data of pool")).isLessThan(page.indexOf("WARNING: Policy"));
    assertThat(page.indexOf("<h3>web2")).isLessThan(page.indexOf("<h3>db1"));
    assertThat(page.indexOf("<h3>db1")).isLessThan(page.indexOf("<h3>web1"));
    assertThat(page.indexOf(">vg0/snap<")).isLessThan(page.indexOf(">vg0/root<"));
    assertThat(page.indexOf(">refused<")).isLessThan(page.indexOf(">done<"));
  }

  @Test
  void thePageNeedsNothingElse() {
    var page = HtmlReport.of(SampleReport.week());
    assertThat(page)
        .contains("default-src 'none'".replace("'", "&#39;"))
        .doesNotContain(
            "<script", "<link", "<img", "<iframe", "@import", "url(", "http://", "https://")
        .doesNotContain("onload", "src=", "href=");
  }

  @Test
  void thePageIsForPaperAndPhoneAndNight() {
    assertThat(HtmlReport.of(SampleReport.week()))
        .contains("@media print", "@media (max-width:40rem)", "prefers-color-scheme:dark")
        .contains("width=device-width");
  }

  @Test
  void aReportOfNothingSaysSo() {
    assertThat(HtmlReport.of(SampleReport.empty()))
        .contains("Nothing needs a person.", "Nothing was done in this time.", "0 of 0");
    assertThat(MarkdownReport.of(SampleReport.empty()))
        .contains("Nothing needs a person.", "Nothing was done in this time.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</td></table><h1>gone",
        "]]><!--",
        "&lt;b&gt;",
        "\u202egnp.exe",
        "a\u0000\u001b[31mb",
        "</style><script>"
      })
  void aNameStaysAName(String hostile) throws Exception {
    var page = HtmlReport.of(SampleReport.named(hostile, hostile));
    var harmless = HtmlReport.of(SampleReport.named("harmless", "harmless"));
    assertThat(tags(page)).isEqualTo(tags(harmless));
    assertThat(page).doesNotContain("\u202e", "\u0000", "\u001b");
    var document = parse(page);
    var cells = document.getElementsByTagName("td");
    var texts = new ArrayList<String>();
    for (var i = 0; i < cells.getLength(); i++) {
      texts.add(cells.item(i).getTextContent());
      assertThat(((Element) cells.item(i)).getAttributes().getLength()).isEqualTo(1);
    }
    var shown = hostile.replaceAll("[\\p{Cc}\u202e]", "\ufffd");
    assertThat(texts).contains("vg0/pool0/" + shown, shown);
  }

  private static List<String> tags(String page) {
    return TAG.matcher(page).results().map(tag -> tag.group(1) + tag.group(2)).toList();
  }

  /// As XML, which forgives nothing.
  private static Document parse(String page) throws Exception {
    var xml =
        page.replaceFirst("<!DOCTYPE html>", "").replaceAll("(<(?:meta|br|hr)\\b[^>]*)>", "$1/>");
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)));
  }

  @Test
  void anElementHasAnOrdinaryName() {
    assertThatThrownBy(() -> Html.element("a b")).hasMessageContaining("is no name");
    assertThatThrownBy(() -> Html.element("a").with("x=\"", "y")).hasMessageContaining("no name");
    assertThatThrownBy(() -> new Html.Style("</style>")).hasMessageContaining("no use for");
  }

  @Test
  void theChartShowsWhatWasAndWhatIsForeseenAndTheSize() throws Exception {
    var chart = GrowthChart.of(SampleReport.growth(), ZoneId.of("UTC"), "vg0/pool0").orElseThrow();
    var text = new StringBuilder();
    chart.writeTo(text);
    assertThat(text.toString())
        .contains(
            "aria-label=\"Use of vg0/pool0 over time\"",
            ">0 B<",
            ">50 GiB<",
            ">100 GiB<",
            ">size 100 GiB<",
            ">8 Jan<",
            ">8 Apr<",
            ">now<",
            "class=\"band\"",
            "class=\"foreseen\"")
        .doesNotContain("NaN", "Infinity");
    var points = Pattern.compile("points=\"([^\"]+)\"").matcher(text);
    while (points.find()) {
      for (var point : points.group(1).split(" ", -1)) {
        var xy = point.split(",", -1);
        assertThat(Double.parseDouble(xy[0])).isBetween(72.0, 470.0);
        assertThat(Double.parseDouble(xy[1])).isBetween(16.0, 196.0);
      }
    }
  }

  @Test
  void thereIsNoChartOfOneMoment() {
    var growth = SampleReport.growth();
    var one = new Growth(1, growth.history().subList(0, 1), List.of(), 0, null, "low", "");
    assertThat(GrowthChart.of(one, ZoneId.of("UTC"), "x")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 900, 5_000, 3_000_000, 700L << 30, 9L << 50})
  void aChartOfAnySizeHasAHandfulOfLines(long size) {
    var growth =
        new Growth(
            size,
            List.of(
                new Growth.Point(SampleReport.NOW, 0),
                new Growth.Point(SampleReport.NOW.plus(Duration.ofDays(1)), size)),
            List.of(),
            0,
            null,
            "low",
            "");
    var text = new StringBuilder();
    GrowthChart.of(growth, ZoneId.of("UTC"), "x").orElseThrow().writeTo(text);
    assertThat(text.toString().split("class=\"grid\"", -1)).hasSizeBetween(2, 7);
  }

  @Test
  void theFileIsAFile(@TempDir Path folder) throws IOException {
    var folderOfChoice = System.getProperty("sample", "");
    var file = (folderOfChoice.isBlank() ? folder : Path.of(folderOfChoice)).resolve("report.html");
    Files.writeString(file, HtmlReport.of(SampleReport.week()));
    assertThat(file).isNotEmptyFile().content().endsWith("</html>\n");
  }
}
