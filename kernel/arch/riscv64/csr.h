/* Control registers and fences. */
#ifndef ARCH_CSR_H
#define ARCH_CSR_H

#include <stdint.h>

#define csr_read(name)                                                         \
	({                                                                     \
		unsigned long csr_value;                                       \
		__asm__ volatile("csrr %0, " #name : "=r"(csr_value) : : "memory"); \
		csr_value;                                                     \
	})
#define csr_write(name, v)                                                     \
	__asm__ volatile("csrw " #name ", %0" : : "r"((unsigned long)(v)) : "memory")
#define csr_set(name, v)                                                       \
	__asm__ volatile("csrs " #name ", %0" : : "r"((unsigned long)(v)) : "memory")
#define csr_clear(name, v)                                                     \
	__asm__ volatile("csrc " #name ", %0" : : "r"((unsigned long)(v)) : "memory")

/* Bits of sie and sip, and codes of scause. */
#define INTR_SOFT	1
#define INTR_TIMER	5
#define INTR_EXTERNAL	9
#define SCAUSE_INTR	(1ul << 63)

static inline void
sfence_all(void)
{
	__asm__ volatile("sfence.vma" : : : "memory");
}

/* Only what is not global. */
static inline void
sfence_user(void)
{
	__asm__ volatile("sfence.vma x0, %0" : : "r"(0ul) : "memory");
}

static inline void
sfence_page(unsigned long va)
{
	__asm__ volatile("sfence.vma %0" : : "r"(va) : "memory");
}

static inline void
fence_i(void)
{
	__asm__ volatile("fence.i" : : : "memory");
}

#endif
