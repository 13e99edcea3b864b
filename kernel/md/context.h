/* Threads of control: switching between them, and entering user mode. */
#ifndef MD_CONTEXT_H
#define MD_CONTEXT_H

#include "md/types.h"

/*
 * User registers; lives at the top of a kernel stack. In a system call other than fork
 * not all are in it. <machine.h> gives, inline,
 *
 *	unsigned long md_tf_syscall(const struct trapframe *tf)
 *		its number
 *	const unsigned long *md_tf_args(const struct trapframe *tf, unsigned n, unsigned long *room)
 *		the first N words of its arguments (N <= 8), in ROOM or elsewhere. NULL: they are
 *		on a user stack that can't be read. May fault, sleep.
 *	void md_ctx_switch(struct md_context *save, struct md_context *load)
 *		save the running thread in SAVE and go on with LOAD; interrupts disabled
 */
struct trapframe;

/* Make CTX start at fn(arg) on the stack that ends at STACK_TOP. */
void	md_ctx_init(struct md_context *ctx, vaddr_t stack_top, void (*fn)(void *), void *arg);

/* The trap frame of a user thread whose kernel stack ends at STACK_TOP. */
struct trapframe *md_tf_of(vaddr_t stack_top);
/*
 * A new program's registers: zero, but for these; a0 and a1 are what main gets (or exec puts on
 * the stack). They count from md_user_enter on.
 */
void	md_tf_init(struct trapframe *tf, vaddr_t pc, vaddr_t sp, unsigned long a0,
	    unsigned long a1);
void	md_tf_return(struct trapframe *tf, long v);
vaddr_t	md_tf_pc(const struct trapframe *tf);
/* Leave for user mode, on the current thread's stack. Interrupts disabled. */
void	md_user_enter(struct trapframe *tf) NORETURN;

/*
 * The user's floating-point registers that belong to the running thread:
 * zero them (exec), or store them in CTX of a child (fork).
 */
void	md_fp_clear(struct md_context *ctx);
void	md_fp_fork(struct md_context *child, struct md_context *parent);

#endif
