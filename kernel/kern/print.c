/* Messages and the console's output (kern/print.h). */
#include "kern/print.h"

#include <stdarg.h>

#include "kern/spinlock.h"
#include "lib/atomic.h"
#include "lib/fmt.h"
#include "md/time.h"

#define DLE		16
#define RING_SIZE	4096u

/* The console. In a panic its lock is not taken: the holder may have been stopped. */
static struct {
	struct spinlock lock;
	bool	 frames;		/* c after boot */
	bool	 quiet;			/* lock */
	char	 stream;		/* lock: of the bytes before */
	uint32_t seen, end;		/* lock: bytes of the ring: on the console, in all */
	char	 ring[RING_SIZE];	/* lock */
} cons = { .lock = SPINLOCK_INIT("console", RANK_CONSOLE), .stream = CONS_KERNEL };

static bool
cons_lock(void) NO_TSA
{
	if (panicking)
		return false;
	spin_lock(&cons.lock);
	return true;
}

static void
cons_unlock(bool locked) NO_TSA
{
	if (locked)
		spin_unlock(&cons.lock);
}

static void
put_byte(char c)
{
	if (cons.frames && c == DLE)
		md_cons_putc(DLE);
	else if (!cons.frames && c == '\n')
		md_cons_putc('\r');
	md_cons_putc(c);
}

static void
switch_stream(char stream)
{
	if (!cons.frames || cons.stream == stream)
		return;
	md_cons_putc(DLE);
	md_cons_putc(stream);
	cons.stream = stream;
}

void
cons_write(enum cons_stream stream, const char *buf, size_t n)
{
	bool locked = cons_lock();

	switch_stream((char)stream);
	for (size_t i = 0; i < n; i++)
		put_byte(buf[i]);
	cons_unlock(locked);
}

void
cons_set_frames(bool on)
{
	cons.frames = on;
}

bool
cons_has_frames(void)
{
	return cons.frames;
}

void
print_set_quiet(bool on)
{
	cons.quiet = on;
}

static void
put_message(char c, void *unused)
{
	(void)unused;
	cons.ring[cons.end++ % RING_SIZE] = c;
	if (cons.quiet)
		return;
	put_byte(c);
	cons.seen = cons.end;
}

void
kprintf(const char *fmt, ...)
{
	bool locked = cons_lock();
	va_list ap;

	if (!cons.quiet)
		switch_stream(CONS_KERNEL);
	va_start(ap, fmt);
	fmt_emit(put_message, NULL, fmt, ap);
	va_end(ap);
	cons_unlock(locked);
}

/* In a panic: the only processor that still prints. */
void
print_flush_ring(void)
{
	cons.quiet = false;
	switch_stream(CONS_KERNEL);
	if (cons.end - cons.seen > RING_SIZE)
		cons.seen = cons.end - RING_SIZE;
	for (; cons.seen != cons.end; cons.seen++)
		put_byte(cons.ring[cons.seen % RING_SIZE]);
}

void
early_puts(const char *s)
{
	for (; *s != '\0'; s++)
		md_cons_putc(*s);
}

void
early_hex(unsigned long v)
{
	early_puts("0x");
	for (int shift = 8 * (int)sizeof(v) - 4; shift >= 0; shift -= 4)
		md_cons_putc("0123456789abcdef"[v >> shift & 15]);
}
