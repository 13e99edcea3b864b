/* Shows copy-on-write: what fork shares, and who copies when. */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bin.h"
#include "demo.h"
#include "entry.h"

static const char help[] HELP_TEXT =
    "testcow [-k] [CHILDREN]\n"
    "Shows copy-on-write, step by step. With 1 to 8 children (3): the frame behind\n"
    "two pages, in each process, before the fork, after it and after each write.\n"
    "Refs is how many processes have the frame; -k shows the kernel's own count too,\n"
    "in how many places it has it (slots). Status 0: it happened so.\n";

#define MAX_CHILDREN	8
#define TEXT		32
#define PAGES		2	/* A: everybody writes to it; B: nobody does */

struct proc {
	struct puppet puppet;	/* of a child */
	pid_t pid;
	char name[TEXT];
	struct kinfo_pte entry[PAGES];
	bool wrote;
};

static struct proc procs[1 + MAX_CHILDREN];	/* the parent, then its children */
static int nprocs = 1;
static char *page[PAGES];
static bool kernel_count;

/* ---- what a process does ---- */

static void
write_own_name(const struct proc *me)
{
	snprintf(page[0], TEXT, "%s was here", me->name);
}

/* Reading changes nothing, but now its page table has entries for them. */
static void
read_pages(void)
{
	(void)*(volatile char *)page[0];
	(void)*(volatile char *)page[1];
}

/* Says what page A holds; is it what ME wrote, and page B as it was? */
static bool
compare_pages(const struct proc *me)
{
	char want[TEXT];

	snprintf(want, sizeof(want), "%s was here", me->name);
	demo_say("%s: \"%s\"", me->name, page[0]);
	return strcmp(page[0], want) == 0 && strcmp(page[1], "everybody's") == 0;
}

/* What a child is told: r reads, w writes to page A, c compares both. */
static bool
obey(char what, void *arg)
{
	const struct proc *me = arg;

	if (what == 'c')
		return compare_pages(me);
	if (what == 'w')
		write_own_name(me);
	else
		read_pages();
	return true;
}

static void
start_child(int number)
{
	struct proc *p = &procs[number];

	snprintf(p->name, sizeof(p->name), "child %d", number);
	puppet_start(&p->puppet, obey, p);
	p->pid = p->puppet.pid;
	nprocs++;
}

/* ---- looking at all of them ---- */

static void
show_entry(const struct kinfo_pte *e)
{
	char rights[ENTRY_TEXT];

	printf("   %s %#7llx %4u", entry_rights(e, rights), (unsigned long long)e->pfn, e->refs);
	if (kernel_count)
		printf(" %5u", e->slots);
}

/* Fills in the entries and prints a line for each process. */
static void
look(void)
{
	static const char columns[] = "   entry    frame refs", more[] = " slots";

	read_pages();
	for (int i = 1; i < nprocs; i++)
		if (!puppet_order(&procs[i].puppet, 'r'))
			errx(1, "%s is gone", procs[i].name);
	printf("   %-20s%-*spage B\n", "", (int)sizeof(columns) - 1 + (kernel_count ? 6 : 0),
	    "page A");
	printf("   %-17s", "process");
	for (int k = 0; k < PAGES; k++)
		printf("%s%s", columns, kernel_count ? more : "");
	putchar('\n');
	for (int i = 0; i < nprocs; i++) {
		struct proc *p = &procs[i];

		printf("   %-8s pid %-4d", p->name, (int)p->pid);
		for (int k = 0; k < PAGES; k++) {
			if (!entry_find(p->pid, page[k], &p->entry[k]))
				errx(1, "%s has no entry for a page it has read", p->name);
			show_entry(&p->entry[k]);
		}
		putchar('\n');
	}
}

/* Do all processes have page K in one frame, which counts exactly them? */
static bool
one_frame(int k)
{
	bool so = true;

	for (int i = 0; i < nprocs; i++)
		so &= procs[i].entry[k].pfn == procs[0].entry[k].pfn &&
		    procs[i].entry[k].refs == (uint32_t)nprocs;
	return so;
}

/* Is nobody's entry for page K writable? */
static bool
all_read_only(int k)
{
	bool so = true;

	for (int i = 0; i < nprocs; i++)
		so &= !(procs[i].entry[k].flags & KPTE_WRITE) && procs[i].entry[k].flags & KPTE_COW;
	return so;
}

/* Does every process have a frame of its own for page A? */
static bool
all_apart(void)
{
	bool so = true;

	for (int i = 0; i < nprocs; i++)
		for (int j = 0; j < nprocs; j++)
			so &= procs[i].entry[0].refs == 1 &&
			    (i == j || procs[i].entry[0].pfn != procs[j].entry[0].pfn);
	return so;
}

