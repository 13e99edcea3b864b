/*
 * Where a Multiboot loader enters: protected mode, flat segments, no paging,
 * eax the loader's magic, ebx the information block. Source: Multiboot Specification
 * 0.6.96.
 *
 * The kernel is linked at DIRECT_MAP above where it is loaded. Until paging is
 * on, segments whose base is DIRECT_MAP make up for that: adding it again
 * wraps round to the physical address, for code and for what is in the direct map.
 */
#include "arch/i386/trapframe.h"

#define DIRECT_MAP	0x80000000
#define MB_MAGIC	0x1badb002
#define MB_FLAGS	3		/* modules on pages of their own, memory map */

#define CR0_PE		0x1
#define CR0_WP_PG	0x80010000
#define CR4_PSE		0x10

	.macro	load_segments
	movl	$SEL_KDATA, %ecx
	movl	%ecx, %ds
	movl	%ecx, %es
	movl	%ecx, %fs
	movl	%ecx, %gs
	movl	%ecx, %ss
	.endm

	/* From segments that move to boot_root, and flat segments again, at label \to. */
	.macro	paging_on to
	movl	%cr4, %ecx
	orl	$CR4_PSE, %ecx
	movl	%ecx, %cr4
	movl	$boot_root - DIRECT_MAP, %ecx
	movl	%ecx, %cr3
	movl	%cr0, %ecx
	orl	$CR0_WP_PG, %ecx
	movl	%ecx, %cr0
	lgdt	gdt_register
	ljmp	$SEL_KCODE, $\to
	.endm

	.section .boot, "ax"
	.balign	4
	.long	MB_MAGIC, MB_FLAGS, -(MB_MAGIC + MB_FLAGS)

	.globl	start
start:
	cli
	cld
	lgdt	moved_gdt_register
	ljmp	$SEL_KCODE, $boot_low

	.balign	8
moved_gdt:
	.quad	0
	.quad	0x80cf9a000000ffff
	.quad	0x80cf92000000ffff
moved_gdt_register:
	.word	. - moved_gdt - 1
	.long	moved_gdt

	.text
boot_low:
	load_segments
	movl	$boot_stack_top, %esp
	movl	%eax, %esi
	xorl	%eax, %eax
	movl	$__bss_start, %edi
	movl	$_end, %ecx
	subl	%edi, %ecx
	shrl	$2, %ecx
	rep stosl
	xorl	%ebp, %ebp		/* backtraces end here */
	movl	%esi, %eax
	movl	%ebx, %edx
	call	boot_early
	paging_on boot_high
boot_high:
	load_segments
	movl	%esi, %eax
	movl	%ebx, %edx
	call	boot_main
	ud2

/*
 * Where the other processors start, in real mode, in a copy of this code at
 * the beginning of a page below 1 MB.
 */
	.globl	ap_start, ap_end
	.code16
ap_start:
	cli
	cld
	movw	%cs, %ax
	movw	%ax, %ds
	lgdtl	ap_gdt_register - ap_start
	movl	%cr0, %eax
	orl	$CR0_PE, %eax
	movl	%eax, %cr0
	ljmpl	$SEL_KCODE, $ap_low
	.balign	4
ap_gdt_register:
	.word	23
	.long	moved_gdt
ap_end:

	.code32
ap_low:
	load_segments
	paging_on ap_high
ap_high:
	load_segments
	movl	ap_root, %ecx
	movl	%ecx, %cr3
	movl	ap_stack, %esp
	xorl	%ebp, %ebp
	movl	ap_cpu, %eax
	call	ap_main
	ud2

	.bss
	.globl	ap_stack, ap_cpu, ap_root
	.balign	4
ap_stack:
	.space	4
ap_cpu:
	.space	4
ap_root:
	.space	4

/*
 * The boot processor's stack, and one for double faults. In between is a page
 * table that only processors that start use, by its physical address:
 * pmap_bootstrap unmaps it, which makes it the guard page.
 */
	.section .bss.stacks, "aw", @nobits
	.balign	4096
	.space	4096
	.globl	emergency_top, boot_root, boot_stack_top
emergency_top:
boot_root:
	.space	4096
	.space	8192
boot_stack_top:
