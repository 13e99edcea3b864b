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

void	mutex_init(struct mutex *m, const char *name, enum lock_rank rank);
void	mutex_lock(struct mutex *m) ACQUIRES(*m);
/* Several of one rank, taken in the order of their addresses or of an ancestry. */
void	mutex_lock_nested(struct mutex *m) ACQUIRES(*m);
bool	mutex_try(struct mutex *m) TRIES(true, *m);
void	mutex_unlock(struct mutex *m) RELEASES(*m);
bool	mutex_held(const struct mutex *m);	/* by the running thread */

/* Things that are as good as a lock for the order (a journal handle): checked the same. */
void	rank_acquire(enum lock_rank rank);
void	rank_release(enum lock_rank rank);
/* Debug builds: nothing of this rank or a greater one is held. */
void	rank_assert_below(enum lock_rank rank);

#endif
