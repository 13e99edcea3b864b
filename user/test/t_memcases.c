/* Memory: what is rare, large, or needs several processes at the same moment. */
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

#define PG	4096L
#define RW	(PROT_READ | PROT_WRITE)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

static void *
map(size_t n, int prot, int flags, int fd)
{
	void *p = mmap(NULL, n, prot, flags, fd, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

/* Words that processes share, zero. */
static volatile int *
words(void)
{
	return map(PG, RW, MAP_SHARED | MAP_ANONYMOUS, -1);
}

static void
add(volatile int *w, int n)
{
	__atomic_add_fetch(w, n, __ATOMIC_SEQ_CST);
}

/* ---- the heap ---- */

TEST(break_and_mapping, "the break stops below a mapping; above it nothing is lost")
{
	uintptr_t brk = (uintptr_t)sbrk(0), up = (brk + PG - 1) & ~(uintptr_t)(PG - 1);
	char *there = (char *)up + 10 * PG;

	CHECK(mmap(there, PG, RW, ANON | MAP_FIXED, -1, 0) == there);
	*there = 'm';
	CHECK(sbrk((intptr_t)(up - brk)) == (void *)brk);
	CHECK_FAILS((long)sbrk(10 * PG + 1), ENOMEM);
	CHECK_FAILS((long)sbrkx(11 * PG, SBRK_EAGER), ENOMEM);
	CHECK_EQ((uintptr_t)sbrk(0), up);
	CHECK(sbrk(10 * PG) == (void *)up);
	memset((void *)up, 'h', 10 * PG);
	CHECK_EQ(*there, 'm');
	CHECK_FAILS((long)sbrk(1), ENOMEM);
	CHECK_EQ(munmap(there, PG), 0);
	CHECK(sbrk(1) == (void *)there);
	CHECK_EQ(*there, 0);
}

TEST(sbrk_int, "numbers that are an int's least and its overflow")
{
	char *brk = sbrk(0);
	uintptr_t two = 0x80000004u;

	CHECK(sbrk(INT_MIN) == brk);
	CHECK(sbrk(0) == brk);
	CHECK(sbrk((intptr_t)two) == brk);	/* on a 32-bit port negative, else lazy */
	if (sizeof(intptr_t) == 4) {
		CHECK(sbrk(0) == brk);
	} else {
		CHECK((uintptr_t)sbrk(0) == (uintptr_t)brk + two);
		CHECK(sbrk(-(intptr_t)two) != (void *)-1);
	}
}

/* The largest break there can be. */
static intptr_t
hugest(void)
{
	return sizeof(intptr_t) == 8 ? (intptr_t)(255ull << 30) : (intptr_t)(1900u << 20);
}

TEST(hugest_break, "nearly all addresses as heap: touched here and there, forked, given back")
{
	intptr_t n = hugest(), step = n / 100;
	char *p = sbrk(n);
	pid_t pid;

	CHECK(p != (void *)-1);
	for (int i = 0; i < 100; i++)
		p[step * i] = (char)i;
	pid = fork();
	CHECK(pid >= 0);
	for (int i = 0; i < 100; i++)
		if (p[step * i] != (char)i)
			_exit(1);
	if (pid == 0) {
		p[step * 50] = 0;
		_exit(0);
	}
	check_child(pid);
	CHECK(sbrk(-n / 2) == p + n);
	CHECK(sbrk(-(n - n / 2)) != (void *)-1);
	CHECK(sbrk(0) == p);
}

/* ---- copy on write ---- */

TEST(last_owner, "the first writer of two copies, the last one only writes")
{
	char *p = map(20 * PG, RW, ANON, -1);
	volatile int *w = words();
	long before;
	pid_t pid;

	memset(p, 'a', 20 * PG);
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 20; i++)
			p[i * PG] = 'c';
		w[0] = 1;
		while (w[1] == 0)
			sleep_ms(1);
		_exit(0);
	}
	while (w[0] == 0)
		sleep_ms(1);
	p[0] = 'p';		/* our tables are there again */
	before = getNumFreePages();
	for (int i = 0; i < 20; i++)
		p[i * PG] = 'p';
	CHECK_EQ(getNumFreePages(), before);
	w[1] = 1;
	check_child(pid);
}

