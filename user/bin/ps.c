/* Processes. */
#include <err.h>
#include <quire.h>
#include <stdio.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "ps\n"
    "Lists the processes. PPID the parent; S the state, R running or ready, S\n"
    "asleep, Z ended but not waited for; CPU the processor; TIME processor time;\n"
    "VPAGES pages of its memory; PPAGES how many of them have a frame; WAITS what\n"
    "it sleeps on.\n";

static void
show(const struct kinfo_proc *p)
{
	uint64_t ms = p->cpu_ns / 1000000;

	printf("%5d %5d %c %3d %5llu.%02llu %8llu %8llu  %-15.16s %.16s\n", p->pid, p->ppid,
	    p->state, p->cpu, (unsigned long long)(ms / 1000), (unsigned long long)(ms % 1000 / 10),
	    (unsigned long long)p->vpages, (unsigned long long)p->ppages, p->name, p->wchan);
}

int
main(int argc, char **argv)
{
	struct kinfo_proc p[16];
	uint64_t start = 0;
	long n;

	help_option(argc, argv, help);
	if (argc > 1)
		usage(help, 1);
	printf("%5s %5s %c %3s %8s %8s %8s  %-15s %s\n", "PID", "PPID", 'S', "CPU", "TIME",
	    "VPAGES", "PPAGES", "NAME", "WAITS");
	while ((n = kinfo(KINFO_PROC, 0, start, p, sizeof(p))) > 0)
		for (size_t i = 0; i < (size_t)n / sizeof(p[0]); i++) {
			show(&p[i]);
			start = (uint64_t)p[i].pid + 1;
		}
	if (n < 0)
		err(1, "kinfo");
	return finish(0);
}
