/* forkbomb: every process forks until that fails, then all wait for their children. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(void)
{
	int depth = 0;

	while (depth < 1000) {
		pid_t pid = fork();

		if (pid < 0)
			break;
		if (pid == 0)
			depth++;
	}
	while (wait(NULL) > 0)
		;
	return 0;
}
