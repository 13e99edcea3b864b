/* See kern/spinlock.h. */
#include "kern/spinlock.h"

#include "kern/panic.h"
#include "kern/print.h"
#include "kern/thread.h"
#include "lib/atomic.h"

void
intr_push(void)
{
	bool was = md_intr_disable();
	struct cpu *c = cpu_this();

	if (c->intr_depth++ == 0)
		c->intr_was = was;
}

void
intr_pop(void)
{
	struct cpu *c = cpu_this();

	assert(c->intr_depth > 0);
	if (--c->intr_depth == 0 && c->intr_was)
		md_intr_restore(true);
}

void
spin_init(struct spinlock *l, const char *name, enum lock_rank rank)
{
	l->locked = 0;
	l->rank = (uint16_t)rank;
	l->name = name;
}

bool
spin_held(const struct spinlock *l)
{
	return atomic_load_relaxed(&l->locked) == md_cpu_id() + 1;
}

#ifdef DEBUG
static void
check_order(const struct cpu *c, const struct spinlock *l)
{
	if (l->rank == RANK_NONE || panicking)
		return;
	for (unsigned i = 0; i < c->nheld; i++)
		if (c->held[i].rank > l->rank ||
		    (c->held[i].rank == l->rank && c->held[i].lock >= (const void *)l))
			panic("lock order: %s taken while %s is held", l->name,
			    ((const struct spinlock *)c->held[i].lock)->name);
}

static void
note_taken(struct cpu *c, const struct spinlock *l)
{
	assert(c->nheld < THREAD_HELD_MAX);
	c->held[c->nheld].lock = l;
	c->held[c->nheld++].rank = l->rank;
}

static void
note_released(struct cpu *c, const struct spinlock *l)
{
	unsigned i = c->nheld;

	while (i-- > 0 && c->held[i].lock != l)
		;
	assert(i < c->nheld);
	for (c->nheld--; i < c->nheld; i++)
		c->held[i] = c->held[i + 1];
}
#else
static inline void
check_order(const struct cpu *c, const struct spinlock *l)
{
	(void)c, (void)l;
}

static inline void
note_taken(struct cpu *c, const struct spinlock *l)
{
	(void)c, (void)l;
}

static inline void
note_released(struct cpu *c, const struct spinlock *l)
{
	(void)c, (void)l;
}
#endif

static inline bool
try_take(struct spinlock *l, uint32_t self)
{
	uint32_t none = 0;

	return __atomic_compare_exchange_n(&l->locked, &none, self, false, __ATOMIC_ACQUIRE,
	    __ATOMIC_RELAXED);
}

static void
spin_wait(struct spinlock *l, uint32_t self)
{
	assert(l->locked != self);
	do {
		while (atomic_load_relaxed(&l->locked) != 0) {
			if (unlikely(atomic_load_relaxed(&panicking)))
				panic_stop();	/* the holder may be stopped already */
			md_pause();
		}
	} while (!try_take(l, self));
}

void
spin_lock(struct spinlock *l) NO_TSA
{
	struct cpu *c;

	intr_push();
	c = cpu_this();
	check_order(c, l);
	if (unlikely(!try_take(l, c->id + 1)))
		spin_wait(l, c->id + 1);
	note_taken(c, l);
}

bool
spin_try(struct spinlock *l) NO_TSA
{
	intr_push();
	if (!try_take(l, md_cpu_id() + 1)) {
		intr_pop();
		return false;
	}
	note_taken(cpu_this(), l);
	return true;
}

void
spin_unlock(struct spinlock *l) NO_TSA
{
	assert(spin_held(l));
	note_released(cpu_this(), l);
	atomic_store_release(&l->locked, 0);
	intr_pop();
}
