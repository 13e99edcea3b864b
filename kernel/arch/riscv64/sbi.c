/* See sbi.h. Runs before paging too: no tables of addresses. */
#include "arch/riscv64/sbi.h"

#include "arch/riscv64/port.h"

#define LEGACY_PUTCHAR	0x01
#define LEGACY_SHUTDOWN	0x08
#define EXT_BASE	0x10
#define EXT_TIME	0x54494d45
#define EXT_IPI		0x735049
#define EXT_RFENCE	0x52464e43
#define EXT_HSM		0x48534d
#define EXT_SRST	0x53525354
#define EXT_CONSOLE	0x4442434e

struct sbi_ret {
	long err;
	unsigned long value;
};

static struct sbi_ret
sbi_call(unsigned long ext, unsigned long fn, unsigned long x0, unsigned long x1,
    unsigned long x2, unsigned long x3)
{
	register unsigned long a0 __asm__("a0") = x0;
	register unsigned long a1 __asm__("a1") = x1;
	register unsigned long a2 __asm__("a2") = x2;
	register unsigned long a3 __asm__("a3") = x3;
	register unsigned long a6 __asm__("a6") = fn;
	register unsigned long a7 __asm__("a7") = ext;

	__asm__ volatile("ecall"
	    : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a6), "r"(a7) : "memory");
	return (struct sbi_ret){ (long)a0, a1 };
}

static bool
sbi_has(unsigned long ext)
{
	struct sbi_ret r = sbi_call(EXT_BASE, 3, ext, 0, 0, 0);

	return r.err == 0 && r.value != 0;
}

void
sbi_putchar(char c)
{
	static int8_t debug_console;	/* 0: not asked yet, 1 yes, -1 no */

	if (debug_console == 0)
		debug_console = sbi_has(EXT_CONSOLE) ? 1 : -1;
	if (debug_console > 0)
		sbi_call(EXT_CONSOLE, 2, (uint8_t)c, 0, 0, 0);
	else
		sbi_call(LEGACY_PUTCHAR, 0, (uint8_t)c, 0, 0, 0);
}

void
sbi_set_timer(uint64_t time)
{
	sbi_call(EXT_TIME, 0, time, 0, 0, 0);
}

long
sbi_hart_start(unsigned long hart, unsigned long pc, unsigned long arg)
{
	return sbi_call(EXT_HSM, 0, hart, pc, arg, 0).err;
}

void
sbi_shutdown(bool failed)
{
	sbi_call(EXT_SRST, 0, 0, failed, 0, 0);
	sbi_call(LEGACY_SHUTDOWN, 0, 0, 0, 0, 0);
}

/*
 * FN of EXT takes a mask of harts that starts at a base; hart ids need not
 * be near to each other.
 */
static void
sbi_call_harts(unsigned long ext, unsigned long fn, unsigned long cpus, unsigned long va,
    unsigned long len)
{
	while (cpus != 0) {
		uint64_t base = UINT64_MAX;
		unsigned long mask = 0;

		for (unsigned i = 0; i < platform.ncpus; i++)
			if (cpus >> i & 1)
				base = MIN(base, platform.cpu[i].hart);
		for (unsigned i = 0; i < platform.ncpus; i++) {
			uint64_t bit = platform.cpu[i].hart - base;

			if ((cpus >> i & 1) && bit < 64) {
				mask |= 1ul << bit;
				cpus &= ~(1ul << i);
			}
		}
		sbi_call(ext, fn, mask, base, va, len);
	}
}

void
sbi_send_ipi(unsigned long cpus)
{
	sbi_call_harts(EXT_IPI, 0, cpus, 0, 0);
}

void
sbi_remote_fence_i(unsigned long cpus)
{
	sbi_call_harts(EXT_RFENCE, 0, cpus, 0, 0);
}

void
sbi_remote_sfence(unsigned long cpus, unsigned long va, unsigned long len)
{
	sbi_call_harts(EXT_RFENCE, 1, cpus, va, len);
}
