/*
 * Device interrupts: the platform-level interrupt controller. Source: RISC-V
 * PLIC Specification 1.0. All go to the boot processor, so that the others
 * sleep on.
 */
#include "arch/riscv64/csr.h"
#include "arch/riscv64/port.h"
#include "kern/print.h"
#include "lib/atomic.h"
#include "md/pmap.h"
#include "md/trap.h"

#define PLIC_PRIORITY(irq)	(4ul * (irq))
#define PLIC_ENABLE(c, irq)	(0x2000ul + 0x80 * (c) + 4 * ((irq) / 32))
#define PLIC_THRESHOLD(c)	(0x200000ul + 0x1000 * (c))
#define PLIC_CLAIM(c)		(0x200004ul + 0x1000 * (c))
#define PLIC_MAX_IRQ		1023

static char *plic;			/* registers; NULL: no controller */
static unsigned context;		/* of the boot processor in S-mode */

/* The boot processor's: contexts count pairs of a processor's controller and its interrupt. */
static int
find_context(void)
{
	const uint8_t *cells = platform.plic_contexts.at;

	for (unsigned i = 0; i + 1 < platform.plic_contexts.n; i += 2)
		if (dt_u32(cells + 4 * i) == platform.cpu[0].intc &&
		    dt_u32(cells + 4 * i + 4) == INTR_EXTERNAL)
			return (int)i / 2;
	return -1;
}

void
plic_init(void)
{
	int found = find_context();

	if (platform.plic.size == 0 || found < 0)
		panic("no interrupt controller in the device tree");
	context = (unsigned)found;
	plic = pmap_map_device(platform.plic.base, platform.plic.size);
	if (plic == NULL)
		panic("no memory to map the interrupt controller");
	md_write32(plic + PLIC_THRESHOLD(context), 0);
}

void
plic_interrupt(void)
{
	uint32_t irq = md_read32(plic + PLIC_CLAIM(context));

	if (irq != 0)
		trap_irq(irq);
}

/* First unmasked at start-up, on one processor. */
void
md_irq_unmask(unsigned irq)
{
	char *reg = plic + PLIC_ENABLE(context, irq);
	uint32_t bit = 1u << irq % 32;

	assert(irq > 0 && irq <= PLIC_MAX_IRQ);
	md_write32(plic + PLIC_PRIORITY(irq), 1);
	if ((md_read32(reg) & bit) == 0)
		md_write32(reg, md_read32(reg) | bit);
}

/* By priority 0: the controller ignores the end of an interrupt that is not enabled. */
void
md_irq_mask(unsigned irq)
{
	md_write32(plic + PLIC_PRIORITY(irq), 0);
}

void
md_irq_eoi(unsigned irq)
{
	md_write32(plic + PLIC_CLAIM(context), irq);
}
