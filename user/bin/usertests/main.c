/* The command line of the regression suite. The tests are in the other files, see test.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../bin.h"
#include "test.h"

static const char help[] HELP_TEXT =
    "usertests [-cClq] [-s SEED] [NAME]...\n"
    "Tests the kernel from a program's side. Every system call with its limits and\n"
    "bad arguments, processes that race for the same things, and what happens when\n"
    "something is used up. Each test has a process of its own; afterwards all its\n"
    "memory must be free again. Without names all tests run, in about a minute. The\n"
    "last line is ALL TESTS PASSED, or names those that failed: then the status is 1.\n"
    "  -q  only the quick tests       -c  again and again, until one fails\n"
    "  -l  list the tests             -C  again and again, whatever fails\n"
    "  -s  SEED of the random numbers, which every run prints\n";

enum again { ONCE, UNTIL_FAILED, FOR_EVER };

struct run {
	bool quick;
	int nnames;
	char **names;
	bool line;		/* at a terminal: the running test's name is shown */
	char failed[200];	/* names, for the last line */
};

static double
seconds(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static bool
wanted(const struct run *r, const struct test *t)
{
	for (int i = 0; i < r->nnames; i++)
		if (strcmp(t->name, r->names[i]) == 0)
			return true;
	return r->nnames == 0 && !(r->quick && t->slow);
}

static void
run_one(struct run *r, struct test *t)
{
	double start = seconds();
	size_t n = strlen(r->failed);
	const char *why;

	if (r->line)
		printf("...  %s\r", t->name);
	fflush(stdout);
	why = test_verdict(t);
	printf("%s %-20s %6.2f s%s\n", *why ? "FAIL" : "ok  ", t->name, seconds() - start, why);
	if (*why)
		snprintf(r->failed + n, sizeof(r->failed) - n, " %s", t->name);
}

/* Whether all passed. */
static bool
run_all(struct run *r)
{
	double start = seconds();
	unsigned count = 0;

	r->failed[0] = '\0';
	for (struct test *t = test_first; t; t = t->next)
		if (wanted(r, t)) {
			run_one(r, t);
			count++;
		}
	printf("%u tests, %.1f s, seed %u\n", count, seconds() - start, test_seed);
	if (r->failed[0])
		printf("SOME TESTS FAILED:%s\n", r->failed);
	else
		printf("ALL TESTS PASSED\n");
	fflush(stdout);
	return !r->failed[0];
}

static void
list(void)
{
	for (struct test *t = test_first; t; t = t->next)
		printf("%-20s %s%s\n", t->name, t->sentence, t->slow ? " (not with -q)" : "");
	exit(finish(0));
}

static void
check_names(const struct run *r)
{
	for (int i = 0; i < r->nnames; i++) {
		struct test *t = test_first;

		while (t && strcmp(t->name, r->names[i]) != 0)
			t = t->next;
		if (!t) {
			fprintf(stderr, "usertests: %s: no such test; -l lists them\n",
			    r->names[i]);
			exit(1);
		}
	}
}

static enum again
options(struct run *r, int argc, char **argv)
{
	enum again again = ONCE;
	long seed;
	int c;

	opterr = 0;
	while ((c = getopt(argc, argv, "cClqs:")) >= 0) {
		switch (c) {
		case 'c':
			again = UNTIL_FAILED;
			break;
		case 'C':
			again = FOR_EVER;
			break;
		case 'l':
			list();
			break;
		case 'q':
			r->quick = true;
			break;
		case 's':
			if (parse_number(optarg, 0, 0x7fffffff, &seed)) {
				test_seed = (unsigned)seed;
				break;
			}
			/* fall through */
		default:
			usage(help, 1);
		}
	}
	r->nnames = argc - optind;
	r->names = argv + optind;
	check_names(r);
	return again;
}

int
main(int argc, char **argv)
{
	struct timespec now = { 0 };
	struct run r = { .line = isatty(STDOUT_FILENO) };
	enum again again;
	bool good;

	test_program = strchr(argv[0], '/') ? argv[0] : "/bin/usertests";
	if (argc > 1 && strcmp(argv[1], "EXEC") == 0)
		return test_exec_hook(argc - 2, argv + 2);
	help_option(argc, argv, help);
	clock_gettime(CLOCK_REALTIME, &now);
	test_seed = ((unsigned)now.tv_nsec ^ (unsigned)now.tv_sec) & 0x7fffffff;
	again = options(&r, argc, argv);
	mkdir("/tmp", 0777);
	do {
		good = run_all(&r);
		test_seed = (test_seed + 1) & 0x7fffffff;
	} while (again == FOR_EVER || (again == UNTIL_FAILED && good));
	return !good;
}
