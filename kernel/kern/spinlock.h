/*
 * Spinlocks. Holding one keeps interrupts disabled on this processor; they
 * nest. For a few instructions at a time; nobody sleeps holding one.
 */
#ifndef KERN_SPINLOCK_H
#define KERN_SPINLOCK_H

#include "kern/annotate.h"
#include "kern/lockrank.h"
#include "lib/util.h"

struct LOCK_TYPE("spinlock") spinlock {
	uint32_t locked;		/* 0 free, else 1 + the holder's cpu number */
	uint16_t rank;
	const char *name;
};

#define SPINLOCK_INIT(n, r) { 0, r, n }

void	spin_init(struct spinlock *l, const char *name, enum lock_rank rank);
void	spin_lock(struct spinlock *l) ACQUIRES(*l);
bool	spin_try(struct spinlock *l) TRIES(true, *l);
void	spin_unlock(struct spinlock *l) RELEASES(*l);
bool	spin_held(const struct spinlock *l);	/* by this processor */

/* Disable interrupts, counted; spinlocks do it themselves. */
void	intr_push(void);
void	intr_pop(void);

#endif
