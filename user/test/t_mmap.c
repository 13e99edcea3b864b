/* mmap, munmap, mprotect, msync on the one page cache (SPEC 2.2, 2.3). */
#include <errno.h>
#include <fcntl.h>
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

#define PG		4096L
#define RW		(PROT_READ | PROT_WRITE)
#define ANON		(MAP_PRIVATE | MAP_ANONYMOUS)

static int
file_of(const char *name, size_t n)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC);
	char *buf = malloc(n + 1);

	CHECK(fd >= 0 && buf != NULL);
	fill_pattern(buf, n, 7);
	CHECK_EQ(write(fd, buf, n), n);
	free(buf);
	return fd;
}

static char *
map(size_t n, int prot, int flags, int fd, off_t off)
{
	char *p = mmap(NULL, n, prot, flags, fd, off);

	CHECK(p != MAP_FAILED);
	return p;
}

/* Whether touching P kills with SIG; a fresh process tries. */
static volatile char *victim;

static int
read_victim(void *arg)
{
	(void)arg;
	return *victim & 0;
}

static int
write_victim(void *arg)
{
	(void)arg;
	*victim = 1;
	return 0;
}

static void
check_kills(volatile char *p, bool write, int sig)
{
	int st;

	victim = p;
	st = run_child(write ? write_victim : read_victim, NULL);
	CHECK(WIFSIGNALED(st));
	CHECK_EQ(WTERMSIG(st), sig);
}

static void
check_lives(volatile char *p, bool write)
{
	victim = p;
	CHECK_EQ(run_child(write ? write_victim : read_victim, NULL), 0);
}

TEST(anonymous, "anonymous memory is lazy, zero, counted, and gone after munmap")
{
	long vp = numvp(), pp = numpp();
	char *p = map(20 * PG, RW, ANON, -1, 0);

	CHECK_EQ(numvp(), vp + 20);
	CHECK_EQ(numpp(), pp);
	for (int i = 0; i < 20; i += 3) {
		CHECK_EQ(p[i * PG + 5], 0);
		p[i * PG] = 1;
		CHECK_EQ(numpp(), ++pp);
	}
	CHECK_EQ(munmap(p, 20 * PG), 0);
	CHECK_EQ(numvp(), vp);
	check_kills(p, false, SIGSEGV);
}

TEST(bad_requests, "what mmap refuses, it refuses without effect")
{
	int fd = file_of("f", 100), ro = open("f", O_RDONLY), wo = open("f", O_WRONLY), dir, p[2];
	long vp = numvp();

	mkdir("d", 0777);
	dir = open("d", O_RDONLY);
	CHECK_EQ(pipe(p), 0);
	CHECK_FAILS((long)mmap(NULL, 0, RW, ANON, -1, 0), EINVAL);
	CHECK_FAILS((long)mmap(NULL, PG, RW, MAP_ANONYMOUS, -1, 0), EINVAL);
	CHECK_FAILS((long)mmap(NULL, PG, RW, MAP_SHARED | ANON, -1, 0), EINVAL);
	CHECK_FAILS((long)mmap(NULL, PG, PROT_READ, MAP_PRIVATE, fd, 100), EINVAL);
	CHECK_FAILS((long)mmap(NULL, PG, PROT_READ, MAP_PRIVATE, fd, -PG), EINVAL);
	CHECK_FAILS((long)mmap((void *)100, PG, RW, ANON | MAP_FIXED, -1, 0), EINVAL);
	CHECK((long)mmap(NULL, (size_t)-PG, RW, ANON, -1, 0) == -1);
	CHECK((long)mmap((void *)-PG, PG, RW, ANON | MAP_FIXED, -1, 0) == -1);
	CHECK((long)mmap(NULL, PG, PROT_READ, MAP_PRIVATE, fd, INT64_MAX & ~(PG - 1)) == -1);
	CHECK_FAILS((long)mmap(NULL, PG, PROT_READ, MAP_PRIVATE, 77, 0), EBADF);
	CHECK((long)mmap(NULL, PG, PROT_READ, MAP_PRIVATE, dir, 0) == -1);
	CHECK((long)mmap(NULL, PG, PROT_READ, MAP_PRIVATE, p[0], 0) == -1);
	CHECK_FAILS((long)mmap(NULL, PG, PROT_READ, MAP_PRIVATE, wo, 0), EACCES);
	CHECK_FAILS((long)mmap(NULL, PG, RW, MAP_SHARED, ro, 0), EACCES);
	CHECK_EQ(numvp(), vp);
	/* Private and writable is fine for a file that is open for reading. */
	CHECK_EQ(munmap(map(PG, RW, MAP_PRIVATE, ro, 0), PG), 0);
	CHECK_FAILS(munmap((void *)(PG + 1), PG), EINVAL);
	CHECK_FAILS(munmap((void *)PG, 0), EINVAL);
	CHECK_FAILS(msync((void *)PG, (size_t)-1, MS_SYNC), EINVAL);
	CHECK(munmap((void *)-PG, PG) == -1);
	CHECK_EQ(numvp(), vp);
}

