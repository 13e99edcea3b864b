/* Runs the in-kernel tests (kern/ktest.h); a part of the test kernel, as they are. */
#include "kern/ktest.h"

#include "kern/clock.h"
#include "lib/string.h"

/* The linker's names for the bounds of the section. */
extern const struct ktest __start_ktests[] __attribute__((weak));
extern const struct ktest __stop_ktests[] __attribute__((weak));

#define SETTLE_TRIES	20	/* daemons and dying threads get so many looks ... */
#define SETTLE_NS	50000000ull	/* ... at this distance to let go */

static void (*census)(struct ktest_census *);
static unsigned failures;		/* of the running test */

void
ktest_set_census(void (*take)(struct ktest_census *))
{
	census = take;
}

void
ktest_fail(const char *file, int line, const char *what)
{
	failures++;
	kprintf("%s:%d: expected %s\n", file, line, what);
}

static bool
contains(const char *s, const char *part)
{
	size_t n = strlen(part);

	for (; *s != '\0'; s++)
		if (strncmp(s, part, n) == 0)
			return true;
	return n == 0;
}

static void
check_leaks(const struct ktest_census *before)
{
	struct ktest_census after = { 0, 0 };

	for (int i = 0; i < SETTLE_TRIES; i++) {
		census(&after);
		if (after.frames <= before->frames && after.objects <= before->objects)
			return;
		if (clock_sleep_ns(SETTLE_NS) != OK)
			break;
	}
	failures++;
	kprintf("leaked: %zu frames in use before, %zu after; %zu slab objects before, %zu after\n",
	    before->frames, after.frames, before->objects, after.objects);
}

static bool
run(const struct ktest *t)
{
	struct ktest_census before = { 0, 0 };

	failures = 0;
	if (census != NULL)
		census(&before);
	t->fn();
	if (census != NULL)
		check_leaks(&before);
	kprintf("ktest: %s: %s (%s)\n", failures == 0 ? "ok" : "FAILED", t->name, t->sentence);
	return failures == 0;
}

bool
ktest_run_all(const char *pattern)
{
	unsigned passed = 0, failed = 0;

	for (const struct ktest *t = __start_ktests; t < __stop_ktests; t++)
		if (contains(t->name, pattern)) {
			if (run(t))
				passed++;
			else
				failed++;
		}
	kprintf("ktest: %u passed, %u failed\n", passed, failed);
	return failed == 0;
}
