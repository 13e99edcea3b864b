/* breeder: one child after the other, each of which would sleep for long. Ctrl-C ends it. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(void)
{
	puts("breeding");
	fflush(stdout);
	for (;;) {
		pid_t pid = fork();

		if (pid == 0) {
			sleep(1000);
			_exit(0);
		}
		if (pid > 0) {
			kill(pid, SIGKILL);
			wait(NULL);
		}
	}
}
