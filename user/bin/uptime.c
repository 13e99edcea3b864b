/* How long the system has been running. */
#include <err.h>
#include <quire.h>
#include <stdio.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "uptime\n"
    "Prints how long the system has been running, and how idle it was.\n";

int
main(int argc, char **argv)
{
	struct kinfo_stat s;
	uint64_t seconds, all;

	help_option(argc, argv, help);
	if (argc > 1)
		usage(help, 1);
	if (kinfo(KINFO_STAT, 0, 0, &s, sizeof(s)) <= 0)
		err(1, "kinfo");
	seconds = s.uptime_ns / 1000000000;
	all = s.uptime_ns / 1000 * s.cpus;
	printf("up %llu:%02llu:%02llu, %llu processor%s, %llu %% idle\n",
	    (unsigned long long)(seconds / 3600), (unsigned long long)(seconds / 60 % 60),
	    (unsigned long long)(seconds % 60), (unsigned long long)s.cpus, s.cpus == 1 ? "" : "s",
	    (unsigned long long)(all ? s.idle_ns / 10 / all : 0));
	return finish(0);
}
