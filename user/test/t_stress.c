/*
 * Everything at once: processes that fork, map, compute, talk through pipes and
 * work on files, while others are killed. -n gives seconds (default 10).
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <quire.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

#define PAGES(n)	((intptr_t)(n) * PAGE_SIZE)

static time_t
now(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* Each returns 0 when all was right; a check that fails ends the process with another status. */

static int
work_memory(void)
{
	int n = (int)(1 + random_below(200));
	char *p = sbrk(PAGES(n));
	unsigned seed = random32();
	pid_t pid;

	if (p == (void *)-1)
		return 0;
	fill_pattern(p, (size_t)PAGES(n), seed);
	pid = fork();
	if (pid == 0) {
		fill_pattern(p + PAGES(n / 2), (size_t)PAGES(n - n / 2), seed + 1);
		_exit(!is_pattern(p, (size_t)PAGES(n / 2), seed) ||
		    !is_pattern(p + PAGES(n / 2), (size_t)PAGES(n - n / 2), seed + 1));
	}
	fill_pattern(p, 4096, seed);
	if (pid > 0)
		check_child(pid);
	CHECK(is_pattern(p, (size_t)PAGES(n), seed));
	sbrk(-PAGES(n));
	return 0;
}

static int
work_file(void)
{
	static char buf[30000];
	char name[16], other[16];
	unsigned seed = random32();
	size_t n = random_below(sizeof(buf));
	int fd;

	snprintf(name, sizeof(name), "f%d", getpid());
	snprintf(other, sizeof(other), "g%d", getpid());
	fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0666);
	CHECK(fd >= 0);
	fill_pattern(buf, n, seed);
	CHECK_EQ(write(fd, buf, n), n);
	CHECK_EQ(rename(name, other), 0);
	if (random_below(4) == 0)
		CHECK_EQ(fsync(fd), 0);
	if (random_below(2))
		CHECK_EQ(unlink(other), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	memset(buf, 0, n);
	CHECK_EQ(read(fd, buf, n), n);
	CHECK(is_pattern(buf, n, seed));
	close(fd);
	unlink(other);
	return 0;
}

static int
work_pipe(void)
{
	static char buf[8192];
	unsigned seed = random32();
	size_t total = 0;
	int fd[2];
	pid_t pid;
	ssize_t n;

	if (pipe(fd) < 0)
		return 0;
	pid = fork();
	if (pid == 0) {
		close(fd[0]);
		for (int i = 0; i < 20; i++) {
			fill_pattern(buf, sizeof(buf), seed);
			if (write(fd[1], buf, sizeof(buf)) != sizeof(buf))
				_exit(1);
		}
		_exit(0);
	}
	close(fd[1]);
	for (;;) {
		size_t at = total % sizeof(buf);

		n = read(fd[0], buf + at, sizeof(buf) - at);
		if (n <= 0)
			break;
		total += (size_t)n;
		if (total % sizeof(buf) == 0)
			CHECK(is_pattern(buf, sizeof(buf), seed));
	}
	close(fd[0]);
	if (pid > 0) {
		CHECK_EQ(total, 20 * sizeof(buf));
		check_child(pid);
	}
	return 0;
}

static int
work_exec(void)
{
	static char *const commands[][4] = {
		{ "/bin/echo", "hello", "world", NULL }, { "/bin/ls", "/", NULL },
		{ "/bin/wc", "/README", NULL }, { "/bin/sh", "-c", "echo a | cat | wc", NULL },
		{ "/bin/grep", "-c", "Quire", NULL }, { "/bin/ps", NULL }, { "/bin/vmmap", NULL },
	};
	char *const *argv = commands[random_below(sizeof(commands) / sizeof(commands[0]))];
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		execv(argv[0], argv);
		_exit(98);
	}
	if (pid > 0) {
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	}
	return 0;
}

static int
work_numbers(void)
{
	double sum = 0;

	for (int i = 1; i <= 200000; i++)
		sum += 1.0 / i;
	CHECK(sum > 12.78 && sum < 12.79);
	return 0;
}

/* A process that is killed in the middle of anything. */
static int
work_victim(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			switch (random_below(4)) {
			case 0:
				work_memory();
				break;
			case 1:
				work_file();
				break;
			case 2:
				work_pipe();
				break;
			default:
				work_exec();
			}
	if (pid > 0) {
		sleep_ms((int)random_below(60));
		CHECK_EQ(kill(pid, SIGKILL), 0);
		check_killed(pid, SIGKILL);
	}
	return 0;
}

static int (*const works[])(void) = {
	work_memory, work_memory, work_file, work_file, work_pipe, work_exec, work_numbers,
	work_victim,
};
#define NWORKS	(sizeof(works) / sizeof(works[0]))

static void
worker(int who, time_t end)
{
	for (int i = 0; i < who * 1000; i++)
		random32();
	while (now() < end)
		if (works[random_below(NWORKS)]() != 0)
			_exit(1);
	_exit(0);
}

TEST(everything, "eight processes that do everything a process can do")
{
	time_t end = now() + (test_rounds ? test_rounds : 10);
	pid_t pid[8];

	for (int i = 0; i < 8; i++) {
		pid[i] = fork();
		CHECK(pid[i] >= 0);
		if (pid[i] == 0)
			worker(i, end);
	}
	for (int i = 0; i < 8; i++)
		check_child(pid[i]);
	sleep_ms(200);			/* for what the victims' children still do */
	sync();
	CHECK_EQ(kinfo(KINFO_CHECK, 0, 0, NULL, 0), 0);
}

TEST_PRESSES(scarce, "the same while another process holds nearly all memory")
{
	time_t end = now() + (test_rounds ? test_rounds : 10);
	long n = getNumFreePages();
	pid_t pid[4], hog;

	hog = fork();
	if (hog == 0) {
		n -= n / 64 + 2500;
		for (char *p = sbrk(PAGES(n)); n > 0; n--, p += PAGE_SIZE)
			*p = 1;
		sleep(1000);
	}
	CHECK(hog > 0);
	wait_asleep(hog);
	for (int i = 0; i < 4; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			worker(i, end);
	}
	for (int i = 0; i < 4; i++)
		if (pid[i] > 0)
			waitpid(pid[i], NULL, 0);	/* may be killed for want of memory */
	kill(hog, SIGKILL);
	check_killed(hog, SIGKILL);
	sleep_ms(200);
	CHECK_EQ(kinfo(KINFO_CHECK, 0, 0, NULL, 0), 0);
}
