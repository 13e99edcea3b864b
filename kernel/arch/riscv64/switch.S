/* Switching threads, and their floating-point registers. Offsets: struct md_context. */
#include "arch/riscv64/trapframe.h"

#define CTX_FS		32
#define CTX_FCSR	40
#define CTX_F		48

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
/* From context a0 to context a1; see md_ctx_switch. */
	.globl	ctx_switch
ctx_switch:
	sc.d	zero, zero, (a0)	/* no reservation of the old thread may serve the new one */
	sd	ra, 0(a0)
	sd	sp, 8(a0)
	sd	s0, 16(a0)
	sd	gp, 24(a0)
	/* A context says 0 while its thread, running, has the registers off. */
	csrr	t0, sstatus
	ld	t1, CTX_FS(a1)
	li	t2, SSTATUS_FS
	and	t0, t0, t2
	or	t0, t0, t1
	bnez	t0, 3f
2:	ld	ra, 0(a1)
	ld	sp, 8(a1)
	ld	s0, 16(a1)
	ld	gp, 24(a1)
	ret
3:	jal	t5, fp_save
	mv	a0, a1
	jal	t5, fp_restore
	j	2b

/* The registers of context a0, if it has any. Link register t5. */
fp_restore:
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
1:	jr	t5

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

/* Where a new thread begins: the function and its argument are on its stack. */
	.globl	ctx_start
ctx_start:
	ld	a0, 8(sp)
	ld	t0, 0(sp)
	jalr	t0
	unimp
