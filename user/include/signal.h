/*
 * What Quire has of POSIX.1-2017, <signal.h>: no handlers, but the numbers that say
 * why a process ended (abi/wait.h), and kill().
 */
#ifndef _SIGNAL_H
#define _SIGNAL_H

#include <abi/wait.h>
#include <sys/types.h>

/*
 * SIGKILL ends process PID, also one asleep in a call; 0 only asks whether it is there.
 * 0, or -1 with errno: ESRCH, EPERM (init), EINVAL (another signal, or pid <= 0).
 */
int	kill(pid_t pid, int sig);

#endif
