/* The clock, the timer, and the clock chip. */
#include "md/time.h"

#include "arch/riscv64/csr.h"
#include "arch/riscv64/port.h"
#include "arch/riscv64/sbi.h"
#include "md/pmap.h"
#include "md/trap.h"

#define NS		1000000000ul
#define RTC_TIME_LOW	0		/* goldfish RTC: nanoseconds since the Epoch */
#define RTC_TIME_HIGH	4

/* Each processor's own. */
static struct {
	uint64_t next, period;		/* in ticks of the time register */
} timer[MAX_CPUS];

/* a * b / c without losing bits in between; c below 2^32. */
static uint64_t
scale(uint64_t a, uint64_t b, uint64_t c)
{
	return a / c * b + a % c * b / c;
}

uint64_t
md_ticks_ns(uint64_t ticks)
{
	return scale(ticks, NS, platform.timebase);
}

uint64_t
md_ticks_of_ns(uint64_t ns)
{
	return scale(ns, platform.timebase, NS);
}

uint64_t
md_rtc_ns(void)
{
	char *rtc;
	uint64_t now;

	if (platform.rtc.size == 0)
		return 0;
	rtc = pmap_map_device(platform.rtc.base, platform.rtc.size);
	if (rtc == NULL)
		return 0;
	now = md_read32(rtc + RTC_TIME_LOW);	/* latches the high half */
	return now | (uint64_t)md_read32(rtc + RTC_TIME_HIGH) << 32;
}

void
md_timer_start(uint64_t period)
{
	unsigned cpu = md_cpu_id();

	timer[cpu].period = md_ticks_of_ns(period);
	timer[cpu].next = md_ticks() + timer[cpu].period;
	sbi_set_timer(timer[cpu].next);
	csr_set(sie, 1ul << INTR_TIMER);
}

/* Ticks that were missed are not made up for. */
void
timer_interrupt(void)
{
	unsigned cpu = md_cpu_id();
	uint64_t now = md_ticks();

	timer[cpu].next += timer[cpu].period;
	if (timer[cpu].next <= now)
		timer[cpu].next = now + timer[cpu].period;
	sbi_set_timer(timer[cpu].next);
	trap_tick();
}
