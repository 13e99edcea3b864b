/*
 * Every allocation of a call fails in turn (debug kernels only): the call
 * succeeds, or fails cleanly; nothing leaks, nothing panics.
 */
#include <errno.h>
#include <fcntl.h>
#include <quire.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define PG	4096L
#define MOST	400		/* allocations that a call may make */

static long
fail_nth(long n)
{
	return kinfo(KINFO_FAIL_NTH, 0, (uint64_t)n, NULL, 0);
}

static struct {
	int (*call)(void);
	long n;
} trial;

/* In a child: the N-th allocation of the call fails. Exits with 1 when there were fewer. */
static int
try_once(void *arg)
{
	long count;

	(void)arg;
	fail_nth(trial.n);
	trial.call();
	count = fail_nth(0);
	return count < trial.n;
}

static void
fail_each(int (*call)(void))
{
	bool beyond = false;

	if (fail_nth(0) < 0)
		return;			/* not a debug kernel */
	trial.call = call;
	call();				/* what it caches, it has now */
	for (trial.n = 1; trial.n <= MOST && !beyond; trial.n++) {
		long before, after;
		int st;

		sleep_ms(1);
		before = getNumFreePages();
		st = run_child(try_once, NULL);
		fail_nth(0);
		after = getNumFreePages();
		/* A fault that could not be served ends the child: that is in order. */
		CHECK(WIFEXITED(st) ? WEXITSTATUS(st) <= 1 : WTERMSIG(st) == 9);
		beyond = WIFEXITED(st) && WEXITSTATUS(st) == 1;
		if (after < before - 2)
			test_fail(__FILE__, __LINE__, "allocation %ld: %ld frames, %ld before",
			    trial.n, after, before);
	}
	CHECK(beyond);
	CHECK_EQ(kinfo(KINFO_CHECK, 0, 0, NULL, 0), 0);
}

static int
do_fork(void)
{
	pid_t p = fork();

	if (p == 0)
		_exit(0);
	return p < 0 ? -1 : (int)waitpid(p, NULL, 0);
}

static int
do_exec(void)
{
	char *argv[] = { "true", NULL };
	pid_t p = fork();

	if (p == 0) {
		execv("/bin/true", argv);
		_exit(1);
	}
	return p < 0 ? -1 : (int)waitpid(p, NULL, 0);
}

static int
do_file(void)
{
	static char buf[20000];
	int fd = open("file", O_RDWR | O_CREAT);

	if (fd < 0)
		return -1;
	if (write(fd, buf, sizeof(buf)) > 0 && lseek(fd, 0, SEEK_SET) == 0)
		read(fd, buf, sizeof(buf));
	ftruncate(fd, 100);
	fsync(fd);
	close(fd);
	return unlink("file");
}

static int
do_names(void)
{
	char buf[100];

	mkdir("dir", 0777);
	symlink("dir", "link");
	readlink("link", buf, sizeof(buf));
	rename("link", "dir/other");
	unlink("dir/other");
	unlink("link");
	return rmdir("dir");
}

static int
do_pipe(void)
{
	char buf[6000] = "";
	int p[2];

	if (pipe(p) != 0)
		return -1;
	write(p[1], buf, sizeof(buf));
	read(p[0], buf, sizeof(buf));
	close(p[0]);
	return close(p[1]);
}

/* Not torn: all 4096 bytes, which are in two pages of the pipe, or none. */
static int
do_small_write(void)
{
	static char buf[4096];
	int p[2], n, in = 0;

	if (pipe(p) != 0)
		return -1;
	if (write(p[1], buf, 100) == 100 && read(p[0], buf, 50) == 50) {
		n = write(p[1], buf, sizeof(buf));
		close(p[1]);
		p[1] = -1;
		for (int r = 1; r > 0; in += r > 0 ? r : 0)
			r = read(p[0], buf, sizeof(buf));
		if (in != 50 + (n > 0 ? (int)sizeof(buf) : 0))
			_exit(2);
	}
	close(p[0]);
	return close(p[1]);
}

