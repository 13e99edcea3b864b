/*
 * In-kernel tests: KTEST(name, "sentence") { ... EXPECT(...); }. Linked only
 * into the test kernel (KTEST=1); run at boot by the parameter `ktest`
 * (all) or `ktest=PATTERN`, which prints a line for each and powers off with 0 or 1. A leak
 * check (frames, slab objects) stands round each.
 */
#ifndef KERN_KTEST_H
#define KERN_KTEST_H

#include "kern/print.h"

struct ktest {
	const char *name, *sentence;
	void (*fn)(void);
};

#define KTEST(n, s)                                                            \
	static void ktest_##n(void);                                           \
	static const struct ktest ktest_entry_##n                              \
	    __attribute__((used, section("ktests"), aligned(sizeof(void *)))) = {      \
		#n, s, ktest_##n                                               \
	};                                                                     \
	static void ktest_##n(void)

void	ktest_fail(const char *file, int line, const char *what);
bool	ktest_run_all(const char *pattern);	/* names that contain it; true: all passed */

/* What a test must leave as it found it. */
struct ktest_census {
	size_t	 frames;		/* in use */
	size_t	 objects;		/* of slabs, handed out */
};
void	ktest_set_census(void (*take)(struct ktest_census *c));

#define EXPECT(e)	((e) ? (void)0 : ktest_fail(__FILE__, __LINE__, #e))
#define EXPECT_EQ(a, b)	EXPECT((a) == (b))

#endif
