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
static const char *volatile stage;

/* Before paging an address in a variable is physical; only boot_died looks at it. */
static void
boot_puts(const char *s)
{
	while (*s != '\0')
		sbi_putchar(*s++);
}

static void
boot_hex(uint64_t v)
{
	boot_puts("0x");
	for (int shift = 60; shift >= 0; shift -= 4) {
		unsigned digit = v >> shift & 15;

		sbi_putchar((char)(digit < 10 ? '0' + digit : 'a' + digit - 10));
	}
}

/* A trap before there is a kernel to take it: no paging, addresses as they are. */
void
boot_died(uint64_t cause, uint64_t pc, uint64_t va)
{
	boot_puts("\nboot failed while ");
	boot_puts(stage != NULL ? stage : "starting");
	boot_puts(": scause ");
	boot_hex(cause);
	boot_puts(" sepc ");
	boot_hex(pc);
	boot_puts(" stval ");
	boot_hex(va);
	boot_puts("\n");
}

/*
 * Without paging. Says hello, and makes a table of the direct map in
 * gigapages that lasts until pmap_bootstrap; returns the satp for it.
 */
uint64_t
boot_early(uint64_t hart, paddr_t dtb)
{
	const unsigned first = (DIRECT_MAP >> 30) % 512;

	boot_puts("\nQuire " MD_NAME ": hart ");
	boot_hex(hart);
	boot_puts(", device tree at ");
	boot_hex(dtb);
	boot_puts("\n");
	stage = "looking at the device tree";
	if (dt_u32((const void *)dtb) != DT_MAGIC)
		boot_puts("boot: this is not a device tree\n");
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
