/*
 * mapper WHAT...: mappings, seen from outside.
 *	past | none		a load that kills: beyond the end of file, without a right
 *	hole			fills the disk, then stores into a hole: kills
 *	sync			for ever: stores all over a file, msync, says "synced N"
 *	check N			what "synced N" promised is in the file
 *	most PAGES OPENED FILES	touches as many pages while files are open so many times
 *	edge			children touch what there is, then a page less each, and use their
 *				file's pages in turn; how many of them ended well
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PG	4096
#define PAGES	64
#define NAME	"/tmp/mapped"

static volatile int *
map_file(int n)
{
	int fd = open(NAME, O_RDWR | O_CREAT, 0644);
	void *p = mmap(NULL, (size_t)n * PG, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (fd < 0 || p == MAP_FAILED) {
		perror(NAME);
		exit(3);
	}
	return p;
}

static int
hole(void)
{
	static char buf[65536];
	volatile int *p = map_file(4);
	int full, fd = open(NAME, O_RDWR);

	if (ftruncate(fd, 4 * PG) < 0)
		return 4;
	p[0] = 1;			/* has a block now */
	full = open("/tmp/full", O_WRONLY | O_CREAT, 0644);
	for (size_t n = sizeof(buf); n >= 1024; n /= 2)
		while (write(full, buf, n) > 0)
			;
	p[1] = 2;
	if (p[3 * PG / sizeof(int)] != 0)
		return 5;
	puts("full");
	fflush(stdout);
	p[2 * PG / sizeof(int)] = 3;
	puts("still alive");
	return 0;
}

/* Page I at round N. */
static int
value(int n, int i)
{
	return n * 1000 + i + 1;
}

static int
sync_for_ever(void)
{
	volatile int *p = map_file(PAGES);
	int fd = open(NAME, O_RDWR);

	if (ftruncate(fd, PAGES * PG) < 0)
		return 4;
	for (int n = 0;; n++) {
		for (int i = 0; i < PAGES; i++)
			p[i * PG / (int)sizeof(int) + i] = value(n, i);
		if (msync((void *)p, PAGES * PG, MS_SYNC) < 0)
			return 5;
		printf("synced %d\n", n);
		fflush(stdout);
	}
}

/* Each page is of round N or of a later one. */
static int
check(int n)
{
	volatile int *p = map_file(PAGES);

	for (int i = 0; i < PAGES; i++) {
		int v = p[i * PG / (int)sizeof(int) + i];

		if (v < value(n, i) || (v - value(n, i)) % 1000 != 0) {
			printf("page %d holds %d\n", i, v);
			return 1;
		}
	}
	puts("whole");
	return 0;
}

static int
most(long pages, int opened, int files)
{
	char name[32], *p;

	for (int i = 0; i < opened; i++) {
		snprintf(name, sizeof(name), "/tmp/m%d", i % files);
		if (open(name, O_RDWR | O_CREAT, 0644) < 0)
			return 4;
	}
	sync();				/* nothing is on its way to the disk */
	p = sbrk((intptr_t)pages * PG);
	if (p == (void *)-1)
		return 5;
	for (long i = 0; i < pages; i++)
		p[i * PG] = (char)i;
	for (long i = 0; i < pages; i++)
		if (p[i * PG] != (char)i)
			return 6;
	puts("touched");
	return 0;
}

/* Touches N pages, counting in *DONE, and then reads pages of the program's file in turn. */
static int
fill_and_read(long n, volatile long *done)
{
	static const char far[6][PG] = { "a", "b", "c", "d", "e", "f" };
	char *p = sbrk((intptr_t)n * PG);
	long sum = 0;

	for (*done = 0; *done < n; ++*done)
		p[*done * PG] = 1;
	for (int i = 0; i < 6000; i++)
		sum += ((const volatile char *)far[i % 6])[0];
	return sum == 1000 * ('a' + 'b' + 'c' + 'd' + 'e' + 'f') ? 0 : 1;
}

/* Status of a child that touches N pages. */
static int
filled_by_child(long n, volatile long *done)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(fill_and_read(n, done));
	waitpid(pid, &status, 0);
	return status;
}

static int
edge(void)
{
	volatile long *done = mmap(NULL, PG, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	    -1, 0);
	long limit;
	int status = filled_by_child(1L << 18, done), well = 0;

	if (!WIFSIGNALED(status))
		return 4;
	limit = *done;
	for (long less = 0; less < 40; less++) {
		status = filled_by_child(limit - less, done);
		if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
			return 5;
		well += WIFEXITED(status);
	}
	printf("%d\n", well);
	return 0;
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "past") == 0)
		return map_file(1)[0];
	if (strcmp(what, "none") == 0)
		return *(int *)mmap(NULL, PG, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (strcmp(what, "hole") == 0)
		return hole();
	if (strcmp(what, "sync") == 0)
		return sync_for_ever();
	if (strcmp(what, "check") == 0 && argc > 2)
		return check(atoi(argv[2]));
	if (strcmp(what, "edge") == 0)
		return edge();
	if (strcmp(what, "most") == 0 && argc > 4)
		return most(atol(argv[2]), atoi(argv[3]), atoi(argv[4]));
	return 2;
}
