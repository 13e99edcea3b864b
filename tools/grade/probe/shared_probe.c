/* Facts about memory that processes share. */
#include "probe.h"

static char *page;
static char *buffer;

static void
child_stores(void)
{
	strcpy(getshared(), "from the child");
}

static void
inherit(void)
{
	page = mapshared();
	if (page == NULL)
		err(1, "mapshared");
	in_child(child_stores);
	printf("inherit: the parent reads \"%s\"\n", page);
	printf("inherit: a second one is %s\n", mapshared() ? "given" : "refused");
}

static void
unmap(void)
{
	char *brk = sbrk(0);
	long free = getNumFreePages();

	page = mapshared();
	page[0] = 1;
	if (unmapshared() < 0)
		err(1, "unmapshared");
	printf("unmap: the break %s, getshared() %s, %ld frames are missing\n",
	    sbrk(0) == brk ? "is back" : "moved", getshared() ? "has one" : "has none",
	    free - getNumFreePages());
}

static void
child_maps(void)
{
	char *brk = sbrk(0);
	uint64_t va = map_shared_pages(getppid(), getpid(), (uintptr_t)buffer, 5000);
	char *p = (char *)(uintptr_t)va;

	if (va == 0)
		err(1, "map_shared_pages");
	printf("map: the child reads \"%s\"\n", p);
	strcpy(p + 4990, "and back");
	if (unmap_shared_pages(va, 5000) < 0)
		err(1, "unmap_shared_pages");
	printf("map: the child's break %s\n", sbrk(0) == brk ? "is back" : "moved");
}

static void
map(void)
{
	buffer = heap_pages(4) + 3000;
	strcpy(buffer, "over");
	in_child(child_maps);
	printf("map: the parent reads \"%s\"\n", buffer + 4990);
}

static void
child_leaves(void)
{
	uint64_t va = map_shared_pages(getppid(), getpid(), (uintptr_t)buffer, 3 * PAGE);

	*(volatile char *)(uintptr_t)va = 'x';
}

static void
leave(void)
{
	long before;

	buffer = heap_pages(4);
	touch_pages(buffer, 4, 'b');
	in_child(child_leaves);
	before = getNumFreePages();
	for (int i = 0; i < 30; i++)
		in_child(child_leaves);
	printf("leave: the parent reads %c, %ld frames are missing\n", buffer[0],
	    before - getNumFreePages());
}

static void
bad(void)
{
	int n = 0;

	buffer = heap_pages(1);
	n += map_shared_pages(getpid(), 9999, (uintptr_t)buffer, PAGE) == 0;
	n += map_shared_pages(1, getpid(), 0x1000, PAGE) == 0;
	n += map_shared_pages(getppid(), getpid(), 0x3000000, PAGE) == 0;
	n += unmap_shared_pages((uintptr_t)buffer, PAGE) == -1;
	n += unmapshared() == -1;
	printf("bad: %d of 5 are refused\n", n);
}

static const struct check checks[] = {
	{ "inherit", inherit }, { "unmap", unmap }, { "map", map }, { "leave", leave },
	{ "bad", bad },
};
PROBE_MAIN(checks)
