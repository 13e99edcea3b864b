/* Memory: who has how much. */
#include <err.h>
#include <quire.h>
#include <stdio.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "free [-s]\n"
    "Shows how the memory is used. `free` is what processes could get, with all\n"
    "caches given up. With -s also the kernel's own objects.\n";

static void
line(const char *what, uint64_t pages, const char *note)
{
	printf("%-16s %9llu pages %9llu KiB  %s\n", what, (unsigned long long)pages,
	    (unsigned long long)pages * 4, note);
}

static void
show_slabs(void)
{
	struct kinfo_slab s[16];
	uint64_t start = 0;
	long n;

	printf("\n%-16s %6s %9s %9s %9s\n", "OBJECTS", "BYTES", "USED", "CACHED", "PAGES");
	while ((n = kinfo(KINFO_SLAB, 0, start, s, sizeof(s))) > 0) {
		size_t count = (size_t)n / sizeof(s[0]);

		for (size_t i = 0; i < count; i++)
			printf("%-16.16s %6u %9u %9u %9u\n", s[i].name, s[i].size, s[i].used,
			    s[i].cached, s[i].pages);
		start += count;
	}
	if (n < 0)
		err(1, "kinfo");
}

int
main(int argc, char **argv)
{
	bool slabs = argc == 2 && argv[1][0] == '-' && argv[1][1] == 's' && !argv[1][2];
	struct kinfo_mem m;

	help_option(argc, argv, help);
	if (argc > 1 && !slabs)
		usage(help, 1);
	if (kinfo(KINFO_MEM, 0, 0, &m, sizeof(m)) <= 0)
		err(1, "kinfo");
	line("total", m.total, "without the kernel's image");
	line("free", m.free, "what a process could get");
	line("  unused", m.unused, "held by nobody");
	line("processes", m.anon, "heaps, stacks, shared memory");
	line("  page tables", m.tables, "of theirs");
	line("files", m.file, "in the page cache");
	line("  dirty", m.dirty, "not on the disk yet");
	line("kernel objects", m.slab, "-s lists them");
	line("kernel", m.kernel, "stacks, buffers, spare tables");
	if (slabs)
		show_slabs();
	return finish(0);
}
