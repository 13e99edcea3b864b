/*
 * Processes that race for the same things. Each does what the others undo; the kernel must keep
 * everything in order, and what a process alone relies on must hold.
 */
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
#include "ut.h"

#define RW	(PROT_READ | PROT_WRITE)

/* One of the errors that losing a race may give; 0: it worked. */
static void
check_error(long r, const int *allowed)
{
	if (r >= 0)
		return;
	while (*allowed && *allowed != errno)
		allowed++;
	CHECK(*allowed != 0);
}

#define MAY_FAIL(call, ...)	check_error(call, (const int[]){ __VA_ARGS__, 0 })

static void
check_kernel(void)
{
	CHECK_EQ(kinfo(KINFO_CHECK, 0, 0, NULL, 0), 0);
}

/* ---- names ---- */

static int
make_and_unlink(void *arg)
{
	(void)arg;
	for (int i = 0; i < 150; i++) {
		int fd = open("same", O_RDWR | O_CREAT | O_EXCL, 0666);

		MAY_FAIL(fd, EEXIST);
		if (fd >= 0)
			CHECK_EQ(write(fd, "mine", 4), 4);
		MAY_FAIL(unlink("same"), ENOENT);
		if (fd >= 0)
			CHECK_EQ(close(fd), 0);
	}
	return 0;
}

TEST(race_create, "five create and unlink one name; O_EXCL gives it to one at a time")
{
	together(5, make_and_unlink);
	MAY_FAIL(unlink("same"), ENOENT);
	CHECK_EQ(access("same", F_OK), -1);
}

static int
make_and_remove_folders(void *arg)
{
	(void)arg;
	for (int i = 0; i < 60; i++) {
		MAY_FAIL(mkdir("a", 0777), EEXIST);
		MAY_FAIL(mkdir("a/b", 0777), EEXIST, ENOENT);
		MAY_FAIL(mkdir("a/b/c", 0777), EEXIST, ENOENT);
		MAY_FAIL(rmdir("a/b/c"), ENOENT, ENOTEMPTY);
		MAY_FAIL(rmdir("a/b"), ENOENT, ENOTEMPTY);
		MAY_FAIL(rmdir("a"), ENOENT, ENOTEMPTY);
	}
	return 0;
}

TEST(race_folders, "four make and remove a path of folders under each other's feet")
{
	together(4, make_and_remove_folders);
	rmdir("a/b/c");
	rmdir("a/b");
	rmdir("a");
	CHECK_EQ(access("a", F_OK), -1);
}

static int
enter_and_look(void *arg)
{
	char path[PATH_MAX];

	for (int i = 0; i < 80; i++) {
		if ((intptr_t)arg % 2 == 0) {
			MAY_FAIL(mkdir("d", 0777), EEXIST);
			MAY_FAIL(rmdir("d"), ENOENT, ENOTEMPTY);
			continue;
		}
		if (chdir("d") < 0)
			continue;
		close(open("f", O_RDWR | O_CREAT, 0666));
		unlink("f");
		if (!getcwd(path, sizeof(path)))
			CHECK_EQ(errno, ENOENT);
		MAY_FAIL(chdir(".."), ENOENT);
		if (access("d", F_OK) < 0 && access("../race_enter", F_OK) < 0)
			CHECK_EQ(chdir("/tmp/race_enter"), 0);
	}
	return 0;
}

TEST(race_enter, "folders that are removed while others go in and make files there")
{
	together(4, enter_and_look);
}

static int
rename_in_circles(void *arg)
{
	static const char *const names[] = { "x", "y", "z" };
	int i = (int)(intptr_t)arg;

	for (int n = 0; n < 120; n++, i++)
		MAY_FAIL(rename(names[i % 3], names[(i + 1) % 3]), ENOENT);
	return 0;
}

TEST(race_rename, "three rename a file in circles: it is never two, never none")
{
	write_file("x", "only", 4);
	together(3, rename_in_circles);
	CHECK_EQ((access("x", F_OK) == 0) + (access("y", F_OK) == 0) + (access("z", F_OK) == 0), 1);
}

