/* Processors: starting them, messages between them, idling, the end. */
#include "arch/riscv64/csr.h"
#include "arch/riscv64/port.h"
#include "arch/riscv64/sbi.h"
#include "arch/riscv64/trapframe.h"
#include "kern/print.h"
#include "kern/thread.h"
#include "lib/atomic.h"
#include "md/pmap.h"
#include "md/time.h"
#include "md/trap.h"

#define FINISHER_PASS	0x5555
#define FINISHER_FAIL	0x3333

/* What hart_entry finds; it reads satp, sp and cpu by their offsets. */
static struct hart_start {
	uint64_t satp, sp;
	struct cpu *cpu;
} hart_start[MAX_CPUS];
_Static_assert(offsetof(struct hart_start, cpu) == 16, "entry.S knows");
paddr_t hart_starting;			/* of the entry of the hart being started, for entry.S */

static char *finisher;			/* powers an emulator off; NULL: none */

void
md_early_init(void)
{
	cons_init();
	plic_init();
	if (platform.test.size != 0)
		finisher = pmap_map_device(platform.test.base, platform.test.size);
}

/*
 * User programs may read the clock and the counters of cycles and instructions. In the
 * kernel SPP is 0 and SPIE 1 from here on: the way back to user mode relies on it (trap.S).
 * SUM lets the kernel reach user pages, with the user's rights: a debug kernel has it during copies
 * alone, so that an access outside of them is found. Others leave it set, since QEMU before 8.1
 * flushes its whole TLB at each change.
 */
void
md_cpu_init(void)
{
	csr_write(scounteren, 7);
	csr_clear(sstatus, SSTATUS_SPP | SSTATUS_SUM);
	csr_set(sstatus, SSTATUS_SPIE);
#ifndef DEBUG
	csr_set(sstatus, SSTATUS_SUM);
#endif
	csr_set(sie, 1ul << INTR_SOFT | 1ul << INTR_EXTERNAL);
}

err_t
md_cpu_start(unsigned cpu, vaddr_t stack_top)
{
	struct hart_start *h = &hart_start[cpu];

	assert(cpu > 0 && cpu < platform.ncpus);
	*h = (struct hart_start){ pmap_kernel_satp(), stack_top, &cpus[cpu] };
	hart_starting = md_virt_to_phys(h);
	atomic_fence();
	return sbi_hart_start(platform.cpu[cpu].hart, md_virt_to_phys((void *)hart_entry),
	    hart_starting) == 0 ? OK : ERR(EIO);
}

void
hart_main(unsigned cpu)
{
	atomic_or(&cpus_online, 1ul << cpu);
	/* after that: what changed before we were told of changes */
	sfence_all();
	kmain_ap(cpu);
}

/* wfi ends for any interrupt enabled in sie, whether or not sstatus lets it in. */
void
md_idle(void)
{
	__asm__ volatile("wfi" : : : "memory");
}

void
md_ipi_send(unsigned long to)
{
	atomic_fence();
	sbi_send_ipi(to & atomic_load(&cpus_online));
}

/* The pending bit goes first: a message that comes after it interrupts again. */
void
ipi_interrupt(void)
{
	csr_clear(sip, 1ul << INTR_SOFT);
	atomic_fence();
	trap_ipi();
}

void
md_poweroff(int status)
{
	uint32_t code = status == 0 ? FINISHER_PASS : (uint32_t)(status & 0xff) << 16 |
	    FINISHER_FAIL;

	md_intr_disable();
	if (finisher != NULL)
		md_write32(finisher, code);
	sbi_shutdown(status != 0);
	for (;;)
		md_idle();
}
