/* What the system has been doing. */
#include <err.h>
#include <limits.h>
#include <quire.h>
#include <stdio.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "vmstat [SECONDS [COUNT]]\n"
    "Counts what the system has done since boot, or in each interval. FREE pages a\n"
    "process could get, DIRTY file pages; FAULT page faults, of these ZERO with a\n"
    "new page, COPY by copying one, FILE from the page cache; FORK; EXEC; SYSC\n"
    "system calls; SWITCH of processes; IRQ interrupts; READ and WRIT(E) of the\n"
    "disk in KiB; IDLE percent of the processors' time. k: thousands, M: millions.\n";

static void
heading(void)
{
	printf("%6s %5s %5s %5s %5s %5s %4s %4s %5s %6s %4s %4s %4s %4s\n", "FREE", "DIRTY",
	    "FAULT", "ZERO", "COPY", "FILE", "FORK", "EXEC", "SYSC", "SWITCH", "IRQ", "READ",
	    "WRIT", "IDLE");
}

/* N in WIDTH columns, in thousands or millions when it has more digits. */
static void
show_count(uint64_t n, int width)
{
	static const char units[] = " kMG";
	uint64_t limit = 1;
	int unit = 0;

	for (int i = 0; i < width; i++)
		limit *= 10;
	for (; n >= (unit ? limit / 10 : limit) && unit < 3; unit++)
		n /= 1000;
	if (unit)
		printf("%*llu%c ", width - 1, (unsigned long long)n, units[unit]);
	else
		printf("%*llu ", width, (unsigned long long)n);
}

static unsigned long long
idle_percent(const struct kinfo_stat *a, const struct kinfo_stat *b)
{
	uint64_t all = (b->uptime_ns - a->uptime_ns) / 1000 * b->cpus;
	uint64_t percent = all ? (b->idle_ns - a->idle_ns) / 10 / all : 0;

	return percent > 100 ? 100 : percent;
}

static void
show(const struct kinfo_stat *a, const struct kinfo_stat *b)
{
	struct kinfo_mem m = { 0 };

	kinfo(KINFO_MEM, 0, 0, &m, sizeof(m));
	show_count(m.free, 6);
	show_count(m.dirty, 5);
	show_count(b->faults - a->faults, 5);
	show_count(b->faults_zero - a->faults_zero, 5);
	show_count(b->faults_copy - a->faults_copy, 5);
	show_count(b->faults_file - a->faults_file, 5);
	show_count(b->forks - a->forks, 4);
	show_count(b->execs - a->execs, 4);
	show_count(b->syscalls - a->syscalls, 5);
	show_count(b->switches - a->switches, 6);
	show_count(b->irqs - a->irqs, 4);
	show_count((b->disk_read_blocks - a->disk_read_blocks) / 2, 4);
	show_count((b->disk_write_blocks - a->disk_write_blocks) / 2, 4);
	printf("%4llu\n", idle_percent(a, b));
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
