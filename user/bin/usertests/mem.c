/* Memory: the break, mappings, rights, sharing. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <quire.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "ut.h"

#define RW	(PROT_READ | PROT_WRITE)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

static char *
anonymous(long pages)
{
	char *p = mmap(NULL, (size_t)PAGES(pages), RW, ANON, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

/* ---- the break ---- */

TEST(break_moves, "sbrk returns the old break; memory is lazy, zero, and gone when given back")
{
	char *start = sbrk(0);
	long pp, vp;

	CHECK(sbrk(PAGES(10)) == start);
	CHECK(sbrk(0) == start + PAGES(10));
	pp = numpp();
	vp = numvp();
	for (int i = 0; i < 10; i++) {
		CHECK_EQ(start[PAGES(i)], 0);
		start[PAGES(i)] = 1;
		CHECK_EQ(numpp(), pp + i + 1);
	}
	CHECK(sbrk(-PAGES(4)) == start + PAGES(10));
	CHECK_EQ(numpp(), pp + 6);
	CHECK_EQ(numvp(), vp - 4);
	CHECK(sbrk(PAGES(4)) == start + PAGES(6));
	CHECK_EQ(start[PAGES(6)], 0);
	CHECK_EQ(start[PAGES(5)], 1);
}

TEST(break_bad, "a break beyond user space, or in a region's place, fails and changes nothing")
{
	char *top = sbrk(0), *in_the_way;
	const intptr_t bad[] = { (intptr_t)(USER_END - (uintptr_t)top + 1), INTPTR_MAX };

	for (size_t i = 0; i < COUNT(bad); i++) {
		CHECK_FAILS(sbrk(bad[i]), ENOMEM);
		CHECK_FAILS(sbrkx(bad[i], SBRK_EAGER), ENOMEM);
		CHECK(sbrk(0) == top);
	}
	CHECK(sbrk(INTPTR_MIN) == top);
	CHECK(sbrk(0) == top);
	in_the_way = vmgrow(PG, top - (intptr_t)top % PG + PAGES(20));
	CHECK(in_the_way);
	CHECK_FAILS(sbrk(PAGES(30)), ENOMEM);
	CHECK(sbrk(0) == top);
	CHECK_FAILS(sbrkx(PG, 0), EINVAL);
	CHECK_FAILS(sbrkx(PG, 3), EINVAL);
	CHECK_FAILS(sbrkx(PG, -1), EINVAL);
}

TEST(break_bytes, "a thousand odd steps of the break, up and down")
{
	char *start = sbrk(0), *at = start;

	for (int i = 0; i < 1000; i++) {
		intptr_t n = (intptr_t)random_below(10000) - 4000;

		if (at + n < start)
			continue;
		CHECK(sbrk(n) == at);
		at += n;
		if (at > start)
			at[-1] = (char)i;
	}
	CHECK(sbrk(start - at) == at);
	CHECK(sbrk(0) == start);
}

TEST(no_addresses, "what finds no addresses fails at once, and takes nothing from the caches")
{
	struct kinfo_stat before, after;
	size_t all = USER_END;

	CHECK(kinfo(KINFO_STAT, 0, 0, &before, sizeof(before)) > 0);
	CHECK_FAILS(mmap(NULL, all, RW, ANON, -1, 0), ENOMEM);
	CHECK_FAILS(mmap(NULL, all / 4 * 4, PROT_NONE, ANON, -1, 0), ENOMEM);
	CHECK_FAILS(sbrk((intptr_t)(all - PG)), ENOMEM);
	CHECK(!vmgrow((long)(all - PG), NULL));
	CHECK(kinfo(KINFO_STAT, 0, 0, &after, sizeof(after)) > 0);
	CHECK_EQ(after.reclaimed, before.reclaimed);
}

/* ---- accesses that kill ---- */

static char *target;

static int
read_target(void *arg)
{
	(void)arg;
	return *(volatile char *)target;
}

static int
write_target(void *arg)
{
	(void)arg;
	*(volatile char *)target = 1;
	return 0;
}

static int
call_target(void *arg)
{
	(void)arg;
	((void (*)(void))(uintptr_t)target)();
	return 0;
}

