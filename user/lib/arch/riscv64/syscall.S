/* System calls: number in a7, arguments stay where the C call put them. */
#include <abi/syscall.h>

#define SYSCALL(name)				\
	.section .text.__sys_##name, "ax";	\
	.globl	__sys_##name;			\
	.type	__sys_##name, @function;	\
__sys_##name:					\
	li	a7, SYS_##name + SYS_ERRNO;	\
	ecall;					\
	ret;					\
	.size	__sys_##name, . - __sys_##name;

#include "syscall_list.h"

/* long __syscall(number, seven words): at most six are arguments. */
	.section .text.__syscall, "ax"
	.globl	__syscall
	.type	__syscall, @function
__syscall:
	mv	a7, a0
	mv	a0, a1
	mv	a1, a2
	mv	a2, a3
	mv	a3, a4
	mv	a4, a5
	mv	a5, a6
	ecall
	ret
	.size	__syscall, . - __syscall
