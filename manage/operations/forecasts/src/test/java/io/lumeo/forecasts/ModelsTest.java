package io.lumeo.forecasts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lumeo.testing.SeededTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ModelsTest {

  private static double[] line(int count, double start, double slope) {
    var values = new double[count];
    Arrays.setAll(values, i -> start + slope * i);
    return values;
  }

  @Test
  void everyMethodCarriesOnALine() {
    var values = line(60, 100, 3);
    for (var method : Method.values()) {
      assertThat(Fit.of(method, values).at(7)).as("%s", method).isCloseTo(298, within(4.0));
    }
    assertThat(TheilSenLine.fit(values)).isEqualTo(new TheilSenLine(277, 3));
    assertThat(TheilSenLine.fit(values).explained(values)).isEqualTo(1);
  }

  @SeededTest(seeds = 20)
  void aQuarterOfThePointsMayBeAnywhere(Random random) {
    var values = line(80, 100, 3);
    for (var i = 0; i < values.length / 4; i++) {
      values[random.nextInt(values.length)] += random.nextDouble(10_000);
    }
    assertThat(TheilSenLine.fit(values).slope()).isCloseTo(3, within(3.0));
    var outlier = line(30, 0, 1);
    outlier[29] = 1e12;
    assertThat(TheilSenLine.fit(outlier).slope()).isCloseTo(1, within(0.1));
  }

  @Test
  void aLongSeriesIsThinnedAndGivesTheSameLine() {
    assertThat(TheilSenLine.fit(line(5000, 7, 0.25)).slope()).isCloseTo(0.25, within(1e-9));
  }

  @Test
  void aLineExplainsWhatDoesNotMove() {
    var flat = line(20, 5, 0);
    assertThat(TheilSenLine.fit(flat).explained(flat)).isEqualTo(1);
    var alternating = new double[] {0, 10, 0, 10, 0, 10, 0, 10};
    assertThat(TheilSenLine.fit(alternating).explained(alternating)).isLessThan(0.2);
  }

  @Test
  void aDampedTrendFlattens() {
    var trend = new DampedTrend(100, 10, 0.9);
    assertThat(trend.at(1)).isCloseTo(109, within(1e-9));
    assertThat(trend.at(1000)).isCloseTo(190, within(1e-6));
  }

  @Test
  void aWeeklyPatternRepeats() {
    var values = new double[70];
    Arrays.setAll(values, i -> 100 + (i % 7 == 2 ? 50 : 0));
    var fit = WeeklyPattern.fit(values);
    for (var step = 1; step <= 21; step++) {
      assertThat(fit.at(step))
          .as("step %d", step)
          .isCloseTo((70 + step - 1) % 7 == 2 ? 150 : 100, within(1.0));
    }
  }

  @Test
  void quantilesLieBetweenValuesInProportion() {
    var values = new double[] {4, 1, 3, 2};
    assertThat(Statistics.median(values)).isEqualTo(2.5);
    assertThat(Statistics.quantile(values, 0)).isEqualTo(1);
    assertThat(Statistics.quantile(values, 1)).isEqualTo(4);
    assertThat(Statistics.quantile(values, 0.9)).isCloseTo(3.7, within(1e-9));
    assertThat(values).containsExactly(4, 1, 3, 2);
    assertThat(Statistics.deviation(new double[] {1, 2, 3, 4, 100}))
        .isCloseTo(1.4826, within(1e-9));
    assertThatThrownBy(() -> Statistics.median(new double[0]))
        .hasMessage("there is no quantile of nothing");
  }

  @Test
  void theSpreadOfNoiseIsThatOfTheNoise() {
    var random = new Random(5);
    var values = new double[300];
    Arrays.setAll(values, i -> 1000 + random.nextGaussian() * 10);
    var samples = new ArrayList<Sample>();
    for (var i = 0; i < values.length; i++) {
      samples.add(new Sample(Shape.at(i), values[i]));
    }
    var test = BackTest.best(EvenSeries.of(samples), 7);
    assertThat(test.method()).isEqualTo(Method.THEIL_SEN_LINE);
    assertThat(test.origins()).isEqualTo(16);
    assertThat(test.spread()).isBetween(8.0, 22.0); // 1.28 σ, and the line is not known exactly
    assertThat(test.meanAbsoluteError()).isBetween(5.0, 12.0);
    assertThat(test.spreadGrowth()).isBetween(0.5, 0.7);
  }
}
