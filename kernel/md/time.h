/* Time, messages between processors, and the console's bytes. */
#ifndef MD_TIME_H
#define MD_TIME_H

#include "md/types.h"

/* Of md_ticks (machine.h), the clock as it counts by itself. */
uint64_t md_ticks_ns(uint64_t ticks);
uint64_t md_ticks_of_ns(uint64_t ns);

/* Nanoseconds since some moment before kmain; the same on all processors. */
static inline uint64_t
md_clock_ns(void)
{
	return md_ticks_ns(md_ticks());
}

/* Nanoseconds since the Epoch, from a clock chip; 0: none. Once, after md_early_init. */
uint64_t md_rtc_ns(void);
/* This processor's timer calls trap_tick every PERIOD nanoseconds. */
void	md_timer_start(uint64_t period);

/* trap_ipi on every processor whose bit is set in TO: it sees what was stored before. */
void	md_ipi_send(unsigned long to);

/* From the first instruction of C on, in any state; waits for room. */
void	md_cons_putc(char c);
/* Next byte received, -1: none. After md_early_init. */
int	md_cons_getc(void);
/* The N-th interrupt that announces them; -1: no more. Without any, poll. */
int	md_cons_irq(unsigned n);

#endif
