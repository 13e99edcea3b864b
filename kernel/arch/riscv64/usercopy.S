/*
 * Copies from and to user memory. A fault at an instruction between
 * usercopy_start and usercopy_end is served, or goes on at usercopy_fault
 * (trap.c). SUM is set in here and nowhere else.
 */
#include "arch/riscv64/trapframe.h"
#include "abi/errno.h"

/* Eight words from SRC + AT to DST + AT. */
.macro	copy_words dst, src, at
	ld	t0, \at(\src)
	ld	t1, \at+8(\src)
	ld	t2, \at+16(\src)
	ld	a3, \at+24(\src)
	ld	a4, \at+32(\src)
	ld	a5, \at+40(\src)
	ld	a6, \at+48(\src)
	ld	a7, \at+56(\src)
	sd	t0, \at(\dst)
	sd	t1, \at+8(\dst)
	sd	t2, \at+16(\dst)
	sd	a3, \at+24(\dst)
	sd	a4, \at+32(\dst)
	sd	a5, \at+40(\dst)
	sd	a6, \at+48(\dst)
	sd	a7, \at+56(\dst)
.endm

.macro	copy_512 dst, src
	.irp	at, 0, 64, 128, 192, 256, 320, 384, 448
	copy_words \dst, \src, \at
	.endr
.endm

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
	addi	t3, t4, -512
	bltu	t3, a0, 4f
3:	copy_512 a0, a1
	addi	a1, a1, 512
	addi	a0, a0, 512
	bgeu	t3, a0, 3b
4:	addi	t3, t4, -64
	bltu	t3, a0, 6f
5:	copy_words a0, a1, 0
	addi	a1, a1, 64
	addi	a0, a0, 64
	bgeu	t3, a0, 5b
6:	bgeu	a0, t4, bytes
	ld	t0, 0(a1)
	sd	t0, 0(a0)
	addi	a1, a1, 8
	addi	a0, a0, 8
	j	6b
bytes:
	bgeu	a0, t5, 7f
	lb	t0, 0(a1)
	sb	t0, 0(a0)
	addi	a1, a1, 1
	addi	a0, a0, 1
	j	bytes
7:	csrc	sstatus, t6
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
1:
	.irp	at, 0, 64, 128, 192, 256, 320, 384, 448
	.irp	word, 0, 8, 16, 24, 32, 40, 48, 56
	sd	zero, \at+\word(a0)
	.endr
	.endr
	addi	a0, a0, 512
	bne	a0, t0, 1b
	ret

/* void md_page_copy(void *dst, const void *src) */
	.globl	md_page_copy
md_page_copy:
	li	t6, 4096
	add	t6, a0, t6
1:	copy_512 a0, a1
	addi	a1, a1, 512
	addi	a0, a0, 512
	bne	a0, t6, 1b
	ret
