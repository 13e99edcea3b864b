/* Threads: birth, waking, death (kern/thread.h). Who runs when is in sched.c. */
#include "kern/thread.h"

#include "kern/sched.h"
#include "lib/assert.h"
#include "lib/atomic.h"
#include "lib/string.h"
#include "md/time.h"
#include "md/trap.h"

#define STACK_ALIGN 16

static vaddr_t (*stack_alloc)(void);		/* c */
static void (*stack_free)(vaddr_t top);		/* c */

static void
thread_begin(void *arg)
{
	struct thread *t = arg;

	sched_begin();
	t->fn(t->arg);
	thread_exit();
}

void
thread_init(struct thread *t, const char *name, vaddr_t stack_top, void (*fn)(void *), void *arg)
{
	/* The context is md_ctx_init's, and of locks none is held. */
	memset(&t->ctx + 1, 0, offsetof(struct thread, held) - sizeof(t->ctx));
	t->stack_top = stack_top;
	t->state = THREAD_NEW;
	t->name = name;
	t->cpu = md_cpu_id();
	t->pmap = kernel_pmap;
	t->fn = fn;
	t->arg = arg;
	list_init(&t->run_link);
	list_init(&t->wait_link);
	list_init(&t->cond_link);
	list_init(&t->timer_link);
	/* Below the place of its trap frame. */
	md_ctx_init(&t->ctx, (vaddr_t)md_tf_of(stack_top), thread_begin, t);
}

void
thread_start(struct thread *t)
{
	assert(t->state == THREAD_NEW);
	atomic_store(&t->state, THREAD_READY);
	sched_enqueue(t);
}

void
thread_kill(struct thread *t)
{
	unsigned cpu = atomic_load_relaxed(&t->cpu);

	atomic_store_relaxed(&t->killed, 1);
	atomic_fence();		/* who goes to sleep says so, then looks whether it is killed */
	thread_wake(t);
	/* Running in user mode, maybe: a trip into the kernel ends it, and the way out of it. */
	if (t == thread_current())
		cpu_head()->resched |= RESCHED_DUE;
	else if (atomic_load(&t->on_cpu) && cpu != md_cpu_id())
		md_ipi_send(1ul << cpu);
}

void
thread_exit(void)
{
	struct thread *t = thread_current();

	assert(t->on_dead != NULL);
	intr_push();
	atomic_store(&t->state, THREAD_DEAD);
	intr_pop();
	sched_switch();
	__builtin_unreachable();
}

/* ---- daemons: the thread itself lies at the top of its stack ---- */

void
thread_set_stacks(vaddr_t (*alloc)(void), void (*release)(vaddr_t top))
{
	stack_alloc = alloc;
	stack_free = release;
}

#define DAEMON_ROOM	ROUND_UP(sizeof(struct thread), STACK_ALIGN)

static void
daemon_dead(struct thread *t)
{
	stack_free((vaddr_t)t + DAEMON_ROOM);
}

err_t
thread_daemon(const char *name, void (*fn)(void *), void *arg)
{
	vaddr_t top = stack_alloc();
	struct thread *t;

	if (top == 0)
		return ERR(ENOMEM);
	t = (struct thread *)(top - DAEMON_ROOM);
	thread_init(t, name, (vaddr_t)t, fn, arg);
	t->on_dead = daemon_dead;
	thread_start(t);
	return OK;
}
