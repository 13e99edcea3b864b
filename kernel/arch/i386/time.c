/*
 * The clock, which is the processor's time-stamp counter, measured with the 8254 at start; and the
 * clock chip. Sources: the 8254 data sheet; Motorola MC146818A.
 */
#include "md/time.h"

#include "arch/i386/port.h"
#include "arch/i386/x86.h"
#include "kern/print.h"

#define PIT_HZ		1193182u
#define PIT_CHANNEL2	0x42u
#define PIT_COMMAND	0x43u
#define PIT_ONCE2	0xb0		/* channel 2, both bytes, counts down once */
#define PIT_LATCH2	0x80
#define PIT_GATE	0x61u
#define GATE_ON		0x01		/* the counter runs */
#define GATE_SPEAKER	0x02

#define MEASURE_COUNTS	5966u		/* 5 ms: most of what a boot takes */
#define TRIES		5

static uint32_t ns_mult;		/* c: ns a tick of the counter, shifted by 24 */

static uint16_t
pit_read(void)
{
	uint8_t low;

	outb(PIT_COMMAND, PIT_LATCH2);
	low = inb(PIT_CHANNEL2);
	return (uint16_t)(low | inb(PIT_CHANNEL2) << 8);
}

/* Both counters at one moment; *WIDTH: how long it took. */
static uint64_t
read_both(uint16_t *pit, uint64_t *width)
{
	uint64_t before = md_ticks(), after;

	*pit = pit_read();
	after = md_ticks();
	*width += after - before;
	return before + (after - before) / 2;
}

/* Ticks of the time-stamp counter in *COUNTS of the 8254; *WIDTH: about how wrong that may be. */
static uint64_t
measure(uint32_t *counts, uint64_t *width)
{
	uint16_t from, to;
	uint64_t start, end;

	outb(PIT_GATE, (inb(PIT_GATE) & ~GATE_SPEAKER) | GATE_ON);
	outb(PIT_COMMAND, PIT_ONCE2);
	outb(PIT_CHANNEL2, 0xff);
	outb(PIT_CHANNEL2, 0xff);
	do
		from = pit_read();	/* until the new count is there */
	while (from < 0xf000);
	*width = 0;
	start = read_both(&from, width);
	do {
		uint64_t w = *width;

		end = read_both(&to, &w);
		if (from - to >= (int)MEASURE_COUNTS)
			*width = w;
	} while (from - to < (int)MEASURE_COUNTS);
	*counts = (uint32_t)(from - to);
	return end - start;
}

/* The best of a few: somebody else may have had the processor in between. */
void
time_init(void)
{
	uint64_t best_width = UINT64_MAX, width, ticks;
	uint32_t counts, ns;

	for (unsigned i = 0; i < TRIES; i++) {
		ticks = measure(&counts, &width);
		if (width >= best_width)
			continue;
		best_width = width;
		ns = (uint32_t)((uint64_t)counts * 1000000000u / PIT_HZ);
		ns_mult = (uint32_t)(((uint64_t)ns << 24) / MAX(ticks, 1));
		if (width < ticks / 500)
			break;
	}
	if (ns_mult == 0)
		panic("the time-stamp counter stands still");
}

uint64_t
md_ticks_ns(uint64_t t)
{
	return (((t >> 32) * ns_mult) << 8) + (((t & UINT32_MAX) * ns_mult) >> 24);
}

/* For less than 2^40. */
uint64_t
md_ticks_of_ns(uint64_t ns)
{
	return (ns << 24) / ns_mult;
}

/* ---- the clock chip ---- */

#define CMOS_INDEX	0x70u
#define CMOS_DATA	0x71u

enum { RTC_SECOND = 0, RTC_MINUTE = 2, RTC_HOUR = 4, RTC_DAY = 7, RTC_MONTH = 8, RTC_YEAR = 9,
	RTC_STATUS_A = 10, RTC_STATUS_B = 11 };
#define A_UPDATING	0x80
#define B_BINARY	0x04
#define B_24_HOURS	0x02
#define HOUR_PM		0x80

struct date {
	unsigned second, minute, hour, day, month, year;
};

static uint8_t
cmos_read(unsigned reg)
{
	outb(CMOS_INDEX, reg);
	return inb(CMOS_DATA);
}

static unsigned
rtc_number(unsigned v, bool binary)
{
	return binary ? v : (v >> 4) * 10 + (v & 15);
}

static void
rtc_read(struct date *d)
{
	uint8_t mode = cmos_read(RTC_STATUS_B), hour = cmos_read(RTC_HOUR);
	bool binary = (mode & B_BINARY) != 0;

	d->second = rtc_number(cmos_read(RTC_SECOND), binary);
	d->minute = rtc_number(cmos_read(RTC_MINUTE), binary);
	d->day = rtc_number(cmos_read(RTC_DAY), binary);
	d->month = rtc_number(cmos_read(RTC_MONTH), binary);
	d->year = 2000 + rtc_number(cmos_read(RTC_YEAR), binary);
	if (mode & B_24_HOURS)
		d->hour = rtc_number(hour, binary);
	else
		d->hour = rtc_number(hour & ~HOUR_PM, binary) % 12 + (hour & HOUR_PM ? 12 : 0);
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static uint32_t
days_to(unsigned year, unsigned month, unsigned day)
{
	/* Years that begin in March end with the day that comes and goes. */
	unsigned y = month > 2 ? year : year - 1, m = (month + 9) % 12;

	return y * 365 + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + day - 1 - 719468;
}

/* Read until nothing changes meanwhile; a chip that is none ends it, too. */
uint64_t
md_rtc_ns(void)
{
	struct date d, again;
	unsigned tries = 0;

	do {
		for (unsigned i = 0; i < 100000 && (cmos_read(RTC_STATUS_A) & A_UPDATING); i++)
			;
		rtc_read(&d);
		rtc_read(&again);
	} while (d.second != again.second && ++tries < 10);
	if (d.month < 1 || d.month > 12 || d.day < 1 || d.day > 31)
		return 0;
	return ((uint64_t)days_to(d.year, d.month, d.day) * 86400 +
	    d.hour * 3600u + d.minute * 60u + d.second) * 1000000000u;
}
