/* Switching stacks; the rest of switching threads is in context.c. */

	.text
/* void ctx_switch(uint32_t *save, uint32_t load): load is what an earlier call saved. */
	.globl	ctx_switch
ctx_switch:
	pushl	%ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	movl	%esp, (%eax)
	movl	%edx, %esp
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret

/* Where a new thread begins: ebx(esi). */
	.globl	ctx_start
ctx_start:
	movl	%esi, %eax
	call	*%ebx
	ud2
