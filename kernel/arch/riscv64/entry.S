/*
 * Where OpenSBI enters: S-mode, no paging, a0 the hart's id, a1 the device
 * tree's physical address. The image is linked at its address in the direct
 * map; until paging is on everything is reached relative to the pc.
 */
#include "arch/riscv64/trapframe.h"

	.option	norelax		/* what is aligned here stays so; not every linker can see to it */

	.section .text.entry, "ax"
	.globl	_start
_start:
	csrw	sie, zero
	csrci	sstatus, 2
	csrw	sscratch, zero
	lla	t0, booted
	li	t1, 1
	amoswap.w.aq t1, t1, (t0)
	bnez	t1, hart_late
	lla	t0, boot_trap
	csrw	stvec, t0
	mv	s1, a0
	mv	s2, a1
	lla	t0, __bss_start
	lla	t1, _end
1:	sd	zero, 0(t0)
	addi	t0, t0, 8
	bltu	t0, t1, 1b
	lla	sp, boot_stack_top
	li	s0, 0
	lla	tp, cpus
	mv	a0, s1
	mv	a1, s2
	call	boot_early		/* the first page table's satp */
	lla	a1, boot_high
	call	paging_on
	.balign	4
boot_high:
	lla	sp, boot_stack_top
	lla	tp, cpus
	lla	t0, trap_entry
	csrw	stvec, t0
	li	s0, 0
	mv	a0, s1
	mv	a1, s2
	call	boot_main
	unimp

/*
 * Load satp with a0 and go on at the upper-half address of a1, the physical
 * address of some code. There is no identity mapping: the fetch after
 * satp is written faults, and the trap vector is the way up.
 */
paging_on:
	li	t0, 0xffffffc000000000	/* DIRECT_MAP */
	add	a1, a1, t0
	csrw	stvec, a1
	sfence.vma
	csrw	satp, a0
	unimp

/* Nothing should trap here; say what did. */
	.balign	4
boot_trap:
	csrr	a0, scause
	csrr	a1, sepc
	csrr	a2, stval
	lla	sp, boot_stack_top
	call	boot_died
1:	wfi
	j	1b

/*
 * OpenSBI 1.1, for one, marks a hart as started before it notes where to: one
 * that looks in between comes to the kernel's first address. It can only be the one
 * that md_cpu_start is starting.
 */
hart_late:
	lla	a1, hart_starting
	ld	a1, 0(a1)
	j	hart_entry

	.section .data
	.balign	4
booted:
	.word	0
	.section .text.entry

/* Where the other harts come in: a1 is the physical address of a struct hart_start. */
	.globl	hart_entry
hart_entry:
	csrw	sie, zero
	csrci	sstatus, 2
	csrw	sscratch, zero
	ld	a0, 0(a1)		/* satp */
	ld	sp, 8(a1)
	ld	tp, 16(a1)
	lla	a1, hart_high
	j	paging_on
	.balign	4
hart_high:
	lla	t0, trap_entry
	csrw	stvec, t0
	li	s0, 0
	lwu	a0, 0(tp)
	call	hart_main
	unimp

/*
 * Stacks that are not in the window keep its rule: bit 13 of a good stack
 * pointer is set. The lower half of the slot serves other purposes.
 */
	.section .bss.stacks, "aw", @nobits
	.balign	16384
	.globl	boot_root
boot_root:
	.space	4096
	.space	4096
emergency_top:
	.globl	boot_stack_top
	.space	8192
boot_stack_top:
	.globl	emergency_top
