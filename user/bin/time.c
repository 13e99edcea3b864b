/* How long a command takes, and what it makes the system do. */
#include <err.h>
#include <errno.h>
#include <quire.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "time COMMAND [ARG]...\n"
    "Says how long COMMAND takes, and what the system did meanwhile: page faults,\n"
    "of these with a new page, by copying one, from the file cache; system calls;\n"
    "forks; blocks of 512 bytes from and to the disk. Other processes count too. The\n"
    "status is COMMAND's.\n";

static void
sample(struct kinfo_stat *s)
{
	if (kinfo(KINFO_STAT, 0, 0, s, sizeof(*s)) <= 0)
		err(1, "kinfo");
}

#define DIFF(member)	((unsigned long long)(b->member - a->member))

static void
report(const struct kinfo_stat *a, const struct kinfo_stat *b)
{
	unsigned long long ms = (b->uptime_ns - a->uptime_ns) / 1000000;

	fprintf(stderr, "%llu.%03llu s, %llu faults (%llu new, %llu copied, %llu file), "
	    "%llu calls, %llu forks, %llu read, %llu written\n", ms / 1000, ms % 1000,
	    DIFF(faults), DIFF(faults_zero), DIFF(faults_copy), DIFF(faults_file),
	    DIFF(syscalls), DIFF(forks), DIFF(disk_read_blocks), DIFF(disk_write_blocks));
}

int
main(int argc, char **argv)
{
	struct kinfo_stat a, b;
	int status;
	pid_t pid;

	help_option(argc, argv, help);
	if (argc < 2 || argv[1][0] == '-')
		usage(help, 2);
	sample(&a);
	pid = fork();
	if (pid == 0) {
		execvp(argv[1], argv + 1);
		warn("%s", argv[1]);
		_exit(errno == ENOENT ? 127 : 126);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		err(1, "%s", argv[1]);
	sample(&b);
	report(&a, &b);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
