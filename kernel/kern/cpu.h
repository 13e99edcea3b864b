/*
 * The head of struct cpu (kern/thread.h): what every lock and every way into and out of
 * the kernel looks at, apart so that locks can be taken inline. md_cpu_self leads to it;
 * a port's assembly knows where id and resched are.
 */
#ifndef KERN_CPU_H
#define KERN_CPU_H

#include "md/types.h"

struct thread;
struct page_stock;

#define RESCHED_DUE		1u	/* look who is to run */
#define RESCHED_TURN_OVER	2u	/* ... and those who waited longest come first */

/* The processor's own; interrupts disabled, or code that is never preempted. */
struct cpu_head {
	uint32_t id;			/* c */
	/* not 0: who runs is to make room before user mode, or to die (trap_leaving) */
	uint32_t resched;
	struct thread *current;
	struct page_stock *pages;	/* c: mem/page.c; the same until we sleep */
	uint32_t intr;			/* intr_push: 2 for each, 1: they were enabled before */
	bool	 looking;		/* @: through the inode cache; see fs/inode.c */
	bool	 no_faults;		/* the copy under way is one of copyout_now's */
};

static inline struct cpu_head *
cpu_head(void)
{
	return md_cpu_self();
}

/*
 * Kernel code is never preempted, so the thread is the same wherever it runs: a function asks once,
 * and keeps the answer while it sleeps.
 */
static inline struct thread *
thread_current(void)
{
	return md_thread_self();
}

/* Disable interrupts, counted; spinlocks do it themselves. */
static inline void
intr_push(void)
{
	bool was = md_intr_disable();

	cpu_head()->intr += 2u + was;	/* from the second on they were not */
}

static inline void
intr_pop(void)
{
	struct cpu_head *c = cpu_head();

	c->intr -= 2;
	if (c->intr == 1) {
		c->intr = 0;
		md_intr_restore(true);
	}
}

#endif
