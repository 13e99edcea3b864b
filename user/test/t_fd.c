/* Descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <quire.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

static bool
is_open(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0;
}

TEST(lowest, "open, dup and pipe take the lowest free descriptors")
{
	int a = open("a", O_RDWR | O_CREAT, 0666), b = open("a", O_RDONLY), c, fd[2];

	CHECK(a >= 3 && b == a + 1);
	close(a);
	CHECK_EQ(open("a", O_RDONLY), a);
	c = dup(b);
	CHECK_EQ(c, b + 1);
	close(a);
	close(b);
	CHECK_EQ(pipe(fd), 0);
	CHECK(fd[0] == a && fd[1] == b);
}

TEST(shared_offset, "dup and fork share the offset, another open does not")
{
	int a = open("a", O_RDWR | O_CREAT, 0666), b = dup(a), c = open("a", O_RDONLY);
	char buf[8];
	pid_t pid;

	CHECK_EQ(write(a, "abcdef", 6), 6);
	CHECK_EQ(lseek(b, 0, SEEK_CUR), 6);
	CHECK_EQ(lseek(b, 1, SEEK_SET), 1);
	CHECK_EQ(read(a, buf, 1), 1);
	CHECK_EQ(buf[0], 'b');
	pid = fork();
	if (pid == 0)
		_exit(read(a, buf, 2) != 2 || memcmp(buf, "cd", 2) != 0);
	check_child(pid);
	CHECK_EQ(read(b, buf, 8), 2);
	CHECK(memcmp(buf, "ef", 2) == 0);
	CHECK_EQ(read(c, buf, 8), 6);
	close(a);
	CHECK_EQ(lseek(b, 0, SEEK_SET), 0);
	CHECK_EQ(read(b, buf, 8), 6);
}

TEST(dup2, "dup2 replaces, keeps the same number as it is, and refuses bad ones")
{
	int a = open("a", O_RDWR | O_CREAT, 0666), fd[2];
	char c;

	CHECK_EQ(dup2(a, 20), 20);
	CHECK_EQ(write(20, "x", 1), 1);
	CHECK_EQ(lseek(a, 0, SEEK_CUR), 1);
	CHECK_EQ(dup2(a, a), a);
	CHECK_EQ(pipe(fd), 0);
	CHECK_EQ(dup2(a, fd[1]), fd[1]);
	CHECK_EQ(read(fd[0], &c, 1), 0);	/* the writing end is closed */
	CHECK_FAILS(dup2(a, -1), EBADF);
	CHECK_FAILS(dup2(a, OPEN_MAX), EBADF);
	CHECK_FAILS(dup2(a, INT_MAX), EBADF);
	CHECK_FAILS(dup2(500, 21), EBADF);
	CHECK_FAILS(dup2(500, 500), EBADF);
	CHECK(!is_open(21));
	CHECK_EQ(dup2(a, OPEN_MAX - 1), OPEN_MAX - 1);
	CHECK(is_open(OPEN_MAX - 1));
}

TEST(limit, "a process can have 1024 descriptors, then EMFILE, and nothing is lost")
{
	int n = 0, fd, p[2];

	write_file("a", "x", 1);
	while ((fd = open("a", O_RDONLY)) >= 0)
		n = fd;
	CHECK_EQ(errno, EMFILE);
	CHECK_EQ(n, OPEN_MAX - 1);
	CHECK_FAILS(dup(0), EMFILE);
	CHECK_FAILS(pipe(p), EMFILE);
	CHECK_FAILS(open("b", O_WRONLY | O_CREAT, 0666), EMFILE);
	close(500);
	CHECK_FAILS(pipe(p), EMFILE);
	CHECK_EQ(dup(0), 500);
	close(700);
	close(600);
	CHECK_EQ(pipe(p), 0);
	CHECK(p[0] == 600 && p[1] == 700);
}

TEST(bad_fd, "every call refuses descriptors that are not open")
{
	static const int bad[] = { -1, -2, 77, OPEN_MAX, OPEN_MAX + 1, INT_MAX, INT_MIN };
	struct stat st;
	char c;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_FAILS(read(bad[i], &c, 1), EBADF);
		CHECK_FAILS(write(bad[i], &c, 1), EBADF);
		CHECK_FAILS(close(bad[i]), EBADF);
		CHECK_FAILS(dup(bad[i]), EBADF);
		CHECK_FAILS(dup2(bad[i], 9), EBADF);
		CHECK_FAILS(fstat(bad[i], &st), EBADF);
		CHECK_FAILS(lseek(bad[i], 0, SEEK_SET), EBADF);
		CHECK_FAILS(ftruncate(bad[i], 0), EBADF);
		CHECK_FAILS(fsync(bad[i]), EBADF);
		CHECK_FAILS(ttyctl(bad[i], TTY_AVAIL, 0), EBADF);
		CHECK(isatty(bad[i]) == 0 && errno == EBADF);
	}
}

