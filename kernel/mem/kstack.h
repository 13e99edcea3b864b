/*
 * Kernel stacks: slots of a window of addresses with an unmapped guard below each; mapped once,
 * reused.
 */
#ifndef MEM_KSTACK_H
#define MEM_KSTACK_H

#include "md/types.h"

vaddr_t	kstack_alloc(void);		/* the stack's top; 0: out of memory */
void	kstack_free(vaddr_t top);
void	kstack_init(void);

#endif
