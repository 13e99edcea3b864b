/* What the files of usertests share. */
#include "ut.h"

#include <errno.h>
#include <quire.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

char *
page_before_nothing(int prot)
{
	char *p = mmap(NULL, 3 * PG, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	CHECK_EQ(munmap(p, PG), 0);
	CHECK_EQ(munmap(p + 2 * PG, PG), 0);
	return p + PG;
}

/* The guard below the stack. */
static long
guard_page(void)
{
	struct kinfo_region r;

	for (uint64_t start = 0; kinfo(KINFO_REGION, 0, start, &r, sizeof(r)) > 0; start = r.end)
		if (r.flags & KREG_GUARD)
			return (long)r.start;
	test_fail(__FILE__, __LINE__, "there is no guard page");
}

bool
bad_address(int k, bool written, long *va)
{
	static long special[4];		/* hole, no rights, guard, read-only */
	const long everywhere[] = { 0, 8, (long)USER_END, (long)(USER_END + PG), -PG, -1, -3,
		sizeof(long) == 8 ? (long)(1ull << 40) : -2 * PG,
		sizeof(long) == 8 ? (long)(1ull << 63) : (long)0xc0000000u,
		special[0], special[1], special[2] };
	const long read_only[] = { special[3], (long)bad_address };
	size_t n = COUNT(everywhere);

	if (!special[0]) {
		special[0] = (long)page_before_nothing(PROT_READ) + PG;
		special[1] = (long)page_before_nothing(PROT_NONE);
		special[2] = guard_page();
		special[3] = (long)page_before_nothing(PROT_READ);
		return bad_address(k, written, va);
	}
	if ((size_t)k >= n + (written ? COUNT(read_only) : 0))
		return false;
	*va = (size_t)k < n ? everywhere[k] : read_only[(size_t)k - n];
	return true;
}

void
together(int n, int (*fn)(void *))
{
	pid_t pid[32];

	CHECK(n <= 32);
	for (int i = 0; i < n; i++)
		pid[i] = spawn(fn, (void *)(intptr_t)i);
	for (int i = 0; i < n; i++)
		check_child(pid[i]);
}

long
milliseconds(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (long)(ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
}

bool
is_open(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0;
}

int
wait_or_kill(int pid, int ms)
{
	long end = milliseconds() + ms;
	int status;

	for (;;) {
		pid_t got = waitpid(pid, &status, WNOHANG);

		CHECK(got >= 0);
		if (got == pid)
			return status;
		if (milliseconds() >= end)
			break;
		sleep_ms(2);
	}
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	return status;
}
