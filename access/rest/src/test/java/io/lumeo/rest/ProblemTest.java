package io.lumeo.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.StorageException;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ProblemTest {
  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(new StorageException.NotFound("m"), 404),
        Arguments.of(new StorageException.AlreadyExists("m"), 409),
        Arguments.of(new StorageException.Busy("m"), 409),
        Arguments.of(new StorageException.ReadOnly("m"), 409),
        Arguments.of(new StorageException.Unsupported("m"), 422),
        Arguments.of(new StorageException.OutOfSpace("m"), 507),
        Arguments.of(new StorageException.InvalidArgument("m"), 400),
        Arguments.of(new StorageException.Damaged("m"), 500),
        Arguments.of(new StorageException.Failed("m"), 503));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aFailureIsTheSameAtTheOtherEnd(StorageException failure, int status) {
    var problem = Problem.of(failure);

    assertThat(problem.status()).isEqualTo(status);
    assertThat(problem.toException()).hasSameClassAs(failure).hasMessage(failure.getMessage());
  }

  @Test
  void aFaultOfOursDoesNotShowItsInside() {
    var problem = Problem.of(new IllegalStateException("secret"));

    assertThat(problem.status()).isEqualTo(500);
    assertThat(problem.detail()).doesNotContain("secret");
  }

  @Test
  void aKindFromANewerServerIsStillAFailure() {
    assertThat(new Problem("urn:lumeo:problem:new", "New", 418, "d").toException())
        .isInstanceOf(IOException.class)
        .hasMessage("the server answered 418: d");
  }
}
