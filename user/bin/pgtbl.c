/* The page table of a process. */
#include <err.h>
#include <limits.h>
#include <quire.h>
#include <stdio.h>
#include <unistd.h>

#include "bin.h"
#include "entry.h"

static const char help[] HELP_TEXT =
    "pgtbl [PID]\n"
    "Prints the page table of a process, or its own, level by level. Each entry:\n"
    "the first address it translates, rights (r w x, u: also for the process),\n"
    "label (S: shared, C: copy on write), the frame it leads to, how many pages of\n"
    "processes that is (refs), and in how many places the kernel has it (slots: a\n"
    "tree that processes share counts once). A process that has not touched a page\n"
    "since its table was emptied has no entry for it.\n";

#define LEVELS	8

static int top = -1;			/* the level of the root */
static uint64_t shown[LEVELS];		/* frame of the table printed last, by level */

static void
show(const struct kinfo_pte *e)
{
	char rights[ENTRY_TEXT], address[24];

	if (top < 0)
		top = e->level;
	/* Each call gives the tables that lead to its first page once more. */
	if ((e->flags & KPTE_TABLE) && e->level < LEVELS) {
		if (shown[e->level] == e->pfn)
			return;
		shown[e->level] = e->pfn;
	}
	for (int level = top; level > e->level; level--)
		printf(" ..");
	snprintf(address, sizeof(address), "%#llx:", (unsigned long long)e->va);
	printf(" ..%-*s ", e->flags & KPTE_TABLE ? 0 : 13, address);
	if (e->flags & KPTE_TABLE)
		printf("table in frame %#llx\n", (unsigned long long)e->pfn);
	else
		printf("%s frame %#llx refs %u slots %u\n", entry_rights(e, rights),
		    (unsigned long long)e->pfn, e->refs, e->slots);
}

/* Shows N entries; where to go on, or 0: nothing but tables were left. */
static uint64_t
show_all(const struct kinfo_pte *e, size_t n)
{
	uint64_t next = 0;

	for (size_t i = 0; i < n; i++) {
		show(&e[i]);
		if (!(e[i].flags & KPTE_TABLE))
			next = e[i].va + PAGESIZE;
	}
	return next;
}

int
main(int argc, char **argv)
{
	struct kinfo_pte e[32];
	uint64_t start = 0;
	long n, pid = getpid();

	help_option(argc, argv, help);
	if (argc > 2 || (argc == 2 && !parse_number(argv[1], 1, INT_MAX, &pid)))
		usage(help, 1);
	do {
		n = kinfo(KINFO_PTE, pid, start, e, sizeof(e));
		if (n >= 0 && start == 0)
			printf("page table of process %ld\n", pid);
		start = n > 0 ? show_all(e, (size_t)n / sizeof(e[0])) : 0;
	} while (start);
	if (n < 0)
		err(1, "%ld", pid);
	return finish(0);
}
