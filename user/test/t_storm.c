/*
 * Many processes at the same things at once. -t SECONDS makes the storms on files last: ten minutes
 * of `t_storm -t 600 one_folder` with 4 processors is what a change of fs/ should survive.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <quire.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

#define PG      4096L
#define WORKERS 4
#define MANY    8

/* FN(number) in N processes, each of which must exit with 0. */
static void
storm_of(int n, int (*fn)(void *))
{
	pid_t pid[MANY];

	for (int i = 0; i < n; i++)
		pid[i] = spawn(fn, (void *)(intptr_t)i);
	for (int i = 0; i < n; i++)
		check_child(pid[i]);
	CHECK_EQ(kinfo(KINFO_CHECK, 0, 0, NULL, 0), 0);
}

static void
storm(int (*fn)(void *))
{
	storm_of(WORKERS, fn);
}

/* Damage would have made it read-only. */
static void
check_writable(void)
{
	int fd = open("after", O_RDWR | O_CREAT, 0666);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, "x", 1), 1);
	CHECK_EQ(fsync(fd), 0);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(unlink("after"), 0);
}

/* Create, write, link, rename, unlink in one folder, under few names. */
static int
creator(void *arg)
{
	char a[16], b[16];

	test_reseed(test_seed + (unsigned)(intptr_t)arg);
	for (int i = 0; i < 250; i++) {
		int fd;

		snprintf(a, sizeof(a), "n%u", (unsigned)random_below(6));
		snprintf(b, sizeof(b), "n%u", (unsigned)random_below(6));
		switch (random_below(5)) {
		case 0:
		case 1:
			fd = open(a, O_RDWR | O_CREAT);
			if (fd >= 0) {
				CHECK_EQ(write(fd, a, 3), 3);
				close(fd);
			} else {
				CHECK(errno == ENOENT || errno == EISDIR);
			}
			break;
		case 2:
			link(a, b);
			break;
		case 3:
			rename(a, b);
			break;
		case 4:
			unlink(a);
			break;
		}
	}
	return 0;
}

TEST(create_storm, "creating, linking, renaming and removing the same names at once")
{
	storm(creator);
	check_writable();
}

/* ---- everything that can be done to names, in one folder ---- */

#define NAMES  12 /* n0 and so on */
#define RECORD 16

static void
pick_name(char *name)
{
	snprintf(name, 16, "n%u", (unsigned)random_below(NAMES));
}

/* What somebody else may have done to a name meanwhile; no error of the disk, or of memory. */
static bool
may_be(long r, int error)
{
	return r >= 0 || error == ENOENT || error == EEXIST || error == EISDIR ||
	    error == ENOTDIR || error == ENOTEMPTY || error == ELOOP || error == EINVAL ||
	    error == EPERM;
}

/* A file is made of whole records, each of one letter; zeroes if it is cut while it is read. */
static void
read_records(int fd)
{
	char buf[8 * RECORD];
	ssize_t n = read(fd, buf, sizeof(buf));

	for (ssize_t i = 0; i < n; i++)
		CHECK(buf[i] == buf[i / RECORD * RECORD] &&
		    (buf[i] == 0 || (buf[i] >= 'a' && buf[i] < 'a' + MANY)));
	CHECK(n % RECORD == 0 && may_be(n, errno));
}

static void
use_file(const char *name, int me, int flags)
{
	char record[RECORD];
	int fd = open(name, O_RDWR | O_APPEND | flags, 0666);

	CHECK(may_be(fd, errno));
	if (fd < 0)
		return;
	memset(record, 'a' + me, sizeof(record));
	if (random_below(2))
		CHECK_EQ(write(fd, record, sizeof(record)), sizeof(record));
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	read_records(fd);
	if (random_below(64) == 0)
		CHECK_EQ(fsync(fd), 0);
	CHECK_EQ(close(fd), 0);
}

/* Every name in the folder is one of ours. */
static void
list_folder(void)
{
	DIR *d = opendir(".");
	struct dirent *e;

	CHECK(d != NULL);
	while ((e = readdir(d)) != NULL) {
		char *end;

		if (e->d_name[0] != 'n')
			CHECK(strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0);
		else
			CHECK(strtoul(e->d_name + 1, &end, 10) < NAMES && *end == '\0');
	}
	closedir(d);
}

