/*
 * Every system call, by a table of what its arguments are: each argument in turn is wrong in every
 * way its kind can be, while the others are right.
 */
#include <abi/stat.h>
#include <abi/syscall.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <quire.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"
#include "ut.h"

/*
 * Kinds of arguments:
 *
 *	f	descriptor of a file that can be read and written
 *	p d s	path of a file, of an empty folder, of a symbolic link
 *	x	path of a program
 *	q	path of nothing, in a folder that is there
 *	i o	memory that the call reads, that it writes
 *	v	vector of strings
 *	c	memory for a status, or NULL
 *	m	address of a mapped page
 *	n	length, checked
 *	N	length of a page
 *	L	64 bits: 0
 *	0-9	that number
 */
struct call {
	short number;
	const char *name, *kinds;
};

#define ROW(name, kinds)	{ SYS_##name, #name, kinds }
static const struct call calls[] = {
	ROW(fork, ""), ROW(exit, "0"), ROW(wait, "c"), ROW(pipe, "o"), ROW(read, "fon"),
	ROW(kill, "0"), ROW(exec, "xv"), ROW(fstat, "fo"), ROW(chdir, "d"), ROW(dup, "f"),
	ROW(getpid, ""), ROW(sbrk, "0"), ROW(sleep, "0"), ROW(uptime, ""), ROW(open, "p0"),
	ROW(write, "fin"), ROW(mknod, "q20"), ROW(unlink, "p"), ROW(link, "pq"), ROW(mkdir, "q"),
	ROW(close, "f"), ROW(symlink, "pq"), ROW(mmap, "0N12fL"), ROW(munmap, "mN"),
	ROW(execve, "xv0"), ROW(waitpid, "0c0"), ROW(lseek, "fL0o"), ROW(dup2, "f9"),
	ROW(getppid, ""), ROW(rename, "pq"), ROW(ftruncate, "fL"), ROW(rmdir, "d"),
	ROW(getcwd, "oN"), ROW(access, "p0"), ROW(fsync, "f"), ROW(sync, ""),
	ROW(clock_gettime, "1o"), ROW(nanosleep, "L"), ROW(isatty, "f"), ROW(ttyctl, "f30"),
	ROW(readlink, "soN"), ROW(stat, "po"), ROW(lstat, "po"), ROW(mprotect, "mN3"),
	ROW(msync, "mN1"), ROW(sbrkx, "02"), ROW(numvp, ""), ROW(numpp, ""), ROW(getptsize, ""),
	ROW(getnumfreepages, ""), ROW(vmgrow, "N0"), ROW(mapshared, ""), ROW(getshared, ""),
	ROW(unmapshared, ""), ROW(map_shared_pages, "11LLo"), ROW(unmap_shared_pages, "LL"),
	ROW(kinfo, "40Lon"), ROW(halt, "0"),
};

#define NARGS	7		/* words, and more than any call has arguments */

/* What good arguments refer to; a test makes it in its own folder. */
static struct {
	int fd;
	char *page;		/* mapped, and nothing behind it */
	char *vector[2];
	char buf[512];
} fx;

static void
fixture(void)
{
	char path[] = "file";

	write_file(path, fx.buf, sizeof(fx.buf));
	fx.fd = open(path, O_RDWR);
	CHECK(fx.fd >= 0);
	CHECK_EQ(mkdir("sub", 0777), 0);
	CHECK_EQ(symlink("file", "slink"), 0);
	fx.page = page_before_nothing(PROT_READ | PROT_WRITE);
	fx.vector[0] = fx.buf;
}

static long
good_argument(char kind)
{
	switch (kind) {
	case 'f':
		return fx.fd;
	case 'p':
		return (long)"file";
	case 'x':
		return (long)"/bin/true";
	case 'd':
		return (long)"sub";
	case 's':
		return (long)"slink";
	case 'q':
		return (long)"new";
	case 'i':
	case 'o':
		return (long)fx.buf;
	case 'v':
		return (long)fx.vector;
	case 'm':
		return (long)fx.page;
	case 'n':
		return sizeof(fx.buf);
	case 'N':
		return PG;
	case 'c':
	case 'L':
		return 0;
	default:
		return kind - '0';
	}
}

/* The call with the words it takes: a 64-bit argument is two on a 32-bit port. */
static long
perform(const struct call *c, const long *arg)
{
	long word[NARGS] = { 0 };
	size_t n = 0;

	for (size_t i = 0; c->kinds[i]; i++) {
		word[n++] = arg[i];
		if (c->kinds[i] == 'L' && sizeof(long) == 4)
			word[n++] = arg[i] < 0 ? -1 : 0;
	}
	errno = 0;
	return syscall(c->number, word[0], word[1], word[2], word[3], word[4], word[5], word[6]);
}

/* The call with BAD for argument I, all others good. */
static long
with_argument(const struct call *c, size_t i, long bad)
{
	long arg[NARGS] = { 0 };

	for (size_t k = 0; c->kinds[k]; k++)
		arg[k] = k == i ? bad : good_argument(c->kinds[k]);
	return perform(c, arg);
}