static void
must_kill(int (*fn)(void *), char *at, int sig)
{
	target = at;
	check_killed(spawn(fn, NULL), sig);
}

TEST(bad_accesses, "reads, writes and jumps to every bad address: SIGSEGV")
{
	long va;

	for (int k = 0; bad_address(k, false, &va); k++) {
		must_kill(read_target, (char *)va, SIGSEGV);
		must_kill(write_target, (char *)va, SIGSEGV);
		must_kill(call_target, (char *)va, SIGSEGV);
	}
	must_kill(write_target, page_before_nothing(PROT_READ), SIGSEGV);
	must_kill(write_target, (char *)(uintptr_t)must_kill, SIGSEGV);
}

/* Whoever reads or writes one of the kernel's pages has found a hole. */
TEST(kernel_half, "the kernel's memory can't be touched, at any of many places")
{
	static const uint64_t starts[] = { 0x80000000ull, 0xc0000000ull, 0xffffffc080000000ull,
		0xffffffff80000000ull };

	for (size_t i = 0; i < COUNT(starts); i++)
		for (uint64_t at = starts[i]; at < starts[i] + 0x3000000; at += 0x800000)
			if (at <= UINTPTR_MAX && at >= USER_END)
				must_kill(i % 2 ? read_target : write_target, (char *)(uintptr_t)at,
				    SIGSEGV);
}

static int
recurse(void *depth)
{
	volatile char frame[2000];

	frame[0] = 1;
	if ((intptr_t)depth == INTPTR_MAX)
		return 0;
	return recurse((void *)((intptr_t)depth + 1)) + frame[0];
}

TEST(stack_overflow, "a stack without end meets the guard: SIGSEGV")
{
	check_killed(spawn(recurse, NULL), SIGSEGV);
}

/* ---- mappings ---- */

struct request {
	long addr;
	size_t len;
	int prot, flags, fd, error;
	off_t off;
};

TEST(mmap_refused, "mmap with bad lengths, addresses, offsets, flags, rights and files")
{
	int file = (write_file("f", "x", 1), open("f", O_RDWR)), ro = open("f", O_RDONLY);
	int wo = open("f", O_WRONLY), dir = open(".", O_RDONLY), null = open("/dev/null", O_RDWR);
	const struct request bad[] = {
		{ 0, 0, RW, ANON, -1, EINVAL, 0 },
		{ 0, (size_t)-1, RW, ANON, -1, EINVAL, 0 },
		{ 0, USER_END + 1, RW, ANON, -1, EINVAL, 0 },
		{ 0, PG, RW, MAP_ANONYMOUS, -1, EINVAL, 0 },
		{ 0, PG, RW, ANON | MAP_SHARED, -1, EINVAL, 0 },
		{ 0, PG, 8, ANON, -1, EINVAL, 0 },
		{ 0, PG, -1, ANON, -1, EINVAL, 0 },
		{ 1, PG, RW, ANON | MAP_FIXED, -1, EINVAL, 0 },
		{ PG + 1, PG, RW, ANON | MAP_FIXED, -1, EINVAL, 0 },
		{ (long)USER_END, PG, RW, ANON | MAP_FIXED, -1, EINVAL, 0 },
		{ (long)(USER_END - PG), 2 * PG, RW, ANON | MAP_FIXED, -1, EINVAL, 0 },
		{ -PG, PG, RW, ANON | MAP_FIXED, -1, EINVAL, 0 },
		{ 0, PG, RW, MAP_PRIVATE, -1, EBADF, 0 },
		{ 0, PG, RW, MAP_PRIVATE, 900, EBADF, 0 },
		{ 0, PG, RW, MAP_PRIVATE, dir, ENODEV, 0 },
		{ 0, PG, RW, MAP_PRIVATE, null, ENODEV, 0 },
		{ 0, PG, RW, MAP_PRIVATE, file, EINVAL, 1 },
		{ 0, PG, RW, MAP_PRIVATE, file, EINVAL, -PG },
		{ 0, PG, RW, MAP_PRIVATE, file, EOVERFLOW, INT64_MAX - PG + 1 },
		{ 0, PG, RW, MAP_SHARED, ro, EACCES, 0 },
		{ 0, PG, PROT_READ, MAP_SHARED, wo, EACCES, 0 },
		{ 0, PG, PROT_READ, MAP_PRIVATE, wo, EACCES, 0 },
	};
	long vp = numvp();

	for (size_t i = 0; i < COUNT(bad); i++) {
		const struct request *r = &bad[i];
		void *p = mmap((void *)r->addr, r->len, r->prot, r->flags, r->fd, r->off);

		if (p != MAP_FAILED || errno != r->error)
			test_fail(__FILE__, __LINE__, "request %u: %p, errno %d, not %d",
			    (unsigned)i, p, errno, r->error);
		CHECK_EQ(numvp(), vp);
	}
}

