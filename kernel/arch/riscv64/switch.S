/* Switching threads, and their floating-point registers. Offsets: struct md_context. */
#include "arch/riscv64/trapframe.h"

#define CTX_FS		112
#define CTX_FCSR	120
#define CTX_F		128
#define CTX_GP		384

	.macro	callee_saved op, ctx
	\op	ra, 0(\ctx)
	\op	sp, 8(\ctx)
	\op	s0, 16(\ctx)
	\op	s1, 24(\ctx)
	\op	s2, 32(\ctx)
	\op	s3, 40(\ctx)
	\op	s4, 48(\ctx)
	\op	s5, 56(\ctx)
	\op	s6, 64(\ctx)
	\op	s7, 72(\ctx)
	\op	s8, 80(\ctx)
	\op	s9, 88(\ctx)
	\op	s10, 96(\ctx)
	\op	s11, 104(\ctx)
	\op	gp, CTX_GP(\ctx)
	.endm

/*
 * The kernel is compiled for a machine without floating point, and so is
 * this file: fsd fN, CTX_F+8*N(a0) and fld by their encoding.
 */
	.macro	fp_all word
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	\word	\n
	.endr
	.irp	n, 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	\word	\n
	.endr
	.endm
	.macro	fp_store n
	.set	off, CTX_F + 8 * \n
	.word	0x27 | 3 << 12 | 10 << 15 | \n << 20 | (off & 31) << 7 | (off >> 5) << 25
	.endm
	.macro	fp_load n
	.word	0x07 | 3 << 12 | 10 << 15 | \n << 7 | (CTX_F + 8 * \n) << 20
	.endm
	.macro	fp_zero n		/* fmv.d.x fN, zero */
	.word	0x53 | \n << 7 | 0x79 << 25
	.endm

	.text
/* void md_ctx_switch(struct md_context *save, struct md_context *load) */
	.globl	md_ctx_switch
md_ctx_switch:
	sc.d	zero, zero, (a0)	/* no reservation of the old thread may serve the new one */
	callee_saved sd, a0
	jal	t5, fp_save
	mv	a0, a1
	ld	t0, CTX_FS(a0)
	li	t1, SSTATUS_FS
	csrc	sstatus, t1
	beqz	t0, 1f
	csrs	sstatus, t1
	fp_all	fp_load
	ld	t0, CTX_FCSR(a0)
	csrw	0x003, t0
	li	t1, SSTATUS_FS_INITIAL
	csrc	sstatus, t1		/* dirty (3) to clean (2) */
1:	callee_saved ld, a0
	ret

/*
 * Note in context a0 what the live registers are; store them if they have
 * changed since they were loaded. Link register t5.
 */
fp_save:
	csrr	t0, sstatus
	li	t1, SSTATUS_FS
	and	t0, t0, t1
	sd	t0, CTX_FS(a0)
	bne	t0, t1, 1f
	fp_all	fp_store
	csrr	t0, 0x003		/* fcsr */
	sd	t0, CTX_FCSR(a0)
	li	t1, SSTATUS_FS_INITIAL
	csrc	sstatus, t1
1:	jr	t5

/* void fp_flush(struct md_context *): the running thread's registers into its context. */
	.globl	fp_flush
fp_flush:
	jal	t5, fp_save
	ret

/* void fp_enable(void): give the running thread zeroed registers. They count as dirty. */
	.globl	fp_enable
fp_enable:
	li	t1, SSTATUS_FS
	csrs	sstatus, t1
	fp_all	fp_zero
	csrw	0x003, zero
	ret

/* Where a new thread begins: s1(s2). */
	.globl	ctx_start
ctx_start:
	mv	a0, s2
	jalr	s1
	unimp
