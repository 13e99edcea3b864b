/* What is used up: descriptors, processes, memory, the disk, its inodes. All of it comes back. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <quire.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "ut.h"

/* ---- descriptors ---- */

TEST(descriptors_gone, "1024 descriptors, then EMFILE from every call that makes one")
{
	int n = 3, fd, ends[2];

	while ((fd = open("/README", O_RDONLY)) >= 0) {
		CHECK_EQ(fd, n);
		n++;
	}
	CHECK_EQ(errno, EMFILE);
	CHECK_EQ(n, QUIRE_OPEN_MAX);
	CHECK_FAILS(dup(5), EMFILE);
	CHECK_FAILS(pipe(ends), EMFILE);
	CHECK_FAILS(open("new", O_RDWR | O_CREAT, 0666), EMFILE);
	CHECK_EQ(access("new", F_OK), -1);
	CHECK_EQ(close(700), 0);
	CHECK_FAILS(pipe(ends), EMFILE);
	CHECK_EQ(dup(5), 700);
	CHECK_FAILS(dup2(5, QUIRE_OPEN_MAX), EBADF);
	CHECK_EQ(dup2(5, QUIRE_OPEN_MAX - 1), QUIRE_OPEN_MAX - 1);
}

TEST(pipes_many, "511 pipes in one process, each with a byte in it")
{
	int fd[2], n = 0;

	while (pipe(fd) == 0) {
		CHECK_EQ(write(fd[1], "x", 1), 1);
		n++;
	}
	CHECK_EQ(errno, EMFILE);
	CHECK(n >= (QUIRE_OPEN_MAX - 8) / 2);
}

/* ---- processes ---- */

TEST(processes_gone, "forks until there are no more processes; then one ends and one can be made")
{
	int fd[2], n = 0;
	pid_t pid;
	char c;

	CHECK_EQ(pipe(fd), 0);
	while ((pid = fork()) > 0)
		n++;
	if (pid == 0) {
		close(fd[1]);
		_exit(read(fd[0], &c, 1) != 1);
	}
	CHECK(errno == EAGAIN || errno == ENOMEM);
	CHECK(n > 20);
	CHECK_EQ(fork(), -1);
	CHECK_EQ(write(fd[1], "x", 1), 1);
	CHECK(wait(NULL) > 0);
	pid = fork();
	if (pid == 0)
		_exit(0);
	check_child(pid);
	close(fd[1]);
	for (int i = 1; i < n; i++)
		CHECK(wait(NULL) > 0);
	CHECK_FAILS(wait(NULL), ECHILD);
}

/* ---- memory ---- */

static int
touch_all(void *arg)
{
	volatile char *p = sbrk((intptr_t)1 << 30);

	for (long i = 0; i < 1 << 18; i++)
		p[PAGES(i)] = (char)(intptr_t)arg;
	return 0;
}

TEST_PRESSES(memory_gone, "who touches more memory than there is is killed, and nobody else")
{
	long before = getNumFreePages();
	pid_t bystander;
	int fd[2];
	char c;

	CHECK_EQ(pipe(fd), 0);
	bystander = fork();
	if (bystander == 0) {
		char *p = sbrk(PAGES(50));

		fill_pattern(p, PAGES(50), 9);
		_exit(read(fd[0], &c, 1) != 1 || !is_pattern(p, PAGES(50), 9));
	}
	wait_asleep(bystander);
	check_killed(spawn(touch_all, (void *)1), SIGKILL);
	CHECK(getNumFreePages() > before - 200);
	CHECK_EQ(write(fd[1], "x", 1), 1);
	check_child(bystander);
}

TEST_SLOW_PRESSES(memory_gone_many, "four that want all memory at once: all are killed")
{
	pid_t pid[4];

	for (int i = 0; i < 4; i++)
		pid[i] = spawn(touch_all, (void *)(intptr_t)i);
	for (int i = 0; i < 4; i++)
		check_killed(pid[i], SIGKILL);
	CHECK_EQ(kinfo(KINFO_CHECK, 0, 0, NULL, 0), 0);
}

TEST_PRESSES(memory_eager, "sbrkx takes what there is, then fails and takes nothing")
{
	char *start = sbrk(0), *at = start;
	long n = 0;

	while (sbrkx(PAGES(64), SBRK_EAGER) != (void *)-1) {
		at += PAGES(64);
		n += 64;
		at[-1] = 1;
	}
	CHECK_EQ(errno, ENOMEM);
	CHECK(sbrk(0) == at);
	CHECK(n > 1000);
	CHECK(sbrk(start - at) == at);
	CHECK(getNumFreePages() >= n);
}

/* Takes all memory but N pages, says so, and keeps it as long as its parent lives. */
static _Noreturn void
hold_memory(long n, int tell)
{
	long pages = getNumFreePages() * 99 / 100 - n;	/* 1 %: for the tables */
	int parent = getppid();
	char *p = sbrk(PAGES(pages));

	for (long i = 0; i < pages; i++)
		p[PAGES(i)] = 1;
	write(tell, "x", 1);
	while (getppid() == parent)
		sleep_ms(20);
	_exit(0);
}

