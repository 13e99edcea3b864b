/* Where a program starts: its words on the stack are as <abi/exec.h> says. */
	.section .text._start, "ax"
	.globl	_start
	.type	_start, @function
_start:
	movl	4(%esp), %eax		/* argc */
	movl	8(%esp), %edx		/* argv */
	andl	$-16, %esp
	xorl	%ebp, %ebp		/* ends backtraces */
	subl	$8, %esp
	pushl	%edx
	pushl	%eax
	call	__libc_start
	ud2
	.size	_start, . - _start

	.section .note.GNU-stack, "", @progbits