TEST(wait_copies, "wait() stores the status to a shared page of its caller only")
{
	int *st = map(PG, RW, ANON, -1);
	pid_t pid;

	*st = 77;
	pid = fork();
	if (pid == 0) {
		pid_t kid = fork();

		if (kid == 0)
			_exit(5);
		_exit(waitpid(kid, st, 0) != kid || WEXITSTATUS(*st) != 5);
	}
	check_child(pid);
	CHECK_EQ(*st, 77);
}

#define SHARERS	500

TEST(sharers, "500 processes share a page; each that writes has its own then")
{
	int *p = map(PG, RW, ANON, -1);
	volatile int *w = words();
	int made = 0;

	*p = -1;
	for (; made < SHARERS; made++) {
		pid_t pid = fork();

		if (pid < 0)
			break;			/* maxproc counts the others too */
		if (pid > 0)
			continue;
		while (w[0] == 0)
			sleep_ms(100);
		if (*p != -1)
			_exit(1);
		*p = made;
		sleep_ms(1);
		_exit(*p != made);
	}
	CHECK(made >= SHARERS - 10);
	w[0] = 1;
	while (made-- > 0) {
		int st = -1;

		CHECK(wait(&st) > 0);
		CHECK_EQ(st, 0);
	}
	CHECK_EQ(*p, -1);
}

TEST(same_instant, "two that share pages write at the same instant: each has its own")
{
	long rounds = test_rounds ? test_rounds : 100;
	int *p = map(8 * PG, RW, ANON, -1);
	volatile int *w = words();

	for (int round = 1; round <= rounds; round++) {
		int me, wait_ms = 0;
		pid_t pid;

		for (int i = 0; i < 8; i++)
			p[i * PG / 4] = round;
		w[0] = 0;
		pid = fork();
		CHECK(pid >= 0);
		me = pid == 0 ? -round : round + 1;
		add(&w[0], 1);
		while (w[0] < 2)
			if (++wait_ms % 1000 == 0)
				sleep_ms(1);
		for (int i = 0; i < 8; i++)
			p[i * PG / 4 + 1] = me;
		for (int i = 0; i < 8; i++)
			CHECK(p[i * PG / 4] == round && p[i * PG / 4 + 1] == me);
		if (pid == 0)
			_exit(0);
		check_child(pid);
	}
}

static int
nothing(void *arg)
{
	(void)arg;
	return 0;
}

TEST(fork_tables, "a fork of a large process frees page tables until the next touch, nothing else")
{
	long n = 4096, before, tables, freed;
	char *p = mmap(NULL, n * PG, RW, ANON, -1, 0);

	for (int round = 0; round < 5; round++) {
		for (long i = 0; i < n; i++)
			p[i * PG] = 1;
		if (round == 0) {
			before = getNumFreePages();
			tables = getptsize();
		}
		CHECK_EQ(getNumFreePages(), before);
		CHECK_EQ(getptsize(), tables);
		CHECK_EQ(run_child(nothing, NULL), 0);
		freed = tables - getptsize();
		CHECK(freed > 0);
		CHECK_EQ(getNumFreePages(), before + freed);
	}
	munmap(p, n * PG);
}

TEST(fork_exec, "1000 forks with an exec leave as many frames as there were")
{
	char *argv[] = { "true", NULL };
	long before = 0;

	for (int i = 0; i < 1001; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			execv("/bin/true", argv);
			_exit(1);
		}
		check_child(pid);
		if (i == 0)
			before = getNumFreePages();
	}
	for (int i = 0; i < 100 && getNumFreePages() != before; i++)
		sleep_ms(20);
	CHECK_EQ(getNumFreePages(), before);
}

/* ---- files ---- */

