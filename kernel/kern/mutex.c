/*
 * See kern/mutex.h. Nobody waiting: one compare-and-swap of `owner` takes the
 * lock and one gives it back, and that is the last access, so that the memory
 * may go right after. While bit 0 is set `owner` changes under `spin` only.
 */
#include "kern/mutex.h"

#include "kern/print.h"
#include "kern/thread.h"
#include "lib/atomic.h"

#define WAITERS ((uintptr_t)1)

bool
mutex_held(const struct mutex *m)
{
	return (atomic_load_relaxed(&m->owner) & ~WAITERS) == (uintptr_t)thread_current();
}

/* ---- the order, in debug builds ---- */

#ifdef DEBUG
static unsigned
highest_rank(const struct thread *t, const void **lock)
{
	unsigned rank = RANK_NONE;

	for (unsigned i = 0; i < t->nheld; i++)
		if (t->held[i].rank > rank ||
		    (t->held[i].rank == rank && t->held[i].lock > *lock)) {
			rank = t->held[i].rank;
			*lock = t->held[i].lock;
		}
	return rank;
}

void
rank_check_order(const void *lock, unsigned rank, bool nested)
{
	const void *other = NULL;
	unsigned high = highest_rank(thread_current(), &other);

	assert(cpu_this()->nheld == 0);		/* may sleep: no spinlock held */
	if (rank == RANK_NONE || high < rank)
		return;
	if (high == rank && lock != other && (nested || other < lock))
		return;
	panic("lock order: rank %u (%p) taken while %u (%p) is held", rank, lock, high, other);
}

void
rank_note_taken(const void *lock, unsigned rank)
{
	struct thread *t = thread_current();

	assert(t->nheld < THREAD_HELD_MAX);
	t->held[t->nheld].lock = lock;
	t->held[t->nheld++].rank = (uint16_t)rank;
}

void
rank_note_released(const void *lock, unsigned rank)
{
	struct thread *t = thread_current();
	unsigned i = t->nheld;

	while (i-- > 0 && (t->held[i].lock != lock || t->held[i].rank != rank))
		;
	assert(i < t->nheld);
	for (t->nheld--; i < t->nheld; i++)
		t->held[i] = t->held[i + 1];
}

void
rank_assert_below(unsigned rank)
{
	const void *lock = NULL;

	assert(cpu_this()->nheld == 0 && highest_rank(thread_current(), &lock) < rank);
}
#endif

void
rank_acquire(enum lock_rank rank)
{
	(void)rank;
	rank_check_order(NULL, rank, false);
	rank_note_taken(NULL, rank);
}

void
rank_release(enum lock_rank rank)
{
	(void)rank;
	rank_note_released(NULL, rank);
}

/* ---- locking ---- */

static inline bool
owner_change(struct mutex *m, uintptr_t from, uintptr_t to)
{
	return atomic_cas(&m->owner, &from, to);
}

void
mutex_lock_slow(struct mutex *m)
{
	uintptr_t self = (uintptr_t)thread_current();

	spin_lock(&m->spin);
	for (;;) {
		uintptr_t o = atomic_load(&m->owner);

		if ((o & ~WAITERS) == 0) {
			uintptr_t more = list_empty(&m->queue.waiters) ? 0 : WAITERS;

			if (owner_change(m, o, self | more))
				break;
		} else if ((o & WAITERS) || owner_change(m, o, o | WAITERS)) {
			assert((o & ~WAITERS) != self);
			waitq_wait(&m->queue, &m->spin);
		}
	}
	spin_unlock(&m->spin);
}

void
mutex_unlock_slow(struct mutex *m)
{
	assert(mutex_held(m));
	spin_lock(&m->spin);
	waitq_wake_one(&m->queue);
	atomic_store(&m->owner, list_empty(&m->queue.waiters) ? 0 : WAITERS);
	spin_unlock(&m->spin);
}
