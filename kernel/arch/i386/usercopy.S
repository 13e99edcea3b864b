/*
 * Copies from and to user memory. A fault at an instruction between
 * usercopy_start and usercopy_end is served, or goes on at usercopy_fault
 * (trap.c), with esi and edi as md_usercopy and md_usercopy_str saved them.
 */
#include "abi/errno.h"

	.text
	.globl	usercopy_start, usercopy_end, usercopy_fault
usercopy_start:

/* int md_usercopy(void *dst, const void *src, size_t n): 0 or -EFAULT */
	.globl	md_usercopy
md_usercopy:
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
	xorl	%eax, %eax
	popl	%edi
	popl	%esi
	ret

/* int usercopy_words(unsigned long *dst, vaddr_t src, unsigned n): 0 or -EFAULT; n > 0 */
	.globl	usercopy_words
usercopy_words:
	pushl	%esi
	pushl	%edi
1:	movl	-4(%edx,%ecx,4), %esi
	movl	%esi, -4(%eax,%ecx,4)
	decl	%ecx
	jnz	1b
	xorl	%eax, %eax
	popl	%edi
	popl	%esi
	ret

/*
 * long md_usercopy_str(char *dst, const char *src, size_t max): length, max without a NUL,
 * or -EFAULT
 */
	.globl	md_usercopy_str
md_usercopy_str:
	pushl	%esi
	pushl	%edi
	movl	%eax, %edi
	movl	%edx, %esi
	xorl	%edx, %edx
1:	cmpl	%ecx, %edx
	je	2f
	movb	(%esi,%edx), %al
	movb	%al, (%edi,%edx)
	testb	%al, %al
	jz	2f
	incl	%edx
	jmp	1b
2:	movl	%edx, %eax
	popl	%edi
	popl	%esi
	ret

usercopy_end:
usercopy_fault:
	movl	$-EFAULT, %eax
	popl	%edi
	popl	%esi
	ret