TEST(file_one_memory, "stores through a mapping and read and write of its file are one memory")
{
	int fd = file_of("f", 3 * PG);
	char *a = map(3 * PG, RW, MAP_SHARED, fd, 0), *b = map(2 * PG, PROT_READ, MAP_SHARED, fd,
	    PG);
	char c;

	CHECK(is_pattern(a, 3 * PG, 7));
	a[PG + 5] = 'x';
	CHECK_EQ(b[5], 'x');
	CHECK_EQ(lseek(fd, PG + 5, SEEK_SET), PG + 5);
	CHECK_EQ(read(fd, &c, 1), 1);
	CHECK_EQ(c, 'x');
	CHECK_EQ(write(fd, "yz", 2), 2);
	CHECK_EQ(a[PG + 6], 'y');
	CHECK_EQ(b[7], 'z');
	/* Written between mmap and the first touch: seen. */
	munmap(b, 2 * PG);
	b = map(PG, PROT_READ, MAP_SHARED, fd, 2 * PG);
	lseek(fd, 2 * PG, SEEK_SET);
	CHECK_EQ(write(fd, "Q", 1), 1);
	CHECK_EQ(b[0], 'Q');
	munmap(a, 3 * PG);
	munmap(b, PG);
}

TEST(file_private, "a private mapping copies what it writes; the file does not change")
{
	int fd = file_of("f", 2 * PG);
	char *p = map(2 * PG, RW, MAP_PRIVATE, fd, 0), buf[16];
	char was = p[9];

	p[9] = (char)(was + 1);
	CHECK_EQ(pread(fd, buf, 16, 0), 16);
	CHECK_EQ(buf[9], was);
	CHECK_EQ(p[9], (char)(was + 1));
	munmap(p, 2 * PG);
}

TEST(outlives, "a mapping outlives close and unlink")
{
	int fd = file_of("f", PG);
	char *p = map(PG, RW, MAP_SHARED, fd, 0);

	close(fd);
	CHECK_EQ(unlink("f"), 0);
	CHECK(is_pattern(p, PG, 7));
	p[3] = 1;
	CHECK_EQ(p[3], 1);
	munmap(p, PG);
}

TEST(tail, "beyond the end: zero in the last page, SIGBUS after it; never in the file")
{
	int fd = file_of("f", 100);
	char *p = map(3 * PG, RW, MAP_SHARED, fd, 0);
	struct stat st;
	char buf[200];

	for (int i = 100; i < PG; i++)
		CHECK_EQ(p[i], 0);
	p[150] = 'j';
	check_kills(p + PG, false, SIGBUS);
	check_kills(p + 2 * PG, true, SIGBUS);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, 100);
	/* The file grows over what was stored there: zeroes. */
	CHECK_EQ(ftruncate(fd, PG), 0);
	CHECK_EQ(p[150], 0);
	CHECK_EQ(pread(fd, buf, 200, 0), 200);
	CHECK_EQ(buf[150], 0);
	munmap(p, 3 * PG);
	/* A file of no length. */
	CHECK_EQ(ftruncate(fd, 0), 0);
	p = map(PG, RW, MAP_SHARED, fd, 0);
	check_kills(p, false, SIGBUS);
	munmap(p, PG);
}

TEST(grown_while_mapped, "100 bytes mapped, grown to a page, stored to far out: all is kept")
{
	int fd = file_of("f", 100);
	char *p = map(PG, RW, MAP_SHARED, fd, 0), buf[PG];

	p[0] = 'a';
	CHECK_EQ(ftruncate(fd, PG), 0);
	p[2000] = 'b';
	p[4000] = 'c';
	munmap(p, PG);
	CHECK_EQ(fsync(fd), 0);
	CHECK_EQ(pread(fd, buf, PG, 0), PG);
	CHECK_EQ(buf[0], 'a');
	CHECK_EQ(buf[2000], 'b');
	CHECK_EQ(buf[4000], 'c');
}

