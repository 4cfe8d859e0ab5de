package io.lumeo.cli.lvm;

import io.lumeo.cli.Printer;
import io.lumeo.storage.Progress;
import java.io.PrintWriter;
import java.util.function.BooleanSupplier;

/// One line on a terminal that says which step of a plan is under way, and is gone when it is done.
public final class ProgressLine implements Progress, AutoCloseable {
  private final PrintWriter out;
  private final boolean shown;
  private final BooleanSupplier cancelled;
  private boolean drawn;

  /// @param shown whether anybody watches
  /// @param cancelled whether to stop
  public ProgressLine(PrintWriter out, boolean shown, BooleanSupplier cancelled) {
    this.out = out;
    this.shown = shown;
    this.cancelled = cancelled;
  }

  @Override
  public void report(String what, long done, long total) {
    if (shown) {
      var count = total > 0 ? "[%d/%d] ".formatted(Math.min(done + 1, total), total) : "";
      out.print("\r\u001b[K" + count + Printer.oneLine(what));
      out.flush();
      drawn = true;
    }
  }

  @Override
  public boolean isCancelled() {
    return cancelled.getAsBoolean();
  }

  @Override
  public void close() {
    if (drawn) {
      out.print("\r\u001b[K");
      out.flush();
    }
  }
}
