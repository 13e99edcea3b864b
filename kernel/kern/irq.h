/*
 * Device interrupts: drivers register a handler, which runs with interrupts
 * disabled on whichever processor the interrupt reaches. Handlers may wake threads and
 * take spinlocks, no more. Lines are level-triggered: a handler that leaves the
 * device asking must mask the line (md_irq_mask).
 */
#ifndef KERN_IRQ_H
#define KERN_IRQ_H

#include "lib/util.h"

#define IRQ_MAX		128

/* Also unmasks the line. Several handlers may share one. At boot only. */
void	irq_register(unsigned irq, void (*handler)(void *arg), void *arg);

#endif