static int
new_file(const char *name, off_t size)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC);

	CHECK(fd >= 0);
	CHECK_EQ(ftruncate(fd, size), 0);
	return fd;
}

TEST(two_mappers, "two processes that open and map a file see each other's stores, as read does")
{
	volatile int *w = words();
	pid_t pid;

	close(new_file("f", 2 * PG));
	pid = fork();
	CHECK(pid >= 0);

	volatile char *p = map(2 * PG, RW, MAP_SHARED, open("f", O_RDWR));
	int me = pid == 0, fd = open("f", O_RDWR);

	for (int i = 1; i <= 100; i++) {
		char c = 0;

		p[me * PG + i] = (char)i;
		add(&w[0], 1);
		while (w[0] < 2 * i)
			sleep_ms(1);
		CHECK_EQ(p[(1 - me) * PG + i], i);
		CHECK_EQ(pread(fd, &c, 1, (1 - me) * PG + i), 1);
		CHECK_EQ(c, i);
	}
	if (pid == 0)
		_exit(0);
	check_child(pid);
}

TEST(single_blocks, "blocks under a page allocated one by one, stored to through a mapping")
{
	static const int order[] = { 2, 0, 3, 1 };
	int fd = new_file("f", 8 * PG);
	char *p = map(8 * PG, RW, MAP_SHARED, fd), buf[PG];
	struct stat st;

	for (int k = 0; k < 4; k++) {
		for (int i = 0; i < 8; i += 2)
			CHECK_EQ(pwrite(fd, "w", 1, i * PG + order[k] * 1024), 1);
		for (int i = 0; i < 8; i += 2)
			p[i * PG + order[k] * 1024 + 1] = (char)('0' + k);
		CHECK_EQ(fsync(fd), 0);
	}
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_blocks, (4 * 4 + 1) * 2);	/* in sectors, with the indirect block */
	CHECK_EQ(munmap(p, 8 * PG), 0);
	for (int i = 0; i < 8; i++) {
		CHECK_EQ(pread(fd, buf, PG, i * PG), PG);
		for (int k = 0; k < 4; k++) {
			CHECK_EQ(buf[order[k] * 1024], i % 2 ? 0 : 'w');
			CHECK_EQ(buf[order[k] * 1024 + 1], i % 2 ? 0 : '0' + k);
			CHECK_EQ(buf[order[k] * 1024 + 2], 0);
		}
	}
}

static uint64_t
blocks_written(void)
{
	struct kinfo_stat k;

	CHECK_EQ(kinfo(KINFO_STAT, 0, 0, &k, sizeof(k)), sizeof(k));
	return k.disk_write_blocks;
}

/* Maps "f", stores to page 3, reads all; ends as WHAT says. */
static int
store_and_end(void *what)
{
	char *p = map(256 * PG, RW, MAP_SHARED, open("f", O_RDWR)), *argv[] = { "true", NULL };
	int sum = 0;

	for (int i = 0; i < 256; i++)
		sum += p[i * PG];
	p[3 * PG] = *(char *)what;
	if (*(char *)what == 'k')
		kill(getpid(), SIGKILL);
	if (*(char *)what == 'e')
		execv("/bin/true", argv);
	return sum == 0 ? 0 : 1;
}

TEST(ends_write_back, "exit, kill and exec write back what was stored, and only that")
{
	int fd = new_file("f", 0);
	char page[PG] = "", c;

	for (int i = 0; i < 256; i++)
		CHECK_EQ(write(fd, page, PG), PG);
	sync();
	for (const char *what = "xke"; *what; what++) {
		uint64_t before = blocks_written();
		char how = *what;
		int st = run_child(store_and_end, &how);

		CHECK(how == 'k' ? WIFSIGNALED(st) : st == 0);
		CHECK_EQ(pread(fd, &c, 1, 3 * PG), 1);
		CHECK_EQ(c, how);
		sync();
		/* One page and its time, in the journal and in place: not 256 pages. */
		CHECK(blocks_written() > before && blocks_written() - before < 256);
	}
}

