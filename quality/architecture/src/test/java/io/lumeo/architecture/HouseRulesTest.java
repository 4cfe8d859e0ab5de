package io.lumeo.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The house rules of CODE.md that a compiler does not check.
class HouseRulesTest {
  private static final String[] ENGINE = {
    "io.lumeo.block", "io.lumeo.block.linux", "io.lumeo.persistentdata", "io.lumeo.thin"
  };

  @Test
  void namesSayAnIdea() {
    check(
        classes()
            .that()
            .doNotHaveSimpleName("TransactionManager")
            .should()
            .haveSimpleNameNotEndingWith("Manager")
            .andShould()
            .haveSimpleNameNotEndingWith("Helper")
            .andShould()
            .haveSimpleNameNotEndingWith("Util")
            .andShould()
            .haveSimpleNameNotEndingWith("Utils")
            .andShould()
            .haveSimpleNameNotEndingWith("Impl"));
  }

  @Test
  void onlyTheCommandPrints() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages("io.lumeo.cli", "io.lumeo.server", "io.lumeo.benchmarks")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err"));
    check(noClasses().should().callMethod(Throwable.class, "printStackTrace"));
    check(noClasses().should().callMethod(Throwable.class, "printStackTrace", PrintStream.class));
  }

  @Test
  void theEngineTakesTimeFromItsClockAndChanceFromItsCaller() {
    check(
        engine()
            .and()
            .haveSimpleNameNotEndingWith("Clock")
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(Clock.class, "systemUTC")
            .orShould()
            .callMethod(Clock.class, "systemDefaultZone")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Random.class));
  }

  @Test
  void theEngineOpensNoSockets() {
    check(
        engine()
            .should()
            .dependOnClassesThat()
            .haveNameMatching("java\\.(net|nio\\.channels)\\..*(Socket|Inet|Connection|http).*"));
  }

  @Test
  void theEngineNeedsNoLibrary() {
    check(
        classes()
            .that(resideInAnyPackage(ENGINE))
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "io.lumeo..", "org.jspecify.annotations"));
  }

  @Test
  void persistentDataDecidesAndStartsNoThreads() {
    check(
        noClasses()
            .that()
            .resideInAPackage("io.lumeo.persistentdata")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.util.concurrent.ExecutorService")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.util.concurrent.Executors")
            .orShould()
            .callMethod(Thread.class, "start")
            .orShould()
            .callMethod(Thread.class, "startVirtualThread", Runnable.class)
            .orShould()
            .callMethod(Thread.class, "ofVirtual"));
  }

  @Test
  void nobodySleeps() {
    check(
        noClasses()
            .should()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(Thread.class, "sleep", Duration.class));
  }

  @Test
  void publicFieldsAreFinal() {
    check(fields().that().arePublic().should().beFinal());
  }

  private static GivenClassesConjunction engine() {
    return noClasses().that(resideInAnyPackage(ENGINE));
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(Production.CLASSES);
  }
}
