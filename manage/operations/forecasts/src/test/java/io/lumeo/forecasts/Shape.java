package io.lumeo.forecasts;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// How pools fill, as series that are the same on every machine: 15-minute values in GiB over the
/// years, made from a seed. Noise is what one day differs from the line, not one quarter of an
/// hour.
enum Shape {
  FLAT("nothing grows", 0.2) {
    @Override
    double level(double day, SplittableRandom days) {
      return 300;
    }
  },
  LINEAR("2 GiB a day", 0.4) {
    @Override
    double level(double day, SplittableRandom days) {
      return 200 + 2 * day;
    }
  },
  NOISY("1 GiB a day, ± 8 GiB of noise", 8) {
    @Override
    double level(double day, SplittableRandom days) {
      return 250 + day;
    }
  },
  SAWTOOTH("6 GiB a day, a trim each Sunday returns 35 GiB", 0.4) {
    @Override
    double level(double day, SplittableRandom days) {
      return 200 + 6 * day - 35 * Math.floor((day + 4) / 7);
    }
  },
  WEEKLY("1 GiB a day, and 30 GiB that are there from Friday to Sunday", 1) {
    @Override
    double level(double day, SplittableRandom days) {
      var weekday = Math.floorMod((long) Math.floor(day) + 3, 7); // day 0 is a Thursday
      return 250 + day + (weekday >= 4 ? 30 : 0);
    }
  },
  STEP("1 GiB a day, and once a restore of 80 GiB", 0.4) {
    @Override
    double level(double day, SplittableRandom days) {
      return 200 + day + (day >= STEP_DAY ? 80 : 0);
    }
  },
  BURST("1 GiB a day, and now and then 40 GiB for two days", 0.4) {
    @Override
    double level(double day, SplittableRandom days) {
      return 200 + day + (days.nextInt(100) < 4 ? 40 : 0);
    }
  },
  NEW_LOAD("0.5 GiB a day, from day 70 on 3 GiB a day", 0.4) {
    @Override
    double level(double day, SplittableRandom days) {
      return 200 + 0.5 * day + 2.5 * Math.max(0, day - 70);
    }
  };

  static final int STEP_DAY = 60;

  /// A Thursday.
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final String description;
  private final double noise;

  Shape(String description, double noise) {
    this.description = description;
    this.noise = noise;
  }

  String description() {
    return description;
  }

  /// The level without noise.
  ///
  /// @param days chance, the same for the two days of a pair
  abstract double level(double day, SplittableRandom days);

  /// The value of one moment.
  double value(long seed, double day) {
    var pair = new SplittableRandom(seed * 31_337 + (long) Math.floor(day / 2));
    var chance = new SplittableRandom(seed * 51_413 - (long) Math.floor(day));
    return level(day, pair) + noise * chance.nextGaussian();
  }

  /// Samples from day `from` to day `to`, both included.
  List<Sample> samples(long seed, double from, double to, Duration step) {
    var samples = new ArrayList<Sample>();
    var days = (double) step.toMinutes() / (24 * 60);
    for (var i = 0; from + i * days <= to; i++) {
      samples.add(new Sample(at(from + i * days), value(seed, from + i * days)));
    }
    return samples;
  }

  /// What is in the record of what was done.
  List<Event> events(double until) {
    var events = new ArrayList<Event>();
    if (this == STEP && until >= STEP_DAY) {
      events.add(new Event(at(STEP_DAY), Event.Kind.RESTORE));
    }
    if (this == SAWTOOTH) {
      for (var day = 3; day <= until; day += 7) {
        events.add(new Event(at(day), Event.Kind.TRIM));
      }
    }
    return events;
  }

  static Instant at(double day) {
    return START.plusSeconds(Math.round(day * 24 * 3600));
  }
}