static void
must_fail(const struct call *c, size_t i, long bad, int error)
{
	long r = with_argument(c, i, bad);

	if (r != -1 || errno != error)
		test_fail(__FILE__, __LINE__,
		    "%s: argument %u = %#lx: returned %ld, errno %d, not %d", c->name,
		    (unsigned)i + 1, bad, r, errno, error);
}

/* FN(call, number of argument) for each argument whose kind is one of KINDS. */
static void
each_argument(const char *kinds, void (*fn)(const struct call *c, size_t i))
{
	for (const struct call *c = calls; c < calls + COUNT(calls); c++)
		for (size_t i = 0; c->kinds[i]; i++)
			if (strchr(kinds, c->kinds[i]))
				fn(c, i);
}

TEST(all_calls, "the tables of this program know every call, and the kernel knows no other")
{
	static const long unknown[] = { 0, -1, SYS_MAX + 1, 255, 256, 65536 + SYS_getpid, LONG_MAX,
		LONG_MIN };

	CHECK_EQ(COUNT(calls), SYS_MAX);
	for (int i = 0; i < SYS_MAX; i++)
		CHECK_EQ(calls[i].number, i + 1);
	for (size_t i = 0; i < COUNT(unknown); i++)
		CHECK_FAILS(syscall(unknown[i], 0l, 0l, 0l, 0l, 0l, 0l, 0l), ENOSYS);
	CHECK_EQ(syscall(SYS_getpid, 0l, 0l, 0l, 0l, 0l, 0l, 0l), getpid());
}

static int
call_once(void *arg)
{
	const struct call *c = arg;
	long r;

	fixture();
	r = with_argument(c, NARGS, 0);
	if (c->number == SYS_fork && r == 0)
		_exit(0);
	CHECK(r >= 0 || (errno != ENOSYS && errno != EFAULT));
	return 0;
}

TEST(good_calls, "each call with good arguments: no wrong complaint")
{
	for (const struct call *c = calls; c < calls + COUNT(calls); c++) {
		if (c->number == SYS_halt)
			continue;
		CHECK_EQ(run_child(call_once, (void *)c), 0);
		unlink("file");
		unlink("slink");
		unlink("sub");
		unlink("new");
	}
}

static void
bad_pointer(const struct call *c, size_t i)
{
	bool written = c->kinds[i] == 'o';
	long bad;

	for (int k = 0; bad_address(k, written, &bad); k++)
		must_fail(c, i, bad, EFAULT);
}

TEST(bad_pointers, "every pointer of every call: NULL, the kernel's half, holes, read-only: EFAULT")
{
	fixture();
	each_argument("piosqdvx", bad_pointer);
	CHECK_EQ(access("new", F_OK), -1);
	CHECK_EQ(access("file", F_OK), 0);
}

static void
bad_status(const struct call *c, size_t i)
{
	long bad;

	for (int k = 1; bad_address(k, true, &bad); k++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(5);
		if (c->number == SYS_waitpid)
			CHECK_FAILS(syscall(c->number, (long)pid, bad, 0l), EFAULT);
		else
			must_fail(c, i, bad, EFAULT);
		CHECK_EQ(waitpid(pid, NULL, 0), pid);	/* it is still there to be waited for */
	}
}

TEST(bad_statuses, "wait with a bad pointer fails and does not lose the child")
{
	each_argument("c", bad_status);
}

static void
one_byte_short(const struct call *c, size_t i)
{
	char *edge = fx.page + PG - 1;
	long r;

	*edge = 'x';
	r = with_argument(c, i, (long)edge);
	if (c->number == SYS_read || c->number == SYS_write)
		CHECK(r == 1 || (r == -1 && errno == EFAULT));
	else
		CHECK(r == -1 && errno == EFAULT);
	CHECK_EQ(lseek(fx.fd, 0, SEEK_SET), 0);
}

TEST(page_ends, "memory of which only the first byte is there")
{
	fixture();
	each_argument("piosqdvx", one_byte_short);
}

