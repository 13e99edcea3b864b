/*
 * Traps. In user mode sscratch points to the trap frame at the top of the
 * thread's kernel stack; in the kernel it is 0. In the kernel sstatus is such that sret
 * leads to user mode with interrupts enabled: SPP 0, SPIE 1.
 */
#include "arch/riscv64/trapframe.h"
#include "abi/syscall.h"

	.option	norelax		/* what is aligned here stays so; not every linker can see to it */

/* OP (sd or ld) for what a C function may change, and its caller's frame; not sp, tp, a0. */
	.macro	scratch_registers op
	\op	ra, TF_RA(sp)
	\op	t0, TF_T0(sp)
	\op	t1, TF_T0+8(sp)
	\op	t2, TF_T0+16(sp)
	\op	s0, TF_S0(sp)
	\op	a1, TF_A0+8(sp)
	\op	a2, TF_A0+16(sp)
	\op	a3, TF_A0+24(sp)
	\op	a4, TF_A0+32(sp)
	\op	a5, TF_A0+40(sp)
	\op	a6, TF_A0+48(sp)
	\op	a7, TF_A0+56(sp)
	\op	t3, TF_T3(sp)
	\op	t4, TF_T3+8(sp)
	\op	t5, TF_T3+16(sp)
	\op	t6, TF_T3+24(sp)
	.endm

/* For what it leaves as it was; none uses gp, which md_ctx_switch keeps, too. */
	.macro	kept_registers op
	\op	gp, TF_GP(sp)
	\op	s1, TF_S1(sp)
	\op	s2, TF_S2(sp)
	\op	s3, TF_S2+8(sp)
	\op	s4, TF_S2+16(sp)
	\op	s5, TF_S2+24(sp)
	\op	s6, TF_S2+32(sp)
	\op	s7, TF_S2+40(sp)
	\op	s8, TF_S2+48(sp)
	\op	s9, TF_S2+56(sp)
	\op	s10, TF_S2+64(sp)
	\op	s11, TF_S2+72(sp)
	.endm

	.macro	registers op
	scratch_registers \op
	kept_registers \op
	\op	a0, TF_A0(sp)
	.endm

/* What the trap left in control registers. Takes back SUM where only user copies have it. */
	.macro	save_csrs
#ifdef DEBUG
	li	t0, SSTATUS_SUM
	csrrc	t0, sstatus, t0
#else
	csrr	t0, sstatus
#endif
	csrr	t1, sepc
	csrr	t2, scause
	csrr	t3, stval
	sd	t0, TF_STATUS(sp)
	sd	t1, TF_PC(sp)
	sd	t2, TF_CAUSE(sp)
	sd	t3, TF_TVAL(sp)
	.endm

	.text
	.balign	4
	.globl	trap_entry
trap_entry:
	csrrw	sp, sscratch, sp
	beqz	sp, from_kernel

	scratch_registers sd
	sd	a0, TF_A0(sp)
	sd	tp, TF_TP(sp)
	csrrw	t0, sscratch, zero
	sd	t0, TF_SP(sp)
	ld	tp, TF_CPU(sp)
	csrr	t0, scause
	li	t1, SCAUSE_ECALL
	bne	t0, t1, other_trap
	/* A child begins with a copy of all registers; bare numbers are for raw callers. */
	li	t1, SYS_ERRNO + SYS_fork
	bleu	a7, t1, other_trap

	/*
	 * A system call. What C functions leave as it was is not in the frame; it is where they
	 * have put it. Nobody but fork looks at it. The same holds for page faults below.
	 */
	csrr	t0, sepc
	addi	t0, t0, 4
	sd	t0, TF_PC(sp)
	li	s0, 0			/* backtraces end here */
	mv	a0, sp
	call	trap_syscall

	/* Where a system call or a page fault leaves; a0 is what the user gets. */
leave:	csrci	sstatus, 2		/* SIE */
	lw	t0, CPU_RESCHED(tp)
	bnez	t0, 2f
1:	ld	t0, TF_PC(sp)
	csrw	sepc, t0
	sd	tp, TF_CPU(sp)