/* ---- the steps ---- */

static void
before(void)
{
	demo_step("The parent writes to two pages, A and B");
	strcpy(page[0], "parent was here");
	strcpy(page[1], "everybody's");
	look();
	demo_shows(one_frame(0) && one_frame(1), "each is in a frame that it alone has, and may "
						 "write to (w)");
}

static void
fork_all(int children)
{
	long free = getNumFreePages();

	demo_step("It forks %d child%s; everybody reads both pages", children,
	    children == 1 ? "" : "ren");
	for (int i = 1; i <= children; i++)
		start_child(i);
	look();
	demo_say("free frames: %ld before, %ld now; page tables, stacks and descriptors of %d "
		 "process%s took %ld", free, getNumFreePages(), children,
	    children == 1 ? "" : "es", free - getNumFreePages());
	if (demo_fork_copies()) {
		demo_shows(all_apart(), "fork=copy: everybody has frames of its own already");
		return;
	}
	demo_shows(one_frame(0) && one_frame(1), "no page was copied: the same frames, refs %d",
	    nprocs);
	demo_shows(all_read_only(0) && all_read_only(1),
	    "nobody may write to them now, not even the parent; C: copy on write");
}

/* P writes to page A, which SHARERS processes, P among them, have in the same frame. */
static void
write_page(struct proc *p, int sharers)
{
	const struct kinfo_pte *e = &p->entry[0];
	uint64_t was = e->pfn;

	demo_step("%s writes to page A", p == procs ? "The parent" : p->name);
	if (p == procs)
		write_own_name(p);
	else if (!puppet_order(&p->puppet, 'w'))
		errx(1, "%s could not write", p->name);
	look();
	p->wrote = true;
	if (sharers > 1) {
		demo_shows(e->pfn != was && e->refs == 1 && e->flags & KPTE_WRITE,
		    "a fault: frame %#llx was copied to %#llx, which is its own",
		    (unsigned long long)was, (unsigned long long)e->pfn);
		for (int i = 0; i < nprocs; i++)
			if (!procs[i].wrote)
				demo_shows(procs[i].entry[0].refs == (uint32_t)sharers - 1 &&
					procs[i].entry[0].pfn == was,
				    "%s: still frame %#llx, refs %d", procs[i].name,
				    (unsigned long long)was, sharers - 1);
	} else if (!demo_fork_copies()) {
		demo_shows(e->pfn == was && e->refs == 1 && e->flags & KPTE_WRITE,
		    "the last one copies nothing: the same frame, now with w again");
	} else {
		demo_shows(e->pfn == was && e->refs == 1, "fork=copy: no copy, the frame was its "
							  "own already");
	}
}

static void
write_all_of_them(void)
{
	int sharers = demo_fork_copies() ? 1 : nprocs;

	for (int i = 1; i < nprocs; i++) {
		write_page(&procs[i], sharers);
		if (sharers > 1)
			sharers--;
	}
	write_page(&procs[0], sharers);
	demo_shows(all_apart(), "page A: %d processes, %d frames", nprocs, nprocs);
	if (!demo_fork_copies())
		demo_shows(one_frame(1), "page B, to which nobody wrote: one frame for all");
}

static void
compare(void)
{
	bool so;

	demo_step("Everybody reads page A again");
	so = compare_pages(&procs[0]);
	for (int i = 1; i < nprocs; i++)
		so &= puppet_order(&procs[i].puppet, 'c');
	demo_shows(so, "each finds what it wrote itself, and page B as it was");
}

static void
end(void)
{
	bool so = true;

	demo_step("The children end");
	for (int i = 1; i < nprocs; i++)
		so &= puppet_end(&procs[i].puppet);
	nprocs = 1;
	look();
	demo_shows(so && one_frame(0) && one_frame(1), "the parent is alone again: refs 1");
}

int
main(int argc, char **argv)
{
	long children = 3;
	char *memory;

	help_option(argc, argv, help);
	if (argc > 1 && strcmp(argv[1], "-k") == 0) {
		kernel_count = true;
		argc--, argv++;
	}
	if (argc > 2 || (argc == 2 && !parse_number(argv[1], 1, MAX_CHILDREN, &children)))
		usage(help, 2);
	demo_begin("testcow: one frame for many, until somebody writes");
	memory = demo_pages(PAGES);
	page[0] = memory;
	page[1] = memory + PAGE;
	strcpy(procs[0].name, "parent");
	procs[0].pid = getpid();
	before();
	fork_all((int)children);
	write_all_of_them();
	compare();
	end();
	return finish(demo_end());
}
