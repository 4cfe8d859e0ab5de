package io.lumeo.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.lumeo.testing.Repository;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.json.JsonMapper;

class ConfigurationSchemaTest {
  private static final Path PUBLISHED = Repository.path(Path.of("docs/lumeo.schema.json"));
  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(ConfigurationSchema.text());

  @Test
  void thePublishedSchemaIsThisOne() throws IOException {
    if (!System.getProperty("rewrite", "").isBlank()) {
      Files.writeString(PUBLISHED, ConfigurationSchema.text());
    }
    assertThat(Files.readString(PUBLISHED))
        .as("docs/lumeo.schema.json; -Drewrite=1 writes it anew")
        .isEqualTo(ConfigurationSchema.text());
  }

  @Test
  void theExampleIsRightByTheSchema() throws IOException {
    assertThat(flaws(load(Sample.example()))).isEmpty();
  }

  @Test
  void theSchemaIsOneItself() {
    var dialect =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(
                com.networknt.schema.SchemaLocation.of(
                    "https://json-schema.org/draft/2020-12/schema"));
    assertThat(dialect.validate(ConfigurationSchema.text(), InputFormat.JSON)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hoste: []",
        "hosts: lvm",
        "hosts: [{name: a}]",
        "hosts: [{kind: lvm}]",
        "hosts: [{name: a, kind: zfs}]",
        "hosts: [{name: a, kind: lvm, folder: /x}]",
        "hosts: [{name: 'a b', kind: lvm}]",
        "hosts: [{name: a, kind: lvm, ssh: -oProxyCommand=x}]",
        "hosts: [{name: a, kind: lvm, deadline: 5}]",
        "hosts: [{name: a, kind: lvm, deadline: 5x}]",
        "hosts: [{name: a, kind: pool, folder: relative}]",
        "state: 5",
        "audit: {rotateAt: 64MB}",
        "policies: [{id: a, volumes: [], schedule: '@daily'}]",
        "policies: [{id: a, volumes: [{name: a}]}]",
        "policies: [{id: a, volumes: [{name: a}], schedule: '@daily', retention: {daily: x}}]",
        "policies: [{id: a, volumes: [{name: a}], schedule: '@daily', retention: {daily: -1}}]",
        "policies: [{id: a, volumes: [{name: a}], schedule: '@daily', retention: {keep: all}}]",
        "policies: [{id: a, volumes: [{name: a}], schedule: '@daily', ping: x}]",
        "policies: [{id: a, volumes: [{name: a}], schedule: '@daily', ping: 'http://x', pingFile: /y}]",
        "policies: [{id: a, volumes: [{name: a}], schedule: '@daily', enabled: 'true'}]",
        "growth: [{name: a}]",
        "growth: [{name: a, pool: a, volume: b}]",
        "growth: [{name: a, pool: a/b/c}]",
        "growth: [{name: a, pool: a, threshold: 80}]",
        "monitors: {iopsDrop: 0.5}",
        "monitors: []",
        "alerts: {rules: {pool-dat: {}}}",
        "alerts: {rules: {pool-data-full: {warning: 5m}}}",
        "alerts: {rules: {pool-full-soon: {warning: 80%}}}",
        "alerts: {rules: {snapshot-invalid: {warning: 80%}}}",
        "alerts: {silences: [{reason: a, author: b}]}",
        "channels: [{name: a, kind: smtp, server: m, from: a@b.c, to: [x]}]",
        "channels: [{name: a, kind: smtp, server: m, from: a@b.c, to: [a@b.c], port: 70000}]",
        "channels: [{name: a, kind: webhook}]",
        "channels: [{name: a, kind: webhook, url: 'https://x', secret: hunter2}]",
        "channels: [{name: a, kind: command, command: []}]",
        "reports: [{name: a, schedule: '@daily', content: [everything]}]",
      })
  void whatTheParserRefusesByItsFormTheSchemaDoesToo(String yaml) {
    assertThat(Sample.mistakes(yaml)).as("parser").isNotEmpty();
    assertThat(flaws(load(yaml))).as("schema").isNotEmpty();
  }

  /// The example with something taken out, put in or replaced, anywhere: the schema never refuses
  /// what the parser takes, so that nobody's editor is wrong.
  @SeededTest(seeds = 150)
  void theSchemaRefusesNothingThatTheParserTakes(Random random) throws IOException {
    var tree = load(Sample.example());
    for (int i = 0; i < 1 + random.nextInt(2); i++) {
      mutate(tree, random);
    }
    var yaml = new Dump(DumpSettings.builder().build()).dumpToString(tree);
    if (Sample.mistakes(yaml).isEmpty()) {
      assertThat(flaws(tree)).as(yaml).isEmpty();
    }
  }

  private static final List<Object> VALUES =
      List.of(
          "5m",
          "80%",
          "10GiB",
          7,
          0,
          true,
          "a",
          "*",
          "vg0/a",
          "/a/b",
          "@daily",
          "env:NAME",
          "https://example.com/x",
          "lvm",
          "UTC",
          List.of(),
          Map.of(),
          "2026-01-01T00:00:00Z",
          "thin",
          "none",
          "1.5 TiB",
          "0s",
          "");

  @SuppressWarnings("unchecked")
  private static void mutate(Object tree, Random random) {
    if (tree instanceof Map<?, ?> map && !map.isEmpty()) {
      var keys = new ArrayList<>(map.keySet());
      var key = keys.get(random.nextInt(keys.size()));
      var value = ((Map<Object, Object>) map).get(key);
      if (isInner(value) && random.nextInt(8) > 0) {
        mutate(value, random);
      } else if (random.nextInt(3) == 0) {
        map.remove(key);
      } else {
        ((Map<Object, Object>) map).put(key, VALUES.get(random.nextInt(VALUES.size())));
      }
    } else if (tree instanceof List<?> list && !list.isEmpty()) {
      var at = random.nextInt(list.size());
      if (isInner(list.get(at)) && random.nextInt(8) > 0) {
        mutate(list.get(at), random);
      } else {
        ((List<Object>) list).set(at, VALUES.get(random.nextInt(VALUES.size())));
      }
    }
  }

  private static boolean isInner(Object value) {
    return (value instanceof Map<?, ?> map && !map.isEmpty())
        || (value instanceof List<?> list && !list.isEmpty());
  }

  private static Object load(String yaml) {
    return new Load(LoadSettings.builder().build()).loadFromString(yaml);
  }

  private static List<String> flaws(Object tree) {
    return SCHEMA.validate(JsonMapper.shared().writeValueAsString(tree), InputFormat.JSON).stream()
        .map(Object::toString)
        .toList();
  }
}
