package io.lumeo.testing;

import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/// Turns a [SeededTest] into one run per seed.
public final class SeededTestExtension implements TestTemplateInvocationContextProvider {
  /// For JUnit.
  public SeededTestExtension() {}

  @Override
  public boolean supportsTestTemplate(ExtensionContext context) {
    return context.getRequiredTestMethod().isAnnotationPresent(SeededTest.class);
  }

  @Override
  public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
      ExtensionContext context) {
    var method = context.getRequiredTestMethod();
    int count = method.getAnnotation(SeededTest.class).seeds();
    String name = method.getDeclaringClass().getName() + "." + method.getName();
    return seeds(name, count, System.getProperty("seed", ""), System.getProperty("seeds", ""))
        .mapToObj(Run::new);
  }

  /// The seeds to run: the one that was asked for, or as many as asked for, or `count`.
  static LongStream seeds(String name, int count, String seed, String seeds) {
    if (!seed.isBlank()) {
      return LongStream.of(Long.parseLong(seed.strip()));
    }
    int wanted = seeds.isBlank() ? count : Integer.parseInt(seeds.strip());
    // Short numbers are easier to type again.
    return new SplittableRandom(name.hashCode()).longs(wanted, 0, 1L << 40);
  }

  private record Run(long seed) implements TestTemplateInvocationContext, ParameterResolver {
    @Override
    public String getDisplayName(int index) {
      return "-Dseed=" + seed;
    }

    @Override
    public List<Extension> getAdditionalExtensions() {
      return List.of(this);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == Random.class;
    }

    @Override
    public Random resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return new Random(seed);
    }
  }
}