#define STORERS	3

/* Own bytes of every page, over and over, against the writer. */
static int
store_on(void *arg)
{
	int me = (int)(intptr_t)arg;
	volatile char *p = map(32 * PG, RW, MAP_SHARED, open("f", O_RDWR));
	long rounds = test_rounds ? test_rounds : 30;

	for (long r = 1; r <= rounds; r++)
		for (int i = 0; i < 32; i++) {
			CHECK_EQ(p[i * PG + me * 1100], (char)(r - 1));
			p[i * PG + me * 1100] = (char)r;
		}
	return 0;
}

static int
sync_on(void *arg)
{
	int fd = open("f", O_RDWR);

	while (!*(volatile int *)arg)
		CHECK_EQ(fsync(fd), 0);
	return 0;
}

TEST(stores_and_writer, "stores through mappings against write-back without pause: none is lost")
{
	long rounds = test_rounds ? test_rounds : 30;
	volatile int *end = words();
	pid_t pid[STORERS], writer;
	int fd = new_file("f", 32 * PG);

	writer = spawn(sync_on, (void *)end);
	for (int i = 0; i < STORERS; i++)
		pid[i] = spawn(store_on, (void *)(intptr_t)i);
	for (int i = 0; i < STORERS; i++)
		check_child(pid[i]);
	*end = 1;
	check_child(writer);
	for (int i = 0; i < 32 * STORERS; i++) {
		char c;

		CHECK_EQ(pread(fd, &c, 1, i / STORERS * PG + i % STORERS * 1100), 1);
		CHECK_EQ(c, (char)rounds);
	}
	CHECK_EQ(kinfo(KINFO_CHECK, 0, 0, NULL, 0), 0);
}

static struct kinfo_mem
mem_now(void)
{
	struct kinfo_mem m;

	CHECK_EQ(kinfo(KINFO_MEM, 0, 0, &m, sizeof(m)), sizeof(m));
	return m;
}

TEST(dirty_quarter, "writers wait when a quarter of the memory is dirty, stores too")
{
	static char buf[64 * 1024];
	long pages = (long)mem_now().total * 2 / 5;
	int fd = new_file("f", 0);
	char *p;

	for (long i = 0; i < pages; i += 16) {
		CHECK_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
		CHECK(mem_now().dirty <= mem_now().total / 4 + 64);
	}
	p = map((size_t)pages * PG, RW, MAP_SHARED, fd);
	for (long i = 0; i < pages; i++) {
		p[i * PG] = 1;
		if (i % 64 == 0)
			CHECK(mem_now().dirty <= mem_now().total / 4 + 64);
	}
}

TEST_PRESSES(cache_gives_way, "cached and dirty files make room for whoever needs memory")
{
	static char buf[64 * 1024];
	int fd = new_file("f", 0);
	long cached, n;
	char *p;

	for (int i = 0; i < 400; i++)
		CHECK_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
	cached = (long)mem_now().file;
	CHECK(cached >= 400 * 16 / 2);
	n = getNumFreePages() - 1500;
	CHECK(n > (long)mem_now().unused);	/* it cannot do without what is cached */
	p = sbrk(n * PG);
	CHECK(p != (void *)-1);
	for (long i = 0; i < n; i++)
		p[i * PG] = 1;
	CHECK((long)mem_now().file < cached / 2);
	sbrk(-n * PG);
	for (int i = 0; i < 400; i++)
		CHECK_EQ(pread(fd, buf, sizeof(buf), i * (off_t)sizeof(buf)), sizeof(buf));
}

#define DIRTY_SIZE	(24l << 20)

/* Makes pages of the file dirty, over and over, until *STOP. */
static int
keep_dirty(void *stop)
{
	static char buf[64 * 1024];
	int fd = open("f", O_RDWR);
	unsigned char round = 0;

	while (!__atomic_load_n((int *)stop, __ATOMIC_RELAXED)) {
		memset(buf, ++round, sizeof(buf));
		for (off_t at = 0; at < DIRTY_SIZE; at += sizeof(buf)) {
			CHECK_EQ(lseek(fd, at, SEEK_SET), at);
			CHECK_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
		}
	}
	return 0;
}

