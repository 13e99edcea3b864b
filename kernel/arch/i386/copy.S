/* memcpy and memset by string instructions: one a word, where lib/string.c's loops take two. */

	.text
/* void *memcpy(void *dst, const void *src, size_t n) */
	.globl	memcpy
memcpy:
	pushl	%esi
	pushl	%edi
	movl	%eax, %edi
	movl	%edx, %esi
	movl	%ecx, %edx
	shrl	$2, %ecx
	rep movsl
	movl	%edx, %ecx
	andl	$3, %ecx
	rep movsb
	popl	%edi
	popl	%esi
	ret

/* void *memset(void *dst, int c, size_t n) */
	.globl	memset
memset:
	pushl	%edi
	pushl	%eax
	movl	%eax, %edi
	movzbl	%dl, %eax
	imull	$0x01010101, %eax
	movl	%ecx, %edx
	shrl	$2, %ecx
	rep stosl
	movl	%edx, %ecx
	andl	$3, %ecx
	rep stosb
	popl	%eax
	popl	%edi
	ret
