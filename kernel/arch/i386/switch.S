/* Switching stacks; the rest of switching threads is in machine.h and context.c. */

	.text
/* From context eax to context edx; see md_ctx_switch. */
	.globl	ctx_switch
ctx_switch:
	pushl	%ebp
	movl	%esp, (%eax)
	movl	(%edx), %esp
	popl	%ebp
	ret

/* Where a new thread begins: the function and its argument are on its stack. */
	.globl	ctx_start
ctx_start:
	popl	%edx
	popl	%eax
	call	*%edx
	ud2
