/* Clocks and dates. */
#include <errno.h>
#include <quire.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "raw.h"

#define NS_PER_SEC	1000000000

int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	int64_t ns;

	if (__result(__sys_clock_gettime(clock, &ns)) < 0)
		return -1;
	ts->tv_sec = ns / NS_PER_SEC;
	ts->tv_nsec = (long)(ns % NS_PER_SEC);
	return 0;
}

time_t
time(time_t *t)
{
	struct timespec ts;
	time_t now = clock_gettime(CLOCK_REALTIME, &ts) < 0 ? -1 : ts.tv_sec;

	if (t)
		*t = now;
	return now;
}

clock_t
clock(void)
{
	struct kinfo_proc p;
	pid_t me = getpid();

	if (kinfo(KINFO_PROC, 0, (uint64_t)me, &p, sizeof(p)) <= 0 || p.pid != me)
		return -1;
	return (clock_t)(p.cpu_ns / 1000);
}

int
nanosleep(const struct timespec *ts, struct timespec *rem)
{
	int64_t max = INT64_MAX / NS_PER_SEC - 1;

	if (ts->tv_sec < 0 || ts->tv_nsec < 0 || ts->tv_nsec >= NS_PER_SEC) {
		errno = EINVAL;
		return -1;
	}
	if (rem)
		*rem = (struct timespec){ 0, 0 };
	return (int)__result(__sys_nanosleep(
	    (ts->tv_sec < max ? ts->tv_sec : max) * NS_PER_SEC + ts->tv_nsec));
}

unsigned
sleep(unsigned seconds)
{
	nanosleep(&(struct timespec){ seconds, 0 }, NULL);
	return 0;
}

int
usleep(useconds_t us)
{
	return nanosleep(&(struct timespec){ us / 1000000, us % 1000000 * 1000l }, NULL);
}

/* ---- dates: days are counted in years that begin in March, so that a leap day is the last ---- */

#define DAYS_400Y	146097
#define DAYS_TO_EPOCH	719468		/* 1 March of year 0 to 1 January 1970 */

static int
is_leap(long y)
{
	return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

/* Days from the Epoch to day D (from 1) of month M (from 0) of year Y. */
static int64_t
days_from_date(int64_t y, int m, int d)
{
	int64_t era;
	int yoe, doy;

	if (m < 2) {
		y--;
		m += 12;
	}
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = (int)(y - era * 400);
	doy = (153 * (m - 2) + 2) / 5 + d - 1;
	return era * DAYS_400Y + yoe * 365 + yoe / 4 - yoe / 100 + doy - DAYS_TO_EPOCH;
}

struct tm *
gmtime_r(const time_t *restrict t, struct tm *restrict tm)
{
	int64_t days = *t / 86400, era, y;
	int rest = (int)(*t % 86400), doe, yoe, doy, m;

	if (rest < 0) {
		rest += 86400;
		days--;
	}
	tm->tm_hour = rest / 3600;
	tm->tm_min = rest / 60 % 60;
	tm->tm_sec = rest % 60;
	tm->tm_wday = (int)((days % 7 + 11) % 7);	/* the Epoch was a Thursday */
	days += DAYS_TO_EPOCH;
	era = (days >= 0 ? days : days - (DAYS_400Y - 1)) / DAYS_400Y;
	doe = (int)(days - era * DAYS_400Y);
	yoe = (doe - doe / 1460 + doe / 36524 - doe / (DAYS_400Y - 1)) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	m = (5 * doy + 2) / 153;
	tm->tm_mday = doy - (153 * m + 2) / 5 + 1;
	tm->tm_mon = m < 10 ? m + 2 : m - 10;
	y = era * 400 + yoe + (tm->tm_mon < 2);
	tm->tm_year = (int)(y - 1900);
	tm->tm_yday = m < 10 ? doy + 59 + is_leap((long)y) : doy - 306;
	tm->tm_isdst = 0;
	return tm;
}

struct tm *
gmtime(const time_t *t)
{
	static struct tm tm;

	return gmtime_r(t, &tm);
}

struct tm *
localtime_r(const time_t *restrict t, struct tm *restrict tm)
{
	return gmtime_r(t, tm);
}

struct tm *
localtime(const time_t *t)
{
	return gmtime(t);
}

time_t
mktime(struct tm *tm)
{
	int64_t y = (int64_t)tm->tm_year + 1900 + tm->tm_mon / 12;
	int m = tm->tm_mon % 12;
	time_t t;

	if (m < 0) {
		m += 12;
		y--;
	}
	t = (days_from_date(y, m, 1) + tm->tm_mday - 1) * 86400 + tm->tm_hour * 3600ll +
	    tm->tm_min * 60ll + tm->tm_sec;
	gmtime_r(&t, tm);
	return t;
}

double
difftime(time_t a, time_t b)
{
	return (double)(a - b);
}

static const char days[][10] = {
	"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
};
static const char months[][10] = {
	"January", "February", "March", "April", "May", "June", "July", "August", "September",
	"October", "November", "December",
};

/* Conversion C into BUF of N bytes; the length, or -1: unknown. */
static int
convert(char *buf, size_t n, char c, const struct tm *tm)
{
	struct tm copy = *tm;

	switch (c) {
	case 'Y': return snprintf(buf, n, "%d", tm->tm_year + 1900);
	case 'm': return snprintf(buf, n, "%02d", tm->tm_mon + 1);
	case 'd': return snprintf(buf, n, "%02d", tm->tm_mday);
	case 'e': return snprintf(buf, n, "%2d", tm->tm_mday);
	case 'H': return snprintf(buf, n, "%02d", tm->tm_hour);
	case 'M': return snprintf(buf, n, "%02d", tm->tm_min);
	case 'S': return snprintf(buf, n, "%02d", tm->tm_sec);
	case 'y': return snprintf(buf, n, "%02d", tm->tm_year % 100);
	case 'j': return snprintf(buf, n, "%03d", tm->tm_yday + 1);
	case 'a': return snprintf(buf, n, "%.3s", days[tm->tm_wday % 7]);
	case 'A': return snprintf(buf, n, "%s", days[tm->tm_wday % 7]);
	case 'b': return snprintf(buf, n, "%.3s", months[tm->tm_mon % 12]);
	case 'B': return snprintf(buf, n, "%s", months[tm->tm_mon % 12]);
	case 's': return snprintf(buf, n, "%lld", (long long)mktime(&copy));
	case 'Z': return snprintf(buf, n, "UTC");
	case 'n': return snprintf(buf, n, "\n");
	case 't': return snprintf(buf, n, "\t");
	case '%': return snprintf(buf, n, "%%");
	case 'F': return (int)strftime(buf, n, "%Y-%m-%d", tm);
	case 'T': return (int)strftime(buf, n, "%H:%M:%S", tm);
	case 'R': return (int)strftime(buf, n, "%H:%M", tm);
	case 'D': return (int)strftime(buf, n, "%m/%d/%y", tm);
	}
	return -1;
}

size_t
strftime(char *restrict s, size_t n, const char *restrict fmt, const struct tm *restrict tm)
{
	size_t len = 0;

	for (; *fmt; fmt++) {
		char buf[24] = { *fmt };
		int k = 1;

		if (*fmt == '%' && fmt[1]) {
			k = convert(buf, sizeof(buf), *++fmt, tm);
			if (k < 0)
				continue;
		}
		if (len + (size_t)k >= n)
			return 0;
		memcpy(s + len, buf, (size_t)k);
		len += (size_t)k;
	}
	if (!n)
		return 0;
	s[len] = '\0';
	return len;
}
