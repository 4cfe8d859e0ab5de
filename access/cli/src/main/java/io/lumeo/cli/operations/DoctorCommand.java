package io.lumeo.cli.operations;

import io.lumeo.cli.ExitCode;
import io.lumeo.cli.Printer;
import io.lumeo.cli.lvm.HostOptions;
import io.lumeo.doctor.Doctor;
import io.lumeo.doctor.Examination;
import io.lumeo.doctor.NagiosAnswer;
import io.lumeo.doctor.Severity;
import io.lumeo.doctor.TextReport;
import io.lumeo.lvm.LvmSystem;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `lumeo doctor`: what would bite on a host, worst first, and what mends it.
@Command(
    name = "doctor",
    footer = {
      "",
      "Ends with 0 when nothing would bite, else with 8. With --nagios as Nagios wants it: 0 OK, 1"
          + " WARNING, 2 CRITICAL, 3 UNKNOWN."
    })
final class DoctorCommand implements Callable<Integer> {
  private final OperationsSession session;

  @Mixin private HostOptions options = new HostOptions();

  @Option(
      names = "--nagios",
      description = "Answer as a check of Nagios, Icinga and their kin: one line with figures.")
  private boolean nagios;

  DoctorCommand(OperationsSession session) {
    this.session = session;
  }

  @Override
  public Integer call() throws StorageFailure, IOException {
    if (nagios) {
      return answer();
    }
    var examination = examine();
    var printer = new Printer(session.console().out(), options.output());
    printer.document(
        examination, () -> TextReport.lines(examination).forEach(line -> printer.line(line)));
    return bites(examination) ? ExitCode.DAMAGED.code() : ExitCode.OK.code();
  }

  private Examination examine() throws StorageFailure, IOException {
    var system = new ConfiguredHosts(session.surroundings()).setup(options).system();
    return system instanceof LvmSystem lvm
        ? Doctor.examine(lvm.checkup())
        : Doctor.examine(system.inventory());
  }

  private static boolean bites(Examination examination) {
    return examination.count(Severity.CRITICAL) + examination.count(Severity.WARNING) > 0;
  }

  /// Whatever keeps it from looking is an answer too.
  private int answer() {
    NagiosAnswer answer;
    try {
      answer = NagiosAnswer.of(examine());
    } catch (StorageFailure | IOException e) {
      answer = NagiosAnswer.unknown(String.valueOf(e.getMessage()));
    }
    answer.lines().forEach(session.console().out()::println);
    session.console().out().flush();
    return answer.exit();
  }
}
