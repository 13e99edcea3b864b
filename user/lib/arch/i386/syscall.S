/* System calls: number in eax, arguments stay where the C call put them. */
#include <abi/syscall.h>

#define SYSCALL(name)				\
	.section .text.__sys_##name, "ax";	\
	.globl	__sys_##name;			\
	.type	__sys_##name, @function;	\
__sys_##name:					\
	movl	$SYS_##name + SYS_ERRNO, %eax;	\
	int	$64;				\
	ret;					\
	.size	__sys_##name, . - __sys_##name;

#include "syscall_list.h"

/*
 * long __syscall(number, seven words). With the return address out of the way the number lies
 * where the kernel skips a return address.
 */
	.section .text.__syscall, "ax"
	.globl	__syscall
	.type	__syscall, @function
__syscall:
	popl	%ecx
	movl	(%esp), %eax
	int	$64
	pushl	%ecx
	ret
	.size	__syscall, . - __syscall

	.section .note.GNU-stack, "", @progbits