TEST(truncated_while_mapped, "pages cut off kill, what remains stays")
{
	int fd = file_of("f", 4 * PG);
	char *p = map(4 * PG, RW, MAP_SHARED, fd, 0);

	for (int i = 0; i < 4; i++)
		p[i * PG] = 'm';
	CHECK_EQ(ftruncate(fd, PG + 10), 0);
	CHECK_EQ(p[PG], 'm');
	CHECK_EQ(p[PG + 10], 0);
	check_kills(p + 2 * PG, false, SIGBUS);
	CHECK_EQ(ftruncate(fd, 4 * PG), 0);
	CHECK_EQ(p[3 * PG], 0);
	munmap(p, 4 * PG);
}

TEST(pieces, "munmap of head, tail, middle, holes and several regions")
{
	char *p = map(12 * PG, RW, ANON, -1, 0);
	long vp = numvp(), pp;

	for (int i = 0; i < 12; i++)
		p[i * PG] = (char)(i + 1);
	pp = numpp();
	CHECK_EQ(munmap(p, PG), 0);
	CHECK_EQ(munmap(p + 11 * PG, PG), 0);
	CHECK_EQ(munmap(p + 5 * PG, 2 * PG), 0);
	CHECK_EQ(numvp(), vp - 4);
	CHECK_EQ(numpp(), pp - 4);
	check_kills(p, false, SIGSEGV);
	check_kills(p + 5 * PG, false, SIGSEGV);
	CHECK_EQ(p[4 * PG], 5);
	CHECK_EQ(p[7 * PG], 8);
	CHECK_EQ(munmap(p + 3 * PG, 7 * PG), 0);	/* two regions and the hole */
	CHECK_EQ(numvp(), vp - 9);
	CHECK_EQ(p[10 * PG], 11);
	CHECK_EQ(munmap(p, 12 * PG), 0);
	CHECK_EQ(munmap(p, 12 * PG), 0);		/* nothing there: fine */
	CHECK_EQ(numvp(), vp - 12);
}

TEST(fixed, "MAP_FIXED replaces what is there")
{
	int fd = file_of("f", PG);
	char *p = map(3 * PG, RW, ANON, -1, 0);

	memset(p, 'o', 3 * PG);
	CHECK(mmap(p + PG, PG, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) == p + PG);
	CHECK(is_pattern(p + PG, PG, 7));
	CHECK_EQ(p[0], 'o');
	CHECK_EQ(p[2 * PG], 'o');
	munmap(p, 3 * PG);
}

TEST(protect, "mprotect splits, is obeyed by the processor and by the kernel's copies")
{
	char *p = map(3 * PG, RW, ANON, -1, 0);
	int fd = file_of("f", 3 * PG), ro;

	memset(p, 'p', 3 * PG);
	CHECK_EQ(mprotect(p + PG, PG, PROT_READ), 0);
	check_kills(p + PG, true, SIGSEGV);
	check_lives(p + PG, false);
	check_lives(p, true);
	check_lives(p + 2 * PG, true);
	lseek(fd, 0, SEEK_SET);
	CHECK_FAILS(read(fd, p + PG, 10), EFAULT);
	CHECK_EQ(mprotect(p + PG, PG, PROT_NONE), 0);
	check_kills(p + PG, false, SIGSEGV);
	CHECK_FAILS(write(fd, p + PG, 10), EFAULT);
	CHECK_EQ(mprotect(p, 3 * PG, RW), 0);
	CHECK_EQ(p[PG], 'p');
	p[PG] = 'q';
	CHECK_FAILS(mprotect(p, 4 * PG, PROT_READ), ENOMEM);
	CHECK_FAILS(mprotect(p + 1, PG, PROT_READ), EINVAL);
	munmap(p, 3 * PG);
	ro = open("f", O_RDONLY);
	p = map(PG, PROT_READ, MAP_SHARED, ro, 0);
	CHECK_FAILS(mprotect(p, PG, RW), EACCES);
	munmap(p, PG);
}

/* Reads of 100 bytes at 40 of FD's file, a pattern, whose page is at hand: to P. */
static ssize_t
read_short(int fd, char *p)
{
	char at_hand;

	lseek(fd, 39, SEEK_SET);
	CHECK_EQ(read(fd, &at_hand, 1), 1);
	return read(fd, p, 100);
}