TEST(rights, "a descriptor open for reading cannot write, and the other way round")
{
	int r, w;
	char c;

	write_file("a", "x", 1);
	r = open("a", O_RDONLY);
	w = open("a", O_WRONLY);
	CHECK_FAILS(write(r, "y", 1), EBADF);
	CHECK_FAILS(read(w, &c, 1), EBADF);
	CHECK_FAILS(ftruncate(r, 0), EINVAL);
	CHECK_EQ(ftruncate(w, 0), 0);
	CHECK_EQ(write(w, "yz", 2), 2);
	CHECK_EQ(read(r, &c, 1), 1);
	CHECK_EQ(c, 'y');
}

TEST(lengths, "huge and negative lengths fail")
{
	char c = 0;
	int fd = open("a", O_RDWR | O_CREAT, 0666);

	CHECK_EQ(read(fd, &c, (size_t)-1), -1);
	CHECK_EQ(write(fd, &c, (size_t)-1), -1);
	CHECK_EQ(read(fd, &c, (size_t)SSIZE_MAX + 1), -1);
	CHECK_EQ(write(fd, &c, (size_t)SSIZE_MAX + 1), -1);
	CHECK_EQ(lseek(fd, 0, SEEK_END), 0);
	CHECK_EQ(read(fd, test_bad, 0), 0);
	CHECK_EQ(write(fd, test_bad, 0), 0);
}

TEST(seek, "lseek from the start, the current place and the end; bad ones change nothing")
{
	int fd = open("a", O_RDWR | O_CREAT, 0666);

	CHECK_EQ(write(fd, "0123456789", 10), 10);
	CHECK_EQ(lseek(fd, 3, SEEK_SET), 3);
	CHECK_EQ(lseek(fd, 2, SEEK_CUR), 5);
	CHECK_EQ(lseek(fd, -1, SEEK_END), 9);
	CHECK_EQ(lseek(fd, 1ll << 40, SEEK_SET), 1ll << 40);
	CHECK_EQ(lseek(fd, 5, SEEK_SET), 5);
	CHECK_FAILS(lseek(fd, -1, SEEK_SET), EINVAL);
	CHECK_FAILS(lseek(fd, -6, SEEK_CUR), EINVAL);
	CHECK_FAILS(lseek(fd, -11, SEEK_END), EINVAL);
	CHECK_FAILS(lseek(fd, INT64_MAX, SEEK_CUR), EINVAL);
	CHECK_FAILS(lseek(fd, 0, 3), EINVAL);
	CHECK_FAILS(lseek(fd, 0, -1), EINVAL);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 5);
}

TEST(append, "O_APPEND writes at the end, whoever else does")
{
	int a = open("a", O_WRONLY | O_CREAT | O_APPEND, 0666), b = open("a", O_WRONLY | O_APPEND);
	char buf[300] = "";
	pid_t pid;

	CHECK_EQ(write(a, "1", 1), 1);
	CHECK_EQ(write(b, "2", 1), 1);
	CHECK_EQ(lseek(a, 0, SEEK_SET), 0);
	CHECK_EQ(write(a, "3", 1), 1);
	pid = fork();
	for (int i = 0; i < 100; i++)
		write(pid ? a : b, pid ? "p" : "c", 1);
	if (pid == 0)
		_exit(0);
	check_child(pid);
	close(a);
	a = open("a", O_RDONLY);
	CHECK_EQ(read(a, buf, sizeof(buf)), 203);
	CHECK(memcmp(buf, "123", 3) == 0);
}

TEST(devices, "null swallows, zero gives zeroes")
{
	int null = open("/dev/null", O_RDWR), zero = open("/dev/zero", O_RDWR);
	char buf[10000];
	struct stat st;

	CHECK(null >= 0 && zero >= 0);
	memset(buf, 1, sizeof(buf));
	CHECK_EQ(write(null, buf, sizeof(buf)), sizeof(buf));
	CHECK_EQ(read(null, buf, sizeof(buf)), 0);
	CHECK_EQ(write(zero, buf, sizeof(buf)), sizeof(buf));
	CHECK_EQ(read(zero, buf, sizeof(buf)), sizeof(buf));
	for (size_t i = 0; i < sizeof(buf); i++)
		CHECK_EQ(buf[i], 0);
	CHECK_EQ(fstat(null, &st), 0);
	CHECK(S_ISCHR(st.st_mode));
	CHECK_EQ(isatty(null), 0);
	CHECK_FAILS(ttyctl(null, TTY_AVAIL, 0), ENOTTY);
	CHECK_EQ(mknod("ghost", S_IFCHR, makedev(77, 1)), 0);
	CHECK_FAILS(open("ghost", O_RDONLY), ENXIO);
}

TEST(close_races, "a descriptor closed in the child stays open in the parent")
{
	int fd = open("a", O_RDWR | O_CREAT, 0666);

	for (int i = 0; i < 50; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			close(fd);
			_exit(is_open(fd));
		}
		check_child(pid);
		CHECK_EQ(write(fd, "x", 1), 1);
	}
	CHECK_EQ(lseek(fd, 0, SEEK_END), 50);
}