TEST_SLOW_PRESSES(dirty_waits, "new memory is touched while another keeps the rest dirty: it waits")
{
	int *stop = map(PG, RW, MAP_SHARED | MAP_ANONYMOUS, -1);
	int fd = new_file("f", 0);
	pid_t pid;
	char *p;
	long n;

	CHECK_EQ(ftruncate(fd, DIRTY_SIZE), 0);
	pid = spawn(keep_dirty, stop);
	sleep_ms(300);
	n = getNumFreePages() - 1500;
	p = sbrk(n * PG);
	CHECK(p != (void *)-1);
	for (int round = 0; round < 3; round++) {
		for (long i = 0; i < n; i++)
			p[i * PG] = (char)(i + round);
		for (long i = 0; i < n; i++)
			CHECK_EQ(p[i * PG], (char)(i + round));
	}
	__atomic_store_n(stop, 1, __ATOMIC_RELAXED);
	check_child(pid);
	sbrk(-n * PG);
}

/* ---- counting ---- */

TEST(file_counts, "a mapping of a cached file raises numpp at once; a copied page does not")
{
	int fd = new_file("f", 10 * PG);
	long vp = numvp(), pp = numpp();
	char buf[PG], *p;

	for (int i = 0; i < 6; i++)
		CHECK_EQ(pread(fd, buf, PG, i * PG), PG);
	p = map(10 * PG, RW, MAP_PRIVATE, fd);
	CHECK_EQ(numvp(), vp + 10);
	CHECK_EQ(numpp(), pp + 6);
	p[0] = 1;				/* hides the file's */
	CHECK_EQ(numpp(), pp + 6);
	p[9 * PG] = 1;				/* brings the file's in, hides it */
	CHECK_EQ(numpp(), pp + 7);
	munmap(p, 10 * PG);
	CHECK_EQ(numpp(), pp);
	CHECK_EQ(numvp(), vp);
}

TEST(files_are_free, "files that were written and read take nothing once nobody uses them")
{
	static char buf[8192];
	long before = 0, i;
	int fd;

	for (int round = 0; round < 3; round++) {
		fd = open("f", O_RDWR | O_CREAT | O_TRUNC);
		for (i = 0; i < 300; i++)
			CHECK_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
		CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
		for (i = 0; i < 300; i++)
			CHECK_EQ(read(fd, buf, sizeof(buf)), sizeof(buf));
		close(fd);
		if (round == 0)
			before = getNumFreePages();
		CHECK_EQ(getNumFreePages(), before);
	}
}

/* In a child: its frames and the system's, while others do the same. */
static int
count_exactly(void *arg)
{
	volatile int *w = arg;
	char *p;
	long pp, vp;

	add(&w[0], 1);
	while (w[0] < 4)
		sleep_ms(1);
	for (int round = 0; round < 20; round++) {
		pp = numpp();
		vp = numvp();
		p = map(50 * PG, RW, round % 2 ? ANON : MAP_SHARED | MAP_ANONYMOUS, -1);
		CHECK_EQ(numvp(), vp + 50);
		CHECK_EQ(numpp(), pp);
		for (int i = 0; i < 50; i += 2) {
			p[i * PG] = 1;
			CHECK_EQ(numpp(), pp + i / 2 + 1);
		}
		if (round % 5 == 0 && fork() == 0) {
			/* All of it is there in the child, too. */
			_exit(numpp() == pp + 25 ? 0 : 1);
		}
		if (round % 5 == 0) {
			int st = -1;

			CHECK(wait(&st) > 0);
			CHECK_EQ(st, 0);
		}
		CHECK_EQ(munmap(p, 50 * PG), 0);
		CHECK_EQ(numpp(), pp);
		CHECK_EQ(numvp(), vp);
	}
	return 0;
}

