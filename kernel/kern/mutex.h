/* Sleeping locks. The holder may sleep; who wants it sleeps. Not for interrupt handlers. */
#ifndef KERN_MUTEX_H
#define KERN_MUTEX_H

#include "kern/waitq.h"

struct thread;

struct LOCK_TYPE("mutex") mutex {
	uintptr_t owner;		/* @: the thread, 0 when free; bit 0: somebody waits */
	uint16_t rank;
	struct spinlock spin;
	struct waitq queue;		/* spin */
};

static inline void
mutex_init(struct mutex *m, const char *name, enum lock_rank rank)
{
	m->owner = 0;
	m->rank = (uint16_t)rank;
	spin_init(&m->spin, name, RANK_WAIT);
	waitq_init(&m->queue, name);
}

bool	mutex_held(const struct mutex *m);	/* by the running thread */
/* Somebody has it; somebody waits for it. */
void	mutex_lock_slow(struct mutex *m);
void	mutex_unlock_slow(struct mutex *m);

/* Debug builds: the order of locks (lockrank.h), and who holds what. */
#ifdef DEBUG
void	rank_check_order(const void *lock, unsigned rank, bool nested);
void	rank_note_taken(const void *lock, unsigned rank);
void	rank_note_released(const void *lock, unsigned rank);
/* Nothing of this rank or a greater one is held. */
void	rank_assert_below(unsigned rank);
#else
#define rank_check_order(lock, rank, nested)	((void)0)
#define rank_note_taken(lock, rank)		((void)0)
#define rank_note_released(lock, rank)		((void)0)
#define rank_assert_below(rank)			((void)0)
#endif

static inline bool
mutex_take(struct mutex *m)
{
	uintptr_t none = 0;

	return atomic_cas_acquire(&m->owner, &none, (uintptr_t)thread_current());
}

static inline void
mutex_lock(struct mutex *m) ACQUIRES(*m) NO_TSA
{
	rank_check_order(m, m->rank, false);
	if (unlikely(!mutex_take(m)))
		mutex_lock_slow(m);
	rank_note_taken(m, m->rank);
}

/* Several of one rank, taken in the order of their addresses or of an ancestry. */
static inline void
mutex_lock_nested(struct mutex *m) ACQUIRES(*m) NO_TSA
{
	rank_check_order(m, m->rank, true);
	if (unlikely(!mutex_take(m)))
		mutex_lock_slow(m);
	rank_note_taken(m, m->rank);
}

static inline bool
mutex_try(struct mutex *m) TRIES(true, *m) NO_TSA
{
	if (!mutex_take(m))
		return false;
	rank_note_taken(m, m->rank);
	return true;
}

static inline void
mutex_unlock(struct mutex *m) RELEASES(*m) NO_TSA
{
	uintptr_t self = (uintptr_t)thread_current();

	rank_note_released(m, m->rank);
	if (unlikely(!atomic_cas_release(&m->owner, &self, 0)))
		mutex_unlock_slow(m);
}

/*
 * Condition variables: threads that sleep until something holds that a mutex guards. The
 * queue is guarded by the same mutex, so no wake-up is lost: who waits is on the queue before the
 * mutex goes free, and who makes it true looks at the queue while it has the mutex.
 */
struct cond {
	struct list waiters;		/* the mutex: of struct thread, by cond_link */
	const char *name;		/* what ps shows */
};

void	cond_init(struct cond *c, const char *name);
/*
 * Gives M up while it sleeps. 0: look again at what it waits for; -EINTR: the process is being
 * killed.
 */
err_t	cond_wait(struct cond *c, struct mutex *m) REQUIRES(*m) MUST_CHECK;
void	cond_wake_first(struct cond *c);	/* the mutex held; cond_awaited */
void	cond_wake_all(struct cond *c);

static inline bool
cond_awaited(const struct cond *c)
{
	return !list_empty(&c->waiters);
}

static inline void
cond_wake_one(struct cond *c)
{
	if (cond_awaited(c))
		cond_wake_first(c);
}

/* Things that are as good as a lock for the order (a journal handle): checked the same. */
void	rank_acquire(enum lock_rank rank);
void	rank_release(enum lock_rank rank);

#endif
