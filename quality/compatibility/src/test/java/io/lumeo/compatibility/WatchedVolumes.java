package io.lumeo.compatibility;

import io.lumeo.compatibility.OperationsSuite.Died;
import io.lumeo.pools.VolumeService;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;

/// A pool's service whose calls a test looks at before it passes them on.
final class WatchedVolumes {
  private WatchedVolumes() {}

  @FunctionalInterface
  private interface Watch {
    /// Whether the call goes on to the pool.
    boolean lets(Method method);
  }

  /// The pool as a server has it: whoever asks it something and goes leaves it open.
  static VolumeService staysOpen(VolumeService service) {
    return watched(service, method -> !method.getName().equals("close"));
  }

  /// The pool for a process that dies when it is about to change a volume for the second time.
  static VolumeService dyingHalfway(VolumeService service) {
    var changes = new AtomicInteger();
    return watched(
        service,
        method -> {
          if (method.getName().equals("change") && changes.getAndIncrement() == 1) {
            throw new Died();
          }
          return true;
        });
  }

  private static VolumeService watched(VolumeService service, Watch watch) {
    return (VolumeService)
        Proxy.newProxyInstance(
            VolumeService.class.getClassLoader(),
            new Class<?>[] {VolumeService.class},
            (_, method, arguments) -> watch.lets(method) ? pass(service, method, arguments) : null);
  }

  private static Object pass(VolumeService service, Method method, Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(service, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