TEST(exact_together, "counts are exact in each of four processes that map and touch at once")
{
	volatile int *w = words();
	pid_t pid[4];

	for (int i = 0; i < 4; i++)
		pid[i] = spawn(count_exactly, (void *)w);
	for (int i = 0; i < 4; i++)
		check_child(pid[i]);
}

TEST(shared_frame_once, "a shared page is one frame, however many processes have it")
{
	char *p = mapshared();
	long before = getNumFreePages();
	pid_t pid;

	CHECK(p != NULL);
	*p = 1;
	CHECK_EQ(getNumFreePages(), before - 1);
	pid = fork();
	if (pid == 0) {
		volatile char *own = map(PG, RW, ANON, -1);

		*own = *p;
		p[1] = 2;	/* tables and entry are there */
		before = getNumFreePages();
		p[2] = 3;
		_exit(getNumFreePages() != before || numpp() > numvp());
	}
	check_child(pid);
	CHECK_EQ(p[2], 3);
	CHECK_EQ(unmapshared(), 0);
}

/* ---- shared pages ---- */

/* Computes without a pause until pages arrive in the middle of it; then unmaps, grows, leaves. */
static int
busy_receiver(void *arg)
{
	volatile int *w = arg;
	char *own = malloc(20 * PG), *p;
	unsigned n = 0;

	w[0] = 1;
	while (w[1] == 0)
		own[n++ % (20 * PG)]++;
	p = (char *)sbrk(0) - 2 * PG;
	CHECK_EQ(p[0], 's');
	p[PG] = 'r';
	CHECK(sbrk(3 * PG) == p + 2 * PG);
	p[2 * PG] = 'h';
	/* Below the break now: it stays, and so does what is above. */
	CHECK_EQ(unmap_shared_pages((uintptr_t)p, 2 * PG), 0);
	CHECK((char *)sbrk(0) == p + 5 * PG);
	CHECK_EQ(p[2 * PG], 'h');
	free(own);
	own = malloc(30 * PG);
	CHECK(own != NULL);
	memset(own, 1, 30 * PG);
	return 0;
}

TEST(to_a_busy_one, "pages for a process that runs on another processor; gone from below its break")
{
	char *p = map(2 * PG, RW, ANON, -1);

	for (int round = 0; round < 20; round++) {
		volatile int *w = words();
		pid_t pid = spawn(busy_receiver, (void *)w);

		while (w[0] == 0)
			sleep_ms(1);
		p[0] = 's';
		CHECK(map_shared_pages(getpid(), pid, (uintptr_t)p, 2 * PG) != 0);
		w[1] = 1;
		check_child(pid);
		CHECK_EQ(p[PG], 'r');
		munmap((void *)w, PG);
	}
}

static int
pull_from_parent(void *at)
{
	uint64_t va = map_shared_pages(getppid(), getpid(), (uintptr_t)at, 3 * PG);
	char *p = (char *)(uintptr_t)va;

	CHECK(va != 0);
	CHECK(p[0] == 'a' && p[PG] == 0 && p[2 * PG] == 'f');
	p[0] = 'b';
	p[PG] = 'c';
	p[2 * PG] = 'd';
	return 0;		/* leaves without unmapping */
}

TEST(child_pulls, "a child takes its parent's: copy-on-write, lazy, and a file's private page")
{
	int fd = open("f", O_RDWR | O_CREAT);
	char *p = map(3 * PG, RW, ANON, -1), c;

	CHECK_EQ(write(fd, "f", 1), 1);
	CHECK(mmap(p + 2 * PG, PG, RW, MAP_PRIVATE | MAP_FIXED, fd, 0) == p + 2 * PG);
	p[0] = 'a';
	CHECK_EQ(run_child(pull_from_parent, p), 0);
	CHECK(p[0] == 'b' && p[PG] == 'c' && p[2 * PG] == 'd');
	CHECK_EQ(pread(fd, &c, 1, 0), 1);
	CHECK_EQ(c, 'f');
}
