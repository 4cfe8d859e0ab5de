package io.lumeo.architecture;

import static com.tngtech.archunit.lang.conditions.ArchConditions.onlyDependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The arrows of ARCHITECTURE.md: which package may know which.
class LayersTest {

  /// What the agent wires: everything of `manage`. Its three packages know one another.
  private static final Set<String> AGENT =
      Set.of(
          "agent",
          "agent.runs",
          "agent.watch",
          "storage",
          "commands",
          "lvm",
          "state",
          "policies",
          "forecasts",
          "configuration",
          "audit",
          "alerts",
          "reports");

  /// Package → the packages of ours that it may use besides itself. What is not a key does not
  /// exist, and what is not in a value is not known there.
  private static final Map<String, Set<String>> ARROWS =
      new TreeMap<>(
          Map.ofEntries(
              entry("block", Set.of("block.linux")),
              entry("block.linux", Set.of("block")),
              entry("persistentdata", Set.of("block")),
              entry("thin", Set.of("persistentdata", "block")),
              entry("storage", Set.of()),
              entry("commands", Set.of()),
              entry("lvm", Set.of("storage", "commands")),
              entry("state", Set.of()),
              entry("policies", Set.of("storage")),
              entry("forecasts", Set.of("storage", "state")),
              entry("configuration", Set.of("alerts", "policies", "state", "storage")),
              entry("audit", Set.of("state", "storage")),
              entry("alerts", Set.of("storage", "state")),
              entry("reports", Set.of("storage", "alerts")),
              entry("agent", AGENT),
              entry("agent.runs", AGENT),
              entry("agent.watch", AGENT),
              entry("doctor", Set.of("storage", "lvm", "policies")),
              entry("tuning", Set.of("storage", "commands", "lvm", "forecasts")),
              entry("nbd", Set.of("block")),
              entry("pools", Set.of("storage", "thin", "block")),
              entry("rest", Set.of("pools", "thin", "block")),
              entry("cli", Set.of("rest", "pools", "thin", "nbd", "block", "storage")),
              entry("cli.lvm", Set.of("cli", "rest", "pools", "block", "storage")),
              entry(
                  "cli.operations",
                  Set.of(
                      "cli",
                      "cli.lvm",
                      "rest",
                      "pools",
                      "block",
                      "storage",
                      "commands",
                      "lvm",
                      "policies",
                      "forecasts",
                      "configuration",
                      "audit",
                      "alerts",
                      "reports",
                      "agent",
                      "agent.runs",
                      "agent.watch",
                      "doctor",
                      "tuning",
                      "state")),
              entry(
                  "server",
                  Set.of(
                      "cli",
                      "cli.lvm",
                      "cli.operations",
                      "agent",
                      "agent.watch",
                      "rest",
                      "pools",
                      "nbd",
                      "thin",
                      "block")),
              entry("testing", Set.of("block", "commands", "storage")),
              entry(
                  "benchmarks",
                  Set.of(
                      "server",
                      "cli",
                      "nbd",
                      "thin",
                      "persistentdata",
                      "block",
                      "lvm",
                      "commands",
                      "storage",
                      "testing"))));

  @Test
  void everyClassOfEveryModuleIsScanned() {
    var expected = new TreeSet<String>();
    for (var file : Production.sourceFiles()) {
      expected.add(file.getFileName().toString().replace(".java", ""));
    }
    var scanned = new TreeSet<String>();
    for (var type : Production.CLASSES) {
      scanned.add(topLevel(type).getSimpleName());
    }
    assertThat(scanned).containsAll(expected);
    assertThat(Production.modules()).hasSizeGreaterThanOrEqualTo(8);
  }

  @Test
  void everyPackageIsInThePicture() {
    var packages = new TreeSet<String>();
    for (var type : Production.CLASSES) {
      if (!isDescriptor(type)) {
        packages.add(type.getPackageName());
      }
    }
    assertThat(packages).isSubsetOf(ARROWS.keySet().stream().map(LayersTest::ours).toList());
  }

  @TestFactory
  Stream<DynamicTest> arrowsPointOneWay() {
    return ARROWS.entrySet().stream()
        .map(arrow ->
            DynamicTest.dynamicTest(
                arrow.getKey() + " knows only " + new TreeSet<>(arrow.getValue()),
                () -> checkArrow(arrow.getKey(), arrow.getValue())));
  }

  private static void checkArrow(String from, Set<String> to) {
    var known = new TreeSet<>(to.stream().map(LayersTest::ours).toList());
    known.add(ours(from));
    classes()
        .that()
        .resideInAPackage(ours(from))
        .should(
            onlyDependOnClassesThat(
                new DescribedPredicate<JavaClass>("are foreign or in " + known) {
                  @Override
                  public boolean test(JavaClass type) {
                    return !type.getPackageName().startsWith("io.lumeo")
                        || known.contains(type.getPackageName());
                  }
                }))
        .allowEmptyShould(true)
        .check(Production.CLASSES);
  }

  @Test
  void modulesHaveNoCycles() {
    slices().matching("io.lumeo.(*)..").should().beFreeOfCycles().check(Production.CLASSES);
  }

  @Test
  void onlyTheLinuxPackageCallsNativeCode() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.lumeo.block.linux")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.foreign.Linker")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.foreign.SymbolLookup")
        .check(Production.CLASSES);
  }

  private static JavaClass topLevel(JavaClass type) {
    return type.getEnclosingClass().map(LayersTest::topLevel).orElse(type);
  }

  private static boolean isDescriptor(JavaClass type) {
    return type.getSimpleName().equals("module-info");
  }

  private static String ours(String leaf) {
    return "io.lumeo." + leaf;
  }
}
