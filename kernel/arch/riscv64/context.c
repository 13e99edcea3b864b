/* md/context.h: trap frames, contexts, floating-point registers. */
#include "md/context.h"

#include "arch/riscv64/csr.h"
#include "arch/riscv64/port.h"
#include "arch/riscv64/trapframe.h"
#include "lib/string.h"

_Static_assert(offsetof(struct md_context, gp) == 24, "switch.S knows");
_Static_assert(offsetof(struct md_context, fs) == 32, "switch.S knows");
_Static_assert(offsetof(struct md_context, f) == 48, "switch.S knows");

void
md_ctx_init(struct md_context *ctx, vaddr_t stack_top, void (*fn)(void *), void *arg)
{
	uint64_t *start = (uint64_t *)stack_top - 2;

	memset(ctx, 0, offsetof(struct md_context, f));
	start[0] = (uint64_t)fn;
	start[1] = (uint64_t)arg;
	ctx->ra = (uint64_t)ctx_start;
	ctx->sp = (uint64_t)start;
}

struct trapframe *
md_tf_of(vaddr_t stack_top)
{
	return (struct trapframe *)(stack_top - sizeof(struct trapframe));
}

void
md_tf_init(struct trapframe *tf, vaddr_t pc, vaddr_t sp, unsigned long a0, unsigned long a1)
{
	memset(tf, 0, sizeof(*tf));
	tf->pc = pc;
	tf->sp = sp;
	tf->a[0] = a0;
	tf->a[1] = a1;
}

void
md_tf_return(struct trapframe *tf, long v)
{
	tf->a[0] = (uint64_t)v;
}

vaddr_t
md_tf_pc(const struct trapframe *tf)
{
	return tf->pc;
}

/*
 * sstatus.FS of the running processor says about the running thread's
 * registers: off (it never used them), clean (as in its context) or dirty.
 * Off is how a thread starts; its first use traps (trap.c).
 */
void
md_fp_clear(struct md_context *ctx)
{
	csr_clear(sstatus, SSTATUS_FS);
	ctx->fs = 0;
}

void
md_fp_fork(struct md_context *child, struct md_context *parent)
{
	fp_flush(parent);
	child->fs = parent->fs;
	child->fcsr = parent->fcsr;
	if (child->fs != 0)
		memcpy(child->f, parent->f, sizeof(child->f));
}
