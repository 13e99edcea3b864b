/* Memory at the break, the shared page, pages shared between processes (SPEC 2.2). */
#include <errno.h>
#include <quire.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define PG 4096L

static uintptr_t
brk_now(void)
{
	return (uintptr_t)sbrk(0);
}

static uintptr_t
up(uintptr_t a)
{
	return (a + PG - 1) & ~(uintptr_t)(PG - 1);
}

TEST(vmgrow, "vmgrow adds zeroed pages at the break or at an address, or returns 0")
{
	uintptr_t brk = brk_now();
	char *p, *q;

	sbrk(10);
	p = vmgrow(2 * PG, NULL);
	CHECK_EQ((uintptr_t)p, up(brk + 10));
	CHECK_EQ(brk_now(), (uintptr_t)p + 2 * PG);
	CHECK_EQ(p[0] | p[2 * PG - 1], 0);
	p[PG] = 1;
	q = vmgrow(PG, p + 64 * PG);
	CHECK(q == p + 64 * PG);
	q[5] = 2;
	CHECK_EQ(brk_now(), (uintptr_t)p + 2 * PG);
	CHECK(vmgrow(PG, q) == NULL);
	CHECK(vmgrow(0, NULL) == NULL);
	CHECK(vmgrow(-PG, NULL) == NULL);
	CHECK(vmgrow(100, NULL) == NULL);
	CHECK(vmgrow(PG, p + 100) == NULL);
	CHECK(vmgrow(PG, (void *)PG) == NULL);
	CHECK(vmgrow(PG, (void *)-PG) == NULL);
	CHECK_EQ(munmap(q, PG), 0);
	sbrk((intptr_t)(brk - brk_now()));
	CHECK_EQ(brk_now(), brk);
}

/* ---- the one shared page ---- */

static char *page;

static int
generations(void *arg)
{
	intptr_t depth = (intptr_t)arg;

	CHECK(getshared() == page);
	page[depth] = (char)('0' + depth);
	if (depth < 3)
		CHECK_EQ(run_child(generations, (void *)(depth + 1)), 0);
	return page[3] == '3' ? 0 : 1;
}

TEST(untouched_before_fork,
    "the shared page is one memory also when nobody touched it before the fork")
{
	uintptr_t brk = brk_now();
	long vp = numvp();

	page = mapshared();
	CHECK_EQ((uintptr_t)page, up(brk));
	CHECK_EQ(brk_now(), (uintptr_t)page + PG);
	CHECK_EQ(numvp(), vp + 1);
	CHECK(mapshared() == NULL);
	CHECK_EQ(run_child(generations, (void *)1), 0);
	CHECK_EQ(page[1], '1');
	CHECK_EQ(page[3], '3');
	CHECK_EQ(unmapshared(), 0);
	CHECK_EQ(brk_now(), brk);
	CHECK(getshared() == NULL);
	CHECK_EQ(unmapshared(), -1);
}

static int
unmap_it(void *arg)
{
	(void)arg;
	page[0] = 'c';
	return unmapshared();
}

TEST(unmap_in_one, "who unmaps the shared page takes it from nobody else")
{
	page = mapshared();
	page[1] = 'p';
	for (int i = 0; i < 20; i++) {
		page[0] = 0;
		CHECK_EQ(run_child(unmap_it, NULL), 0);
		CHECK_EQ(page[0], 'c');
		CHECK_EQ(page[1], 'p');
	}
	CHECK_EQ(unmapshared(), 0);
}

TEST(below_the_break, "unmapping below the break leaves the break; malloc goes on")
{
	uintptr_t brk = brk_now(), top;
	char *m;

	page = mapshared();
	page[0] = 1;
	CHECK(sbrk(3 * PG) == (void *)(page + PG));
	page[PG] = 7;
	top = brk_now();
	CHECK_EQ(unmapshared(), 0);
	CHECK_EQ(brk_now(), top);
	CHECK_EQ(page[PG], 7);
	m = malloc(10000);
	CHECK(m != NULL);
	memset(m, 1, 10000);
	free(m);
	sbrk((intptr_t)(brk - brk_now()));
	CHECK_EQ(brk_now(), brk);
}

/* ---- pages of another process ---- */

/* What parent and child tell each other; made before the fork. */
struct talk {
	volatile int turn;
	volatile uint64_t va, size;
	volatile int ok;
};
static struct talk *talk;

static void
wait_turn(int turn)
{
	while (talk->turn != turn)
		sleep_ms(1);
}

