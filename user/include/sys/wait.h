/* Waiting for children. POSIX.1-2017, <sys/wait.h>; the status word is abi/wait.h's. */
#ifndef _SYS_WAIT_H
#define _SYS_WAIT_H

#include <abi/wait.h>		/* WNOHANG, SIG* */
#include <sys/types.h>

#define WIFEXITED(s)	(((s) & 0x7f) == 0)
#define WEXITSTATUS(s)	(((s) >> 8) & 0xff)
#define WIFSIGNALED(s)	(((s) & 0x7f) != 0)
#define WTERMSIG(s)	((s) & 0x7f)
#define WIFSTOPPED(s)	((void)(s), 0)

/*
 * PID: a child, or -1 for any. Its pid, and *STATUS when not NULL; 0: WNOHANG
 * and none has ended. ECHILD: no such child; EINVAL, EFAULT.
 */
pid_t	waitpid(pid_t pid, int *status, int options);
pid_t	wait(int *status);

#endif
