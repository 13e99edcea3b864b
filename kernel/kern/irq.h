/* Device interrupts: drivers say what is to be called for which. */
#ifndef KERN_IRQ_H
#define KERN_IRQ_H

#include "lib/util.h"

/*
 * FN(arg) on every interrupt IRQ from now on, with interrupts disabled; several
 * may share one. At start-up only, on one processor.
 */
void	irq_register(unsigned irq, void (*fn)(void *), void *arg);

#endif