static int
move_folders(void *arg)
{
	bool first = (intptr_t)arg % 2 == 0;

	for (int i = 0; i < 80; i++) {
		MAY_FAIL(rename(first ? "p" : "q", first ? "q/p" : "p/q"), ENOENT, EINVAL,
		    ENOTEMPTY, EEXIST);
		MAY_FAIL(rename(first ? "q/p" : "p/q", first ? "p" : "q"), ENOENT, EINVAL,
		    ENOTEMPTY, EEXIST);
	}
	return 0;
}

TEST(race_moves, "two folders that are moved into each other: neither is lost in the other")
{
	CHECK_EQ(mkdir("p", 0777), 0);
	CHECK_EQ(mkdir("q", 0777), 0);
	together(4, move_folders);
	rename("q/p", "p");
	rename("p/q", "q");
	CHECK_EQ(rmdir("p"), 0);
	CHECK_EQ(rmdir("q"), 0);
}

static int
link_and_unlink(void *arg)
{
	char name[8];

	snprintf(name, sizeof(name), "n%d", (int)(intptr_t)arg);
	for (int i = 0; i < 150; i++) {
		CHECK_EQ(link("f", name), 0);
		CHECK_EQ(unlink(name), 0);
	}
	return 0;
}

TEST(race_links, "links of one file come and go: its count is right at the end")
{
	struct stat st;

	write_file("f", "", 0);
	together(4, link_and_unlink);
	CHECK_EQ(stat("f", &st), 0);
	CHECK_EQ(st.st_nlink, 1);
}

/* ---- contents ---- */

static int
append_records(void *arg)
{
	unsigned record[8];
	int fd = open("log", O_WRONLY | O_CREAT | O_APPEND, 0666);

	for (unsigned i = 0; i < 100; i++) {
		for (int k = 0; k < 8; k++)
			record[k] = (unsigned)(intptr_t)arg << 16 | i;
		CHECK_EQ(write(fd, record, sizeof(record)), sizeof(record));
	}
	return 0;
}

TEST(race_append, "four append records to one file: all are there, whole and in order")
{
	unsigned next[4] = { 0 }, record[8];
	int fd;

	together(4, append_records);
	fd = open("log", O_RDONLY);
	for (int i = 0; i < 400; i++) {
		unsigned who;

		CHECK_EQ(read(fd, record, sizeof(record)), sizeof(record));
		who = record[0] >> 16;
		CHECK(who < 4);
		CHECK_EQ(record[0] & 0xffff, next[who]);
		next[who]++;
		for (int k = 1; k < 8; k++)
			CHECK_EQ(record[k], record[0]);
	}
	CHECK_EQ(read(fd, record, 1), 0);
}

static int
cut_or_write(void *arg)
{
	static char buf[9000];
	int fd = open("f", O_RDWR);

	test_reseed((unsigned)(intptr_t)arg);
	memset(buf, 'a', sizeof(buf));
	for (int i = 0; i < 120; i++) {
		CHECK(lseek(fd, random_below(50000), SEEK_SET) >= 0);
		switch (random_below(3)) {
		case 0:
			CHECK_EQ(ftruncate(fd, random_below(60000)), 0);
			break;
		case 1:
			CHECK(write(fd, buf, random_below(sizeof(buf))) >= 0);
			break;
		default:
			CHECK(read(fd, buf, sizeof(buf)) >= 0);
			for (size_t k = 0; k < sizeof(buf); k++)
				CHECK(buf[k] == 'a' || buf[k] == 0);
			memset(buf, 'a', sizeof(buf));
		}
	}
	return 0;
}

TEST(race_cut, "writes, reads and truncations of one file: only what was written, or zeroes")
{
	write_file("f", "", 0);
	together(4, cut_or_write);
}

/* ---- processes and memory ---- */

