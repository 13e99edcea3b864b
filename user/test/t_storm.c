/* Many processes at the same things at once. */
#include <errno.h>
#include <fcntl.h>
#include <quire.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define PG	4096L
#define WORKERS	4

/* FN(number) in WORKERS processes, each of which must exit with 0. */
static void
storm(int (*fn)(void *))
{
	pid_t pid[WORKERS];

	for (int i = 0; i < WORKERS; i++)
		pid[i] = spawn(fn, (void *)(intptr_t)i);
	for (int i = 0; i < WORKERS; i++)
		check_child(pid[i]);
	CHECK_EQ(kinfo(KINFO_CHECK, 0, 0, NULL, 0), 0);
}

/* Create, write, link, rename, unlink in one folder, under few names. */
static int
creator(void *arg)
{
	char a[16], b[16];

	test_seed += (unsigned)(intptr_t)arg;
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
	int fd;

	storm(creator);
	/* Damage would have made it read-only. */
	fd = open("after", O_RDWR | O_CREAT);
	CHECK(fd >= 0);
	CHECK_EQ(write(fd, "x", 1), 1);
	CHECK_EQ(fsync(fd), 0);
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
