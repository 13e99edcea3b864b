/* What ACPI's and MP's tables have in common (acpi.c, mptable.c). */
#include "arch/i386/port.h"
#include "arch/i386/x86.h"
#include "kern/print.h"
#include "lib/string.h"

#define EBDA_SEGMENT	0x40eu		/* where the BIOS keeps the segment of its data area */
#define EBDA_LOWEST	0x80000u
#define EBDA_END	0xa0000u
#define BIOS_START	0xe0000u
#define BIOS_END	0x100000u

struct platform platform = { .ncpus = 1 };

paddr_t
firmware_ebda(void)
{
	paddr_t at = (paddr_t)*(const uint16_t *)md_phys_to_virt(EBDA_SEGMENT) << 4;

	return at >= EBDA_LOWEST && at < EBDA_END ? at : EBDA_END;
}

bool
firmware_sum(const void *p, size_t len)
{
	const uint8_t *b = p;
	uint8_t sum = 0;

	while (len-- > 0)
		sum = (uint8_t)(sum + *b++);
	return sum == 0;
}

const uint8_t *
firmware_find(const char *sig, size_t len)
{
	size_t n = strlen(sig);

	for (paddr_t pa = firmware_ebda(); pa + len <= BIOS_END; pa += 16) {
		const uint8_t *p;

		if (pa >= EBDA_END && pa < BIOS_START)
			pa = BIOS_START;	/* past the display's memory */
		p = md_phys_to_virt(pa);
		if (p[0] == sig[0] && memcmp(p, sig, n) == 0 && firmware_sum(p, len))
			return p;
	}
	return NULL;
}

/* The boot processor is number 0, wherever it is listed. */
void
platform_add_cpu(unsigned apic_id, bool boot)
{
	if (boot)
		platform.apic_id[0] = (uint8_t)apic_id;
	else if (platform.ncpus < MAX_CPUS)
		platform.apic_id[platform.ncpus++] = (uint8_t)apic_id;
}

/* Without an APIC in this processor the tables are of no use. */
void
platform_scan(void)
{
	for (unsigned irq = 0; irq < NIRQS; irq++)
		platform.irq[irq].pin = (uint8_t)irq;
	if ((cpu_features() & CPU_APIC) == 0 || (!acpi_scan() && !mp_scan()) ||
	    platform.lapic == 0 || platform.ioapic == 0) {
		kprintf("boot: no I/O APIC: one processor, 8259 and 8254\n");
		platform.ncpus = 1;
		platform.ioapic = 0;
	}
}
