package io.lumeo.agent;

import io.lumeo.audit.AuditResult;
import io.lumeo.storage.Change;
import io.lumeo.storage.Inspection;
import io.lumeo.storage.InspectionRequest;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Outcome;
import io.lumeo.storage.Plan;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageSystem;
import io.lumeo.storage.UnfinishedPlan;
import io.lumeo.storage.UsageSample;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// A system that a person changes by hand, with every change in the record: a line before it, and
/// one after it. Looks, plans and dry runs leave no line.
///
/// Safe for use by several threads as far as its books are.
public final class RecordedSystem implements StorageSystem {
  private final StorageSystem system;
  private final Books books;
  private final Author author;
  private final TimeSource time;

  /// Where the record is kept.
  @FunctionalInterface
  public interface Books {
    /// Opens it.
    ///
    /// @throws IOException if it cannot be written to
    Book open() throws IOException;
  }

  /// The record, open.
  public interface Book extends AutoCloseable {
    Ledger ledger();

    @Override
    void close() throws IOException;
  }

  /// Who changes it.
  ///
  /// @param id as the record calls people: `uid:0`
  /// @param name for people
  public record Author(String id, String name) {}

  /// The same system, recorded. The books are opened for each change and closed after it.
  public RecordedSystem(StorageSystem system, Books books, Author author, TimeSource time) {
    this.system = system;
    this.books = books;
    this.author = author;
    this.time = time;
  }

  @Override
  public Outcome apply(Plan plan, Progress progress) throws StorageFailure {
    return plan.isEmpty()
        ? system.apply(plan, progress)
        : recorded(plan, "lvm." + plan.change().kind(), () -> system.apply(plan, progress));
  }

  @Override
  public Outcome finish(UnfinishedPlan half, Progress progress) throws StorageFailure {
    return recorded(half.plan(), "plan.finish", () -> system.finish(half, progress));
  }

  @Override
  public Outcome undo(UnfinishedPlan half, Progress progress) throws StorageFailure {
    return recorded(half.plan(), "plan.undo", () -> system.undo(half, progress));
  }

  @FunctionalInterface
  private interface Work {
    Outcome run() throws StorageFailure;
  }

  private Outcome recorded(Plan plan, String verb, Work work) throws StorageFailure {
    try (var book = open()) {
      return recorded(book.ledger(), plan, verb, work);
    } catch (IOException e) {
      throw halfRecorded(plan, e);
    }
  }

  private Book open() throws StorageFailure.Refused {
    try {
      return books.open();
    } catch (IOException e) {
      throw notRecorded(e);
    }
  }

  private static StorageFailure.Refused notRecorded(IOException e) {
    return new StorageFailure.Refused(
        "nothing was done, as it could not be recorded: %s".formatted(e.getMessage()));
  }

  private static StorageFailure.Partial halfRecorded(Plan plan, IOException e) {
    return new StorageFailure.Partial(
        "plan %s has ended, and its end could not be recorded: %s; an agent will note that when it starts"
            .formatted(plan.id(), e.getMessage()),
        e);
  }

  private Outcome recorded(Ledger ledger, Plan plan, String verb, Work work)
      throws StorageFailure, IOException {
    var reason =
        "by hand, by %s: %s"
            .formatted(
                author.name(),
                plan.steps().stream().map(Plan.Step::title).collect(Collectors.joining(", ")));
    var intent = new Intent(author.id(), "local", verb, system.name(), List.of(plan.pool()));
    var open = begin(ledger, intent, plan, reason);
    var page = Transcript.Page.of(arguments -> RealHand.isOf(plan, arguments));
    var gain = TrimGain.before(system, plan);
    var began = time.nanos();
    try {
      var upshot = gain.of(Transcript.<Outcome, StorageFailure>during(page, work::run));
      ledger.end(
          open,
          Failures.result(upshot),
          "%s; %s".formatted(reason, upshot.words()),
          page.lines(),
          since(began),
          RealHand.after(upshot),
          RealHand.backup(upshot));
      return upshot.outcome();
    } catch (StorageFailure failure) {
      var result = Failures.result(Failures.duringTheChange(failure));
      failed(ledger, open, result, reason, failure, page, since(began));
      throw failure;
    } catch (RuntimeException bug) {
      failed(ledger, open, AuditResult.PARTIAL, reason, bug, page, since(began));
      throw bug;
    }
  }

  private static Ledger.Open begin(Ledger ledger, Intent intent, Plan plan, String reason)
      throws StorageFailure.Refused {
    try {
      return ledger.begin(intent, plan, reason);
    } catch (IOException e) {
      throw notRecorded(e);
    }
  }

  private static void failed(
      Ledger ledger,
      Ledger.Open open,
      AuditResult result,
      String reason,
      Exception failure,
      Transcript.Page page,
      Duration took)
      throws IOException {
    SortedMap<String, String> after = new TreeMap<>();
    ledger.end(
        open,
        result,
        "%s; %s".formatted(reason, Failures.words(failure)),
        page.lines(),
        took,
        after,
        Optional.empty());
  }

  private Duration since(long began) {
    return Duration.ofNanos(time.nanos() - began);
  }

  @Override
  public String name() {
    return system.name();
  }

  @Override
  public Inventory inventory() throws StorageFailure {
    return system.inventory();
  }

  @Override
  public List<UsageSample> usage() throws StorageFailure {
    return system.usage();
  }

  @Override
  public Plan plan(Change change) throws StorageFailure {
    return system.plan(change);
  }

  @Override
  public List<UnfinishedPlan> unfinished() throws StorageFailure {
    return system.unfinished();
  }

  @Override
  public Inspection inspect(InspectionRequest request, Progress progress) throws StorageFailure {
    return system.inspect(request, progress);
  }
}
