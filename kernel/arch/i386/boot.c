/* From the first instruction of C to kmain. */
#include "arch/i386/port.h"
#include "arch/i386/x86.h"
#include "kern/print.h"
#include "md/pmap.h"
#include "md/time.h"

#define EARLY_PTE	0x83u		/* present, writable, 4 MB */
#define EARLY_SPAN	0x400000u

static struct bootinfo bootinfo;

/*
 * Without paging. Says hello, and makes a table of the direct map in large
 * pages that lasts until pmap_bootstrap; processors that start later use it too. The first of
 * them is also where it is, for the step from one to the other.
 */
void
boot_early(uint32_t magic, paddr_t info)
{
	cons_early();
	early_puts("\r\nQuire " MD_NAME ": loader ");
	early_hex(magic);
	early_puts(", information at ");
	early_hex(info);
	early_puts("\r\n");
	if ((cpu_features() & (CPU_PSE | CPU_TSC)) != (CPU_PSE | CPU_TSC)) {
		early_puts("boot: this processor has no large pages or no time stamps\r\n");
		for (;;)
			__asm__ volatile("cli; hlt");
	}
	boot_root[0] = EARLY_PTE;
	for (paddr_t pa = 0; pa < DIRECT_MAX; pa += EARLY_SPAN)
		boot_root[(DIRECT_MAP + pa) / EARLY_SPAN] = pa | EARLY_PTE;
}

/* On the upper half's addresses. */
void
boot_main(uint32_t magic, paddr_t info)
{
	struct bootinfo *bi = &bootinfo;
	const char *wrong;

	desc_init();
	desc_load(0);
	fpu_init_cpu();
	wrong = multiboot_scan(magic, info, bi);
	if (wrong != NULL)
		panic("boot: %s", wrong);
	pmap_bootstrap(bi);
	time_init();
	platform_scan();
	bi->ncpus = platform.ncpus;
	kmain(bi);
}
