/*
 * What is measured by the clock, and what two processors do at once.
 *
 *	wall file	writes the largest file there can be
 *	wall scale	six operations by one and by two processes, in turn
 *	wall once OP	one of them by two processes, for the conflicts plugin
 *
 * Output: `time NAME WORKERS NANOSECONDS`. The marks stand round what each process does.
 */
#include "api.h"

#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define PAGE		4096
#define BLOCK		1024
#define MAX_BLOCKS	(11 + 256 + 256 * 256)
#define REPEAT		9

static char buffer[64 << 10];
static int turns = 1;		/* of each loop: long beside what the host does meanwhile */

static uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void
fail(const char *what)
{
	fprintf(stderr, "wall: ");
	perror(what);
	exit(1);
}

static void
report(const char *name, int workers, uint64_t ns)
{
	printf("time %s %d %llu\n", name, workers, (unsigned long long)ns);
	fflush(stdout);
}

/* ---- The largest file ---- */

static void
write_largest(void)
{
	uint64_t begin = now();
	int fd = make_file("/tmp/largest");

	if (fd < 0)
		fail("/tmp/largest");
	for (long left = (long)MAX_BLOCKS * BLOCK, n; left > 0; left -= n) {
		n = write(fd, buffer, left < (long)sizeof(buffer) ? left : sizeof(buffer));
		if (n <= 0)
			fail("write");
	}
	if (write(fd, buffer, 1) > 0)
		fail("a file longer than the longest");
	if (fsync(fd) < 0 || close(fd) < 0)
		fail("fsync");
	report("file", 1, now() - begin);
	unlink("/tmp/largest");
}

/* ---- The six operations ---- */

static void
compute(int who)
{
	(void)who;
	for (volatile int i = 0; i < 20000000 * turns; i++)
		;
}

static void
call_nothing(int who)
{
	(void)who;
	for (int i = 0; i < 200000 * turns; i++)
		getpid();
}

static void
fork_and_wait(int who)
{
	(void)who;
	for (int i = 0; i < 1000 * turns; i++) {
		int pid = fork();

		if (pid < 0)
			fail("fork");
		if (pid == 0)
			_exit(0);
		wait_for_child();
	}
}

static void
take_memory(int who)
{
	(void)who;
	for (int i = 0; i < 100 * turns; i++) {
		char *p = sbrk(1 << 20);

		if (p == (char *)-1)
			fail("sbrk");
		for (int k = 0; k < 256; k++)
			p[k * PAGE] = 1;
		sbrk(-(1 << 20));
	}
}

static void
file_name(char *path, int who)
{
	snprintf(path, 32, "/tmp/own%d", who);
}

static void
read_own_file(int who)
{
	char path[32];

	file_name(path, who);
	for (int i = 0; i < 10000 * turns; i++) {
		int fd = open(path, O_RDONLY);

		if (fd < 0 || read(fd, buffer, BLOCK) != BLOCK)
			fail(path);
		close(fd);
	}
}

static void
use_own_pipe(int who)
{
	int fd[2];
	char c = 0;

	(void)who;
	if (pipe(fd) < 0)
		fail("pipe");
	for (int i = 0; i < 40000 * turns; i++) {
		if (write(fd[1], &c, 1) != 1 || read(fd[0], &c, 1) != 1)
			fail("pipe");
	}
}

static const struct op {
	const char *name;
	void (*run)(int who);
} ops[] = {
	{ "compute", compute },
	{ "getpid", call_nothing },
	{ "fork_exit", fork_and_wait },
	{ "sbrk_touch", take_memory },
	{ "open_read_close", read_own_file },
	{ "pipe_self", use_own_pipe },
};
#define NOPS	(sizeof(ops) / sizeof(ops[0]))

static void
work(const struct op *op, int who, int go)
{
	char c;

	read(go, &c, 1);
	MARK_BEGIN();
	op->run(who);
	MARK_END();
	_exit(0);
}

static void
measure(const struct op *op, int workers)
{
	char path[32];
	int go[2];
	uint64_t begin;

	if (pipe(go) < 0)
		fail("pipe");
	for (int i = 0; i < workers; i++) {
		int fd;

		file_name(path, i);
		fd = make_file(path);
		if (fd < 0 || write(fd, buffer, BLOCK) != BLOCK)
			fail(path);
		close(fd);
		sync();		/* or the daemon writes it while its reader has it */
		if (fork() == 0) {
			close(go[1]);
			work(op, i, go[0]);
		}
	}
	begin = now();
	if (write(go[1], buffer, (size_t)workers) != workers)
		fail("pipe");
	for (int i = 0; i < workers; i++)
		wait_for_child();
	report(op->name, workers, now() - begin);
	close(go[0]);
	close(go[1]);
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "file") == 0) {
		write_largest();
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "scale") == 0) {
		turns = 5;
		for (size_t i = 0; i < NOPS; i++) {
			for (int r = 0; r < REPEAT; r++) {
				measure(&ops[i], 1);
				measure(&ops[i], 2);
			}
		}
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "once") == 0) {
		for (size_t i = 0; i < NOPS; i++) {
			if (strcmp(argv[2], ops[i].name) == 0) {
				measure(&ops[i], 2);
				return 0;
			}
		}
	}
	fprintf(stderr, "usage: wall file | wall scale | wall once OP\n");
	return 2;
}
