/* Where a program starts: argc in a0, argv in a1, the environment behind argv's NULL. */
	.section .text._start, "ax"
	.globl	_start
	.type	_start, @function
_start:
	.option	push
	.option	norelax
	la	gp, __global_pointer$
	.option	pop
	andi	sp, sp, -16
	li	fp, 0			/* ends backtraces */
	li	ra, 0
	tail	__libc_start
	.size	_start, . - _start
