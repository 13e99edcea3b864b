/* The clock and sleeping for a time. */
#ifndef KERN_CLOCK_H
#define KERN_CLOCK_H

#include "kern/waitq.h"

struct thread;

#define NS_PER_SEC	1000000000ull
#define SCHED_HZ	100			/* timer interrupts a second */

uint64_t clock_uptime_ns(void);		/* since boot */
uint64_t clock_wall_ns(void);		/* since the Epoch */
uint64_t clock_ticks(void);		/* since boot, QUIRE_HZ a second */
/* -EINTR: the process is being killed. */
err_t	clock_sleep_ns(uint64_t ns) MUST_CHECK;
void	clock_init(void);
/* FN on each timer interrupt of processor 0: for what has no interrupt, or may lose one. */
void	clock_on_tick(void (*fn)(void));
/* For waitq.c: wake thread T when md_clock_ns() >= DEADLINE; not any more. */
void	clock_alarm_set(struct thread *t, uint64_t deadline);
void	clock_alarm_clear(struct thread *t);

#endif
