package io.lumeo.agent;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/// Hears the signals that an agent obeys.
///
/// The JDK has no other way than `sun.misc.Signal`, which javac warns of wherever it is named; so
/// it is called by name.
final class Signals {
  private Signals() {}

  /// Runs `action`, on a thread of the JDK's, whenever the process gets a signal.
  ///
  /// @param name without SIG: `HUP`
  /// @throws IllegalStateException if this JDK or system cannot hear it
  @SuppressWarnings("ReferenceEquality") // a handler equals itself only
  static void on(String name, Runnable action) {
    try {
      var signal = Class.forName("sun.misc.Signal");
      var handler = Class.forName("sun.misc.SignalHandler");
      InvocationHandler calls =
          (proxy, method, arguments) ->
              switch (method.getName()) {
                case "handle" -> {
                  action.run();
                  yield null;
                }
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> name;
              };
      signal
          .getMethod("handle", signal, handler)
          .invoke(
              null,
              signal.getConstructor(String.class).newInstance(name),
              Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, calls));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("signal %s cannot be heard".formatted(name), e);
    }
  }
}
