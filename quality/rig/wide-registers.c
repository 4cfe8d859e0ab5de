// Lets User Mode Linux of Debian 12 run on processors whose registers are wider than it knows.
//
// It keeps the registers of its processes in a buffer of a fixed size and gives them back with
// PTRACE_SETREGSET. Since Linux 5.16 the host wants all of them or none, and with AMX they are 11 KiB:
// the guest's first process dies with "ptrace set fp regs failed, errno = 14". Loaded with LD_PRELOAD,
// this fills up what UML does not know with what the process has.
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

// From <linux/ptrace.h> and <linux/elf.h>, which cannot be included beside <sys/ptrace.h>'s words.
enum { PEEK_FIRST = 1, PEEK_LAST = 3, GETREGSET = 0x4204, SETREGSET = 0x4205 };

static void *const XSTATE = (void *)0x202;

static long call(long request, pid_t pid, void *address, void *data) {
  return syscall(SYS_ptrace, request, pid, address, data);
}

static long set_registers(pid_t pid, struct iovec *known) {
  static __thread unsigned char registers[64 << 10] __attribute__((aligned(64)));
  struct iovec all = {registers, sizeof registers};
  if (call(GETREGSET, pid, XSTATE, &all) != 0 || known->iov_len >= all.iov_len) {
    return call(SETREGSET, pid, XSTATE, known);
  }
  memcpy(registers, known->iov_base, known->iov_len);
  return call(SETREGSET, pid, XSTATE, &all);
}

// glibc's function, which takes the word that a PEEK request reads as its result.
long ptrace(int request, ...) {
  va_list more;
  va_start(more, request);
  pid_t pid = va_arg(more, pid_t);
  void *address = va_arg(more, void *);
  void *data = va_arg(more, void *);
  va_end(more);
  if (request == SETREGSET && address == XSTATE) {
    return set_registers(pid, data);
  }
  if (request < PEEK_FIRST || request > PEEK_LAST) {
    return call(request, pid, address, data);
  }
  long word = 0;
  if (call(request, pid, address, &word) < 0) {
    return -1;
  }
  errno = 0;
  return word;
}
