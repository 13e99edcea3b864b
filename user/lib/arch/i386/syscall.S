/* System calls: number in eax, arguments stay where the C call put them. */
#include <abi/syscall.h>

#define SYSCALL(name)				\
	.section .text.__sys_##name, "ax";	\
	.globl	__sys_##name;			\
	.type	__sys_##name, @function;	\
__sys_##name:					\
	movl	$SYS_##name, %eax;		\
	int	$64;				\
	ret;					\
	.size	__sys_##name, . - __sys_##name;

#include "syscall_list.h"

	.section .note.GNU-stack, "", @progbits
