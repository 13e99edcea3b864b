/* Pipes. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <quire.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "ut.h"

TEST(pipe_ends, "0 when nobody writes any more, EPIPE when nobody reads, EBADF at the wrong end")
{
	char buf[8];
	int fd[2];

	CHECK_EQ(pipe(fd), 0);
	CHECK_FAILS(write(fd[0], "a", 1), EBADF);
	CHECK_FAILS(read(fd[1], buf, 1), EBADF);
	CHECK_FAILS(lseek(fd[0], 0, SEEK_SET), ESPIPE);
	CHECK_FAILS(ftruncate(fd[1], 0), EINVAL);
	CHECK_EQ(write(fd[1], "abc", 3), 3);
	CHECK_EQ(write(fd[1], "", 0), 0);
	close(fd[1]);
	CHECK_EQ(read(fd[0], buf, 0), 0);
	CHECK_EQ(read(fd[0], buf, 2), 2);
	CHECK_EQ(read(fd[0], buf, 8), 1);
	CHECK_EQ(read(fd[0], buf, 8), 0);
	close(fd[0]);
	CHECK_EQ(pipe(fd), 0);
	close(fd[0]);
	CHECK_FAILS(write(fd[1], "a", 1), EPIPE);
}

TEST(pipe_stat, "fstat of a pipe; its data is lost when both ends are closed")
{
	struct stat st;
	int fd[2];

	CHECK_EQ(pipe(fd), 0);
	CHECK_EQ(fstat(fd[0], &st), 0);
	CHECK(S_ISFIFO(st.st_mode));
	CHECK_EQ(write(fd[1], "lost", 4), 4);
}

struct flow {
	int fd;
	size_t piece, total;
};

static int
pour(void *arg)
{
	static char buf[20000];
	struct flow *f = arg;

	for (size_t done = 0; done < f->total;) {
		size_t n = f->piece ? f->piece : 1 + random_below(sizeof(buf));

		n = n > f->total - done ? f->total - done : n;
		fill_pattern(buf, n, (unsigned)done);
		CHECK_EQ(write(f->fd, buf, n), n);
		done += n;
	}
	return 0;
}

/* The same pieces, or the pattern would not fit. */
static void
drain(const struct flow *f)
{
	static char buf[20000];

	for (size_t done = 0; done < f->total;) {
		size_t n = f->piece > f->total - done ? f->total - done : f->piece;

		for (size_t got = 0; got < n;) {
			ssize_t r = read(f->fd, buf + got, n - got);

			CHECK(r > 0);
			got += (size_t)r;
		}
		CHECK(is_pattern(buf, n, (unsigned)done));
		done += n;
	}
}

TEST(pipe_flow, "what goes in comes out, in pieces smaller and larger than the pipe")
{
	static const size_t pieces[] = { 1, 7, 511, 512, 513, 4095, 4096, 4097, 20000 };

	for (size_t i = 0; i < COUNT(pieces); i++) {
		struct flow f = { .piece = pieces[i],
			.total = pieces[i] < 100 ? 3000 : 100000 };
		int fd[2];
		pid_t pid;

		CHECK_EQ(pipe(fd), 0);
		f.fd = fd[1];
		pid = spawn(pour, &f);
		close(fd[1]);
		f.fd = fd[0];
		drain(&f);
		check_child(pid);
		CHECK_EQ(read(fd[0], fd, 1), 0);
		close(fd[0]);
	}
}

TEST(pipe_deaths, "readers and writers killed while they wait; the other end notices")
{
	for (int i = 0; i < 20; i++) {
		char buf[512] = { 0 };
		int fd[2];
		pid_t pid;

		CHECK_EQ(pipe(fd), 0);
		pid = fork();
		if (pid == 0) {
			close(fd[i % 2]);
			if (i % 2)
				read(fd[0], buf, 1);
			while (write(fd[1], buf, sizeof(buf)) > 0)
				;
			_exit(0);
		}
		close(fd[1 - i % 2]);
		wait_asleep(pid);
		CHECK_EQ(kill(pid, SIGKILL), 0);
		check_killed(pid, SIGKILL);
		if (i % 2) {
			CHECK_FAILS(write(fd[1], "a", 1), EPIPE);
		} else {
			while (read(fd[0], buf, sizeof(buf)) > 0)
				;
		}
		close(fd[i % 2]);
	}
}

TEST(pipe_leftover, "bytes in a pipe outlive their writer")
{
	char buf[8];
	int fd[2];
	pid_t pid;

	CHECK_EQ(pipe(fd), 0);
	pid = fork();
	if (pid == 0)
		_exit(write(fd[1], "heritage", 8) != 8);
	check_child(pid);
	close(fd[1]);
	CHECK_EQ(read(fd[0], buf, 8), 8);
	CHECK(memcmp(buf, "heritage", 8) == 0);
	CHECK_EQ(read(fd[0], buf, 8), 0);
}

TEST(pipe_ring, "a token goes round a ring of processes")
{
	enum { SIZE = 8, ROUNDS = 50 };
	int fd[SIZE][2];
	unsigned token = 0;

	for (int i = 0; i < SIZE; i++)
		CHECK_EQ(pipe(fd[i]), 0);
	for (int i = 1; i < SIZE; i++) {
		if (fork() != 0)
			continue;
		for (int k = 0; k < ROUNDS; k++) {
			CHECK_EQ(read(fd[i - 1][0], &token, sizeof(token)), sizeof(token));
			token++;
			CHECK_EQ(write(fd[i][1], &token, sizeof(token)), sizeof(token));
		}
		_exit(0);
	}
	for (int k = 0; k < ROUNDS; k++) {
		CHECK_EQ(write(fd[0][1], &token, sizeof(token)), sizeof(token));
		CHECK_EQ(read(fd[SIZE - 1][0], &token, sizeof(token)), sizeof(token));
	}
	CHECK_EQ(token, ROUNDS * (SIZE - 1));
	for (int i = 1; i < SIZE; i++)
		CHECK(wait(NULL) > 0);
}
