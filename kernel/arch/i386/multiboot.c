/*
 * What the loader tells. Source: Multiboot Specification 0.6.96, 3.3. Loaders differ: of the
 * memory map, all that is believed is that what it lists as RAM is RAM; what lies in it, loader's
 * tables, kernel, modules, BIOS, is reserved or copied here.
 */
#include "arch/i386/port.h"
#include "kern/print.h"
#include "lib/string.h"
#include "mem/range.h"

#define INFO_MEMORY	0x01u
#define INFO_CMDLINE	0x04u
#define INFO_MODULES	0x08u
#define INFO_MAP	0x40u
#define MAP_RAM		1

struct info {
	uint32_t flags;
	uint32_t mem_lower, mem_upper;	/* KB, from 0 and from 1 MB */
	uint32_t boot_device, cmdline;
	uint32_t mods_count, mods_addr;
	uint32_t syms[4];
	uint32_t map_length, map_addr;
};

struct module {
	uint32_t start, end, string, reserved;
};

struct map_entry {
	uint32_t size;			/* of what follows */
	uint64_t base, len;
	uint32_t type;
} __attribute__((packed));

#define LOW_END		0xa0000u	/* display memory and BIOS from here ... */
#define HIGH_START	0x100000u	/* ... to here */

/* Information at PA; NULL: where we can't look. */
static const void *
look_at(paddr_t pa, size_t len)
{
	return pa != 0 && pa < DIRECT_MAX && len <= DIRECT_MAX - pa ? md_phys_to_virt(pa) : NULL;
}

/* [start, end) is RAM, or not. Returns the bytes of RAM that the direct map can't reach. */
static uint64_t
note_range(struct bootinfo *bi, uint64_t start, uint64_t end, bool ram)
{
	uint64_t from = MIN(start, DIRECT_MAX), to = MIN(end, DIRECT_MAX);

	if (ram)
		bi->nram = range_add(bi->ram, bi->nram, PAGE_UP((paddr_t)from),
		    PAGE_DOWN((paddr_t)to));
	else
		bi->nram = range_cut(bi->ram, bi->nram, PAGE_DOWN((paddr_t)from),
		    PAGE_UP((paddr_t)to));
	return ram && end > start ? (end - start) - (to - from) : 0;
}

/* Entries may overlap: RAM first, then what is taken from it. */
static void
read_map(struct bootinfo *bi, const char *map, size_t len)
{
	uint64_t beyond = 0;

	for (unsigned pass = 0; pass < 2; pass++)
		for (size_t at = 0; at + sizeof(struct map_entry) <= len;) {
			const struct map_entry *e = (const struct map_entry *)(map + at);
			bool ram = e->type == MAP_RAM;

			if (ram == (pass == 0))
				beyond += note_range(bi, e->base, e->base + e->len, ram);
			at += MIN(e->size, len) + sizeof(e->size);
		}
	if (beyond != 0)
		kprintf("boot: %u MiB of RAM beyond the direct map are ignored\n",
		    (unsigned)(beyond >> 20));
}

static const char *
read_memory(struct bootinfo *bi, const struct info *in)
{
	const void *map = look_at(in->map_addr, in->map_length);

	if ((in->flags & INFO_MAP) && map != NULL) {
		read_map(bi, map, in->map_length);
	} else if (in->flags & INFO_MEMORY) {
		note_range(bi, 0, (uint64_t)in->mem_lower << 10, true);
		note_range(bi, HIGH_START, HIGH_START + ((uint64_t)in->mem_upper << 10), true);
	}
	note_range(bi, MIN(firmware_ebda(), LOW_END), HIGH_START, false);
	return bi->nram == 0 ? "the loader tells of no memory" : NULL;
}

static void
reserve(struct bootinfo *bi, paddr_t start, paddr_t end)
{
	bi->nreserved = range_add(bi->reserved, bi->nreserved, PAGE_DOWN(start), PAGE_UP(end));
}

/* Some loaders put the kernel's own path first. A parameter has its = before any slash. */
static void
copy_cmdline(struct bootinfo *bi, const char *s)
{
	size_t word = 0;
	bool path = false;

	while (*s == ' ')
		s++;
	while (s[word] != '\0' && s[word] != ' ' && (path || s[word] != '=')) {
		path |= s[word] == '/';
		word++;
	}
	if (path && s[word] != '=')
		s += word;
	while (*s == ' ')
		s++;
	str_copy(bi->cmdline, s, sizeof(bi->cmdline));
}

static void
read_modules(struct bootinfo *bi, const struct info *in)
{
	const struct module *m = look_at(in->mods_addr, sizeof(*m));

	if ((in->flags & INFO_MODULES) == 0 || in->mods_count == 0 || m == NULL ||
	    m->start >= m->end)
		return;
	if (look_at(m->start, m->end - m->start) == NULL) {
		kprintf("boot: the ramdisk lies beyond the direct map: ignored\n");
		return;
	}
	bi->ramdisk = (struct boot_range){ m->start, m->end };
	reserve(bi, m->start, m->end);
}

const char *
multiboot_scan(uint32_t magic, paddr_t info, struct bootinfo *bi)
{
	const struct info *in = look_at(info, sizeof(*in));
	const char *cmdline, *wrong;

	if (magic != MULTIBOOT_LOADED || in == NULL)
		return "not started by a Multiboot loader";
	wrong = read_memory(bi, in);
	if (wrong != NULL)
		return wrong;
	cmdline = look_at(in->cmdline, 1);
	if ((in->flags & INFO_CMDLINE) && cmdline != NULL)
		copy_cmdline(bi, cmdline);
	read_modules(bi, in);
	reserve(bi, 0, PAGE_SIZE);		/* the BIOS's variables */
	reserve(bi, AP_PAGE, AP_PAGE + PAGE_SIZE);
	reserve(bi, HIGH_START, md_virt_to_phys(_end));
	return NULL;
}
