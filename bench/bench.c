/*
 * The operations that ./quire bench counts. `bench GROUP...` runs the groups
 * named; each stretch between two marks is one line of output,
 *
 *	row NAME N	the stretch did N operations
 *
 * in the order in which the counting plugin reports its regions.
 */
#include "api.h"

#define PAGE		4096
#define REPEAT		3
#define BLOCK		(64 << 10)
#define MIB		(1 << 20)

static char buffer[BLOCK] __attribute__((aligned(PAGE)));

/* ---- Saying what was done ---- */

static char *
append(char *to, const char *s)
{
	while (*s)
		*to++ = *s++;
	return to;
}

static char *
append_number(char *to, unsigned long n)
{
	char digits[24];
	int i = 0;

	do
		digits[i++] = (char)('0' + n % 10);
	while (n /= 10);
	while (i > 0)
		*to++ = digits[--i];
	return to;
}

static void
report(const char *name, unsigned long n)
{
	char line[80], *to = append(line, "row ");

	to = append_number(append(append(to, name), " "), n);
	*to++ = '\n';
	write(1, line, to - line);
}

static void
fail(const char *what)
{
	char line[80], *to = append(append(append(line, "bench: "), what), " failed\n");

	write(2, line, to - line);
	quit(1);
}

#define END(name, n)	do { MARK_END(); report(name, n); } while (0)

/* ---- Processes ---- */

static int
must_fork(void)
{
	int pid = fork();

	if (pid < 0)
		fail("fork");
	return pid;
}

static void
bench_null(void)
{
	for (int r = 0; r < REPEAT; r++) {
		MARK_BEGIN();
		for (int i = 0; i < 1000; i++)
			getpid();
		END("null", 1000);
	}
}

static void
bench_fork(void)
{
	for (int r = 0; r < REPEAT; r++) {
		MARK_BEGIN();
		for (int i = 0; i < 20; i++) {
			if (must_fork() == 0)
				quit(0);
			wait_for_child();
		}
		END("fork_exit_wait", 20);
	}
}

static void
run_and_wait(char *path)
{
	char *argv[] = { path, 0 };

	if (must_fork() == 0) {
		run_program(path, argv);
		fail("exec");
	}
	wait_for_child();
}

static void
bench_exec(void)
{
	for (int r = 0; r < REPEAT; r++) {
		MARK_BEGIN();
		for (int i = 0; i < 10; i++)
			run_and_wait("/bin/tiny");
		END("exec_tiny", 10);
	}
	for (int r = 0; r < REPEAT; r++) {
		MARK_BEGIN();
		for (int i = 0; i < 10; i++)
			run_and_wait("/bin/big");
		END("exec_big", 10);
	}
}

/* ---- Memory ---- */

static void
touch(char *p, long pages, char value)
{
	for (long i = 0; i < pages; i++)
		p[i * PAGE] = value;
}

static void
look_at(const char *p, long pages)
{
	const volatile char *v = p;

	for (long i = 0; i < pages; i++)
		(void)v[i * PAGE];
}

static char *
grow(long n)
{
	char *p = sbrk(n);

	if (p == (char *)-1)
		fail("sbrk");
	return p;
}

static void
fork_only(const char *name)
{
	int pid;

	MARK_BEGIN();
	pid = must_fork();
	if (pid == 0)
		quit(0);
	END(name, 1);
	wait_for_child();
}

/* What the parent pays after a fork for having shared its memory with a child that lives. */
static void
parent_looks_again(char *p, long pages)
{
	int fd[2];
	char c;

	if (pipe(fd) < 0)
		fail("pipe");
	if (must_fork() == 0) {
		close(fd[1]);
		read(fd[0], &c, 1);
		quit(0);
	}
	MARK_BEGIN();
	look_at(p, pages);
	END("parent_reads_again", pages);
	close(fd[0]);
	close(fd[1]);
	wait_for_child();
}

static void
child_rewrites(char *p, long pages)
{
	MARK_BEGIN();
	if (must_fork() == 0) {
		touch(p, pages, 3);
		quit(0);
	}
	wait_for_child();
	END("fork_child_rewrites_64m", 1);
	touch(p, pages, 4);

	if (must_fork() == 0) {
		MARK_BEGIN();
		touch(p, pages, 5);
		END("cow_break", pages);
		quit(0);
	}
	wait_for_child();
	touch(p, pages, 6);
}

static void
bench_forkbig(void)
{
	long pages = 64 * MIB / PAGE;
	char *p = grow(32 * MIB);

	touch(p, pages / 2, 1);
	for (int r = 0; r < REPEAT; r++) {
		touch(p, pages / 2, 2);
		fork_only("fork_only_32m");
	}
	grow(32 * MIB);
	for (int r = 0; r < REPEAT; r++) {
		touch(p, pages, 2);
		fork_only("fork_only_64m");
		touch(p, pages, 2);
		MARK_BEGIN();
		if (must_fork() == 0)
			quit(0);
		wait_for_child();
		END("fork_exit_wait_64m", 1);
		parent_looks_again(p, pages);
	}
	for (int r = 0; r < REPEAT; r++)
		child_rewrites(p, pages);
	sbrk(-64 * MIB);
}

