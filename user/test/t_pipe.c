/* Pipes. */
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

static void
read_exactly(int fd, void *p, size_t n)
{
	for (size_t done = 0; done < n;) {
		ssize_t r = read(fd, (char *)p + done, n - done);

		CHECK(r > 0);
		done += (size_t)r;
	}
}

/* What PID exits with; -1: it was killed. */
static int
end_of(pid_t pid)
{
	int st;

	CHECK_EQ(waitpid(pid, &st, 0), pid);
	return WIFEXITED(st) ? WEXITSTATUS(st) : -1;
}

TEST(basics, "what is written comes out in order; 0 at the end; EPIPE without a reader")
{
	char buf[100];
	struct stat st;
	int fd[2];

	CHECK_EQ(pipe(fd), 0);
	CHECK_EQ(write(fd[1], "hello ", 6), 6);
	CHECK_EQ(write(fd[1], "world", 5), 5);
	CHECK_EQ(read(fd[0], buf, 3), 3);
	CHECK_EQ(read(fd[0], buf + 3, 97), 8);
	CHECK(memcmp(buf, "hello world", 11) == 0);
	CHECK_FAILS(read(fd[1], buf, 1), EBADF);
	CHECK_FAILS(write(fd[0], buf, 1), EBADF);
	CHECK_FAILS(lseek(fd[0], 0, SEEK_SET), ESPIPE);
	CHECK_EQ(read(fd[0], buf, 0), 0);
	CHECK_EQ(write(fd[1], buf, 0), 0);
	CHECK_EQ(fstat(fd[0], &st), 0);
	CHECK(S_ISFIFO(st.st_mode));
	CHECK_EQ(write(fd[1], "x", 1), 1);
	close(fd[1]);
	CHECK_EQ(read(fd[0], buf, 10), 1);
	CHECK_EQ(read(fd[0], buf, 10), 0);
	CHECK_EQ(read(fd[0], buf, 10), 0);
	CHECK_EQ(pipe(fd), 0);
	close(fd[0]);
	CHECK_FAILS(write(fd[1], "x", 1), EPIPE);
}

/* Sends TOTAL bytes in random pieces to a child, which reads in random pieces. */
static void
transfer(size_t total, uint32_t most)
{
	char *data = malloc(total);
	int fd[2];
	pid_t pid;

	CHECK(data);
	CHECK_EQ(pipe(fd), 0);
	fill_pattern(data, total, (unsigned)most);
	pid = fork();
	if (pid == 0) {
		size_t done = 0;
		ssize_t n;

		close(fd[1]);
		memset(data, 0, total);
		while (done < total &&
		    (n = read(fd[0], data + done, 1 + random_below(most) % (total - done))) > 0)
			done += (size_t)n;
		_exit(done != total || !is_pattern(data, total, (unsigned)most));
	}
	close(fd[0]);
	for (size_t done = 0; done < total;) {
		size_t n = 1 + random_below(most);

		if (n > total - done)
			n = total - done;
		CHECK_EQ(write(fd[1], data + done, n), n);
		done += n;
	}
	close(fd[1]);
	check_child(pid);
	free(data);
}

TEST(transfer, "bytes come through whole, in pieces of any size")
{
	transfer(1, 1);
	transfer(5000, 7);
	transfer(100000, 600);
	transfer(1000000, 5000);
	transfer(1000000, 100000);
}

TEST(xv6_transfer, "a megabyte through one-page reads and writes, either side slower")
{
	static char buf[4096];
	int fd[2];
	pid_t pid;

	for (int slow = 0; slow < 2; slow++) {
		CHECK_EQ(pipe(fd), 0);
		pid = fork();
		if (pid == 0) {
			close(fd[0]);
			for (int i = 0; i < 256; i++) {
				memset(buf, i, sizeof(buf));
				if (write(fd[1], buf, sizeof(buf)) != sizeof(buf))
					_exit(1);
				if (slow && i % 64 == 0)
					sleep_ms(20);
			}
			_exit(0);
		}
		close(fd[1]);
		for (int i = 0; i < 256; i++) {
			read_exactly(fd[0], buf, sizeof(buf));
			for (size_t k = 0; k < sizeof(buf); k++)
				CHECK_EQ((unsigned char)buf[k], i);
			if (!slow && i % 64 == 0)
				sleep_ms(20);
		}
		check_child(pid);
		close(fd[0]);
	}
}

