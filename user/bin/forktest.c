/* How many processes there can be. */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "forktest\n"
    "Forks until that fails, and waits for all the children. It fails for want of\n"
    "memory, or at the limit that the boot parameter maxproc sets (512). The\n"
    "children sleep meanwhile: all are there at once.\n";

/* Waits until the parent closes its end. */
static _Noreturn void
child(const int fd[2])
{
	char c;

	close(fd[1]);
	_exit(read(fd[0], &c, 1) != 0);
}

/* How many children ended well; a wait for one that is not there fails. */
static long
collect(void)
{
	long n = 0;
	int status;

	while (wait(&status) > 0)
		if (status == 0)
			n++;
	if (errno != ECHILD)
		err(1, "wait");
	return n;
}

int
main(int argc, char **argv)
{
	long made = 0, back;
	int fd[2], why;
	pid_t pid;

	help_option(argc, argv, help);
	if (argc > 1)
		usage(help, 1);
	if (pipe(fd) < 0)
		err(1, "pipe");
	while ((pid = fork()) > 0)
		made++;
	if (pid == 0)
		child(fd);
	why = errno;
	close(fd[1]);
	back = collect();
	printf("%ld children, then: %s; %ld came back\n", made, strerror(why), back);
	return finish(back != made);
}