TEST(range_refused, "munmap, mprotect, msync, vmgrow and unmap_shared_pages with bad ranges")
{
	char *p = page_before_nothing(RW);
	long top = ((long)sbrk(0) + PG - 1) & -PG;

	CHECK_FAILS(munmap(p + 1, PG), EINVAL);
	CHECK_FAILS(munmap(p, 0), EINVAL);
	CHECK_FAILS(munmap(p, (size_t)-1), EINVAL);
	CHECK_FAILS(munmap((void *)USER_END, PG), EINVAL);
	CHECK_FAILS(mprotect(p + 1, PG, RW), EINVAL);
	CHECK_FAILS(mprotect(p, PG, 8), EINVAL);
	CHECK_FAILS(mprotect(p, PAGES(2), RW), ENOMEM);
	CHECK_FAILS(mprotect((void *)USER_END, PG, RW), ENOMEM);
	CHECK_FAILS(msync(p + 1, PG, MS_SYNC), EINVAL);
	CHECK_FAILS(msync(p, PG, MS_SYNC | MS_ASYNC), EINVAL);
	CHECK_FAILS(msync((void *)8192, PG * 1024, 8), EINVAL);
	CHECK_FAILS(msync(p, PAGES(2), MS_SYNC), ENOMEM);
	CHECK(!vmgrow(0, NULL) && !vmgrow(-PG, NULL) && !vmgrow(PG + 1, NULL));
	CHECK(!vmgrow(PG, p) && !vmgrow(PG, (void *)(top + 1)) && !vmgrow(PG, (void *)8192));
	CHECK(!vmgrow(PG, (void *)USER_END) && !vmgrow(2 * PG, (void *)(USER_END - PG)));
	CHECK_FAILS(unmap_shared_pages((uintptr_t)p, PG), EINVAL);
	CHECK_FAILS(unmap_shared_pages((uintptr_t)p, 0), EINVAL);
	CHECK_FAILS(unmap_shared_pages(UINT64_MAX, PG), EINVAL);
	p[0] = 1;
}

TEST(mmap_holes, "a mapping is cut into pieces; what is left is right, and nothing else there")
{
	char *p = anonymous(64);
	bool there[64];
	long va;

	fill_pattern(p, PAGES(64), 1);
	memset(there, true, sizeof(there));
	for (int i = 0; i < 40; i++) {
		unsigned from = random_below(64), n = 1 + random_below(64 - from);

		if (n > 4)
			n = 4;
		CHECK_EQ(munmap(p + PAGES(from), (size_t)PAGES(n)), 0);
		memset(there + from, false, n);
	}
	for (unsigned i = 0; i < 64; i++) {
		va = (long)p + PAGES(i);
		if (there[i])
			CHECK_EQ(access((char *)va, F_OK), -1);
		else
			CHECK_FAILS(access((char *)va, F_OK), EFAULT);
		CHECK(!there[i] || errno != EFAULT);
	}
	CHECK_EQ(munmap(p, PAGES(64)), 0);
}

