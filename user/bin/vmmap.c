/* The address space of a process. */
#include <dirent.h>
#include <err.h>
#include <limits.h>
#include <quire.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "vmmap [PID]\n"
    "Shows the memory regions of a process, or its own. Addresses; rights (p:\n"
    "private, s: shared); PAGES how many it spans; HERE how many of them have a\n"
    "frame; OWN how many of these are private to the process; what it is.\n";

/* What a region's file is called, when it is one of the programs. */
static void
show_file(const struct kinfo_region *r)
{
	struct dirent *e = NULL;
	DIR *d = opendir("/bin");

	while (d && (e = readdir(d)) && e->d_ino != r->ino)
		;
	if (e)
		printf("/bin/%s+%#llx", e->d_name, (unsigned long long)r->offset);
	else
		printf("file %u+%#llx", r->ino, (unsigned long long)r->offset);
	if (d)
		closedir(d);
}

static void
show(const struct kinfo_region *r)
{
	printf("%#12llx-%#12llx %c%c%c%c %6llu %6llu %6llu  ", (unsigned long long)r->start,
	    (unsigned long long)r->end, r->prot & PROT_READ ? 'r' : '-',
	    r->prot & PROT_WRITE ? 'w' : '-', r->prot & PROT_EXEC ? 'x' : '-',
	    r->flags & KREG_SHARED ? 's' : 'p',
	    (unsigned long long)(r->end - r->start) / PAGE_SIZE,
	    (unsigned long long)r->resident, (unsigned long long)r->priv);
	if (r->flags & KREG_FILE)
		show_file(r);
	else if (r->flags & KREG_MAPSHARED)
		printf("the page of mapshared()");
	else if (r->flags & KREG_GUARD)
		printf("guard");
	else if (r->flags & KREG_STACK)
		printf("stack");
	else if (r->flags & KREG_HEAP)
		printf("heap");
	else
		printf("memory");
	putchar('\n');
}

int
main(int argc, char **argv)
{
	struct kinfo_region r[8];
	uint64_t start = 0, pages = 0, resident = 0;
	long n, pid = getpid();

	help_option(argc, argv, help);
	if (argc > 2 || (argc == 2 && !parse_number(argv[1], 1, INT_MAX, &pid)))
		usage(help, 1);
	while ((n = kinfo(KINFO_REGION, pid, start, r, sizeof(r))) > 0) {
		if (start == 0)
			printf("%12s-%-12s %4s %6s %6s %6s  %s\n", "START", "END", "", "PAGES",
			    "HERE", "OWN", "WHAT");
		for (size_t i = 0; i < (size_t)n / sizeof(r[0]); i++) {
			show(&r[i]);
			start = r[i].end;
			pages += (r[i].end - r[i].start) / PAGE_SIZE;
			resident += r[i].resident;
		}
	}
	if (n < 0)
		err(1, "%ld", pid);
	printf("%30s %6llu %6llu\n", "", (unsigned long long)pages, (unsigned long long)resident);
	return finish(0);
}
