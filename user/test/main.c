/* The command line of the test programs: see test.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

static bool
wanted(const char *name, int n, char **names)
{
	for (int i = 0; i < n; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return n == 0;
}

static int
run_all(int n, char **names)
{
	unsigned passed = 0, failed = 0;

	for (struct test *t = test_first; t; t = t->next) {
		const char *why;

		if (!wanted(t->name, n, names))
			continue;
		why = test_verdict(t);
		printf("%s %s%s\n", *why ? "FAIL" : "ok  ", t->name, why);
		*why ? failed++ : passed++;
	}
	printf("%s: %u passed, %u failed (seed %u)\n", test_program, passed, failed, test_seed);
	return failed || !passed;
}

static int
list(void)
{
	for (struct test *t = test_first; t; t = t->next)
		printf("%-16s %s\n", t->name, t->sentence);
	return 0;
}

int
main(int argc, char **argv)
{
	struct timespec now = { 0 };
	int c;

	test_program = argv[0];
	if (argc > 1 && strcmp(argv[1], "EXEC") == 0)
		return test_exec_hook(argc - 2, argv + 2);
	clock_gettime(CLOCK_REALTIME, &now);
	test_seed = (unsigned)now.tv_nsec ^ (unsigned)now.tv_sec;
	while ((c = getopt(argc, argv, "ls:n:t:")) >= 0) {
		switch (c) {
		case 'l':
			return list();
		case 's':
			test_seed = (unsigned)strtoul(optarg, NULL, 0);
			break;
		case 'n':
			test_rounds = strtol(optarg, NULL, 0);
			break;
		case 't':
			test_seconds = strtol(optarg, NULL, 0);
			break;
		default:
			fprintf(stderr,
			    "usage: %s [-l] [-s SEED] [-n ROUNDS] [-t SECONDS] "
			    "[TEST]...\n",
			    argv[0]);
			return 2;
		}
	}
	mkdir("/tmp", 0777);
	return run_all(argc - optind, argv + optind);
}
