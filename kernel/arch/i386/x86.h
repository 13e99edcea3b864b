/*
 * Control registers, ports and instructions that C has no words for. Source: Intel 64 and
 * IA-32 Architectures Software Developer's Manual, volume 3.
 */
#ifndef ARCH_X86_H
#define ARCH_X86_H

#include "md/types.h"

#define CR0_MP		0x2u
#define CR0_EM		0x4u
#define CR0_TS		0x8u
#define CR0_NE		0x20u
#define CR0_WP		0x10000u

#define CR4_PSE		0x10u
#define CR4_PGE		0x80u
#define CR4_OSFXSR	0x200u
#define CR4_OSXMMEXCPT	0x400u

/* cpuid(1).edx */
#define CPU_PSE		0x8u
#define CPU_TSC		0x10u
#define CPU_APIC	0x200u
#define CPU_PGE		0x2000u
#define CPU_FXSR	0x1000000u
#define CPU_SSE		0x2000000u

#define reg_read(name)                                                         \
	({                                                                     \
		uint32_t reg_value;                                            \
		__asm__ volatile("movl %%" #name ", %0" : "=r"(reg_value) : : "memory"); \
		reg_value;                                                     \
	})
#define reg_write(name, v)                                                     \
	__asm__ volatile("movl %0, %%" #name : : "r"((uint32_t)(v)) : "memory")

/* cpuid(1): the processor's features; *APIC: its local APIC's number, as it was built. */
static inline uint32_t
cpu_identify(unsigned *apic)
{
	uint32_t a = 1, b, c = 0, d;

	__asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	*apic = b >> 24;
	return d;
}

static inline uint32_t
cpu_features(void)
{
	unsigned ignored;

	return cpu_identify(&ignored);
}

/* Forget the translation of a page. */
static inline void
invlpg(vaddr_t va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

/* ... and of everything that is not global. */
static inline void
flush_user(void)
{
	reg_write(cr3, reg_read(cr3));
}

/* ---- ports ---- */

#define io_port(n)	((volatile void *)(vaddr_t)(n))
#define inb(n)		md_read8(io_port(n))
#define outb(n, v)	md_write8(io_port(n), (uint8_t)(v))
#define inw(n)		md_read16(io_port(n))
#define outw(n, v)	md_write16(io_port(n), (uint16_t)(v))
#define inl(n)		md_read32(io_port(n))
#define outl(n, v)	md_write32(io_port(n), (uint32_t)(v))

#endif
