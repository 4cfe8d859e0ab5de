package io.lumeo.cli;

import io.lumeo.thin.Progress;
import java.io.PrintWriter;

/// One line on a terminal that fills as work goes on, and is gone when it is done.
final class ProgressBar implements Progress, AutoCloseable {
  private static final int WIDTH = 30;

  private final PrintWriter out;
  private final String label;
  private final boolean shown;
  private int drawnPercent = -1;

  ProgressBar(PrintWriter out, String label, boolean shown) {
    this.out = out;
    this.label = label;
    this.shown = shown;
  }

  @Override
  public synchronized boolean update(long done, long total) {
    int percent = total <= 0 ? 0 : (int) Math.min(100, done * 100.0 / total);
    if (shown && percent != drawnPercent) {
      drawnPercent = percent;
      var filled = "#".repeat(percent * WIDTH / 100);
      out.printf("\r%s [%-" + WIDTH + "s] %3d %%", label, filled, percent);
      out.flush();
    }
    return !Thread.currentThread().isInterrupted();
  }

  @Override
  public synchronized void close() {
    if (drawnPercent >= 0) {
      out.print("\r\u001b[K");
      out.flush();
    }
  }
}