static void
do_one_thing(int me)
{
	char a[16], b[16];
	struct stat st;
	long r = 0;

	pick_name(a);
	pick_name(b);
	switch (random_below(12)) {
	case 0:
		use_file(a, me, O_CREAT);
		break;
	case 1:
		use_file(a, me, O_CREAT | O_EXCL);
		break;
	case 2:
		use_file(a, me, O_TRUNC);
		break;
	case 3:
		r = link(a, b);
		break;
	case 4:
		r = rename(a, b);
		break;
	case 5:
	case 6:
		r = unlink(a);
		break;
	case 7:
		r = mkdir(a, 0777);
		break;
	case 8:
		r = rmdir(a);
		break;
	case 9:
		r = symlink(a, b);
		break;
	case 10:
		r = random_below(2) ? stat(a, &st) : readlink(a, b, sizeof(b));
		break;
	case 11:
		list_folder();
	}
	CHECK(may_be(r, errno));
}

static int
namer(void *arg)
{
	int me = (int)(intptr_t)arg;
	time_t start = time(NULL);

	test_reseed(test_seed + (unsigned)me);
	for (long i = 0; test_goes_on(i, 400, start); i++)
		do_one_thing(me);
	return 0;
}

TEST(one_folder, "eight processes do everything to the names of one folder")
{
	storm_of(MANY, namer);
	check_writable();
}

/* ---- folders against each other ---- */

static int
mover(void *arg)
{
	bool back = (int)(intptr_t)arg & 1;
	const char *from = back ? "b" : "a", *to = back ? "a" : "b";
	time_t start = time(NULL);

	for (long i = 0; test_goes_on(i, 200, start); i++) {
		char x[16], y[16];
		long r;

		snprintf(x, sizeof(x), "%s/%ld", from, i % 5);
		snprintf(y, sizeof(y), "%s/%ld", to, i % 7);
		use_file(x, back, O_CREAT);
		r = rename(x, y);
		CHECK(may_be(r, errno));
		r = link(y, x);
		CHECK(may_be(r, errno));
		r = unlink(y);
		CHECK(may_be(r, errno));
		/* And the folders themselves, into each other. */
		snprintf(x, sizeof(x), "%s/%s", to, from);
		r = rename(from, x);
		CHECK(may_be(r, errno));
		r = rename(x, from);
		CHECK(may_be(r, errno));
	}
	return 0;
}

TEST(opposite, "files and folders are moved between two folders, both ways")
{
	struct stat st;

	CHECK_EQ(mkdir("a", 0777), 0);
	CHECK_EQ(mkdir("b", 0777), 0);
	storm_of(MANY, mover);
	/* Neither is lost in the other. */
	CHECK(stat("a", &st) == 0 || stat("b/a", &st) == 0);
	CHECK(stat("b", &st) == 0 || stat("a/b", &st) == 0);
	check_writable();
}

/* ---- one link ---- */

static int
linker(void *arg)
{
	const char *target = (int)(intptr_t)arg & 1 ? "t" : "a/much/longer/target";
	time_t start = time(NULL);
	struct stat st;
	char buf[40];

	for (long i = 0; test_goes_on(i, 300, start); i++) {
		long r = symlink(target, "l");
		int fd;

		CHECK(r == 0 || errno == EEXIST);
		fd = open("l", O_RDONLY);
		CHECK(fd >= 0 || errno == ENOENT);
		if (fd >= 0) {
			CHECK_EQ(read(fd, buf, sizeof(buf)), RECORD);
			CHECK_EQ(close(fd), 0);
		}
		r = readlink("l", buf, sizeof(buf));
		CHECK(r >= 0 || errno == ENOENT);
		if (r >= 0)
			CHECK((r == 1 && buf[0] == 't') ||
			    (r == 20 && memcmp(buf, "a/much/longer/target", 20) == 0));
		r = lstat("l", &st);
		CHECK(r == 0 ? S_ISLNK(st.st_mode) && st.st_nlink <= 1 : errno == ENOENT);
		r = unlink("l");
		CHECK(r == 0 || errno == ENOENT);
	}
	return 0;
}

TEST(one_link, "two processes make, follow, read and remove the same symbolic link")
{
	write_file("t", "what is at the t", RECORD);
	storm_of(2, linker);
	check_writable();
}

/* ---- reading what is cut ---- */

#define CUT_SIZE (64 * 1024)

/* Byte I of the file, where somebody wrote; never 0. */
static char
cut_byte(off_t i)
{
	return (char)(1 + (i / 7 + i / 4096) % 127);
}

static void
cut_write(int fd)
{
	static char buf[5000];
	off_t at = random_below(CUT_SIZE - sizeof(buf));
	size_t n = 1 + random_below(sizeof(buf));

	for (size_t i = 0; i < n; i++)
		buf[i] = cut_byte(at + (off_t)i);
	CHECK_EQ(lseek(fd, at, SEEK_SET), at);
	CHECK_EQ(write(fd, buf, n), n);
}

