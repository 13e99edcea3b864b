/*
 * The scheduler: a run queue per processor, round robin; a processor that
 * has nothing to do takes from the others.
 *
 * A woken thread goes to the processor it ran on last, because it may still be on its way out
 * there: until its on_cpu is 0 nobody else may run it. When that is the waker's own, it is
 * handed over: it runs next, before those in the queue, since the waker has just made what it waits
 * for and likely sleeps soon. Threads that hand the processor to each other share one turn: a tick
 * ends it for all of them. An idle processor is told when there is something to take.
 *
 * No wake-up is lost: a processor says in idle_cpus that it is idle, then looks
 * at the queues, then waits; who queues or hands over a thread does that first and looks
 * at idle_cpus after. An interrupt that comes between ends md_idle.
 */
#include "kern/sched.h"

#include "kern/clock.h"
#include "kern/mutex.h"
#include "kern/print.h"
#include "kern/thread.h"
#include "lib/assert.h"
#include "lib/atomic.h"
#include "md/time.h"
#include "md/trap.h"

#define WAKE_PREEMPTS_NS 1000000u	/* a woken thread may end a turn that lasted so long */

struct cpu cpus[MAX_CPUS];
unsigned ncpus READ_MOSTLY = 1;

static uint64_t wake_preempts;		/* c: WAKE_PREEMPTS_NS in ticks of md_ticks */
static unsigned long idle_cpus;		/* @: bit i: processor i waits for work */

/* ---- run queues ---- */

static void
kick(unsigned cpu)
{
	unsigned long bit = 1ul << cpu;

	if (atomic_fetch_and(&idle_cpus, ~bit) & bit)
		md_ipi_send(bit);
}

/* A thread waits on C's queue: see that one of the IDLE processors comes for it. */
static void
kick_for(const struct cpu *c, unsigned long idle)
{
	unsigned cpu = 0;

	if (idle & (1ul << c->head.id)) {
		kick(c->head.id);
		return;
	}
	while (!(idle & (1ul << cpu)))
		cpu++;
	kick(cpu);
}

/* Returns the processors that were idle then. */
static unsigned long
runq_append(struct cpu *c, struct thread *t) REQUIRES(c->runq_lock)
{
	list_append(&c->runq, &t->run_link);
	atomic_store_relaxed(&c->nready, c->nready + 1);
	atomic_fence();		/* queue, then look at idle_cpus */
	return atomic_load_relaxed(&idle_cpus);
}

static void
runq_take(struct cpu *c, struct thread *t) REQUIRES(c->runq_lock)
{
	list_remove(&t->run_link);
	atomic_store_relaxed(&c->nready, c->nready - 1);
}

static void
queue(struct cpu *c, struct thread *t)
{
	unsigned long idle;

	spin_lock(&c->runq_lock);
	idle = runq_append(c, t);
	spin_unlock(&c->runq_lock);
	if (unlikely(idle != 0))
		kick_for(c, idle);
}

/* The thread that is to run next on C; anybody may take it. */
static inline struct thread *
take_next(struct cpu *c)
{
	return atomic_swap_acquire(&c->next, (struct thread *)NULL);
}

/* Another thread than BEFORE, unless that is NULL, was handed over; somebody may be idle. */
static __attribute__((noinline)) void
handed_over(struct cpu *c, struct thread *before)
{
	unsigned long idle;

	if (before != NULL)
		queue(c, before);
	idle = atomic_load_relaxed(&idle_cpus);
	/* With our own bit among them this is an interrupt of the idle loop, which looks next. */
	if (idle != 0 && (idle >> c->head.id & 1) == 0)
		kick_for(c, idle);
}

/* T, which ran here last, runs next. A fence of the caller's is behind what it wrote for T. */
static inline void
hand_over(struct cpu *c, struct thread *t)
{
	struct thread *before = atomic_swap_relaxed(&c->next, t);

	atomic_fence();		/* hand over, then look at idle_cpus */
	if (unlikely(before != NULL || atomic_load_relaxed(&idle_cpus) != 0))
		handed_over(c, before);
}

void
sched_enqueue(struct thread *t)
{
	struct cpu *c = cpu_this();

	atomic_fence_release();
	if (atomic_load_relaxed(&t->cpu) == c->head.id)
		hand_over(c, t);
	else
		queue(&cpus[t->cpu], t);
}

static inline void
wake(struct thread *t)
{
	struct cpu *c = cpu_this();
	int sleeping = THREAD_SLEEPING;

	atomic_fence_release();		/* for state and next: whoever runs it sees what we wrote */
	if (!atomic_cas_acquire(&t->state, &sleeping, THREAD_READY))
		return;
	if (unlikely(atomic_load_relaxed(&t->cpu) != c->head.id)) {
		queue(&cpus[t->cpu], t);
		return;
	}
	if (unlikely(md_ticks() - c->switched >= wake_preempts))
		c->head.resched |= RESCHED_DUE;
	hand_over(c, t);
}

