/* See kern/irq.h. */
#include "kern/irq.h"

#include "kern/thread.h"
#include "lib/assert.h"
#include "md/trap.h"

#define HANDLERS_MAX 32

static struct {
	unsigned irq;
	void	(*fn)(void *);
	void	*arg;
} handlers[HANDLERS_MAX];	/* c after boot: nhandlers of them */
static unsigned nhandlers;

void
irq_register(unsigned irq, void (*fn)(void *arg), void *arg)
{
	assert(irq < IRQ_MAX && nhandlers < HANDLERS_MAX);
	intr_push();
	handlers[nhandlers].irq = irq;
	handlers[nhandlers].fn = fn;
	handlers[nhandlers++].arg = arg;
	intr_pop();
	md_irq_unmask(irq);
}

void
trap_irq(unsigned irq)
{
	cpu_this()->irqs++;
	for (unsigned i = 0; i < nhandlers; i++)
		if (handlers[i].irq == irq)
			handlers[i].fn(handlers[i].arg);
	md_irq_eoi(irq);
}