static int
do_memory(void)
{
	char *p = mmap(NULL, 8 * PG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -1;
	p[PG] = 1;
	mprotect(p + 2 * PG, PG, PROT_READ);
	munmap(p + 4 * PG, PG);
	do_fork();
	p[PG] = 2;
	return munmap(p, 8 * PG);
}

static int
do_shared(void)
{
	char *p = mapshared();
	int fd = open("mapped", O_RDWR | O_CREAT);
	char *m;

	if (p != NULL)
		p[0] = 1;
	do_fork();
	if (fd >= 0 && ftruncate(fd, 3 * PG) == 0) {
		m = mmap(NULL, 3 * PG, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (m != MAP_FAILED) {
			(void)*(volatile char *)m;
			msync(m, 3 * PG, MS_SYNC);
			munmap(m, 3 * PG);
		}
	}
	if (fd >= 0)
		close(fd);
	unlink("mapped");
	return p == NULL ? -1 : unmapshared();
}

static int
do_eager(void)
{
	void *p = sbrkx(20 * PG, SBRK_EAGER);

	return p == (void *)-1 ? -1 : sbrk(-20 * PG) == (void *)-1 ? -1 : 0;
}

/* Pages of three kinds for a child's break; it writes to them and leaves, or is killed. */
static int
do_give(void)
{
	char *p = mmap(NULL, 3 * PG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	volatile uint64_t *va = mmap(NULL, PG, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	    -1, 0);
	long resident;
	pid_t pid;

	if (p == MAP_FAILED || va == MAP_FAILED)
		return -1;
	p[0] = 1;
	*va = 0;
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 500 && *va == 0; i++)
			sleep_ms(1);
		if (*va > 1)
			unmap_shared_pages(*va, 2 * PG);
		_exit(0);
	}
	if (pid < 0)
		return -1;
	resident = numpp();
	*va = map_shared_pages(getpid(), pid, (uintptr_t)p + 10, 2 * PG);
	/* It went, or it did not: the page is what it was, and the others are as they were. */
	if (*va == 0 && numpp() != resident)
		_exit(2);
	if (p[0] != 1)
		_exit(2);
	if (*va == 0)
		*va = 1;
	p[2 * PG] = 2;
	return (int)waitpid(pid, NULL, 0);
}

/*
 * A child's break grows by pages that it wants at once, while others are put at it: whether it
 * gets them or not, what it was given stays.
 */
static int
do_eager_given(void)
{
	struct {
		int stage;
		uint64_t va[8];
	} volatile *t = mmap(NULL, PG, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *given = mmap(NULL, PG, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int st = 0;
	pid_t pid;

	if (t == MAP_FAILED || given == MAP_FAILED)
		return -1;
	t->stage = 0;
	*given = 'x';
	pid = fork();
	if (pid == 0) {
		t->stage = 1;
		sbrkx(64 * PG, SBRK_EAGER);
		for (int i = 0; i < 500 && t->stage < 2; i++)
			sleep_ms(1);
		for (int i = 0; i < 8; i++)
			if (t->va[i] != 0 && *(char *)(uintptr_t)t->va[i] != 'x')
				_exit(2);
		_exit(0);
	}
	if (pid < 0)
		return -1;
	for (int i = 0; i < 500 && t->stage == 0; i++)
		sleep_ms(1);
	for (int i = 0; i < 8; i++)
		t->va[i] = map_shared_pages(getpid(), pid, (uintptr_t)given, 1);
	t->stage = 2;
	waitpid(pid, &st, 0);
	if (WIFEXITED(st) ? WEXITSTATUS(st) != 0 : WTERMSIG(st) != 9)
		_exit(2);
	return 0;
}

/* A file mapped privately and shared, stored to, protected, synced, replaced. */
static int
do_map_file(void)
{
	static char buf[3 * PG];
	int fd = open("two", O_RDWR | O_CREAT);
	char *p, *q;

	if (fd < 0)
		return -1;
	if (write(fd, buf, sizeof(buf)) == sizeof(buf)) {
		p = mmap(NULL, 3 * PG, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
		q = mmap(NULL, 3 * PG, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (p != MAP_FAILED && q != MAP_FAILED) {
			pread(fd, p, PG, PG);		/* the kernel makes the copies */
			pread(fd, q + PG, PG, 0);
			mprotect(q + PG, PG, PROT_READ);
			msync(q, 3 * PG, MS_SYNC);
			mmap(q + PG, PG, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		}
		if (p != MAP_FAILED)
			munmap(p, 3 * PG);
		if (q != MAP_FAILED)
			munmap(q, 3 * PG);
	}
	close(fd);
	return unlink("two");
}

static int
do_break(void)
{
	char *p = sbrk(10 * PG), *q;
	struct stat st;

	if (p == (void *)-1)
		return -1;
	stat("/", (struct stat *)p);		/* the kernel touches it first */
	pipe((int *)(p + 3 * PG));
	q = vmgrow(2 * PG, NULL);
	if (q != NULL)
		stat("/bin", (struct stat *)q);
	do_fork();
	stat("/bin", (struct stat *)p);		/* and copies it */
	munmap(p + PG, PG);
	return stat("/", &st) == 0 && sbrk(-8 * PG) != (void *)-1 ? 0 : -1;
}

TEST_PRESSES(give_fails, "pages for another process") { fail_each(do_give); }
TEST_PRESSES(eager_given_fails, "a heap allocated at once, and pages put behind it meanwhile") {
	fail_each(do_eager_given);
}
TEST_PRESSES(map_file_fails, "files mapped, stored to, replaced") { fail_each(do_map_file); }
TEST_PRESSES(break_fails, "the break, touched by the kernel") { fail_each(do_break); }
TEST_PRESSES(fork_fails, "fork and wait") { fail_each(do_fork); }
TEST_PRESSES(exec_fails, "fork and exec") { fail_each(do_exec); }
TEST_PRESSES(file_fails, "create, write, read, truncate, sync, unlink") { fail_each(do_file); }
TEST_PRESSES(names_fail, "folders, links, rename") { fail_each(do_names); }
TEST_PRESSES(pipe_fails, "a pipe and its bytes") { fail_each(do_pipe); }
TEST_PRESSES(small_write_fails, "a write to a pipe that is not torn") {
	fail_each(do_small_write);
}
TEST_PRESSES(memory_fails, "mapping, protecting, copying, unmapping") { fail_each(do_memory); }
TEST_PRESSES(shared_fails, "the shared page, a file mapped") { fail_each(do_shared); }
TEST_PRESSES(eager_fails,
    "a heap that is allocated at once, or not at all") { fail_each(do_eager); }
