/* md/context.h: trap frames, contexts, floating-point registers. */
#include "md/context.h"

#include "arch/i386/port.h"
#include "arch/i386/trapframe.h"
#include "arch/i386/x86.h"
#include "kern/thread.h"
#include "lib/string.h"
#include "md/usercopy.h"

/* What ctx_switch pops. */
struct saved {
	uint32_t ebp, eip;
	uint32_t fn, arg;		/* ctx_start does */
};

void
md_ctx_init(struct md_context *ctx, vaddr_t stack_top, void (*fn)(void *), void *arg)
{
	struct saved *s = (struct saved *)stack_top - 1;

	ctx->trap_top = 0;
	ctx->has_fp = ctx->fp_live = false;
	*s = (struct saved){ .eip = (uint32_t)ctx_start, .fn = (uint32_t)fn,
	    .arg = (uint32_t)arg };
	ctx->sp = (uint32_t)s;
}

struct trapframe *
md_tf_of(vaddr_t stack_top)
{
	return (struct trapframe *)stack_top - 1;
}

void
md_tf_init(struct trapframe *tf, vaddr_t pc, vaddr_t sp, unsigned long a0, unsigned long a1)
{
	(void)a0, (void)a1;		/* on the stack: abi/exec.h */
	*tf = (struct trapframe){ .eip = pc, .esp = sp, .cs = SEL_UCODE, .ss = SEL_UDATA,
		.ds = SEL_UDATA, .es = SEL_UDATA, .fs = SEL_UDATA, .gs = SEL_UDATA,
		.eflags = EFLAGS_IF };
}

void
md_tf_return(struct trapframe *tf, long v)
{
	tf->eax = (uint32_t)v;
}

vaddr_t
md_tf_pc(const struct trapframe *tf)
{
	return tf->eip;
}

void
md_user_enter(struct trapframe *tf)
{
	struct md_context *ctx = &thread_current()->ctx;

	ctx->trap_top = (vaddr_t)(tf + 1);
	*processor_this()->trap_top = ctx->trap_top;
	user_enter(tf);
}

/* ---- floating-point registers ---- */

/*
 * With CR0.TS set the first instruction that uses them traps. It is clear while the
 * registers in the processor are the running thread's; switching stores them and sets it.
 */
static bool has_fxsave;			/* c */
bool fpu_has_sse;			/* c: and has_fxsave */

void
fpu_init_cpu(void)
{
	uint32_t features = cpu_features();

	has_fxsave = (features & CPU_FXSR) != 0;
	fpu_has_sse = has_fxsave && (features & CPU_SSE) != 0;
	if (has_fxsave)
		reg_write(cr4, reg_read(cr4) | CR4_OSFXSR |
		    (fpu_has_sse ? CR4_OSXMMEXCPT : 0));
	reg_write(cr0, (reg_read(cr0) & ~CR0_EM) | CR0_MP | CR0_NE | CR0_TS | CR0_WP);
}

void
fp_flush(struct md_context *ctx)
{
	if (!ctx->fp_live)
		return;
	ctx->fp_live = false;
	if (has_fxsave)
		__asm__ volatile("fxsave %0" : "=m"(ctx->fp));
	else
		__asm__ volatile("fnsave %0" : "=m"(ctx->fp));
	reg_write(cr0, reg_read(cr0) | CR0_TS);
}

/* The running thread wants them. */
void
fpu_use(void)
{
	static const uint32_t mxcsr = 0x1f80;	/* all exceptions masked */
	struct md_context *ctx = &thread_current()->ctx;

	__asm__ volatile("clts");
	if (ctx->has_fp && has_fxsave) {
		__asm__ volatile("fxrstor %0" : : "m"(ctx->fp));
	} else if (ctx->has_fp) {
		__asm__ volatile("frstor %0" : : "m"(ctx->fp));
	} else if (has_fxsave) {
		/* All registers zero: an area that says so, but for two control words. */
		memset(ctx->fp, 0, sizeof(ctx->fp));
		ctx->fp[0] = 0x7f;
		ctx->fp[1] = 0x03;
		memcpy(&ctx->fp[24], &mxcsr, sizeof(mxcsr));
		__asm__ volatile("fxrstor %0" : : "m"(ctx->fp));
	} else {
		__asm__ volatile("fninit");
	}
	ctx->has_fp = ctx->fp_live = true;
}

void
md_fp_clear(struct md_context *ctx)
{
	reg_write(cr0, reg_read(cr0) | CR0_TS);
	ctx->has_fp = ctx->fp_live = false;
}

void
md_fp_fork(struct md_context *child, struct md_context *parent)
{
	fp_flush(parent);
	child->has_fp = parent->has_fp;
	if (child->has_fp)
		memcpy(child->fp, parent->fp, sizeof(child->fp));
}
