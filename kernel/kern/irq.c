/* See kern/irq.h. Devices are few: a list, looked through. */
#include "kern/irq.h"

#include "kern/thread.h"
#include "lib/assert.h"
#include "lib/atomic.h"
#include "md/trap.h"

#define MAX_HANDLERS	32

static struct handler {
	unsigned irq;
	void (*fn)(void *);
	void *arg;
} handlers[MAX_HANDLERS];
static unsigned nhandlers;		/* @: only grows; entries below it are constant */

void
irq_register(unsigned irq, void (*fn)(void *), void *arg)
{
	assert(nhandlers < MAX_HANDLERS);
	handlers[nhandlers] = (struct handler){ irq, fn, arg };
	atomic_store_release(&nhandlers, nhandlers + 1);
	md_irq_unmask(irq);
}

void
trap_irq(unsigned irq)
{
	unsigned n = atomic_load_acquire(&nhandlers);

	cpu_this()->irqs++;
	for (unsigned i = 0; i < n; i++)
		if (handlers[i].irq == irq)
			handlers[i].fn(handlers[i].arg);
	md_irq_eoi(irq);
}
