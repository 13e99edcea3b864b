/*
 * What the graders' programs share. Each is called with the name of one check, prints one line
 * of facts about it, and leaves the judging to the grader.
 */
#ifndef PROBE_H
#define PROBE_H

#include <err.h>
#include <quire.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	4096L

struct check {
	const char *name;
	void (*run)(void);
};

/* N pages of heap, from a page's start on, that nobody has touched. */
static inline char *
heap_pages(long n)
{
	char *p;

	sbrk(-(intptr_t)sbrk(0) & (PAGE - 1));
	p = sbrk(n * PAGE);
	if (p == (char *)-1)
		err(1, "sbrk");
	return p;
}

static inline void
touch_pages(char *p, long n, char c)
{
	for (long i = 0; i < n; i++)
		p[i * PAGE] = c;
}

/* The status of a child that runs FN. */
static inline int
in_child(void (*fn)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		fn();
		fflush(stdout);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	return status;
}

static inline int
run_check(const struct check *checks, size_t n, int argc, char **argv)
{
	static char buf[512];

	setvbuf(stdout, buf, _IOLBF, sizeof(buf));	/* printing must not move the break */
	for (size_t i = 0; argc == 2 && i < n; i++)
		if (strcmp(argv[1], checks[i].name) == 0) {
			checks[i].run();
			return 0;
		}
	errx(2, "no such check");
}

#define PROBE_MAIN(checks)						\
	int								\
	main(int argc, char **argv)					\
	{								\
		return run_check(checks, sizeof(checks) / sizeof(checks[0]), argc, argv); \
	}

#endif