/* A process that does so; -1: it was killed for it. */
static pid_t
hold_all_but(long n)
{
	int fd[2];
	pid_t pid;
	char c;

	CHECK_EQ(pipe(fd), 0);
	pid = fork();
	if (pid == 0)
		hold_memory(n, fd[1]);
	close(fd[1]);
	if (pid < 0 || read(fd[0], &c, 1) != 1)
		pid = -1;
	close(fd[0]);
	return pid;
}

static int
many_things(void *arg)
{
	static char buf[60000];
	int fd[2];
	pid_t pid;

	(void)arg;
	for (int i = 0; i < 10; i++) {
		if (pipe(fd) == 0) {
			write(fd[1], buf, 400);
			close(fd[0]);
			close(fd[1]);
		}
		fd[0] = open("f", O_RDWR | O_CREAT, 0666);
		if (fd[0] >= 0) {
			write(fd[0], buf, sizeof(buf));
			close(fd[0]);
		}
		pid = fork();
		if (pid == 0) {
			memset(buf, i, sizeof(buf));
			if (i % 2)
				execl("/bin/true", "true", (char *)NULL);
			_exit(0);
		}
		if (pid > 0)
			wait(NULL);
	}
	return 0;
}

static int
scarce_round(void *arg)
{
	pid_t hog = hold_all_but((intptr_t)arg), pid;

	if (hog < 0)
		return 0;
	pid = spawn(many_things, NULL);
	if (pid > 0)
		wait_or_kill(pid, 20000);
	kill(hog, SIGKILL);
	return 0;
}

TEST_PRESSES(memory_scarce, "forks, files, pipes and execs with little memory: they work or fail")
{
	static const long pages[] = { 500, 200, 100, 50, 20 };

	for (size_t i = 0; i < COUNT(pages); i++) {
		int status = run_child(scarce_round, (void *)(intptr_t)pages[i]);

		/* Whoever needs a page when there is none is killed. */
		CHECK(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
	}
	CHECK_EQ(kinfo(KINFO_CHECK, 0, 0, NULL, 0), 0);
}

/* ---- the disk ---- */

/* Writes files until the disk is full; how many bytes there was room for. */
static long long
fill_disk(void)
{
	static char buf[64 * 1024];
	long long total = 0;
	char name[16];

	for (int i = 0;; i++) {
		ssize_t n;
		int fd;

		snprintf(name, sizeof(name), "fill%d", i);
		fd = open(name, O_WRONLY | O_CREAT, 0666);
		if (fd < 0) {
			CHECK_EQ(errno, ENOSPC);
			return total;
		}
		errno = 0;
		while ((n = write(fd, buf, sizeof(buf))) > 0)
			total += n;
		CHECK(n == 0 || errno == ENOSPC || errno == EFBIG);
		close(fd);
		if (errno == ENOSPC)
			return total;
	}
}

static void
remove_numbered(const char *prefix)
{
	char name[24];
	int i = 0;

	do
		snprintf(name, sizeof(name), "%s%d", prefix, i++);
	while (unlink(name) == 0);
	CHECK_EQ(errno, ENOENT);
	sync();
}

TEST_SLOW_PRESSES(disk_gone, "the disk is full: ENOSPC, what is there stays; then all is free")
{
	char buf[2000], got[2000];
	long long first;
	int fd;

	fill_pattern(buf, sizeof(buf), 5);
	write_file("mine", buf, sizeof(buf));
	first = fill_disk();
	CHECK(first > 1000000);
	CHECK_FAILS(mkdir("new", 0777), ENOSPC);
	fd = open("mine", O_RDWR);
	CHECK_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));	/* over what it has */
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(read(fd, got, sizeof(got)), sizeof(got));
	CHECK(is_pattern(got, sizeof(got), 5));
	remove_numbered("fill");
	CHECK_EQ(mkdir("new", 0777), 0);
	CHECK_EQ(rmdir("new"), 0);
	CHECK_EQ(fill_disk(), first);
	remove_numbered("fill");
}

static long
make_all_inodes(void)
{
	long n = 0;
	char name[24];
	int fd;

	for (int folder = 0;; folder++) {
		snprintf(name, sizeof(name), "in%d", folder);
		if (mkdir(name, 0777) < 0)
			break;
		CHECK_EQ(chdir(name), 0);
		for (int i = 0; i < 500; i++, n++) {
			snprintf(name, sizeof(name), "%d", i);
			fd = open(name, O_WRONLY | O_CREAT, 0666);
			if (fd < 0)
				break;
			close(fd);
		}
		CHECK_EQ(chdir(".."), 0);
	}
	CHECK_EQ(errno, ENOSPC);
	return n;
}

static void
remove_all_inodes(void)
{
	char name[24];

	for (int folder = 0;; folder++) {
		snprintf(name, sizeof(name), "in%d", folder);
		if (chdir(name) < 0)
			break;
		remove_numbered("");
		CHECK_EQ(chdir(".."), 0);
		CHECK_EQ(rmdir(name), 0);
	}
}

TEST_SLOW_PRESSES(inodes_gone, "as many files as the disk has inodes, then ENOSPC; all come back")
{
	long n = make_all_inodes();

	CHECK(n > 100);
	CHECK_FAILS(symlink("x", "y"), ENOSPC);
	CHECK_FAILS(mknod_dev("x", 2, 0), ENOSPC);
	remove_all_inodes();
	CHECK_EQ(make_all_inodes(), n);
	remove_all_inodes();
}
