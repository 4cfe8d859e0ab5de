package io.lumeo.cli.operations;

import io.lumeo.audit.AuditResult;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A result as the record has it: `dry-run`.
final class ResultWord implements ITypeConverter<AuditResult> {
  @Override
  public AuditResult convert(String text) {
    for (var result : AuditResult.values()) {
      if (result.word().equals(text)) {
        return result;
      }
    }
    throw new TypeConversionException(
        "'%s' is not one of %s"
            .formatted(
                text,
                Arrays.stream(AuditResult.values())
                    .map(AuditResult::word)
                    .collect(Collectors.joining(", "))));
  }
}