static void
bench_sbrk(void)
{
	long pages = 16 * MIB / PAGE;

	for (int r = 0; r < REPEAT; r++) {
		char *p;

		MARK_BEGIN();
		p = sbrk(16 * MIB);
		END("sbrk_grow", pages);
		if (p == (char *)-1)
			fail("sbrk");
		MARK_BEGIN();
		touch(p, pages, 1);
		END("first_touch", pages);
		MARK_BEGIN();
		sbrk(-16 * MIB);
		END("sbrk_shrink", pages);
	}
}

/* ---- Pipes ---- */

static void
make_pipes(int a[2], int b[2])
{
	if (pipe(a) < 0 || pipe(b) < 0)
		fail("pipe");
}

static void
bench_pipe(void)
{
	int fd[2];
	char c = 0;

	if (pipe(fd) < 0)
		fail("pipe");
	for (int r = 0; r < REPEAT; r++) {
		MARK_BEGIN();
		for (int i = 0; i < 500; i++) {
			write(fd[1], &c, 1);
			read(fd[0], &c, 1);
		}
		END("pipe_self", 500);
	}
	close(fd[0]);
	close(fd[1]);
}

static void
echo_bytes(int from, int to)
{
	char c;

	while (read(from, &c, 1) == 1)
		write(to, &c, 1);
	quit(0);
}

static void
bench_pingpong(void)
{
	int there[2], back[2];
	char c = 0;

	make_pipes(there, back);
	if (must_fork() == 0) {
		close(there[1]);
		close(back[0]);
		echo_bytes(there[0], back[1]);
	}
	close(there[0]);
	close(back[1]);
	for (int r = 0; r < REPEAT; r++) {
		MARK_BEGIN();
		for (int i = 0; i < 500; i++) {
			if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
				fail("ping-pong");
		}
		END("pipe_pingpong", 500);
	}
	close(there[1]);
	close(back[0]);
	wait_for_child();
}

static void
take_all(int from, int to, long total)
{
	long n;

	while (total > 0 && (n = read(from, buffer, PAGE)) > 0)
		total -= n;
	write(to, "x", 1);
	quit(0);
}

static void
give_all(int fd, long total)
{
	for (long n; total > 0; total -= n) {
		n = write(fd, buffer, PAGE);
		if (n <= 0)
			fail("write to a pipe");
	}
}

static void
bench_pipemib(void)
{
	int there[2], back[2];
	char c;

	for (int r = 0; r < REPEAT; r++) {
		make_pipes(there, back);
		if (must_fork() == 0) {
			close(there[1]);
			close(back[0]);
			take_all(there[0], back[1], MIB);
		}
		close(there[0]);
		close(back[1]);
		MARK_BEGIN();
		give_all(there[1], MIB);
		read(back[0], &c, 1);
		END("pipe_1m", 1);
		close(there[1]);
		close(back[0]);
		wait_for_child();
	}
}

/* ---- Files ---- */

static void
create_with_1k(const char *path)
{
	int fd = make_file(path);

	if (fd < 0 || write(fd, buffer, 1024) != 1024)
		fail("create");
	close(fd);
}

static void
bench_create(void)
{
	for (int r = 0; r < REPEAT; r++) {
		MARK_BEGIN();
		for (int i = 0; i < 50; i++) {
			create_with_1k("/tmp/new");
			unlink("/tmp/new");
		}
		END("create_unlink", 50);
	}
}

static char *
numbered(char *buf, const char *prefix, int n)
{
	*append_number(append(buf, prefix), n) = '\0';
	return buf;
}

static void
create_many(int from, int to)
{
	char path[32];

	for (int i = from; i < to; i++)
		create_with_1k(numbered(path, "/tmp/many/f", i));
}

static void
unlink_many(int from, int to)
{
	char path[32];

	for (int i = from; i < to; i++) {
		if (unlink(numbered(path, "/tmp/many/f", i)) < 0)
			fail("unlink");
	}
}

static void
bench_folder(void)
{
	int small = 10, full = 1000, more = 100;

	make_dir("/tmp/many");
	create_many(0, small);
	for (int r = 0; r < REPEAT; r++) {
		MARK_BEGIN();
		create_many(small, small + more);
		END("create_small_folder", more);
		unlink_many(small, small + more);
	}
	create_many(small, full);
	for (int r = 0; r < REPEAT; r++) {
		MARK_BEGIN();
		create_many(full, full + more);
		END("create_full_folder", more);
		MARK_BEGIN();
		unlink_many(full, full + more);
		END("unlink_full_folder", more);
	}
	unlink_many(0, full);
	unlink("/tmp/many");
}