TEST(rights_change, "mprotect is obeyed by the processor and by the kernel")
{
	char *p = anonymous(3);
	int fd = open("/dev/zero", O_RDONLY);

	memset(p, 1, PAGES(3));
	CHECK_EQ(mprotect(p + PG, PG, PROT_READ), 0);
	must_kill(write_target, p + PG, SIGSEGV);
	CHECK_FAILS(read(fd, p + PG, 1), EFAULT);
	CHECK_EQ(p[PG], 1);
	CHECK_EQ(mprotect(p + PG, PG, PROT_NONE), 0);
	must_kill(read_target, p + PG, SIGSEGV);
	CHECK_FAILS(write(fd, p + PG, 1), EBADF);
	CHECK_EQ(mprotect(p, PAGES(3), RW), 0);
	CHECK_EQ(p[PG], 1);
	p[PG] = 2;
}

TEST(file_mapped, "a file through read, write and two mappings is the same memory")
{
	char buf[8], *a, *b;
	int fd;

	write_file("f", "0123456789", 10);
	fd = open("f", O_RDWR);
	a = mmap(NULL, PG, RW, MAP_SHARED, fd, 0);
	b = mmap(NULL, PG, RW, MAP_PRIVATE, fd, 0);
	CHECK(a != MAP_FAILED && b != MAP_FAILED);
	a[0] = 'A';
	CHECK_EQ(b[0], 'A');
	b[1] = 'B';
	CHECK_EQ(a[1], '1');
	CHECK_EQ(write(fd, "xyz", 3), 3);
	CHECK(a[0] == 'x' && a[2] == 'z' && b[2] == '2');
	a[9] = '!';
	a[10] = '?';			/* beyond the end: nobody will see it in the file */
	CHECK_EQ(lseek(fd, 8, SEEK_SET), 8);
	CHECK_EQ(read(fd, buf, 8), 2);
	CHECK_EQ(buf[1], '!');
	CHECK_EQ(ftruncate(fd, 20), 0);
	CHECK_EQ(read(fd, buf, 1), 1);
	CHECK_EQ(buf[0], 0);
}

TEST(file_cut, "a mapping of what a file no longer has: SIGBUS; the rest stays")
{
	char *p;
	int fd;

	write_file("f", "0123456789", 10);
	fd = open("f", O_RDWR);
	CHECK_EQ(ftruncate(fd, PAGES(3)), 0);
	p = mmap(NULL, PAGES(3), RW, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	p[PAGES(2)] = 1;
	CHECK_EQ(ftruncate(fd, PG), 0);
	must_kill(read_target, p + PG, SIGBUS);
	must_kill(write_target, p + PAGES(2), SIGBUS);
	CHECK_FAILS(write(fd, p + PG, 1), EFAULT);
	CHECK_EQ(p[0], '0');
}

/* ---- fork ---- */

TEST(fork_privacy, "after fork neither sees the other's stores, whoever stores first")
{
	char *p = anonymous(100);

	fill_pattern(p, PAGES(100), 3);
	for (int round = 0; round < 4; round++) {
		pid_t pid = fork();

		if (pid == 0) {
			for (int i = round; i < 100; i += 3)
				p[PAGES(i)] ^= 0x5a;
			for (int i = round; i < 100; i += 3)
				p[PAGES(i)] ^= 0x5a;
			_exit(!is_pattern(p, PAGES(100), 3));
		}
		for (int i = 0; i < 100; i += 2)
			p[PAGES(i)] ^= 0x33;
		check_child(pid);
		for (int i = 0; i < 100; i += 2)
			p[PAGES(i)] ^= 0x33;
		CHECK(is_pattern(p, PAGES(100), 3));
	}
}

TEST(fork_frugal, "fork of a large process takes few frames, a store into each page one")
{
	enum { N = 1000 };
	char *p = anonymous(N);
	long before, after;
	int fd[2], back[2];
	pid_t pid;
	char c;

	memset(p, 1, PAGES(N));
	CHECK(pipe(fd) == 0 && pipe(back) == 0);
	before = getNumFreePages();
	pid = fork();
	if (pid == 0) {
		write(back[1], "a", 1);
		read(fd[0], &c, 1);
		memset(p, 2, PAGES(N));
		write(back[1], "b", 1);
		read(fd[0], &c, 1);
		_exit(0);
	}
	CHECK_EQ(read(back[0], &c, 1), 1);
	CHECK(before - getNumFreePages() < 60);
	CHECK_EQ(write(fd[1], "x", 1), 1);
	CHECK_EQ(read(back[0], &c, 1), 1);
	after = before - getNumFreePages();
	CHECK(after >= N && after < N + N / 8);
	CHECK_EQ(write(fd[1], "x", 1), 1);
	check_child(pid);
}

/* ---- shared pages ---- */

TEST(shared_page, "mapshared: one page, the same memory in all descendants, also untouched")
{
	char *top = sbrk(0);
	volatile int *p = mapshared();

	CHECK(p && getshared() == (void *)p && !mapshared());
	for (int i = 0; i < 3; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			if (fork() == 0) {
				__atomic_fetch_add(p, 1, __ATOMIC_SEQ_CST);
				_exit(0);
			}
			wait(NULL);
			__atomic_fetch_add(p, 1, __ATOMIC_SEQ_CST);
			_exit(unmapshared() != 0 || getshared());
		}
		check_child(pid);
	}
	CHECK_EQ(*p, 6);
	CHECK_EQ(unmapshared(), 0);
	CHECK_EQ(unmapshared(), -1);
	CHECK(!getshared());
	CHECK(sbrk(0) == top);
}