static char short_data[PG] __attribute__((aligned(4096))) = "here from the start";

static int
read_short_to(void *p)
{
	int fd = open("f", O_RDONLY);
	char *want = malloc(140);

	fill_pattern(want, 140, 7);
	return read_short(fd, p) == 100 && memcmp(p, want + 40, 100) == 0 ? 0 : 1;
}

TEST(short_reads, "a few bytes go to lazy, copy-on-write, mapped and refused memory as many do")
{
	int fd = file_of("f", PG);
	char *lazy = map(2 * PG, RW, ANON, -1, 0), *own = map(PG, RW, MAP_SHARED, fd, 0);

	CHECK_EQ(read_short_to(lazy), 0);
	CHECK_EQ(read_short_to(lazy + PG - 50), 0);
	CHECK_EQ(run_child(read_short_to, short_data), 0);	/* a page of the program's file */
	CHECK_STR(short_data, "here from the start");
	memset(lazy, 'p', 2 * PG);
	CHECK_EQ(run_child(read_short_to, lazy), 0);		/* shared after fork */
	CHECK_EQ(lazy[0], 'p');
	CHECK_EQ(mprotect(lazy + PG, PG, PROT_READ), 0);
	CHECK_FAILS(read_short(fd, lazy + PG), EFAULT);
	CHECK_FAILS(read_short(fd, lazy + PG - 50), EFAULT);
	CHECK_EQ(lazy[PG], 'p');
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 40);
	CHECK_EQ(read_short_to(own + 2 * PG / 3), 0);
	munmap(own, PG);
	own = map(PG, RW, MAP_SHARED, fd, 0);			/* the page it reads from */
	CHECK_EQ(read_short(fd, own), 100);
	CHECK_EQ(lseek(fd, PG - 1, SEEK_SET), PG - 1);
	CHECK_EQ(read(fd, lazy, 100), 1);
	CHECK_EQ(read(fd, lazy, 100), 0);
	munmap(own, PG);
	munmap(lazy, 2 * PG);
}

static char *shared, *private;

static int
store_both(void *arg)
{
	(void)arg;
	shared[0] = 's';
	private[0] = 't';
	return shared[PG] == 'u' ? 0 : 1;
}

