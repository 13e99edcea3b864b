/* Facts about lazy allocation. */
#include <fcntl.h>

#include "probe.h"

#define MANY	1000L

static void
grow(void)
{
	long vp = numvp(), pp = numpp(), free = getNumFreePages();

	sbrk(MANY * PAGE);
	printf("grow: pages %+ld, frames %+ld, free %+ld\n", numvp() - vp, numpp() - pp,
	    getNumFreePages() - free);
}

static void
touch(void)
{
	char *p = heap_pages(MANY);
	long pp = numpp(), free = getNumFreePages(), one, sum = 0;

	p[5 * PAGE] = 1;
	one = numpp() - pp;
	for (long i = 100; i < 200; i++)
		sum += p[i * PAGE];
	touch_pages(p + 500 * PAGE, 100, 1);
	printf("touch: one page %+ld, 201 pages %+ld, free %ld, sum %ld\n", one, numpp() - pp,
	    getNumFreePages() - free, sum);
}

static void
fill_and_leave(void)
{
	char *p = heap_pages(MANY);

	memset(p, 0xa5, (size_t)(MANY * PAGE));
}

static void
zero(void)
{
	long bad = 0;
	char *p;

	for (int i = 0; i < 5; i++)
		in_child(fill_and_leave);
	p = heap_pages(MANY);
	for (long i = 0; i < MANY * PAGE; i++)
		bad += p[i] != 0;
	printf("zero: %ld bytes are not\n", bad);
}

/* System calls whose buffers, paths and results lie in memory that nobody has touched. */
static void
kernel(void)
{
	char *p = heap_pages(16);
	int *fd = (int *)(void *)(p + 2 * PAGE - 4);	/* on two pages */
	int file;

	if (pipe(fd) < 0 || write(fd[1], p + 5 * PAGE, 3) != 3 || read(fd[0], p + 7 * PAGE, 3) != 3)
		err(1, "pipe");
	file = open("/README", O_RDONLY);
	if (file < 0 || read(file, p + 9 * PAGE - 100, 200) != 200)
		err(1, "read");
	if (open(p + 12 * PAGE, O_RDONLY) >= 0)
		errx(1, "an empty path was opened");
	printf("kernel: pipe, write, read, open worked\n");
}

static void
give_back(void)
{
	char *p = heap_pages(MANY);
	long pp, free = getNumFreePages();

	touch_pages(p, MANY, 1);
	pp = numpp();
	sbrk(-MANY * PAGE);
	printf("back: frames %+ld, free %+ld\n", numpp() - pp, getNumFreePages() - free);
}

static void
child_reads(void)
{
	char *p = (char *)sbrk(0) - 20 * PAGE;
	long sum = 0;

	for (long i = 0; i < 20; i++)
		sum += p[i * PAGE];
	printf("fork: the child reads %ld\n", sum);
}

static void
forked(void)
{
	char *p = heap_pages(20);

	touch_pages(p, 10, 3);
	in_child(child_reads);
}

static void
beyond(void)
{
	volatile char *p = heap_pages(1);

	p[PAGE] = 1;
	printf("beyond: still alive\n");
}

static void
huge(void)
{
	char *p = sbrk(1L << 30);

	if (p == (char *)-1)
		err(1, "sbrk");
	for (long i = 0; i < 1L << 30; i += 1L << 26)
		p[i] = 1;
	printf("huge: 1 GiB, 16 pages of it used\n");
}

static const struct check checks[] = {
	{ "grow", grow }, { "touch", touch }, { "zero", zero }, { "kernel", kernel },
	{ "back", give_back }, { "fork", forked }, { "beyond", beyond }, { "huge", huge },
};
PROBE_MAIN(checks)
