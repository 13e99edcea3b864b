/*
 * Threads, the scheduler, and the processors they run on. A thread is a
 * kernel stack and a context; a process has one, daemons are one each.
 *
 * Field key:   r  run queue's lock of `cpu`   o  the thread itself   c  constant   @  atomic
 */
#ifndef KERN_THREAD_H
#define KERN_THREAD_H

#include "kern/spinlock.h"
#include "kern/waitq.h"
#include "md/context.h"
#include "md/pmap.h"
#include "md/types.h"

struct proc;

/* READY: it runs, when on_cpu says so, or would like to. */
enum thread_state { THREAD_NEW, THREAD_READY, THREAD_SLEEPING, THREAD_DEAD };

#define THREAD_HELD_MAX	12		/* locks one thread holds at a time, debug builds */

struct thread {
	struct md_context ctx;		/* o */
	vaddr_t	 stack_top;		/* c: of its kernel stack */
	int	 state;			/* @ enum thread_state */
	int	 on_cpu;		/* @ its registers are in a processor, or leaving it */
	unsigned cpu;			/* @ whose run queue it is on, or ran on last */
	struct list run_link;		/* r */
	struct list wait_link;		/* lock of the queue it waits on */
	struct list cond_link;		/* mutex of the condition it waits for */
	const char *wchan;		/* o: what it waits for while SLEEPING */
	int	 killed;		/* @ killable sleeps end */
	uint64_t deadline;		/* timer lock */
	struct list timer_link;		/* timer lock */
	struct pmap *pmap;		/* o */
	struct proc *proc;		/* c: NULL for a daemon */
	uint64_t cpu_ticks;		/* o: md_ticks it has run */
	const char *name;		/* c */
	void	(*fn)(void *);		/* c: where it starts */
	void	*arg;			/* c */
	/* c: called once it is off the processor, on another stack, interrupts disabled */
	void	(*on_dead)(struct thread *);
	/* debug builds: o */
	uint8_t	 nheld;
	struct { const void *lock; uint16_t rank; } held[THREAD_HELD_MAX];
};

/*
 * One per processor, on cache lines of its own; behind them, on others, what is for all.
 *
 * Field key:   r  runq_lock   @  atomic   everything else is the processor's own
 */
struct cpu {
	struct cpu_head head;		/* first: md_cpu_self leads here */
	struct thread *leaving;		/* who had it before, while switching */
	struct pmap *pmap;		/* active */
	uint64_t switched;		/* md_ticks when current got the processor */
	uint64_t switches, syscalls, irqs, ticks;
	uint64_t faults, faults_zero, faults_copy, faults_file;
	struct thread idle_thread;
	uint8_t	 nheld;			/* spinlocks held, debug builds */
	struct { const void *lock; uint16_t rank; } held[THREAD_HELD_MAX];

	/* @ handed over: runs before those in the queue */
	struct thread *next __attribute__((aligned(64)));
	bool	 online;		/* @ */
	struct spinlock runq_lock;
	struct list runq;		/* r */
	unsigned nready;		/* r; @ */
} __attribute__((aligned(128)));

extern struct cpu cpus[MAX_CPUS];
extern unsigned ncpus;			/* c after boot */

/* The processor we are on; meaningful with interrupts disabled. */
static inline struct cpu *
cpu_this(void)
{
	return (struct cpu *)md_cpu_self();
}

void	thread_init(struct thread *t, const char *name, vaddr_t stack_top,
	    void (*fn)(void *), void *arg);
void	thread_start(struct thread *t);		/* NEW to READY */
/*
 * Make a SLEEPING thread ready, which ends a long turn of ours; others are left alone. Any
 * context.
 */
void	thread_wake(struct thread *t);
/* Mark it killed and end its killable sleep. */
void	thread_kill(struct thread *t);
void	thread_exit(void) NORETURN;		/* state DEAD, then on_dead */
/* The running thread uses PM (NULL: the kernel's) from now on. */
void	thread_set_pmap(struct pmap *pm);
void	thread_yield(void);
/* In long loops, holding no spinlock: give the processor away when it is wanted. */
void	thread_breathe(void);

void	sched_init(void);
void	sched_cpu_init(unsigned cpu);		/* makes the running stack cpu's idle thread */
void	sched_idle_loop(void) NORETURN;
void	sched_tick(void);

/* Daemons: fn(arg) on a stack of their own, until it returns. */
err_t	thread_daemon(const char *name, void (*fn)(void *), void *arg) MUST_CHECK;
/* Where their stacks come from: the top of one, 0: none. Before the first daemon. */
void	thread_set_stacks(vaddr_t (*alloc)(void), void (*release)(vaddr_t top));

#endif