static int
fork_and_kill(void *arg)
{
	(void)arg;
	for (int i = 0; i < 40; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			char *p = sbrk(PAGES(8));

			memset(p, i, PAGES(8));
			if (fork() == 0)
				_exit(0);
			wait(NULL);
			_exit(0);
		}
		CHECK(pid > 0);
		if (i % 2)
			kill(pid, SIGKILL);
		CHECK_EQ(waitpid(pid, NULL, 0), pid);
	}
	return 0;
}

TEST(race_kill, "processes killed while they fork, store and end")
{
	together(4, fork_and_kill);
	check_kernel();
}

/* A victim in any call at all when the blow falls. */
static int
do_everything(void *arg)
{
	static char buf[5000];

	test_reseed((unsigned)(intptr_t)arg);
	for (;;) {
		int fd[2], file = open("v", O_RDWR | O_CREAT, 0666);
		char *p;

		write(file, buf, random_below(sizeof(buf)));
		p = mmap(NULL, PAGES(3), RW, MAP_SHARED, file, 0);
		close(file);
		if (pipe(fd) == 0) {
			write(fd[1], buf, 300);
			read(fd[0], buf, 300);
			close(fd[0]);
			close(fd[1]);
		}
		if (p != MAP_FAILED)
			munmap(p, PAGES(3));
		sbrk(PAGES(2));
		if (fork() == 0)
			_exit(0);
		rename("v", "w");
		wait(NULL);
		sbrk(-PAGES(2));
		unlink("w");
	}
}

TEST_SLOW(race_victims, "a hundred processes killed at any place in any call")
{
	for (int i = 0; i < 50; i++) {
		pid_t a = spawn(do_everything, (void *)(intptr_t)i);
		pid_t b = spawn(do_everything, (void *)(intptr_t)-i);

		sleep_ms((int)random_below(30));
		CHECK_EQ(kill(a, SIGKILL), 0);
		CHECK_EQ(kill(b, SIGKILL), 0);
		check_killed(a, SIGKILL);
		check_killed(b, SIGKILL);
	}
	check_kernel();
}

static volatile unsigned *counter;

static int
count_up(void *arg)
{
	(void)arg;
	for (int i = 0; i < 20000; i++)
		__sync_fetch_and_add(counter, 1);
	return 0;
}

TEST(race_counter, "four count in a shared page: no count is lost")
{
	counter = mapshared();
	CHECK(counter);
	together(4, count_up);
	CHECK_EQ(*counter, 4 * 20000);
}

/* Maps the parent's pages while the parent forks, stores and unmaps. */
static int
share_with_parent(void *arg)
{
	char *theirs = arg;
	int parent = getppid();

	for (int i = 0; i < 60; i++) {
		uint64_t va = map_shared_pages(parent, getpid(), (uintptr_t)theirs, PAGES(3));

		if (!va) {
			CHECK(errno == EFAULT || errno == ENOMEM || errno == EINVAL);
			continue;
		}
		((volatile char *)(uintptr_t)va)[PG] = (char)i;
		CHECK_EQ(unmap_shared_pages(va, PAGES(3)), 0);
	}
	return 0;
}

