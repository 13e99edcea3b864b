/* From the first instruction of C to kmain. */
#include "arch/riscv64/csr.h"
#include "arch/riscv64/port.h"
#include "arch/riscv64/sbi.h"
#include "arch/riscv64/trapframe.h"
#include "kern/print.h"
#include "md/pmap.h"
#include "mem/range.h"

#define EARLY_PTE	0xeful		/* valid, readable, writable, executable, global, A, D */
#define GIGA		(1ul << 30)

static struct bootinfo bootinfo;
static const char *volatile stage;	/* a physical address: before paging */

/* A trap before there is a kernel to take it: no paging, addresses as they are. */
void
boot_died(uint64_t cause, uint64_t pc, uint64_t va)
{
	early_puts("\nboot failed while ");
	early_puts(stage != NULL ? stage : "starting");
	early_puts(": scause ");
	early_hex(cause);
	early_puts(" sepc ");
	early_hex(pc);
	early_puts(" stval ");
	early_hex(va);
	early_puts("\n");
}

/*
 * Without paging. Says hello, and makes a table of the direct map in
 * gigapages that lasts until pmap_bootstrap; returns the satp for it.
 */
uint64_t
boot_early(uint64_t hart, paddr_t dtb)
{
	const unsigned first = (DIRECT_MAP >> 30) % 512;

	early_puts("\nQuire " MD_NAME ": hart ");
	early_hex(hart);
	early_puts(", device tree at ");
	early_hex(dtb);
	early_puts("\n");
	stage = "looking at the device tree";
	if (dt_u32((const void *)dtb) != DT_MAGIC)
		early_puts("boot: this is not a device tree\n");
	stage = "turning paging on";
	for (unsigned i = 0; i < DIRECT_MAX / GIGA; i++)
		boot_root[first + i] = i * GIGA >> 2 | EARLY_PTE;
	return 8ul << 60 | (uint64_t)boot_root >> PAGE_SHIFT;
}

/* On the upper half's addresses; traps end in panic from here on. */
void
boot_main(uint64_t hart, paddr_t dtb)
{
	struct bootinfo *bi = &bootinfo;
	const char *wrong = dt_scan(md_phys_to_virt(dtb), hart, bi);
	paddr_t text = md_virt_to_phys(__text), end = md_virt_to_phys(_end);
	unsigned n;

	if (wrong != NULL)
		panic("boot: device tree: %s", wrong);
	n = range_cut(bi->ram, bi->nram, DIRECT_MAX, UINT64_MAX);
	if (n != bi->nram)
		kprintf("boot: RAM beyond the direct map is ignored\n");
	bi->nram = n;
	bi->nreserved = range_add(bi->reserved, bi->nreserved, text, end);
	cpus_online = 1;
	pmap_bootstrap(bi);
	kmain(bi);
}
