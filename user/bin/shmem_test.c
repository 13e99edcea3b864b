/* Shows pages of one process that appear in another. */
#include <err.h>
#include <quire.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bin.h"
#include "demo.h"
#include "entry.h"

static const char help[] HELP_TEXT =
    "shmem_test [-n]\n"
    "Shows pages of a parent in its child. The child writes \"Hello daddy\" there, and\n"
    "prints its size before, with and without the mapping, and after a malloc.\n"
    "-n: the child ends without unmapping. Status 0: it happened so.\n";

#define OFFSET	100		/* of the buffer in its first page */
#define LENGTH	4096		/* so it lies in two pages */

static char *buffer;		/* in the parent */
static char *mapped;		/* where the child has it */
static char *size_before;

static void
show_size(const char *when)
{
	demo_say("child: size %-22s %lu bytes", when, (unsigned long)sbrk(0));
}

static void
child_map(void)
{
	uint64_t va;

	size_before = sbrk(0);
	show_size("before mapping");
	va = map_shared_pages(getppid(), getpid(), (uintptr_t)buffer, LENGTH);
	if (va == 0)
		err(1, "map_shared_pages");
	mapped = (char *)(uintptr_t)va;
	show_size("after mapping");
	demo_shows(sbrk(0) == (void *)(((uintptr_t)size_before + 4095) / 4096 * 4096 + 2 * PAGE),
	    "two pages more, from the next page's start: at %p the buffer begins", (void *)mapped);
	demo_shows((va & 4095) == OFFSET, "as far into its page as the parent's: %d bytes", OFFSET);
}

static void
child_unmap(void)
{
	if (unmap_shared_pages((uintptr_t)mapped, LENGTH) < 0)
		err(1, "unmap_shared_pages");
	show_size("after unmapping");
	demo_shows(sbrk(0) == size_before, "to the byte what it was before");
}

static void
child_malloc(void)
{
	const size_t n = 100000;
	char *p = malloc(n);

	if (p == NULL)
		err(1, "malloc");
	memset(p, 'm', n);
	show_size("after malloc(100000)");
	demo_shows((char *)sbrk(0) > size_before && p[0] == 'm' && p[n - 1] == 'm',
	    "the heap grows where the pages were");
	free(p);
}

static bool
child(char what, void *arg)
{
	(void)arg;
	if (what == 'm')
		child_map();
	else if (what == 'w')
		strcpy(mapped, "Hello daddy");
	else if (what == 'u')
		child_unmap();
	else
		child_malloc();
	return demo_status() == 0;
}

static void
tell(struct puppet *p, char what)
{
	if (!puppet_order(p, what))
		errx(1, "the child failed");
}

static void
share(struct puppet *p)
{
	struct kinfo_pte ours, theirs;

	demo_step("The child maps the parent's buffer");
	tell(p, 'm');
	demo_step("The child writes \"Hello daddy\" there");
	tell(p, 'w');
	demo_step("The parent prints its buffer");
	demo_say("parent: %s", buffer);
	demo_shows(strcmp(buffer, "Hello daddy") == 0, "it reads what the child wrote");
	if (demo_entry("parent", getpid(), buffer, &ours))
		demo_shows(ours.refs == 2 && ours.flags & KPTE_SHARED,
		    "S: shared, refs 2: a page of two processes");
	demo_shows(entry_find(p->pid, buffer + LENGTH, &theirs) == false ||
		theirs.pfn != ours.pfn, "at the parent's address the child has memory of its own");
}

int
main(int argc, char **argv)
{
	bool leave = argc == 2 && strcmp(argv[1], "-n") == 0;
	struct kinfo_pte e;
	struct puppet p;

	help_option(argc, argv, help);
	if (argc > 2 || (argc == 2 && !leave))
		usage(help, 2);
	demo_begin("shmem_test: pages of one process in another");
	demo_step("The parent has a buffer in two pages, and forks");
	buffer = demo_pages(2) + OFFSET;
	strcpy(buffer, "nothing yet");
	puppet_start(&p, child, NULL);
	demo_say("parent: the buffer is at %p and holds \"%s\"", (void *)buffer, buffer);
	share(&p);
	if (!leave) {
		demo_step("The child unmaps it");
		tell(&p, 'u');
		demo_step("The child takes memory with malloc");
		tell(&p, 'a');
	}
	demo_step(leave ? "The child ends, without unmapping" : "The child ends");
	demo_shows(puppet_end(&p), "status 0");
	demo_shows(strcmp(buffer, "Hello daddy") == 0, "the parent still has its buffer: \"%s\"",
	    buffer);
	if (demo_entry("parent", getpid(), buffer, &e))
		demo_shows(e.refs == 1, "refs 1: it alone has the frame, which goes when it ends");
	return finish(demo_end());
}