void
thread_wake(struct thread *t)
{
	wake(t);
}

static struct thread *
steal_from(struct cpu *victim)
{
	struct thread *t, *found = NULL;

	if (atomic_load_relaxed(&victim->nready) > 0) {
		spin_lock(&victim->runq_lock);
		list_for(t, &victim->runq, run_link)
			if (!atomic_load_acquire(&t->on_cpu)) {
				runq_take(victim, t);
				found = t;
				break;
			}
		spin_unlock(&victim->runq_lock);
	}
	if (found == NULL && atomic_load_relaxed(&victim->next) != NULL)
		found = take_next(victim);
	if (found == NULL || !atomic_load_acquire(&found->on_cpu))
		return found;
	queue(victim, found);		/* it was woken on its way to the scheduler: it is theirs */
	return NULL;
}

static struct thread *
take_first(struct cpu *c)
{
	struct thread *t;

	if (c->nready == 0)
		return NULL;
	spin_lock(&c->runq_lock);
	t = list_first(&c->runq, struct thread, run_link);
	if (t != NULL)
		runq_take(c, t);
	spin_unlock(&c->runq_lock);
	return t;
}

/* The turn is over: those in the queue come first. */
static __attribute__((noinline)) struct thread *
look_further(struct cpu *c)
{
	struct thread *t = take_first(c);

	if (t == NULL)
		t = take_next(c);
	for (unsigned i = 1; t == NULL && i < ncpus; i++)
		t = steal_from(&cpus[(c->head.id + i) % ncpus]);
	return t != NULL ? t : &c->idle_thread;
}

/* When a turn is over those in the queue come first. */
static inline struct thread *
pick(struct cpu *c)
{
	struct thread *t = c->head.resched & RESCHED_TURN_OVER ? NULL : take_next(c);

	return likely(t != NULL) ? t : look_further(c);
}

static bool
has_work(const struct cpu *c)
{
	return atomic_load_relaxed(&c->nready) > 0 || atomic_load_relaxed(&c->next) != NULL;
}

static bool
work_anywhere(void)
{
	for (unsigned i = 0; i < ncpus; i++)
		if (has_work(&cpus[i]))
			return true;
	return false;
}

/* ---- switching ---- */

static inline void
activate(struct cpu *c, struct pmap *pm)
{
	if (pm == c->pmap)
		return;
	pmap_activate(pm, c->pmap);
	c->pmap = pm;
}

void
thread_set_pmap(struct pmap *pm)
{
	if (pm == NULL)
		pm = kernel_pmap;
	intr_push();
	thread_current()->pmap = pm;
	activate(cpu_this(), pm);
	intr_pop();
}

/* PREV gave the processor away, to die or though it could have gone on. */
static __attribute__((noinline)) void
left_awake(struct thread *prev, int state)
{
	struct cpu *c = cpu_this();
	unsigned long idle = atomic_load_relaxed(&idle_cpus);

	if (state == THREAD_DEAD)
		prev->on_dead(prev);
	else if (idle != 0 && has_work(c))
		kick_for(c, idle);	/* thieves passed it over until now */
}

/* On the next thread's stack: the one before is off the processor now. */
static inline void
switch_done(void)
{
	struct thread *prev = cpu_this()->leaving;
	int state = atomic_load_relaxed(&prev->state);

	atomic_store_release(&prev->on_cpu, 0);
	if (unlikely(state != THREAD_SLEEPING))
		left_awake(prev, state);
}

static inline void
account(struct cpu *c, struct thread *prev)
{
	uint64_t now = md_ticks();

	prev->cpu_ticks += now - c->switched;
	c->switched = now;
	c->switches++;
}

static inline void
switch_to(struct cpu *c, struct thread *prev, struct thread *next)
{
	account(c, prev);
	next->cpu = c->head.id;
	atomic_store_relaxed(&next->on_cpu, 1);
	c->head.current = next;
	c->leaving = prev;
	activate(c, next->pmap);
	md_ctx_switch(&prev->ctx, &next->ctx);
	switch_done();
}

/* See sched_switch; interrupts disabled. */
static __attribute__((always_inline)) inline void
switch_away(void)
{
	struct cpu *c = cpu_this();
	struct thread *prev = c->head.current, *next;

	assert(c->head.intr == 0);
	next = pick(c);
	c->head.resched = (uint32_t)atomic_load_relaxed(&next->killed);
	if (likely(next != prev))
		switch_to(c, prev, next);
	else
		assert(prev->state == THREAD_READY);
}

