/*
 * The end: the processor that panics stops the others, which leave their
 * backtraces to it, prints everything and powers off.
 */

#include "kern/print.h"

#include <stdarg.h>

#include "kern/ksyms.h"
#include "kern/thread.h"
#include "lib/atomic.h"
#include "lib/fmt.h"
#include "md/boot.h"
#include "md/pmap.h"
#include "md/time.h"
#include "md/trap.h"

#define PANIC_STATUS	125
#define TRACE_MAX	24
#define FUNCTION_MAX	0x4000		/* no function is as long */
#define STOP_WAIT_NS	200000000ull

int panicking;

static struct trace {
	int	 ready;			/* @ the rest is filled in */
	unsigned n;
	vaddr_t	 pc[TRACE_MAX];
} traces[MAX_CPUS];

const char *
ksym_find(unsigned long addr, unsigned long *offset)
{
	unsigned low = 0, high = ksyms_count;

	while (low < high) {
		unsigned mid = low + (high - low) / 2;

		if (ksyms[mid].addr <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	*offset = low > 0 ? addr - ksyms[low - 1].addr : 0;
	return low > 0 ? ksyms[low - 1].name : "?";
}

/*
 * The next return address. Without frame pointers, which only debug kernels have, whatever on the
 * stack points into a function: also what calls that have ended left there. An emergency stack may
 * end before KSTACK_SIZE says so, at a page that is not there.
 */
static vaddr_t
trace_next(vaddr_t *at)
{
#ifdef DEBUG
	const vaddr_t *record = (const vaddr_t *)(*at - MD_FRAME_RECORD);

	if (*at % sizeof(vaddr_t) != 0 || !pmap_kernel_mapped((vaddr_t)record) ||
	    !pmap_kernel_mapped((vaddr_t)(record + 1)))
		return 0;
	*at = record[0];
	return record[1];
#else
	while (*at % KSTACK_SIZE != 0 && pmap_kernel_mapped(*at)) {
		vaddr_t pc = *(const vaddr_t *)*at;
		unsigned long off;

		*at += sizeof(pc);
		(void)ksym_find(pc, &off);
		if (off != 0 && off < FUNCTION_MAX && pc < ksyms[ksyms_count - 1].addr)
			return pc;
	}
	return 0;
#endif
}

/* Inline, so that it begins with whoever called panic or panic_stop: these keep a frame pointer. */
static inline __attribute__((always_inline)) void
trace_take(struct trace *t)
{
	vaddr_t at = (vaddr_t)__builtin_frame_address(0), pc;

	t->n = 0;
#ifndef DEBUG
	/* It may be a function's end, which would look like a pointer to the next one. */
	at -= MD_FRAME_RECORD;
	t->pc[t->n++] = ((const vaddr_t *)at)[1];
	at += 2 * sizeof(at);
#endif
	for (; t->n < TRACE_MAX && (pc = trace_next(&at)) != 0; t->n++)
		t->pc[t->n] = pc;
	atomic_store(&t->ready, 1);
}

static void
trace_print(unsigned cpu)
{
	const struct trace *t = &traces[cpu];
	const struct thread *running = cpus[cpu].head.current;
	unsigned long off;

	if (!atomic_load(&t->ready)) {
		kprintf("processor %u does not answer\n", cpu);
		return;
	}
	kprintf("processor %u, %s:\n", cpu, running != NULL ? running->name : "starting");
	for (unsigned i = 0; i < t->n; i++) {
		/* A return address; behind a call that does not return lies another function. */
		const char *name = ksym_find((unsigned long)t->pc[i] - 1, &off);

		kprintf("  %lx %s+%lx\n", (unsigned long)t->pc[i], name, off + 1);
	}
}

void
panic_stop(void)
{
	md_intr_disable();
	trace_take(&traces[md_cpu_id()]);
	for (;;)
		md_pause();
}

static void
stop_others(void)
{
	unsigned long others = 0;
	uint64_t start = md_clock_ns();

	for (unsigned i = 0; i < ncpus; i++)
		if (i != md_cpu_id() && cpus[i].online)
			others |= 1ul << i;
	if (others != 0)
		md_ipi_send(others);
	for (unsigned i = 0; i < ncpus; i++)
		while ((others & (1ul << i)) && !atomic_load(&traces[i].ready) &&
		    md_clock_ns() - start < STOP_WAIT_NS)
			md_pause();
}

void
panic(const char *fmt, ...)
{
	static char message[256];
	int none = 0, self = (int)md_cpu_id() + 1;
	va_list ap;

	md_intr_disable();
	if (!atomic_cas(&panicking, &none, self)) {
		if (none == self)
			md_poweroff(PANIC_STATUS);	/* a panic in a panic */
		panic_stop();
	}
	print_flush_ring();
	va_start(ap, fmt);
	fmt_vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	kprintf("\npanic: processor %d: %s\n", self - 1, message);
	trace_take(&traces[self - 1]);
	trace_print(md_cpu_id());
	stop_others();
	for (unsigned i = 0; i < ncpus; i++)
		if (i != md_cpu_id() && cpus[i].online)
			trace_print(i);
#ifndef DEBUG
	kprintf("(Some of these calls may have ended before; --debug knows them exactly.)\n");
#endif
	md_poweroff(PANIC_STATUS);
}

void
assert_failed(const char *expr, const char *file, int line)
{
	panic("%s:%d: assertion failed: %s", file, line, expr);
}
