/* memcpy and memset by string instructions: one a word, where lib/string.c's loops take two. */

	.text
/* void *memcpy(void *dst, const void *src, size_t n) */
	.globl	memcpy
memcpy:
	movl	4(%esp), %eax
	movl	%edi, %edx
	pushl	%esi
	movl	%eax, %edi
	movl	12(%esp), %esi
	movl	16(%esp), %ecx
	shrl	$2, %ecx
	rep movsl
	movl	16(%esp), %ecx
	andl	$3, %ecx
	rep movsb
	popl	%esi
	movl	%edx, %edi
	ret

/* void *memset(void *dst, int c, size_t n) */
	.globl	memset
memset:
	movl	%edi, %edx
	movl	4(%esp), %edi
	movzbl	8(%esp), %eax
	imull	$0x01010101, %eax
	movl	12(%esp), %ecx
	shrl	$2, %ecx
	rep stosl
	movl	12(%esp), %ecx
	andl	$3, %ecx
	rep stosb
	movl	%edx, %edi
	movl	4(%esp), %eax
	ret
