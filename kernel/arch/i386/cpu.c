/* Processors: starting them, messages between them, idling, the end. */
#include "arch/i386/port.h"
#include "arch/i386/trapframe.h"
#include "arch/i386/x86.h"
#include "kern/bootparam.h"
#include "kern/print.h"
#include "lib/atomic.h"
#include "lib/string.h"
#include "md/pmap.h"
#include "md/time.h"
#include "md/trap.h"

#define DEBUG_EXIT	0xf4u		/* port of QEMU's isa-debug-exit */
#define PM1_ENABLED	0x0001u
#define PM1_SLEEP	0x2000u
#define ACPI_TIMEOUT	100000000ull	/* ns for the firmware to let go of power management */

void
md_early_init(void)
{
	irq_init();
	cons_init();
	pci_init();
}

void
md_cpu_init(void)
{
	fpu_init_cpu();		/* for the boot processor again, which changes nothing */
	irq_init_cpu();
}

/* One at a time: they all find their stack in the same place. */
err_t
md_cpu_start(unsigned cpu, vaddr_t stack_top)
{
	assert(cpu > 0 && cpu < platform.ncpus);
	ap_stack = stack_top;
	ap_cpu = cpu;
	ap_root = pmap_kernel_root();
	memcpy(md_phys_to_virt(AP_PAGE), ap_start, (size_t)(ap_end - ap_start));
	lapic_start(cpu, AP_PAGE);
	return OK;
}

/* In the mask first, then the flush: what changed before we were told of changes is forgotten. */
void
ap_main(unsigned cpu)
{
	desc_load(cpu);
	atomic_or(&cpus_online, 1ul << cpu);
	if (cpu_features() & CPU_PGE)
		reg_write(cr4, reg_read(cr4) | CR4_PGE);
	flush_user();
	kmain_ap(cpu);
}

/*
 * sti lets interrupts in only behind the next instruction: none comes before hlt and is slept over.
 */
void
md_idle(void)
{
	__asm__ volatile("sti; hlt; cli" : : : "memory");
}

void
md_ipi_send(unsigned long to)
{
	lapic_send(to & atomic_load(&cpus_online), VEC_IPI);
}

/* ---- the end ---- */

static void
acpi_poweroff(void)
{
	unsigned pm1 = platform.pm1_control;
	uint64_t start = md_clock_ns();

	if (pm1 == 0)
		return;
	if ((inw(pm1) & PM1_ENABLED) == 0 && platform.smi_command != 0) {
		outb(platform.smi_command, platform.acpi_enable);
		while ((inw(pm1) & PM1_ENABLED) == 0 && md_clock_ns() - start < ACPI_TIMEOUT)
			md_pause();
	}
	outw(pm1, (platform.sleep_type & 7) << 10 | PM1_SLEEP | PM1_ENABLED);
}

/*
 * An emulator gets the status in two ways, since its exit status holds but seven of
 * the bits: among the console's streams, where there are any, and by a
 * port, which only who asked for that by a boot parameter is known to have.
 */
void
md_poweroff(int status)
{
	char none[2];

	md_intr_disable();
	if (cons_has_frames()) {
		md_cons_putc(16);
		md_cons_putc('x');
		for (unsigned unit = 100; unit > 0; unit /= 10)
			md_cons_putc((char)('0' + (status & 0xff) / unit % 10));
	}
	if (bootparam_get("debugexit", none, sizeof(none)))
		outl(DEBUG_EXIT, MIN(status & 0xff, 0x7f));
	acpi_poweroff();
	kprintf("halted\n");
	for (;;)
		__asm__ volatile("cli; hlt");
}
