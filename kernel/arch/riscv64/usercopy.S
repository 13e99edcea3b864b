/*
 * Copies from and to user memory. A fault at an instruction between
 * usercopy_start and usercopy_end is served, or goes on at usercopy_fault
 * (trap.c). SUM is set in here and nowhere else.
 */
#include "arch/riscv64/trapframe.h"
#include "abi/errno.h"

	.text
	.globl	usercopy_start, usercopy_end, usercopy_fault
usercopy_start:

/* int usercopy(void *dst, const void *src, size_t n): 0 or -EFAULT */
	.globl	usercopy
usercopy:
	li	t6, SSTATUS_SUM
	csrs	sstatus, t6
	add	t5, a0, a2		/* end of dst */
	xor	t0, a0, a1
	andi	t0, t0, 7
	bnez	t0, bytes
	li	t0, 16
	bltu	a2, t0, bytes
1:	andi	t0, a0, 7		/* up to a word boundary */
	beqz	t0, 2f
	lb	t1, 0(a1)
	sb	t1, 0(a0)
	addi	a1, a1, 1
	addi	a0, a0, 1
	j	1b
2:	andi	t4, t5, -8
	addi	t3, t4, -64
	bltu	t3, a0, 4f
3:	ld	t0, 0(a1)
	ld	t1, 8(a1)
	ld	t2, 16(a1)
	ld	a3, 24(a1)
	ld	a4, 32(a1)
	ld	a5, 40(a1)
	ld	a6, 48(a1)
	ld	a7, 56(a1)
	sd	t0, 0(a0)
	sd	t1, 8(a0)
	sd	t2, 16(a0)
	sd	a3, 24(a0)
	sd	a4, 32(a0)
	sd	a5, 40(a0)
	sd	a6, 48(a0)
	sd	a7, 56(a0)
	addi	a1, a1, 64
	addi	a0, a0, 64
	bgeu	t3, a0, 3b
4:	bgeu	a0, t4, bytes
	ld	t0, 0(a1)
	sd	t0, 0(a0)
	addi	a1, a1, 8
	addi	a0, a0, 8
	j	4b
bytes:
	bgeu	a0, t5, 5f
	lb	t0, 0(a1)
	sb	t0, 0(a0)
	addi	a1, a1, 1
	addi	a0, a0, 1
	j	bytes
5:	csrc	sstatus, t6
	li	a0, 0
	ret

/*
 * long usercopy_str(char *dst, const char *src, size_t max): length, max without a NUL, or -EFAULT
 */
	.globl	usercopy_str
usercopy_str:
	li	t6, SSTATUS_SUM
	csrs	sstatus, t6
	mv	t0, a0
	add	t1, a0, a2
1:	beq	a0, t1, 2f
	lb	t2, 0(a1)
	sb	t2, 0(a0)
	beqz	t2, 2f
	addi	a0, a0, 1
	addi	a1, a1, 1
	j	1b
2:	csrc	sstatus, t6
	sub	a0, a0, t0
	ret

usercopy_end:
usercopy_fault:
	csrc	sstatus, t6
	li	a0, -EFAULT
	ret

/* void md_page_clear(void *) */
	.globl	md_page_clear
md_page_clear:
	li	t0, 4096
	add	t0, a0, t0
1:	sd	zero, 0(a0)
	sd	zero, 8(a0)
	sd	zero, 16(a0)
	sd	zero, 24(a0)
	sd	zero, 32(a0)
	sd	zero, 40(a0)
	sd	zero, 48(a0)
	sd	zero, 56(a0)
	addi	a0, a0, 64
	bne	a0, t0, 1b
	ret

/* void md_page_copy(void *dst, const void *src) */
	.globl	md_page_copy
md_page_copy:
	li	t6, 4096
	add	t6, a0, t6
1:	ld	t0, 0(a1)
	ld	t1, 8(a1)
	ld	t2, 16(a1)
	ld	a3, 24(a1)
	ld	a4, 32(a1)
	ld	a5, 40(a1)
	ld	a6, 48(a1)
	ld	a7, 56(a1)
	sd	t0, 0(a0)
	sd	t1, 8(a0)
	sd	t2, 16(a0)
	sd	a3, 24(a0)
	sd	a4, 32(a0)
	sd	a5, 40(a0)
	sd	a6, 48(a0)
	sd	a7, 56(a0)
	addi	a1, a1, 64
	addi	a0, a0, 64
	bne	a0, t6, 1b
	ret