TEST(fork_kinds, "fork keeps SHARED shared and writable, PRIVATE private")
{
	int fd = file_of("f", 2 * PG);

	private = map(PG, RW, ANON, -1, 0);
	for (int i = 0; i < 2; i++) {
		shared = i == 0 ? map(2 * PG, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
		    : map(2 * PG, RW, MAP_SHARED, fd, 0);
		shared[PG] = 'u';
		private[0] = 'p';
		CHECK_EQ(run_child(store_both, NULL), 0);
		CHECK_EQ(shared[0], 's');
		CHECK_EQ(private[0], 'p');
		munmap(shared, 2 * PG);
	}
	munmap(private, PG);
}

TEST(read_into_own_file, "read of a file into a mapping of it does not deadlock")
{
	int fd = file_of("f", 8 * PG);
	char *p = map(8 * PG, RW, MAP_SHARED, fd, 0), *q;

	lseek(fd, 0, SEEK_SET);
	CHECK_EQ(read(fd, p, 8 * PG), 8 * PG);
	CHECK(is_pattern(p, 8 * PG, 7));
	lseek(fd, 0, SEEK_SET);
	q = map(8 * PG, PROT_READ, MAP_SHARED, fd, 0);
	CHECK_EQ(write(fd, q, 8 * PG), 8 * PG);
	CHECK(is_pattern(p, 8 * PG, 7));
	munmap(p, 8 * PG);
	munmap(q, 8 * PG);
}

/* Each reads its own file into a mapping of the other's. */
static int
cross(void *arg)
{
	int me = (int)(intptr_t)arg;
	int own = open(me ? "b" : "a", O_RDWR), other = open(me ? "a" : "b", O_RDWR);
	char *p = map(16 * PG, RW, MAP_SHARED, other, 0);

	for (long i = 0, n = test_rounds ? test_rounds : 150; i < n; i++) {
		lseek(own, 0, SEEK_SET);
		if (read(own, p, 16 * PG) != 16 * PG)
			return 1;
		if (i % 16 == 0 && msync(p, 16 * PG, MS_SYNC) != 0)
			return 2;
	}
	return 0;
}

TEST(crossed_reads, "A into a mapping of B while B into a mapping of A: no deadlock")
{
	pid_t p[2];

	close(file_of("a", 16 * PG));
	close(file_of("b", 16 * PG));
	for (int i = 0; i < 2; i++)
		p[i] = spawn(cross, (void *)(intptr_t)i);
	check_child(p[0]);
	check_child(p[1]);
}

/* One cuts and grows the file, the other stores into it. */
static int
cutter(void *arg)
{
	int fd = open("f", O_RDWR);

	(void)arg;
	for (long i = 0, n = test_rounds ? test_rounds : 300; i < n; i++)
		if (ftruncate(fd, random_below(8 * PG)) != 0 || ftruncate(fd, 8 * PG) != 0)
			return 1;
	return 0;
}

static int
storer(void *arg)
{
	int fd = open("f", O_RDWR);
	char *p = map(8 * PG, RW, MAP_SHARED, fd, 0);

	(void)arg;
	for (long i = 0, n = test_rounds ? 100 * test_rounds : 30000; i < n; i++)
		p[random_below(8 * PG)] = (char)i;
	return 0;
}

TEST(cut_under_stores, "truncate against faults: SIGBUS or nothing, no hang, no damage")
{
	pid_t c, ended;
	int st = 0;

	close(file_of("f", 8 * PG));
	c = spawn(cutter, NULL);
	while ((ended = waitpid(c, &st, WNOHANG)) == 0) {
		pid_t s = spawn(storer, NULL);

		random_below(1);	/* the next one stores elsewhere */
		CHECK_EQ(waitpid(s, &st, 0), s);
		CHECK(st == 0 || (WIFSIGNALED(st) && WTERMSIG(st) == SIGBUS));
	}
	CHECK_EQ(ended, c);
	CHECK_EQ(st, 0);
	CHECK_EQ(kinfo(KINFO_CHECK, 0, 0, NULL, 0), 0);
}

TEST(dirty_on_exit, "exit writes dirty shared pages back, and only as long as the file is")
{
	int fd = file_of("f", PG + 50);
	pid_t pid = fork();
	char buf[60];

	if (pid == 0) {
		char *p = map(2 * PG, RW, MAP_SHARED, fd, 0);

		p[10] = 'e';
		p[PG + 49] = 'f';
		p[PG + 55] = 'g';
		_exit(0);
	}
	check_child(pid);
	CHECK_EQ(pread(fd, buf, 20, 0), 20);
	CHECK_EQ(buf[10], 'e');
	CHECK_EQ(pread(fd, buf, 60, PG), 50);
	CHECK_EQ(buf[49], 'f');
}

TEST(hole_blocks, "a store into a hole gets a block; reading a hole takes none")
{
	int fd = open("f", O_RDWR | O_CREAT);
	struct stat st;
	char *p;

	CHECK_EQ(ftruncate(fd, 64 * PG), 0);
	p = map(64 * PG, RW, MAP_SHARED, fd, 0);
	for (int i = 0; i < 64; i++)
		CHECK_EQ(p[i * PG], 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_blocks, 0);
	p[40 * PG] = 'h';
	CHECK_EQ(fsync(fd), 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK(st.st_blocks > 0);
	munmap(p, 64 * PG);
	p = map(64 * PG, PROT_READ, MAP_SHARED, fd, 0);
	CHECK_EQ(p[40 * PG], 'h');
	munmap(p, 64 * PG);
}

TEST(table_pages, "a touch that needs a table page raises getptsize, munmap lowers it")
{
	long before = getptsize(), with;
	char *p = map(64 << 20, RW, ANON, -1, 0);

	CHECK_EQ(getptsize(), before);
	for (int i = 0; i < 64; i += 4)
		p[(long)i << 20] = 1;
	with = getptsize();
	CHECK(with >= before + 15);
	munmap(p, 64 << 20);
	CHECK(getptsize() <= before);
}

TEST(exec_fails, "an exec that fails leaves all mappings")
{
	char *p = map(PG, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0), *argv[] = { "x", NULL };

	p[0] = 'k';
	CHECK(execv("/nothing", argv) == -1);
	write_file("junk", "\177ELFxxxxxxxxxxxxxxxxxxxxxx", 26);
	CHECK(execv("junk", argv) == -1);
	CHECK_EQ(p[0], 'k');
	munmap(p, PG);
}