TEST(many_writers, "writes of up to PIPE_BUF bytes by many processes are not torn")
{
	int fd[2], counts[6] = { 0 }, left = 6;
	pid_t pid[6];
	char rec[PIPE_BUF];

	CHECK_EQ(pipe(fd), 0);
	for (int i = 0; i < 6; i++) {
		pid[i] = fork();
		CHECK(pid[i] >= 0);
		if (pid[i])
			continue;
		memset(rec, 'a' + i, sizeof(rec));
		for (int k = 0; k < 200; k++)
			if (write(fd[1], rec, sizeof(rec)) != (ssize_t)sizeof(rec))
				_exit(1);
		_exit(0);
	}
	close(fd[1]);
	for (int n = 0; n < 6 * 200; n++) {
		read_exactly(fd[0], rec, sizeof(rec));
		for (size_t k = 1; k < sizeof(rec); k++)
			CHECK_EQ(rec[k], rec[0]);
		CHECK(rec[0] >= 'a' && rec[0] < 'a' + 6);
		if (++counts[rec[0] - 'a'] == 200)
			left--;
	}
	CHECK_EQ(left, 0);
	CHECK_EQ(read(fd[0], rec, 1), 0);
	for (int i = 0; i < 6; i++)
		check_child(pid[i]);
}

TEST(many_readers, "each byte goes to exactly one of several readers")
{
	int fd[2], results[2];
	unsigned sum = 0, total = 0;
	pid_t pid[4];

	CHECK_EQ(pipe(fd), 0);
	CHECK_EQ(pipe(results), 0);
	for (int i = 0; i < 4; i++) {
		pid[i] = fork();
		if (pid[i])
			continue;
		unsigned char c[3];
		ssize_t n;

		close(fd[1]);
		while ((n = read(fd[0], c, sizeof(c))) > 0)
			for (ssize_t k = 0; k < n; k++)
				sum += c[k];
		_exit(write(results[1], &sum, sizeof(sum)) != sizeof(sum));
	}
	for (int i = 0; i < 20000; i++) {
		unsigned char c = (unsigned char)i;

		total += c;
		CHECK_EQ(write(fd[1], &c, 1), 1);
	}
	close(fd[1]);
	for (int i = 0; i < 4; i++) {
		unsigned part;

		read_exactly(results[0], &part, sizeof(part));
		sum += part;
		check_child(pid[i]);
	}
	CHECK_EQ(sum, total);
}

TEST(ping_pong, "two processes hand a byte to and fro")
{
	int a[2], b[2];
	pid_t pid;
	char c = 0;

	CHECK_EQ(pipe(a), 0);
	CHECK_EQ(pipe(b), 0);
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 2000; i++) {
			if (read(a[0], &c, 1) != 1 || c != (char)i)
				_exit(1);
			c++;
			write(b[1], &c, 1);
		}
		_exit(0);
	}
	for (int i = 0; i < 2000; i++) {
		c = (char)i;
		CHECK_EQ(write(a[1], &c, 1), 1);
		CHECK_EQ(read(b[0], &c, 1), 1);
		CHECK_EQ(c, (char)(i + 1));
	}
	check_child(pid);
}

TEST(reader_dies, "a writer asleep in a full pipe gets EPIPE when the last reader ends")
{
	static char buf[70000];
	int fd[2];
	pid_t pid;

	CHECK_EQ(pipe(fd), 0);
	pid = fork();
	if (pid == 0) {
		close(fd[0]);
		for (;;)
			if (write(fd[1], buf, sizeof(buf)) != (ssize_t)sizeof(buf))
				_exit(write(fd[1], buf, 1) != -1 || errno != EPIPE);
	}
	close(fd[1]);
	wait_asleep(pid);
	close(fd[0]);
	check_child(pid);
}

TEST(chain, "a pipe of ten processes")
{
	char buf[64] = "0";
	int in;

	for (int i = 0; i < 10; i++) {
		int fd[2];

		CHECK_EQ(pipe(fd), 0);
		if (fork() == 0) {
			char c;

			close(fd[0]);
			if (i == 0) {
				for (int k = 0; k < 5000; k++)
					write(fd[1], "x", 1);
				_exit(0);
			}
			while (read(in, &c, 1) == 1) {
				c++;
				if (write(fd[1], &c, 1) != 1)
					_exit(1);
			}
			_exit(0);
		}
		close(fd[1]);
		if (i)
			close(in);
		in = fd[0];
	}
	for (int k = 0; k < 5000; k++) {
		CHECK_EQ(read(in, buf, 1), 1);
		CHECK_EQ(buf[0], (char)('x' + 9));
	}
	CHECK_EQ(read(in, buf, 1), 0);
	while (wait(NULL) > 0)
		;
}