3:	csrw	sscratch, sp
	scratch_registers ld
	ld	tp, TF_TP(sp)
	ld	sp, TF_SP(sp)
	sret
2:	sd	a0, TF_A0(sp)
	mv	a0, sp
	call	trap_leaving
	ld	a0, TF_A0(sp)
	j	1b

/*
 * A store to a page that is not there, or shared. What is due in most cases is done with interrupts
 * disabled: sepc stays what it is.
 */
store_fault:
	csrr	a0, stval
	li	s0, 0
	call	trap_store
	beqz	a0, page_fault
	ld	a0, TF_A0(sp)
	lw	t0, CPU_RESCHED(tp)
	beqz	t0, 3b
	csrr	t1, sepc
	sd	t1, TF_PC(sp)
	j	2b

/* A page fault: the same, but for the program's counter and a0. */
page_fault:
	csrr	t0, scause
	csrr	t1, sepc
	csrr	a1, stval
	mv	a2, t0
	sd	t1, TF_PC(sp)
	li	s0, 0
	mv	a0, sp
	call	trap_user_fault
	ld	a0, TF_A0(sp)
	j	leave

other_trap:
	li	t1, SCAUSE_STORE_PAGE
	beq	t0, t1, store_fault
	addi	t1, t0, -SCAUSE_FETCH_PAGE
	li	t2, SCAUSE_STORE_PAGE - SCAUSE_FETCH_PAGE
	bleu	t1, t2, page_fault
	kept_registers sd
	save_csrs
	li	s0, 0
	mv	a0, sp
	call	trap_from_user

/* sp is the trap frame, interrupts are disabled. */
user_return:
	mv	a0, sp
	call	trap_leaving
	ld	t0, TF_PC(sp)
	csrw	sepc, t0
	sd	tp, TF_CPU(sp)
	csrw	sscratch, sp
	registers ld
	ld	tp, TF_TP(sp)
	ld	sp, TF_SP(sp)
	sret

/* void md_user_enter(struct trapframe *) */
	.globl	md_user_enter
md_user_enter:
	mv	sp, a0
	li	s0, 0
	j	user_return

from_kernel:
	csrrw	sp, sscratch, zero
	/* The lower half of every stack's slot is its guard: test bit 13 before storing. */
	csrw	sscratch, t0
	addi	t0, sp, -TF_SIZE
	slli	t0, t0, 63 - 13
	bgez	t0, overflow
	csrrw	t0, sscratch, zero
	addi	sp, sp, -TF_SIZE
	registers sd
	sd	tp, TF_TP(sp)
	addi	t0, sp, TF_SIZE
	sd	t0, TF_SP(sp)
	save_csrs
	/* Who serves a fault may sleep, and another thread may leave the kernel meanwhile. */
	li	t0, SSTATUS_SPP
	csrc	sstatus, t0
	li	t0, SSTATUS_SPIE
	csrs	sstatus, t0
	addi	s0, sp, TF_SIZE
	mv	a0, sp
	call	trap_from_kernel
	ld	t0, TF_PC(sp)
	csrw	sepc, t0
	/* The thread may have slept and be on another processor: FS is as it is now, tp stays. */
	ld	t0, TF_STATUS(sp)
	csrr	t1, sstatus
	li	t2, SSTATUS_FS
	and	t1, t1, t2
	not	t2, t2
	and	t0, t0, t2
	or	t0, t0, t1
	csrw	sstatus, t0
	registers ld
	ld	sp, TF_SP(sp)
	sret

/* One stack for whoever comes first; the message is all that is left to do. */
overflow:
	lla	t0, emergency_taken
	amoswap.w.aq t0, t0, (t0)
	bnez	t0, stop
	csrrw	t0, sscratch, sp
	lla	sp, emergency_top
	addi	sp, sp, -TF_SIZE
	registers sd
	sd	tp, TF_TP(sp)
	csrrw	t0, sscratch, zero
	sd	t0, TF_SP(sp)
	save_csrs
	addi	s0, sp, TF_SIZE
	mv	a0, sp
	call	trap_overflow
stop:
	wfi
	j	stop

	.bss
	.balign	4
emergency_taken:
	.word	0
