/* The scheduler, for kern/ alone: see kern/thread.h. */
#ifndef KERN_SCHED_H
#define KERN_SCHED_H

struct thread;

/*
 * Give the processor to another thread. The running thread has said in its
 * state what becomes of it; a SLEEPING one comes back when somebody wakes
 * it, maybe at once. No spinlock held.
 */
void	sched_switch(void);
/* What a new thread does first. */
void	sched_begin(void);
/* A READY thread to a run queue; a processor that could run it hears of it. */
void	sched_enqueue(struct thread *t);

#endif
