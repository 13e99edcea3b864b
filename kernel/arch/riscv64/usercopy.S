/*
 * Copies from and to user memory. A fault at an instruction between
 * usercopy_start and usercopy_end is served, or goes on at usercopy_fault
 * (trap.c). A debug kernel sets SUM in here and nowhere else, see md_cpu_init.
 */
#include "arch/riscv64/trapframe.h"
#include "abi/errno.h"

.macro	user_memory op
#ifdef DEBUG
	li	t6, SSTATUS_SUM
	\op	sstatus, t6
#endif
.endm

/* Eight words from SRC + AT to DST + AT. */
.macro	copy_words dst, src, at
	ld	t0, \at+0(\src)
	ld	t1, \at+8(\src)
	ld	t2, \at+16(\src)
	ld	a3, \at+24(\src)
	ld	a4, \at+32(\src)
	ld	a5, \at+40(\src)
	ld	a6, \at+48(\src)
	ld	a7, \at+56(\src)
	sd	t0, \at+0(\dst)
	sd	t1, \at+8(\dst)
	sd	t2, \at+16(\dst)
	sd	a3, \at+24(\dst)
	sd	a4, \at+32(\dst)
	sd	a5, \at+40(\dst)
	sd	a6, \at+48(\dst)
	sd	a7, \at+56(\dst)
.endm

.macro	copy_512 dst, src, from=0
	.irp	at, 0, 64, 128, 192, 256, 320, 384, 448
	copy_words \dst, \src, \from+\at
	.endr
.endm

.macro	copy_2048 dst, src
	.irp	part, 0, 512, 1024, 1536
	copy_512 \dst, \src, \part
	.endr
.endm

.macro	copy_64 dst, src
	copy_words \dst, \src, 0
.endm

.macro	copy_8 dst, src
	ld	t0, 0(\src)
	sd	t0, 0(\dst)
.endm

.macro	copy_bytes dst, src
	.irp	at, 0, 1, 2, 3, 4, 5, 6, 7
	lb	t0, \at(\src)
	sb	t0, \at(\dst)
	.endr
.endm

/* As long as N bytes are left of a2, copy them by HOW. Addresses may be near 0. */
.macro	copy_by n, how
	li	t3, \n
	bltu	a2, t3, 1002f
1001:	\how	a0, a1
	add	a1, a1, t3
	add	a0, a0, t3
	sub	a2, a2, t3
	bgeu	a2, t3, 1001b
1002:
.endm

	.text
	.globl	usercopy_start, usercopy_end, usercopy_fault
usercopy_start:

/* int md_usercopy(void *dst, const void *src, size_t n): 0 or -EFAULT */
	.globl	md_usercopy
md_usercopy:
	user_memory csrs
	li	t3, 8
	bltu	a2, t3, 4f
	xor	t0, a0, a1
	andi	t0, t0, 7
	bnez	t0, 3f			/* no word to both: there is no faster way */
	j	2f
1:	lb	t1, 0(a1)		/* up to a word boundary */
	sb	t1, 0(a0)
	addi	a1, a1, 1
	addi	a0, a0, 1
	addi	a2, a2, -1
2:	andi	t0, a0, 7
	bnez	t0, 1b
	copy_by	2048, copy_2048
	copy_by	512, copy_512
	copy_by	64, copy_64
	copy_by	8, copy_8
3:	copy_by	8, copy_bytes
4:	beqz	a2, 6f
5:	lb	t0, 0(a1)
	sb	t0, 0(a0)
	addi	a1, a1, 1
	addi	a0, a0, 1
	addi	a2, a2, -1
	bnez	a2, 5b
6:	user_memory csrc
	li	a0, 0
	ret

/*
 * long md_usercopy_str(char *dst, const char *src, size_t max): length, max without a NUL,
 * or -EFAULT
 */
	.globl	md_usercopy_str
md_usercopy_str:
	user_memory csrs
	mv	t0, a0
	add	t1, a0, a2
	addi	t3, t1, -7
1:	bgeu	a0, t3, 2f		/* less than eight bytes are left */
	.irp	at, 0, 1, 2, 3, 4, 5, 6, 7
	lb	t2, \at(a1)
	sb	t2, \at(a0)
	beqz	t2, 1\at\()f
	.endr
	addi	a0, a0, 8
	addi	a1, a1, 8
	j	1b
2:	beq	a0, t1, 10f
	lb	t2, 0(a1)
	sb	t2, 0(a0)
	beqz	t2, 10f
	addi	a0, a0, 1
	addi	a1, a1, 1
	j	2b
	.irp	at, 7, 6, 5, 4, 3, 2, 1
1\at:	addi	a0, a0, 1
	.endr
10:	user_memory csrc
	sub	a0, a0, t0
	ret

usercopy_end:
usercopy_fault:
	user_memory csrc
	li	a0, -EFAULT
	ret

/* void md_page_clear(void *) */
	.globl	md_page_clear
md_page_clear:
	li	t0, 2048		/* an offset reaches from -2048 to 2047 */
	add	a0, a0, t0
	.set	at, -2048
	.rept	512
	sd	zero, at(a0)
	.set	at, at + 8
	.endr
	ret

/* void md_page_copy(void *dst, const void *src) */
	.globl	md_page_copy
md_page_copy:
	li	t6, 4096
	add	t6, a0, t6
1:
	copy_2048 a0, a1
	addi	a1, a1, 2044
	addi	a0, a0, 2044
	addi	a1, a1, 4
	addi	a0, a0, 4
	bne	a0, t6, 1b
	ret
