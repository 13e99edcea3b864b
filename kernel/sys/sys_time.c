/* System calls on time. */
#include "abi/time.h"

#include "kern/clock.h"
#include "sys/sys.h"

long
sys_sleep(const sysarg_t *a)
{
	int ticks = MAX((int)a[0], 0);		/* xv6's: a time that is over */

	return err_code(clock_sleep_ns((uint64_t)ticks * (NS_PER_SEC / QUIRE_HZ)));
}

long
sys_uptime(const sysarg_t *a)
{
	(void)a;
	return (long)clock_ticks();
}

long
sys_clock_gettime(const sysarg_t *a)
{
	int64_t ns;

	if (a[0] != CLOCK_REALTIME && a[0] != CLOCK_MONOTONIC)
		return -EINVAL;
	ns = (int64_t)(a[0] == CLOCK_REALTIME ? clock_wall_ns() : clock_uptime_ns());
	return err_code(md_copyout(a[1], &ns, sizeof(ns)));
}

long
sys_nanosleep(const sysarg_t *a)
{
	int64_t ns = arg64(a);

	return ns < 0 ? -EINVAL : err_code(clock_sleep_ns((uint64_t)ns));
}
