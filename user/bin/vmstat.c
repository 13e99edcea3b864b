/* What the system has been doing. */
#include <err.h>
#include <limits.h>
#include <quire.h>
#include <stdio.h>
#include <unistd.h>

#include "bin.h"

static const char help[] =
    "vmstat [SECONDS [COUNT]]\n"
    "Counts since boot, or in each interval: FREE pages a process could get, DIRTY file pages;\n"
    "FAULT page faults, of these ZERO with a new page, COPY by copying one, FILE from the page\n"
    "cache; FORK; EXEC; SYSC system calls; SWITCH of processes; IRQ interrupts; READ and WRITE\n"
    "of the disk in KiB; IDLE percent of the processors' time.\n";

static void
heading(void)
{
	printf("%8s %6s %8s %7s %7s %7s %6s %6s %8s %8s %7s %8s %8s %4s\n",
	    "FREE", "DIRTY", "FAULT", "ZERO", "COPY", "FILE", "FORK", "EXEC", "SYSC", "SWITCH",
	    "IRQ", "READ", "WRITE", "IDLE");
}

static unsigned long long
idle_percent(const struct kinfo_stat *a, const struct kinfo_stat *b)
{
	uint64_t all = (b->uptime_ns - a->uptime_ns) / 1000 * b->cpus;
	uint64_t percent = all ? (b->idle_ns - a->idle_ns) / 10 / all : 0;

	return percent > 100 ? 100 : percent;
}

#define DIFF(member)	((unsigned long long)(b->member - a->member))

static void
show(const struct kinfo_stat *a, const struct kinfo_stat *b)
{
	struct kinfo_mem m = { 0 };

	kinfo(KINFO_MEM, 0, 0, &m, sizeof(m));
	printf("%8llu %6llu %8llu %7llu %7llu %7llu ", (unsigned long long)m.free,
	    (unsigned long long)m.dirty, DIFF(faults), DIFF(faults_zero), DIFF(faults_copy),
	    DIFF(faults_file));
	printf("%6llu %6llu %8llu %8llu %7llu %8llu %8llu %4llu\n", DIFF(forks), DIFF(execs),
	    DIFF(syscalls), DIFF(switches), DIFF(irqs), DIFF(disk_read_blocks) / 2,
	    DIFF(disk_write_blocks) / 2, idle_percent(a, b));
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	struct kinfo_stat a = { 0 }, b;
	long seconds = 0, count = LONG_MAX;

	help_option(argc, argv, help);
	if (argc > 3 || (argc > 1 && !parse_number(argv[1], 1, 1000000, &seconds)) ||
	    (argc > 2 && !parse_number(argv[2], 1, LONG_MAX, &count)))
		usage(help, 1);
	for (long i = 0; i < count; i++) {
		if (kinfo(KINFO_STAT, 0, 0, &b, sizeof(b)) <= 0)
			err(1, "kinfo");
		if (i % 20 == 0)
			heading();
		show(&a, &b);
		if (!seconds)
			break;
		a = b;
		sleep((unsigned)seconds);
	}
	return finish(0);
}
