/*
 * See kern/waitq.h; condition variables are in sched.c. A sleeper is SLEEPING from before
 * it gives up the lock, so a waker that comes while it is still on its way to the scheduler makes
 * it READY, and the scheduler goes on with it. Wakers race for the change from
 * SLEEPING to READY (thread_wake); one wins.
 */
#include "kern/waitq.h"

#include "kern/clock.h"
#include "kern/sched.h"
#include "kern/thread.h"
#include "lib/assert.h"
#include "lib/atomic.h"
#include "md/time.h"

static bool
must_stop(const struct thread *t, enum wait_mode mode)
{
	return mode == WAIT_KILLABLE && atomic_load(&t->killed);
}

/* Until woken, or DEADLINE unless that is 0. Whether a waker of Q took us off it. */
static bool
sleep_once(struct waitq *q, struct spinlock *l, enum wait_mode mode, uint64_t deadline)
    REQUIRES(*l)
{
	struct thread *t = thread_current();
	int sleeping = THREAD_SLEEPING;
	bool woken;

	t->wchan = q->name;
	list_append(&q->waiters, &t->wait_link);
	atomic_store(&t->state, THREAD_SLEEPING);
	/* thread_kill marks us and then wakes: look again now that it can. */
	if (must_stop(t, mode) && atomic_cas(&t->state, &sleeping, THREAD_READY)) {
		list_remove(&t->wait_link);
		return false;
	}
	spin_unlock(l);
	if (deadline != 0)
		clock_alarm_set(t, deadline);
	sched_switch();
	if (deadline != 0)
		clock_alarm_clear(t);
	spin_lock(l);
	woken = list_empty(&t->wait_link);
	list_remove(&t->wait_link);
	return woken;
}

static err_t
sleep_until(struct waitq *q, struct spinlock *l, enum wait_mode mode, uint64_t deadline)
    REQUIRES(*l)
{
	struct thread *t = thread_current();
	bool woken;

	if (must_stop(t, mode))
		return ERR(EINTR);
	woken = sleep_once(q, l, mode, deadline);
	if (must_stop(t, mode)) {
		if (woken)
			waitq_wake_one(q);	/* it was meant for who still wants it */
		return ERR(EINTR);
	}
	if (deadline != 0 && !woken && md_clock_ns() >= deadline)
		return ERR(ETIMEDOUT);
	return OK;
}

err_t
waitq_sleep(struct waitq *q, struct spinlock *l, enum wait_mode mode)
{
	return sleep_until(q, l, mode, 0);
}

err_t
waitq_sleep_until(struct waitq *q, struct spinlock *l, enum wait_mode mode, uint64_t deadline)
{
	return sleep_until(q, l, mode, deadline != 0 ? deadline : 1);
}

void
waitq_wait(struct waitq *q, struct spinlock *l)
{
	(void)sleep_once(q, l, WAIT_ALWAYS, 0);
}

void
waitq_wake_one(struct waitq *q)
{
	struct list *e = list_pop(&q->waiters);

	if (e != NULL)
		thread_wake(list_entry(e, struct thread, wait_link));
}

void
waitq_wake_all(struct waitq *q)
{
	struct list *e;

	while ((e = list_pop(&q->waiters)) != NULL)
		thread_wake(list_entry(e, struct thread, wait_link));
}