static void
talk_open(void)
{
	talk = mmap(NULL, PG, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(talk != MAP_FAILED);
}

/* The destination: waits for pages at its break, reads and writes them, lets go. */
static int
receiver(void *arg)
{
	uintptr_t brk = brk_now();
	char *p;

	(void)arg;
	talk->turn = 1;
	wait_turn(2);
	p = (char *)(uintptr_t)talk->va;
	CHECK((uintptr_t)p >= brk);
	CHECK_EQ(strcmp(p, "hello from the parent"), 0);
	strcpy(p, "hello daddy");
	talk->turn = 3;
	wait_turn(4);
	CHECK_EQ(p[0], 'H');
	CHECK_EQ(unmap_shared_pages((uintptr_t)p, talk->size), 0);
	CHECK_EQ(brk_now(), brk);
	CHECK_EQ(unmap_shared_pages((uintptr_t)p, talk->size), -1);
	p = malloc(50000);
	CHECK(p != NULL);
	memset(p, 3, 50000);
	return 0;
}

static void
share_with_child(char *p, size_t size)
{
	pid_t pid;

	talk_open();
	strcpy(p, "hello from the parent");
	pid = spawn(receiver, NULL);
	wait_turn(1);
	talk->size = size;
	talk->va = map_shared_pages(getpid(), pid, (uintptr_t)p, size);
	CHECK(talk->va != 0);
	CHECK_EQ(talk->va % PG, (uintptr_t)p % PG);
	talk->turn = 2;
	wait_turn(3);
	CHECK_STR(p, "hello daddy");
	p[0] = 'H';
	talk->turn = 4;
	check_child(pid);
	CHECK_EQ(p[0], 'H');
	munmap(talk, PG);
}

TEST(to_child, "heap pages appear in a running child, unaligned and over a page border")
{
	char *p = malloc(5 * PG);

	CHECK(p != NULL);
	share_with_child(p + 100, 40);
	share_with_child(p + PG - 5, 3 * PG);
	free(p);
}

TEST(several_regions, "a range over several regions: lazy, shared, a file's")
{
	char *p = mmap(NULL, 6 * PG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int pipefd[2];

	CHECK(p != MAP_FAILED);
	CHECK_EQ(pipe(pipefd), 0);
	CHECK(mmap(p + 2 * PG, 2 * PG, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p + 2 * PG);
	p[5 * PG] = 9;
	share_with_child(p + 10, 6 * PG - 10);
	CHECK_EQ(p[5 * PG], 9);
	munmap(p, 6 * PG);
}

static int
sleeper(void *arg)
{
	(void)arg;
	sleep_ms(60000);
	return 0;
}

TEST(refusals, "wrong pids and ranges: 0, and nothing changes on either side")
{
	char *p = mmap(NULL, 3 * PG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t kid = spawn(sleeper, NULL), dead = spawn(generations, (void *)9);
	uintptr_t va = (uintptr_t)p, brk = brk_now();
	long vp, pp;
	int st;

	waitpid(dead, &st, 0);
	munmap(p + PG, PG);
	p[0] = 1;
	vp = numvp();
	pp = numpp();
	CHECK_EQ(map_shared_pages(getpid(), dead, va, PG), 0);
	CHECK_EQ(map_shared_pages(getpid(), getpid(), va, PG), 0);
	CHECK_EQ(map_shared_pages(getpid(), 1, va, PG), 0);
	CHECK_EQ(map_shared_pages(1, getpid(), va, PG), 0);
	CHECK_EQ(map_shared_pages(kid, kid, va, PG), 0);
	CHECK_EQ(map_shared_pages(getpid(), kid, va, 0), 0);
	CHECK_EQ(map_shared_pages(getpid(), kid, va, ~0ull), 0);
	CHECK_EQ(map_shared_pages(getpid(), kid, va, 3 * PG), 0);	/* a hole */
	CHECK_EQ(map_shared_pages(getpid(), kid, (uint64_t)-PG, PG), 0);
	CHECK_EQ(map_shared_pages(getpid(), kid, (uint64_t)-PG, 2 * PG), 0);
	CHECK_EQ(unmap_shared_pages(va, PG), -1);
	CHECK_EQ(numvp(), vp);
	CHECK_EQ(numpp(), pp);
	CHECK_EQ(brk_now(), brk);
	kill(kid, SIGKILL);
	CHECK_EQ(waitpid(kid, &st, 0), kid);
	munmap(p, 3 * PG);
}

static int
grandchild_sees(void *arg)
{
	((char *)arg)[1] = 'g';
	return 0;
}

TEST(becomes_shared, "shared pages stay shared in the source: its later forks have them")
{
	char *p = mmap(NULL, PG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t kid;
	int st;

	p[0] = 'a';
	kid = spawn(sleeper, NULL);		/* p is copy-on-write now */
	CHECK(map_shared_pages(getpid(), kid, (uintptr_t)p, PG) != 0);
	CHECK_EQ(run_child(grandchild_sees, p), 0);
	CHECK_EQ(p[1], 'g');
	kill(kid, SIGKILL);			/* leaves without unmapping */
	CHECK_EQ(waitpid(kid, &st, 0), kid);
	CHECK_EQ(p[0], 'a');
	munmap(p, PG);
	CHECK_EQ(kinfo(KINFO_CHECK, 0, 0, NULL, 0), 0);
}

/* The child has something right above its break, or no more. */
static int
blocked(void *arg)
{
	char *top = (char *)up(brk_now());

	(void)arg;
	CHECK(mmap(top, PG, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == top);
	talk->turn = 1;
	wait_turn(2);
	CHECK_EQ(munmap(top, PG), 0);
	talk->turn = 3;
	wait_turn(4);
	return 0;
}

TEST(no_room, "pages for a break with something above it: 0, at once")
{
	char *p = malloc(2 * PG);
	pid_t pid;

	talk_open();
	pid = spawn(blocked, NULL);
	wait_turn(1);
	errno = 0;
	CHECK_EQ(map_shared_pages(getpid(), pid, (uintptr_t)p, 100), 0);
	CHECK_EQ(errno, ENOMEM);
	talk->turn = 2;
	wait_turn(3);
	CHECK(map_shared_pages(getpid(), pid, (uintptr_t)p, 100) != 0);
	talk->turn = 4;
	check_child(pid);
	munmap(talk, PG);
	free(p);
}

static int
asleep(void *arg)
{
	(void)arg;
	talk->turn = 1;
	wait_turn(2);
	return 0;
}

TEST_PRESSES(too_many,
    "copies of more pages than there are frames for another process: 0, no change")
{
	long n = getNumFreePages() * 6 / 10 + 100, resident, all;
	char *p = mmap(NULL, n * PG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	for (long i = 100; i < n; i++)
		p[i * PG] = 1;
	talk_open();
	pid = spawn(asleep, NULL);
	wait_turn(1);
	resident = numpp();
	all = numvp();
	errno = 0;
	CHECK_EQ(map_shared_pages(getpid(), pid, (uintptr_t)p, n * PG), 0);
	CHECK_EQ(errno, ENOMEM);
	CHECK(numpp() <= resident);	/* text may have had to go */
	CHECK_EQ(numvp(), all);
	talk->turn = 2;
	check_child(pid);
	munmap(p, n * PG);
	munmap(talk, PG);
}

/* Grows by a page, again and again, which must be its own and zero each time. */
static int
grower(void *arg)
{
	long rounds = test_rounds ? test_rounds : 3000;

	(void)arg;
	talk->turn = 1;
	for (long i = 0; i < rounds; i++) {
		char *p = vmgrow(PG, NULL);

		CHECK(p != NULL && up((uintptr_t)p) == (uintptr_t)p);
		CHECK_EQ(*p, 0);
		*p = 'g';
		p = sbrk(100);
		p[99] = 'g';
	}
	talk->turn = 2;
	return 0;
}

TEST(moving_break, "vmgrow while another process puts pages at the same break")
{
	char *given = mmap(NULL, PG, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long n = 0;
	pid_t pid;

	talk_open();
	*given = 'x';
	pid = spawn(grower, NULL);
	wait_turn(1);
	while (talk->turn == 1 && map_shared_pages(getpid(), pid, (uintptr_t)given, 1) != 0)
		n++;
	check_child(pid);
	CHECK(n > 0);
	CHECK_EQ(*given, 'x');
	munmap(given, PG);
	munmap(talk, PG);
}

static int
piecewise(void *arg)
{
	uintptr_t brk = (uintptr_t)sbrk(10) + 10, at = up(brk);

	(void)arg;
	talk->turn = 1;
	wait_turn(2);
	CHECK_EQ(talk->va, at);
	/* What is divided by its rights is not taken for the whole. */
	CHECK_EQ(mprotect((void *)(at + PG), PG, PROT_READ), 0);
	CHECK_EQ(unmap_shared_pages(at + 2 * PG, PG), 0);
	CHECK_EQ(brk_now(), at + 2 * PG);
	CHECK_EQ(*(char *)at, 'a');
	CHECK_EQ(unmap_shared_pages(at, 2 * PG), 0);
	CHECK_EQ(brk_now(), brk);
	CHECK(sbrk(PG) == (void *)brk);
	memset((void *)brk, 1, PG);
	return 0;
}

TEST(piecewise, "taken away in pieces, the break returns piece by piece, in the end to the byte")
{
	char *p = mmap(NULL, 3 * PG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	talk_open();
	memset(p, 'a', 3 * PG);
	pid = spawn(piecewise, NULL);
	wait_turn(1);
	talk->va = map_shared_pages(getpid(), pid, (uintptr_t)p, 3 * PG);
	talk->turn = 2;
	check_child(pid);
	munmap(talk, PG);
	munmap(p, 3 * PG);
}