TEST(bad_buffers, "a bad buffer leaves what is in the pipe")
{
	char buf[8];
	int fd[2];

	CHECK_EQ(pipe(fd), 0);
	CHECK_EQ(write(fd[1], "abcdef", 6), 6);
	CHECK_FAILS(read(fd[0], test_bad, 3), EFAULT);
	CHECK_FAILS(write(fd[1], test_bad, 3), EFAULT);
	CHECK_EQ(read(fd[0], buf, 8), 6);
	CHECK(memcmp(buf, "abcdef", 6) == 0);
}

/* The bad byte comes behind the place where the kernel's buffer goes on to another page. */
TEST(whole_or_nothing, "a small write that meets a bad address leaves nothing in the pipe")
{
	static char pages[2 * 4096] __attribute__((aligned(4096)));
	char buf[8];
	int fd[2];

	CHECK_EQ(pipe(fd), 0);
	CHECK_EQ(write(fd[1], pages, 4000), 4000);
	CHECK_EQ(munmap(pages + 4096, 4096), 0);
	CHECK_FAILS(write(fd[1], pages + 4096 - 150, 200), EFAULT);
	CHECK_EQ(read(fd[0], pages, 4000), 4000);
	CHECK_EQ(write(fd[1], "next", 4), 4);
	CHECK_EQ(read(fd[0], buf, 8), 4);
	CHECK(memcmp(buf, "next", 4) == 0);
}

TEST(low_addresses, "a read to address 0, where memory is, writes no byte too many")
{
	volatile char *low;
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	char data[600];
	int fd[2];

	CHECK(page == NULL);
	__asm__ volatile("" : "=r"(low) : "0"(page));	/* not a null pointer to the compiler */
	fill_pattern(data, sizeof(data), 3);
	CHECK_EQ(pipe(fd), 0);
	for (int n = 1; n < 600; n = n * 2 + 1) {
		memset((char *)low, 0, 4096);
		CHECK_EQ(write(fd[1], data, (size_t)n), n);
		CHECK_EQ(read(fd[0], (char *)low, (size_t)n), n);
		for (int i = 0; i < 1000; i++)
			CHECK_EQ(low[i], i < n ? data[i] : 0);
	}
	munmap(page, 4096);
}

TEST(room_for_one, "a writer that fits goes on while another waits for more room")
{
	static char buf[4096];
	pid_t large, small;
	int fd[2], got = 0;

	CHECK_EQ(pipe(fd), 0);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(write(fd[1], buf, sizeof(buf)), (int)sizeof(buf));
	large = fork();
	if (large == 0)
		_exit(write(fd[1], buf, sizeof(buf)) != sizeof(buf));
	sleep_ms(50);
	small = fork();
	if (small == 0)
		_exit(write(fd[1], "s", 1) != 1);
	sleep_ms(50);
	CHECK_EQ(read(fd[0], buf, 1), 1);
	CHECK_EQ(end_of(small), 0);
	while (got < 5 * 4096)
		got += read(fd[0], buf, sizeof(buf));
	CHECK_EQ(got, 5 * 4096);
	CHECK_EQ(end_of(large), 0);
}

TEST(readers_pass_it_on, "one write serves all who wait for a byte of it")
{
	enum { READERS = 8 };
	pid_t pid[READERS];
	int fd[2];

	CHECK_EQ(pipe(fd), 0);
	for (int i = 0; i < READERS; i++) {
		char c;

		pid[i] = fork();
		if (pid[i] == 0)
			_exit(read(fd[0], &c, 1) != 1);
	}
	sleep_ms(100);
	CHECK_EQ(write(fd[1], "12345678", READERS), READERS);
	for (int i = 0; i < READERS; i++)
		CHECK_EQ(end_of(pid[i]), 0);
}

TEST(many_pipes, "hundreds of pipes at once, all with data")
{
	int fd[400][2];
	unsigned n = 0;
	char c;

	for (; n < 400; n++) {
		CHECK_EQ(pipe(fd[n]), 0);
		c = (char)n;
		CHECK_EQ(write(fd[n][1], &c, 1), 1);
	}
	for (unsigned i = 0; i < n; i++) {
		CHECK_EQ(read(fd[i][0], &c, 1), 1);
		CHECK_EQ(c, (char)i);
	}
}
