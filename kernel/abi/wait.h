/*
 * The POSIX status word of waitpid(2): exit status in bits 8-15, or the
 * signal that ended the process in bits 0-6. POSIX.1-2017, <sys/wait.h>.
 * Quire delivers no signals to handlers; the numbers say why a process died.
 */
#ifndef ABI_WAIT_H
#define ABI_WAIT_H

#define WNOHANG		1

#define W_EXITED(code)	(((code) & 0xff) << 8)
#define W_KILLED(sig)	((sig) & 0x7f)

#define SIGINT		2
#define SIGILL		4	/* an instruction that is none */
#define SIGTRAP		5	/* a breakpoint */
#define SIGBUS		7	/* past the end of a mapped file; a misaligned access */
#define SIGFPE		8	/* a division by zero */
#define SIGKILL		9
#define SIGSEGV		11

#endif
