package io.lumeo.commands;

/// How a process is made to end.
interface Ending {
  void ask(ProcessHandle process);

  void kill(ProcessHandle process);

  Ending BY_SIGNALS =
      new Ending() {
        @Override
        public void ask(ProcessHandle process) {
          process.destroy();
        }

        @Override
        public void kill(ProcessHandle process) {
          process.destroyForcibly();
        }
      };
}
