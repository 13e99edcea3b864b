/*
 * Where the registers of an interrupted program are kept, and the selectors of
 * segments; known to C and to assembly. The processor itself pushes from
 * `error` on; esp and ss only when it comes from user mode.
 */
#ifndef ARCH_TRAPFRAME_H
#define ARCH_TRAPFRAME_H

#define TF_EBP		8
#define TF_EAX		28
#define TF_EIP		56
#define TF_CS		60

/* Of struct cpu_head (kern/cpu.h). */
#define CPU_RESCHED	4

#define SEL_KCODE	0x08
#define SEL_KDATA	0x10
#define SEL_UCODE	0x1b
#define SEL_UDATA	0x23
#define SEL_FAULT_TSS	0x28		/* the task of double faults */
#define TSS_FIRST	6		/* processors' descriptors begin here */

#define VEC_DIVIDE	0
#define VEC_DEBUG	1
#define VEC_BREAKPOINT	3
#define VEC_OVERFLOW	4
#define VEC_ILLEGAL	6
#define VEC_NO_FPU	7
#define VEC_DOUBLE	8
#define VEC_PAGE	14
#define VEC_FPU_ERROR	16
#define VEC_MISALIGNED	17
#define VEC_SIMD_ERROR	19
#define VEC_IRQ		32		/* and 23 more: devices */
#define VEC_TIMER	56
#define VEC_IPI		57
#define VEC_SHOOTDOWN	58
#define VEC_SPURIOUS	63
#define VEC_SYSCALL	64
#define NVECTORS	65
#define STUB_SIZE	16		/* bytes of code for each */

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

struct trapframe {
	uint32_t edi, esi, ebp, unused_esp, ebx, edx, ecx, eax;
	uint32_t gs, fs, es, ds;
	uint32_t vector, error;
	uint32_t eip, cs, eflags;
	uint32_t esp, ss;
};

_Static_assert(offsetof(struct trapframe, ebp) == TF_EBP, "");
_Static_assert(offsetof(struct trapframe, eax) == TF_EAX, "");
_Static_assert(offsetof(struct trapframe, eip) == TF_EIP, "");
_Static_assert(offsetof(struct trapframe, cs) == TF_CS, "");
#endif

#endif
