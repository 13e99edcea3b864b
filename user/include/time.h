/* Clocks and dates; the time zone is UTC. C11 7.27; POSIX.1-2017, <time.h>. */
#ifndef _TIME_H
#define _TIME_H

#include <stddef.h>
#include <sys/types.h>

struct timespec {
	time_t tv_sec;
	long tv_nsec;		/* 0 .. 999,999,999 */
};

struct tm {
	int tm_sec, tm_min, tm_hour;
	int tm_mday;		/* 1 .. 31 */
	int tm_mon;		/* 0 .. 11 */
	int tm_year;		/* since 1900 */
	int tm_wday;		/* 0: Sunday */
	int tm_yday;		/* 0 .. 365 */
	int tm_isdst;		/* always 0 */
};

#define CLOCK_REALTIME	0	/* since the Epoch */
#define CLOCK_MONOTONIC	1	/* since boot */
#define CLOCKS_PER_SEC	1000000l

time_t	time(time_t *t);			/* seconds since the Epoch */
clock_t	clock(void);				/* processor time of this process, microseconds */
/* 0, or -1 with errno: EINVAL (no such clock), EFAULT. */
int	clock_gettime(clockid_t clock, struct timespec *ts);
/* 0, or -1 with errno EINVAL. Only death interrupts a sleep: *REM, if not NULL, is set to 0. */
int	nanosleep(const struct timespec *ts, struct timespec *rem);

struct tm *gmtime(const time_t *t);
struct tm *gmtime_r(const time_t *restrict t, struct tm *restrict tm);
struct tm *localtime(const time_t *t);
struct tm *localtime_r(const time_t *restrict t, struct tm *restrict tm);
time_t	mktime(struct tm *tm);
double	difftime(time_t a, time_t b);
/* Knows %Y %m %d %e %H %M %S %y %j %a %A %b %B %F %T %D %R %s %Z %n %t %%. 0: does not fit. */
size_t	strftime(char *restrict s, size_t n, const char *restrict fmt,
	    const struct tm *restrict tm);

#endif