TEST(race_share, "children map the pages of a parent that forks, unmaps and maps anew")
{
	char *p = mmap(NULL, PAGES(3), RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t pid[3];

	CHECK(p != MAP_FAILED);
	for (int i = 0; i < 3; i++)
		pid[i] = spawn(share_with_parent, p);
	for (int i = 0; i < 60; i++) {
		pid_t child;

		p[0] = 1;
		child = fork();
		if (child == 0) {
			p[PG] = 2;
			_exit(0);
		}
		if (child > 0)
			check_child(child);
		CHECK_EQ(munmap(p, PAGES(3)), 0);
		CHECK(mmap(p, PAGES(3), RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p);
	}
	for (int i = 0; i < 3; i++)
		check_child(pid[i]);
	check_kernel();
}

/* Children that end while their sibling maps theirs. */
static int
map_siblings(void *arg)
{
	int parent = getppid();

	(void)arg;
	for (int pid = parent + 1; pid < parent + 200; pid++) {
		uint64_t va = map_shared_pages(pid, getpid(), (uintptr_t)&counter, 8);

		if (va)
			CHECK_EQ(unmap_shared_pages(va, 8), 0);
	}
	return 0;
}

TEST(race_siblings, "one maps pages of siblings that come and go")
{
	pid_t mapper = spawn(map_siblings, NULL);

	for (int i = 0; i < 150; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		check_child(pid);
	}
	check_child(mapper);
	check_kernel();
}

static int
cut_file(void *arg)
{
	int fd = open("m", O_RDWR);

	(void)arg;
	for (int i = 0; i < 200; i++) {
		CHECK_EQ(ftruncate(fd, i % 2 ? PAGES(4) : 100), 0);
		if (i % 16 == 0)
			CHECK_EQ(fsync(fd), 0);
	}
	return 0;
}

/* Stores, until what it stores to is cut off. */
static int
store_mapped(void *arg)
{
	int fd = open("m", O_RDWR);
	volatile char *p = mmap(NULL, PAGES(4), RW, MAP_SHARED, fd, 0);

	CHECK(p != MAP_FAILED);
	for (int i = 0; i < 4000; i++)
		p[PAGES(i % 4) + 7] = (char)(intptr_t)arg;
	return 0;
}

TEST(race_mapped, "stores into a mapping of a file that is cut and grown: SIGBUS or nothing")
{
	pid_t cutter;

	write_file("m", "", 0);
	cutter = spawn(cut_file, NULL);
	for (int i = 0; i < 12; i++) {
		int status = run_child(store_mapped, (void *)(intptr_t)i);

		CHECK(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS));
	}
	check_child(cutter);
	check_kernel();
}

static int
exec_replaced(void *arg)
{
	static char elf[32768];
	int fd = open("/bin/true", O_RDONLY);
	ssize_t n = read(fd, elf, sizeof(elf));

	close(fd);
	for (int i = 0; i < 25; i++) {
		if ((intptr_t)arg == 0) {
			write_file("new", elf, (size_t)n);
			CHECK_EQ(rename("new", "prog"), 0);
		} else {
			pid_t pid = fork();

			if (pid == 0) {
				execl("prog", "prog", (char *)NULL);
				_exit(1);
			}
			check_child(pid);
		}
	}
	return 0;
}

TEST(race_exec, "a program that is replaced all the time can be run at any moment")
{
	static char elf[32768];
	int fd = open("/bin/true", O_RDONLY);
	ssize_t n = read(fd, elf, sizeof(elf));

	close(fd);
	write_file("prog", elf, (size_t)n);
	together(4, exec_replaced);
}

static int
read_into_shrinking(void *arg)
{
	int fd = open("/bin/sh", O_RDONLY);

	(void)arg;
	for (int i = 0; i < 100; i++) {
		char *p = sbrk(PAGES(4));

		CHECK(p != (void *)-1);
		CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
		CHECK_EQ(read(fd, p, PAGES(4)), PAGES(4));
		CHECK(memcmp(p, "\177ELF", 4) == 0);
		CHECK(sbrk(-PAGES(4)) == p + PAGES(4));
	}
	return 0;
}

TEST(race_read, "four read the same file into fresh memory, over and over")
{
	together(4, read_into_shrinking);
}

static int
grow_and_sync(void *arg)
{
	char name[8], buf[1500];

	snprintf(name, sizeof(name), "s%d", (int)(intptr_t)arg);
	memset(buf, 's', sizeof(buf));
	for (int i = 0; i < 25; i++) {
		int fd = open(name, O_RDWR | O_CREAT | O_APPEND, 0666);

		CHECK_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
		if (i % 3 == 0)
			CHECK_EQ(fsync(fd), 0);
		else if (i % 3 == 1)
			sync();
		CHECK_EQ(close(fd), 0);
	}
	return 0;
}

TEST(race_sync, "four write and wait for the disk, in every way")
{
	together(4, grow_and_sync);
}