/* A path that ends with its page, and one of which half lies on the next. */
static void
path_at(const struct call *c, size_t i)
{
	const char *text = (const char *)good_argument(c->kinds[i]);
	size_t n = strlen(text) + 1;
	char *lazy = mmap(NULL, 2 * PG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(lazy != MAP_FAILED);
	memcpy(fx.page + PG - n, text, n);
	memcpy(lazy + PG - n / 2, text, n);
	with_argument(c, i, (long)(fx.page + PG - n));
	CHECK(errno != EFAULT && errno != ENAMETOOLONG);
	with_argument(c, i, (long)(lazy + PG - n / 2));
	CHECK(errno != EFAULT && errno != ENAMETOOLONG);
	CHECK_EQ(munmap(lazy, 2 * PG), 0);
}

static int
paths_of_call(void *arg)
{
	const struct call *c = arg;

	fixture();
	for (size_t i = 0; c->kinds[i]; i++)
		if (strchr("psqdx", c->kinds[i]))
			path_at(c, i);
	return 0;
}

TEST(path_places, "paths that end with a page, and that cross into the next")
{
	for (const struct call *c = calls; c < calls + COUNT(calls); c++) {
		CHECK_EQ(run_child(paths_of_call, (void *)c), 0);
		unlink("file");
		unlink("slink");
		unlink("sub");
		unlink("new");
	}
}

static void
bad_descriptor(const struct call *c, size_t i)
{
	static const long bad[] = { -1, 17, 1023, 1024, 1 << 20, INT_MAX, INT_MIN };

	if (c->number == SYS_dup2 && i == 1)
		return;
	for (size_t k = 0; k < COUNT(bad); k++)
		must_fail(c, i, bad[k], EBADF);
}

TEST(bad_descriptors, "every descriptor of every call: negative, closed, beyond the limit: EBADF")
{
	fixture();
	each_argument("f", bad_descriptor);
}

/* Paths that fail in every call, whatever it wants to do there. */
static void
bad_path(const struct call *c, size_t i)
{
	static char longest[PATH_MAX + 1];
	static const struct {
		const char *path;
		int error;
	} bad[] = {
		{ "", ENOENT }, { "nowhere/x", ENOENT }, { "file/x", ENOTDIR },
		{ longest, ENAMETOOLONG }, { "dangling/x", ENOENT }, { "loop/x", ELOOP },
		{ "sub/../nowhere/../x", ENOENT }, { "/dev/null/x", ENOTDIR },
	};

	if (c->number == SYS_symlink && i == 0)
		return;			/* a target may lead anywhere */
	memset(longest, '/', PATH_MAX);
	memcpy(longest + PATH_MAX - 4, "file", 4);
	for (size_t k = 0; k < COUNT(bad); k++)
		must_fail(c, i, (long)bad[k].path, bad[k].error);
}

TEST(bad_paths, "every path of every call: empty, through files, nothing or loops, too long")
{
	fixture();
	CHECK_EQ(symlink("nobody", "dangling"), 0);
	CHECK_EQ(symlink("loop", "loop"), 0);
	each_argument("psqdx", bad_path);
	CHECK_EQ(access("file", F_OK), 0);
	CHECK_EQ(access("sub", F_OK), 0);
}

static void
bad_length(const struct call *c, size_t i)
{
	static const long bad[] = { -1, INT_MIN, LONG_MIN };

	for (size_t k = 0; k < COUNT(bad); k++)
		must_fail(c, i, bad[k], EINVAL);
}

TEST(bad_lengths, "negative lengths: EINVAL")
{
	fixture();
	each_argument("n", bad_length);
}

/* ---- calls with random arguments ---- */

static long
random_argument(char kind)
{
	static const long numbers[] = { 0, 1, 2, 3, 7, 64, 511, PG - 1, PG, PG + 1, 65536, INT_MAX,
		INT_MIN, -1, -PG, LONG_MAX, LONG_MIN };
	long bad;

	switch (random_below(6)) {
	case 0:
		return numbers[random_below(COUNT(numbers))];
	case 1:
		return (long)random32();
	case 2:
		return bad_address((int)random_below(6), true, &bad) ? bad : 0;
	case 3:
		return (long)fx.page + (long)random_below(2 * PG);
	default:
		return good_argument(kind);
	}
}

/* Not what ends or stops the caller, wakes what sleeps outside the test, or makes memory fail. */
static bool
is_harmless(const struct call *c, const long *arg)
{
	switch (c->number) {
	case SYS_fork:
	case SYS_exit:
	case SYS_wait:
	case SYS_pipe:
	case SYS_kill:
	case SYS_sleep:
	case SYS_nanosleep:
	case SYS_halt:
		return false;
	case SYS_kinfo:
		return arg[0] != KINFO_FAIL_NTH && arg[0] != KINFO_CHECK;
	case SYS_sbrkx:
		return arg[1] != SBRK_EAGER;
	default:
		return true;
	}
}

static int
call_at_random(void *arg)
{
	test_reseed((unsigned)(intptr_t)arg);
	fixture();
	dup2(fx.fd, 0);
	dup2(fx.fd, 1);
	dup2(fx.fd, 2);
	for (int n = 0; n < 400; n++) {
		const struct call *c = &calls[random_below(COUNT(calls))];
		long a[NARGS] = { 0 };

		for (size_t i = 0; c->kinds[i]; i++)
			a[i] = random_argument(c->kinds[i]);
		if (is_harmless(c, a))
			perform(c, a);
	}
	_exit(0);
}

TEST_PRESSES(random_calls, "calls with random arguments: the caller may die, nothing else happens")
{
	for (int i = 0; i < 30; i++) {
		char folder[16];
		pid_t pid;

		snprintf(folder, sizeof(folder), "r%d", i);
		CHECK_EQ(mkdir(folder, 0777), 0);
		CHECK_EQ(chdir(folder), 0);
		pid = spawn(call_at_random, (void *)(intptr_t)(test_seed + (unsigned)i));
		CHECK_EQ(waitpid(pid, NULL, 0), pid);
		CHECK_EQ(chdir(".."), 0);
	}
	CHECK_EQ(kinfo(KINFO_CHECK, 0, 0, NULL, 0), 0);
}
