/* Facts about mmap. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "probe.h"

#define NAME	"/tmp/mapped"

static char *shared;

static char *
map(size_t len, int flags, int fd)
{
	char *p = mmap(NULL, len, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		err(1, "mmap");
	return p;
}

/* A file of N bytes, all of them 'f'. */
static int
make_file(long n)
{
	static char page[PAGE];
	int fd = open(NAME, O_RDWR | O_CREAT | O_TRUNC, 0644);

	memset(page, 'f', sizeof(page));
	for (; n > 0; n -= PAGE)
		if (write(fd, page, (size_t)(n < PAGE ? n : PAGE)) <= 0)
			err(1, NAME);
	return fd;
}

static char
byte_at(int fd, off_t at)
{
	char c = '?';

	pread(fd, &c, 1, at);
	return c;
}

static void
lazy(void)
{
	long vp = numvp(), pp = numpp();
	char *p = map(50 * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	long mapped = numvp() - vp, none = numpp() - pp;

	touch_pages(p, 7, 1);
	printf("lazy: pages %+ld, frames %+ld, then %+ld\n", mapped, none, numpp() - pp);
	munmap(p, 50 * PAGE);
	printf("lazy: in the end pages %+ld, frames %+ld\n", numvp() - vp, numpp() - pp);
}

static void
one_memory(void)
{
	int fd = make_file(3 * PAGE);
	char *p = map(3 * PAGE, MAP_SHARED, fd);

	p[PAGE + 5] = 's';
	pwrite(fd, "w", 1, 2 * PAGE);
	printf("one: read gives %c, the mapping %c\n", byte_at(fd, PAGE + 5), p[2 * PAGE]);
	munmap(p, 3 * PAGE);
	close(fd);
	fd = open(NAME, O_RDONLY);
	printf("one: opened again %c\n", byte_at(fd, PAGE + 5));
}

static void
private(void)
{
	int fd = make_file(PAGE);
	char *p = map(PAGE, MAP_PRIVATE, fd);

	p[0] = 'p';
	printf("private: the mapping has %c, the file %c\n", p[0], byte_at(fd, 0));
}

static void
child_stores(void)
{
	shared[0] = 'c';
}

static void
inherited(void)
{
	shared = map(PAGE, MAP_SHARED | MAP_ANONYMOUS, -1);
	in_child(child_stores);
	printf("fork: the parent reads %c\n", shared[0]);
}

static void
touch_hole(void)
{
	*(volatile char *)(shared + 3 * PAGE) = 1;
}

static void
hole(void)
{
	int status;

	shared = map(8 * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	touch_pages(shared, 8, 1);
	munmap(shared + 2 * PAGE, 3 * PAGE);
	status = in_child(touch_hole);
	printf("hole: inside %s, around it %d %d\n", WIFSIGNALED(status) ? "killed" : "alive",
	    shared[PAGE], shared[5 * PAGE]);
}

static void
bad(void)
{
	int fd = make_file(PAGE), readable = open(NAME, O_RDONLY), n = 0;

	n += mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
	n += mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 100) == MAP_FAILED;
	n += mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0) == MAP_FAILED;
	n += mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, readable, 0) == MAP_FAILED;
	n += mmap(NULL, PAGE, PROT_READ, 0, fd, 0) == MAP_FAILED;
	n += munmap((void *)1, PAGE) == -1;
	printf("bad: %d of 6 are refused\n", n);
}

static const struct check checks[] = {
	{ "lazy", lazy }, { "one", one_memory }, { "private", private }, { "fork", inherited },
	{ "hole", hole }, { "bad", bad },
};
PROBE_MAIN(checks)
