/*
 * Wait queues: threads that sleep until a condition holds. The queue and the
 * condition are guarded by one spinlock of the user's, which the sleeper
 * gives up while it sleeps:
 *
 *	spin_lock(&l);
 *	while (!condition)
 *		if (waitq_sleep(&q, &l, WAIT_KILLABLE))
 *			... killed
 *	spin_unlock(&l);
 */
#ifndef KERN_WAITQ_H
#define KERN_WAITQ_H

#include "kern/spinlock.h"
#include "lib/err.h"
#include "lib/list.h"

struct waitq {
	struct list waiters;		/* of struct thread, by wait_link */
	const char *name;		/* what ps shows */
};

#define WAITQ_INIT(q, n) { LIST_INIT((q).waiters), n }

enum wait_mode {
	WAIT_ALWAYS,		/* for what surely comes soon: a disk, a lock */
	WAIT_KILLABLE,		/* returns -EINTR at once when the process is being killed */
};

static inline void
waitq_init(struct waitq *q, const char *name)
{
	list_init(&q->waiters);
	q->name = name;
}

/* 0, or -EINTR (WAIT_KILLABLE only). May also return 0 with the condition still false. */
err_t	waitq_sleep(struct waitq *q, struct spinlock *l, enum wait_mode mode)
	    REQUIRES(*l) MUST_CHECK;
void	waitq_wait(struct waitq *q, struct spinlock *l) REQUIRES(*l);	/* WAIT_ALWAYS */
/* The same, at most until md_clock_ns() >= DEADLINE: -ETIMEDOUT. */
err_t	waitq_sleep_until(struct waitq *q, struct spinlock *l, enum wait_mode mode,
	    uint64_t deadline) REQUIRES(*l) MUST_CHECK;
void	waitq_wake_one(struct waitq *q);	/* the guarding lock held */
void	waitq_wake_all(struct waitq *q);

#endif