/* What was written there, or a hole; up to any end. */
static void
cut_read(int fd)
{
	static char buf[20000];
	off_t at = random_below(CUT_SIZE);
	ssize_t n;

	CHECK_EQ(lseek(fd, at, SEEK_SET), at);
	n = read(fd, buf, 1 + random_below(sizeof(buf)));
	CHECK(n >= 0);
	for (ssize_t i = 0; i < n; i++)
		CHECK(buf[i] == 0 || buf[i] == cut_byte(at + i));
}

static int
cutter(void *arg)
{
	int me = (int)(intptr_t)arg, fd = open("f", O_RDWR | O_CREAT, 0666);
	time_t start = time(NULL);

	CHECK(fd >= 0);
	test_reseed(test_seed + (unsigned)me);
	for (long i = 0; test_goes_on(i, 400, start); i++) {
		if (me >= 4)
			cut_read(fd);
		else if (me >= 1)
			cut_write(fd);
		else
			CHECK_EQ(ftruncate(fd, (off_t)random_below(CUT_SIZE)), 0);
	}
	return 0;
}

TEST(cut_while_read, "a file is read and written while it is cut and grown")
{
	storm_of(MANY, cutter);
	check_writable();
}

/* Folders made and removed against each other. */
static int
folder_maker(void *arg)
{
	(void)arg;
	for (int i = 0; i < 150; i++) {
		mkdir("d", 0777);
		mkdir("d/e", 0777);
		rename("d/e", "e");
		rename("e", "d/e");
		rmdir("d/e");
		rmdir("e");
		rmdir("d");
	}
	return 0;
}

TEST(folder_storm, "making, moving and removing the same folders at once")
{
	storm(folder_maker);
}

static int
forker(void *arg)
{
	char *p = mmap(NULL, 40 * PG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	for (int i = 0; i < 40; i++)
		p[i * PG] = (char)(intptr_t)arg;
	for (int round = 0; round < 25; round++) {
		pid_t pid = fork();

		if (pid < 0)
			continue;
		for (int k = 0; k < 40; k++) {
			int i = (int)random_below(40);

			p[i * PG + 1 + (pid == 0)] = (char)round;
			CHECK_EQ(p[i * PG], (char)(intptr_t)arg);
			CHECK(pid == 0 || p[i * PG + 2] == 0);
		}
		if (pid == 0)
			_exit(0);
		check_child(pid);
	}
	return 0;
}

TEST(fork_storm, "parents and children write right after the fork, on all processors")
{
	storm(forker);
}

static int
pipe_chain(void *arg)
{
	(void)arg;
	for (int round = 0; round < 10; round++) {
		char buf[3000];
		int p[2], st;
		size_t sum = 0;
		ssize_t n;
		pid_t pid;

		CHECK_EQ(pipe(p), 0);
		pid = fork();
		CHECK(pid >= 0);
		if (pid == 0) {
			close(p[0]);
			for (int i = 0; i < 20; i++)
				if (write(p[1], buf, sizeof(buf)) != sizeof(buf))
					_exit(1);
			_exit(0);
		}
		close(p[1]);
		while ((n = read(p[0], buf, 1 + random_below(sizeof(buf)))) > 0)
			sum += (size_t)n;
		CHECK_EQ(sum, 20 * sizeof(buf));
		close(p[0]);
		CHECK_EQ(waitpid(pid, &st, 0), pid);
		CHECK_EQ(st, 0);
	}
	return 0;
}

TEST(pipe_storm, "pipes between many pairs lose and add nothing")
{
	storm(pipe_chain);
}

/* Everybody maps one file, writes his own bytes, and sees all of them in the end. */
static int
mapper(void *arg)
{
	int me = (int)(intptr_t)arg, fd = open("f", O_RDWR);
	char *p = mmap(NULL, 16 * PG, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	CHECK(p != MAP_FAILED);
	for (int i = 0; i < 16 * PG; i += 16) {
		p[i + me] = (char)(i / 16 + me);
		if (i % (4 * PG) == 0)
			CHECK_EQ(fsync(fd), 0);
	}
	return 0;
}

TEST(map_storm, "stores of many through mappings, against write-back: none is lost")
{
	int fd = open("f", O_RDWR | O_CREAT);
	char buf[16];

	CHECK_EQ(ftruncate(fd, 16 * PG), 0);
	storm(mapper);
	for (int i = 0; i < 16 * PG; i += 16) {
		CHECK_EQ(read(fd, buf, 16), 16);
		for (int w = 0; w < WORKERS; w++)
			CHECK_EQ(buf[w], (char)(i / 16 + w));
	}
}
