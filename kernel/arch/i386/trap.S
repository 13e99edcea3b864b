/*
 * Traps and interrupts. Each vector has a stub of STUB_SIZE bytes, which makes
 * all frames alike; interrupts are disabled by the gate.
 */
#include "arch/i386/trapframe.h"

	.text
	.balign	STUB_SIZE
	.globl	trap_stubs
trap_stubs:
	.set	vector, 0
	.rept	NVECTORS
	.balign	STUB_SIZE
	/* These push an error code themselves. */
	.set	has_code, vector == 8 || (vector >= 10 && vector <= 14) || vector == 17
	.set	has_code, has_code || vector == 21 || vector == 29 || vector == 30
	.if	!has_code
	pushl	$0
	.endif
	pushl	$vector
	jmp	trap_entry
	.set	vector, vector + 1
	.endr

	.macro	save_registers
	pushl	%ds
	pushl	%es
	pushl	%fs
	pushl	%gs
	pushal
	cld
	movl	$SEL_KDATA, %ecx
	movl	%ecx, %ds
	movl	%ecx, %es
	.endm

	.balign	STUB_SIZE
trap_entry:
	save_registers
	testb	$3, TF_CS(%esp)
	jz	from_kernel
	xorl	%ebp, %ebp		/* backtraces end here */
	movl	%esp, %eax
	call	trap_from_user

/* esp is the trap frame, interrupts are disabled. */
user_return:
	movl	%esp, %eax
	call	trap_leaving
registers_back:
	popal
	popl	%gs
	popl	%fs
	popl	%es
	popl	%ds
	addl	$8, %esp		/* vector, error code */
	iret

/* The gate of system calls, which come from user mode alone. */
	.globl	syscall_entry
syscall_entry:
	pushl	$0
	pushl	$VEC_SYSCALL
	save_registers
	xorl	%ebp, %ebp
	movl	%esp, %eax
	call	trap_syscall
	movl	%eax, TF_EAX(%esp)
	cli
	str	%eax
	movl	processors - TSS_FIRST * 8(%eax), %eax
	cmpl	$0, CPU_RESCHED(%eax)
	jne	user_return
	jmp	registers_back

/* void user_enter(struct trapframe *) */
	.globl	user_enter
user_enter:
	movl	%eax, %esp
	xorl	%ebp, %ebp
	jmp	user_return

/* Between the frame and what we call: a frame record, so that backtraces walk through. */
from_kernel:
	movl	%esp, %eax
	pushl	TF_EIP(%esp)
	pushl	%ebp
	movl	%esp, %ebp
	call	trap_from_kernel
	addl	$8, %esp
	jmp	registers_back

/*
 * The task of double faults: on a stack of its own, whatever became of the other one.
 * The task register goes back to what says which processor this is.
 */
	.globl	double_fault_entry
double_fault_entry:
	movzwl	fault_tss, %eax		/* link: the task before */
	andb	$~2, gdt+5(%eax)	/* not busy */
	ltr	%ax
	pushl	$2			/* no nested task */
	popfl
	call	desc_interrupted
	movl	%eax, %ebp		/* backtraces go on there */
	call	trap_double_fault
	ud2