static pid_t
idle_child(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			sleep(100);
	return pid;
}

TEST(share_refused, "map_shared_pages between strangers, with init, of what is not there")
{
	char *p = anonymous(1);
	uint64_t va = (uintptr_t)p;
	pid_t child = idle_child(), gone = fork();
	int me = getpid();

	if (gone == 0)
		_exit(0);
	CHECK(child > 0 && gone > 0);
	wait_asleep(child);
	p[0] = 1;
	CHECK(!map_shared_pages(me, me, va, PG));
	CHECK(!map_shared_pages(me, 1, va, PG));
	CHECK(!map_shared_pages(1, me, 0x1000, PG));
	CHECK(!map_shared_pages(me, 0, va, PG) && !map_shared_pages(-1, me, va, PG));
	CHECK(!map_shared_pages(me, INT_MAX, va, PG) && errno == ESRCH);
	CHECK(!map_shared_pages(me, child, va, 0));
	CHECK(!map_shared_pages(me, child, va, UINT64_MAX));
	CHECK(!map_shared_pages(me, child, va, (uint64_t)PG << 30));
	CHECK(!map_shared_pages(me, child, UINT64_MAX - PG, PG));
	CHECK(!map_shared_pages(me, child, USER_END, 1));
	CHECK(!map_shared_pages(me, child, 0, PG));
	check_child(gone);
	CHECK(!map_shared_pages(me, gone, va, PG));
	CHECK_EQ(kill(child, SIGKILL), 0);
	check_killed(child, SIGKILL);
}

TEST(share_works, "map_shared_pages: both see all stores; unmapping moves the break back")
{
	char *p = anonymous(3);
	int parent = getpid();
	pid_t pid;

	strcpy(p + PG + 100, "from the parent");
	pid = fork();
	if (pid == 0) {
		char *top = sbrk(0), *q;

		q = (char *)(uintptr_t)map_shared_pages(parent, getpid(), (uintptr_t)p + PG + 100,
		    PG);
		CHECK(q && (uintptr_t)q % PG == 100);
		CHECK_STR(q, "from the parent");
		strcpy(q, "from the child");
		CHECK_EQ(unmap_shared_pages((uintptr_t)q, PG), 0);
		CHECK(sbrk(0) == top);
		CHECK_EQ(unmap_shared_pages((uintptr_t)q, PG), -1);
		_exit(0);
	}
	check_child(pid);
	CHECK_STR(p + PG + 100, "from the child");
}

TEST(table_counts, "getptsize grows when a distant page is touched, and shrinks when it goes")
{
	long before = getptsize();
	char *far = vmgrow(PG, (void *)(USER_END / 2));

	CHECK(far);
	CHECK_EQ(getptsize(), before);
	*far = 1;
	CHECK(getptsize() > before);
	CHECK_EQ(munmap(far, PG), 0);
	CHECK_EQ(getptsize(), before);
}
