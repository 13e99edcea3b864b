/* See kern/spinlock.h. */
#include "kern/spinlock.h"

#include "kern/print.h"
#include "kern/thread.h"

#ifdef DEBUG
void
spin_check_order(const struct spinlock *l)
{
	const struct cpu *c = cpu_this();

	if (l->rank == RANK_NONE || panicking)
		return;
	for (unsigned i = 0; i < c->nheld; i++)
		if (c->held[i].rank > l->rank ||
		    (c->held[i].rank == l->rank && c->held[i].lock >= (const void *)l))
			panic("lock order: %s taken while %s is held", l->name,
			    ((const struct spinlock *)c->held[i].lock)->name);
}

void
spin_note_taken(struct spinlock *l)
{
	struct cpu *c = cpu_this();

	assert(c->nheld < THREAD_HELD_MAX && !md_intr_disable());
	c->held[c->nheld].lock = l;
	c->held[c->nheld++].rank = l->rank;
	l->holder = (uint16_t)(c->head.id + 1);
}

void
spin_note_released(struct spinlock *l)
{
	struct cpu *c = cpu_this();
	unsigned i = c->nheld;

	assert(l->holder == c->head.id + 1);
	l->holder = 0;
	while (i-- > 0 && c->held[i].lock != l)
		;
	assert(i < c->nheld);
	for (c->nheld--; i < c->nheld; i++)
		c->held[i] = c->held[i + 1];
}
#endif

void
spin_wait(struct spinlock *l)
{
	assert(atomic_load_relaxed(&l->holder) != md_cpu_id() + 1);
	do {
		while (atomic_load_relaxed(&l->locked) != 0) {
			if (unlikely(atomic_load_relaxed(&panicking)))
				panic_stop();	/* the holder may be stopped already */
			md_pause();
		}
	} while (!spin_take(l));
}
