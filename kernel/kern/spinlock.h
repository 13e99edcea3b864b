/*
 * Spinlocks. Holding one keeps interrupts disabled on this processor; they
 * nest. For a few instructions at a time; nobody sleeps holding one.
 */
#ifndef KERN_SPINLOCK_H
#define KERN_SPINLOCK_H

#include "kern/annotate.h"
#include "kern/cpu.h"
#include "kern/lockrank.h"
#include "lib/atomic.h"
#include "lib/util.h"

struct LOCK_TYPE("spinlock") spinlock {
	uint32_t locked;		/* @ 0 free, 1 taken */
	uint16_t rank;
	uint16_t holder;		/* debug builds: 1 + its cpu number */
	const char *name;
};

#define SPINLOCK_INIT(n, r) { .rank = r, .name = n }

static inline void
spin_init(struct spinlock *l, const char *name, enum lock_rank rank)
{
	l->locked = l->holder = 0;
	l->rank = (uint16_t)rank;
	l->name = name;
}

/* Until the lock is ours. */
void	spin_wait(struct spinlock *l);

/* Debug builds: the order of locks (lockrank.h), and who holds what. */
#ifdef DEBUG
void	spin_check_order(const struct spinlock *l);
void	spin_note_taken(struct spinlock *l);
void	spin_note_released(struct spinlock *l);
#else
#define spin_check_order(l)	((void)0)
#define spin_note_taken(l)	((void)0)
#define spin_note_released(l)	((void)0)
#endif

static inline bool
spin_take(struct spinlock *l)
{
	return atomic_swap_acquire(&l->locked, 1) == 0;
}

static inline void
spin_lock(struct spinlock *l) ACQUIRES(*l) NO_TSA
{
	intr_push();
	spin_check_order(l);
	if (unlikely(!spin_take(l)))
		spin_wait(l);
	spin_note_taken(l);
}

/* These two where interrupts are disabled, and stay so. */
static inline bool
spin_try_masked(struct spinlock *l) TRIES(true, *l) NO_TSA
{
	if (!spin_take(l))
		return false;
	spin_note_taken(l);
	return true;
}

static inline void
spin_unlock_masked(struct spinlock *l) RELEASES(*l) NO_TSA
{
	spin_note_released(l);
	atomic_store_release(&l->locked, 0);
}

static inline bool
spin_try(struct spinlock *l) TRIES(true, *l) NO_TSA
{
	intr_push();
	if (spin_try_masked(l))
		return true;
	intr_pop();
	return false;
}

static inline void
spin_unlock(struct spinlock *l) RELEASES(*l) NO_TSA
{
	spin_unlock_masked(l);
	intr_pop();
}

#endif
