/* What stops the other processors in a panic; panic itself is in kern/print.h. */
#ifndef KERN_PANIC_H
#define KERN_PANIC_H

#include "lib/util.h"

/* On a processor that is to stop: leaves its backtrace to whoever panics. */
void	panic_stop(void) NORETURN;
/* Print the messages that the console has not seen. */
void	print_flush_ring(void);

#endif