void
sched_switch(void)
{
	bool was = md_intr_disable();

	switch_away();
	md_intr_restore(was);
}

void
sched_begin(void)
{
	switch_done();
	md_intr_restore(true);
}

void
thread_yield(void)
{
	struct thread *t = thread_current();
	struct cpu *c = cpu_this();

	if (!has_work(c)) {
		c->head.resched = (uint32_t)atomic_load_relaxed(&t->killed);
		return;
	}
	spin_lock(&c->runq_lock);
	(void)runq_append(c, t);	/* switch_done kicks: nobody can take it before */
	spin_unlock(&c->runq_lock);
	sched_switch();
}

void
thread_breathe(void)
{
	if (unlikely(cpu_head()->resched))
		thread_yield();
}

void
sched_tick(void)
{
	struct cpu *c = cpu_this();
	struct thread *t;

	c->ticks++;
	t = take_next(c);
	if (t != NULL)
		queue(c, t);
	/* Whoever was killed just as it got the processor may have been missed (thread_kill). */
	if (c->nready > 0 || atomic_load_relaxed(&c->head.current->killed))
		c->head.resched = RESCHED_DUE | RESCHED_TURN_OVER;
}

void
trap_ipi(void)
{
	if (unlikely(atomic_load(&panicking)))
		panic_stop();
	/* It has ended md_idle, or brought a killed thread into the kernel. */
	if (atomic_load_relaxed(&thread_current()->killed))
		cpu_head()->resched |= RESCHED_DUE;
}

/* ---- condition variables (kern/mutex.h): here, where to wait and to wake are one function ---- */

void
cond_init(struct cond *c, const char *name)
{
	list_init(&c->waiters);
	c->name = name;
}

/*
 * SLEEPING from before the mutex goes free: a waker that comes while the thread is still on
 * its way to the scheduler makes it READY, and the scheduler goes on with it.
 */
err_t
cond_wait(struct cond *c, struct mutex *m)
{
	struct thread *t = thread_current();
	int sleeping = THREAD_SLEEPING;
	bool woken;

	t->wchan = c->name;
	list_append(&c->waiters, &t->cond_link);
	atomic_store_release(&t->state, THREAD_SLEEPING);
	atomic_fence();		/* thread_kill marks us and then wakes: look now that it can */
	if (likely(!atomic_load_relaxed(&t->killed)) ||
	    !atomic_cas(&t->state, &sleeping, THREAD_READY)) {
		mutex_unlock(m);
		md_intr_disable();
		switch_away();
		md_intr_restore(true);
		mutex_lock(m);
	}
	woken = list_empty(&t->cond_link);
	if (!woken)
		list_remove(&t->cond_link);
	if (likely(!atomic_load_relaxed(&t->killed)))
		return OK;
	if (woken)
		cond_wake_one(c);	/* it was meant for who still wants it */
	return ERR(EINTR);
}

void
cond_wake_first(struct cond *c)
{
	wake(list_entry(list_pop(&c->waiters), struct thread, cond_link));
}

void
cond_wake_all(struct cond *c)
{
	while (cond_awaited(c))
		cond_wake_one(c);
}

/* ---- start, and having nothing to do ---- */

void
sched_init(void)
{
	wake_preempts = md_ticks_of_ns(WAKE_PREEMPTS_NS);
	for (unsigned i = 0; i < MAX_CPUS; i++) {
		cpus[i].head.id = i;
		spin_init(&cpus[i].runq_lock, "run queue", RANK_SCHED);
		list_init(&cpus[i].runq);
	}
}

void
sched_cpu_init(unsigned cpu)
{
	struct cpu *c = &cpus[cpu];
	struct thread *t = &c->idle_thread;

	*t = (struct thread){ .state = THREAD_READY, .on_cpu = 1, .cpu = cpu, .name = "idle",
		.pmap = kernel_pmap };
	list_init(&t->run_link);
	list_init(&t->wait_link);
	list_init(&t->cond_link);
	list_init(&t->timer_link);
	c->head.current = t;
	c->pmap = kernel_pmap;
	c->switched = md_ticks();
	atomic_store(&c->online, true);
}

/* Interrupts disabled. */
static void
idle_wait(void)
{
	unsigned long bit = 1ul << md_cpu_id();

	atomic_or(&idle_cpus, bit);
	atomic_fence();		/* say so, then look at the queues */
	if (!work_anywhere())
		md_idle();
	atomic_and(&idle_cpus, ~bit);
}

void
sched_idle_loop(void)
{
	for (;;) {
		sched_switch();
		md_intr_disable();
		idle_wait();
		md_intr_restore(true);
	}
}
