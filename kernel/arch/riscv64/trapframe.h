/*
 * Where the registers of an interrupted program are kept; known to C and to
 * assembly. The last two words look like the frame record that compilers
 * leave below a frame pointer, so that backtraces walk through a trap.
 */
#ifndef ARCH_TRAPFRAME_H
#define ARCH_TRAPFRAME_H

#define TF_RA		0
#define TF_SP		8
#define TF_GP		16
#define TF_TP		24
#define TF_T0		32
#define TF_S1		56
#define TF_A0		64
#define TF_S2		128
#define TF_T3		208
#define TF_STATUS	240
#define TF_CAUSE	248
#define TF_TVAL		256
#define TF_CPU		264
#define TF_S0		272
#define TF_PC		280
#define TF_SIZE		288

/* Of struct cpu_head, to which tp points. */
#define CPU_RESCHED	4

#define SSTATUS_SPIE	0x20
#define SSTATUS_SPP	0x100
#define SSTATUS_FS	0x6000
#define SSTATUS_FS_INITIAL 0x2000
#define SSTATUS_SUM	0x40000

#define SCAUSE_ECALL	8		/* from user mode */
#define SCAUSE_FETCH_PAGE 12		/* ... */
#define SCAUSE_STORE_PAGE 15		/* ... the last of the page faults */

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

struct trapframe {
	uint64_t ra, sp, gp, tp;
	uint64_t t0[3], s1, a[8], s2[10], t3[4];
	uint64_t status, cause, tval;
	uint64_t cpu;			/* the kernel's tp, while in user mode */
	uint64_t s0, pc;
};

_Static_assert(sizeof(struct trapframe) == TF_SIZE && TF_SIZE % 16 == 0, "");
_Static_assert(offsetof(struct trapframe, a) == TF_A0, "");
_Static_assert(offsetof(struct trapframe, status) == TF_STATUS, "");
_Static_assert(offsetof(struct trapframe, pc) == TF_PC, "");
#endif

#endif