static int
file_of(const char *path, long size)
{
	int fd = make_file(path);

	for (long done = 0; done < size; done += BLOCK) {
		if (fd < 0 || write(fd, buffer, BLOCK) != BLOCK)
			fail("write");
	}
	return fd;
}

static void
bench_cached(void)
{
	long size = MIB;
	char c;

	close(file_of("/tmp/cached", size));
	for (int r = 0; r < REPEAT; r++) {
		int fd = open("/tmp/cached", O_RDONLY);

		MARK_BEGIN();
		for (long i = 0; i < size / PAGE; i++) {
			if (read(fd, buffer, PAGE) != PAGE)
				fail("read");
		}
		END("read_cached_4k", size / PAGE);
		close(fd);
		fd = open("/tmp/cached", O_RDONLY);
		MARK_BEGIN();
		for (int i = 0; i < 1000; i++)
			read(fd, &c, 1);
		END("read_cached_1b", 1000);
		close(fd);
	}
	unlink("/tmp/cached");
}

static void
bench_open(void)
{
	close(make_file("/f"));
	make_dir("/a");
	make_dir("/a/b");
	make_dir("/a/b/c");
	make_dir("/a/b/c/d");
	close(make_file("/a/b/c/d/e"));
	for (int r = 0; r < REPEAT; r++) {
		MARK_BEGIN();
		for (int i = 0; i < 100; i++)
			close(open("/f", O_RDONLY));
		END("open_close_1", 100);
		MARK_BEGIN();
		for (int i = 0; i < 100; i++)
			close(open("/a/b/c/d/e", O_RDONLY));
		END("open_close_5", 100);
	}
}

static void
read_all(int fd, long size)
{
	for (long done = 0; done < size; done += BLOCK) {
		if (read(fd, buffer, BLOCK) != BLOCK)
			fail("read");
	}
}

/* Files that the image was made with, and nobody has read since the boot. */
static void
bench_cold(void)
{
	char path[32];
	long size = 16 * MIB;

	for (int r = 0; r < REPEAT; r++) {
		int fd = open(numbered(path, "/cold", r), O_RDONLY);

		if (fd < 0)
			fail("open of a file on the image");
		MARK_BEGIN();
		read_all(fd, size);
		END("read_cold", size / PAGE);
		close(fd);
	}
}

#ifndef XV6
static void
bench_write(void)
{
	long size = 64 * MIB;

	for (int r = 0; r < REPEAT; r++) {
		int fd;

		MARK_BEGIN();
		fd = file_of("/tmp/large", size);
		fsync(fd);
		END("write_seq", size / PAGE);
		close(fd);
		unlink("/tmp/large");
	}
}

static void
bench_fsync(void)
{
	int fd = make_file("/tmp/log");

	for (int r = 0; r < REPEAT; r++) {
		MARK_BEGIN();
		for (int i = 0; i < 20; i++) {
			if (write(fd, buffer, 1024) != 1024 || fsync(fd) < 0)
				fail("write and fsync");
		}
		END("write_fsync", 20);
	}
	close(fd);
	unlink("/tmp/log");
}

static void
bench_mmap(void)
{
	long size = 64 * MIB;
	int fd = file_of("/tmp/mapped", size);

	for (int r = 0; r < REPEAT; r++) {
		char *p;

		MARK_BEGIN();
		p = mmap(0, size, PROT_READ, MAP_SHARED, fd, 0);
		if (p == MAP_FAILED)
			fail("mmap");
		look_at(p, size / PAGE);
		END("mmap_read", size / PAGE);
		MARK_BEGIN();
		munmap(p, size);
		END("munmap", size / PAGE);
	}
	close(fd);
	unlink("/tmp/mapped");
}
#endif

/* ---- Which ---- */

static const struct group {
	const char *name;
	void (*run)(void);
} groups[] = {
	{ "null", bench_null },
	{ "fork", bench_fork },
	{ "exec", bench_exec },
	{ "forkbig", bench_forkbig },
	{ "sbrk", bench_sbrk },
	{ "pipe", bench_pipe },
	{ "pingpong", bench_pingpong },
	{ "pipemib", bench_pipemib },
	{ "create", bench_create },
	{ "folder", bench_folder },
	{ "cached", bench_cached },
	{ "open", bench_open },
	{ "cold", bench_cold },
#ifndef XV6
	{ "write", bench_write },
	{ "fsync", bench_fsync },
	{ "mmap", bench_mmap },
#endif
};

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		unsigned int known = 0;

		for (unsigned int g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
			if (strcmp(argv[i], groups[g].name) == 0) {
				groups[g].run();
				known++;
			}
		}
		if (!known)
			fail(argv[i]);
	}
	quit(0);
}
