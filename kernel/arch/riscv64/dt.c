/*
 * The flattened device tree. Source: Devicetree Specification 0.4, chapter 5.
 * It is input: every offset is checked, and what makes no sense is skipped.
 * One pass over the structure block; all properties of a node come before
 * its children, so a node is looked at when the first child or its end does.
 * The buses of interest map their children's addresses one to one.
 */
#include "arch/riscv64/port.h"
#include "lib/string.h"
#include "mem/range.h"

enum { FDT_BEGIN = 1, FDT_END_NODE, FDT_PROP, FDT_NOP, FDT_END = 9 };
#define MAX_DEPTH	16

struct prop {
	const uint8_t *at;		/* NULL: not given */
	uint32_t len;
};

/* The properties that matter. */
enum {
	COMPATIBLE, REG, INTERRUPTS, EXTENDED, STATUS, TYPE, REG_SHIFT, REG_WIDTH, BOOTARGS,
	TIMEBASE, NO_MAP, ADDRESS_CELLS, SIZE_CELLS, PHANDLE, NPROPS
};
static const char *const prop_names[NPROPS] = {
	[COMPATIBLE] = "compatible", [REG] = "reg", [INTERRUPTS] = "interrupts",
	[EXTENDED] = "interrupts-extended", [STATUS] = "status", [TYPE] = "device_type",
	[REG_SHIFT] = "reg-shift", [REG_WIDTH] = "reg-io-width", [BOOTARGS] = "bootargs",
	[TIMEBASE] = "timebase-frequency", [NO_MAP] = "no-map",
	[ADDRESS_CELLS] = "#address-cells", [SIZE_CELLS] = "#size-cells", [PHANDLE] = "phandle",
};

/* One node on the way from the root to the current one. */
struct node {
	const char *name;
	int	 cpu;			/* which one it is or lies below; -1 */
	bool	 reserved_memory;	/* its children are reserved ranges */
	bool	 seen;
	struct prop prop[NPROPS];
};

struct scan {
	const uint8_t *structs, *structs_end;
	const char *strings, *strings_end;
	/* stack[depth] is the current node, stack[0] the root's parent */
	unsigned depth;
	struct node stack[MAX_DEPTH];
	struct bootinfo *bi;
	struct boot_range unmapped[BOOT_MAX_RANGES];	/* RAM that the firmware keeps to itself */
	unsigned nunmapped;
	uint64_t boot_hart;
};

struct platform platform;

static uint64_t
dt_u64(const void *p)
{
	return (uint64_t)dt_u32(p) << 32 | dt_u32((const uint8_t *)p + 4);
}

static uint32_t
prop_u32(struct prop p, uint32_t otherwise)
{
	return p.at != NULL && p.len >= 4 ? dt_u32(p.at) : otherwise;
}

/* Is S one of the strings of N's property WHICH? */
static bool
node_has(const struct node *node, unsigned which, const char *s)
{
	uint32_t n = (uint32_t)strlen(s) + 1;
	struct prop p = node->prop[which];

	for (uint32_t i = 0; i < p.len; i += (uint32_t)strnlen((const char *)p.at + i,
	    p.len - i) + 1)
		if (p.len - i >= n && memcmp(p.at + i, s, n) == 0)
			return true;
	return false;
}

/* The I-th range of N's reg property, by its parent's cells. */
static bool
node_reg(const struct scan *s, const struct node *n, unsigned i, paddr_t *start, paddr_t *len)
{
	const struct node *parent = &s->stack[s->depth - 1];
	uint32_t ac = prop_u32(parent->prop[ADDRESS_CELLS], 2);
	uint32_t sc = prop_u32(parent->prop[SIZE_CELLS], 1);
	const uint8_t *p = n->prop[REG].at;

	if (ac < 1 || ac > 2 || sc > 2 || p == NULL || n->prop[REG].len < (i + 1) * 4 * (ac + sc))
		return false;
	p += i * 4 * (ac + sc);
	*start = ac == 2 ? dt_u64(p) : dt_u32(p);
	p += 4 * ac;
	*len = sc == 2 ? dt_u64(p) : sc == 1 ? dt_u32(p) : 0;
	return *start + *len >= *start;
}

/* ---- nodes ---- */

static void
see_memory(struct scan *s, struct node *n)
{
	paddr_t start, len;

	for (unsigned i = 0; node_reg(s, n, i, &start, &len); i++)
		s->bi->nram = range_add(s->bi->ram, s->bi->nram, PAGE_UP(start),
		    PAGE_DOWN(start + len));
}

static void
see_reserved(struct scan *s, struct node *n)
{
	struct bootinfo *bi = s->bi;
	paddr_t start, len;

	for (unsigned i = 0; node_reg(s, n, i, &start, &len); i++) {
		paddr_t from = PAGE_DOWN(start), to = PAGE_UP(start + len);

		if (n->prop[NO_MAP].at != NULL)
			s->nunmapped = range_add(s->unmapped, s->nunmapped, from, to);
		else
			bi->nreserved = range_add(bi->reserved, bi->nreserved, from, to);
	}
}

/* The boot hart is cpu 0, whenever it comes. */
static void
see_cpu(struct scan *s, struct node *n)
{
	paddr_t hart, len;
	unsigned cpu;

	if (!node_reg(s, n, 0, &hart, &len))
		return;
	if (hart == s->boot_hart)
		cpu = 0;
	else if (platform.ncpus < MAX_CPUS)
		cpu = platform.ncpus++;
	else
		return;
	platform.cpu[cpu].hart = hart;
	n->cpu = (int)cpu;
}

static void
set_device(struct scan *s, struct node *n, struct md_device *d)
{
	paddr_t start, len;

	if (!node_reg(s, n, 0, &start, &len) || len == 0)
		return;
	d->base = start;
	d->size = len;
	d->irq = prop_u32(n->prop[INTERRUPTS], 0);
}

static void
see_device(struct scan *s, struct node *n)
{
	struct platform *p = &platform;

	if (node_has(n, COMPATIBLE, "ns16550a") && p->uart.size == 0) {
		set_device(s, n, &p->uart);
		p->uart_shift = prop_u32(n->prop[REG_SHIFT], 0) & 3;
		p->uart_width = prop_u32(n->prop[REG_WIDTH], 1);
	} else if (node_has(n, COMPATIBLE, "riscv,plic0") ||
	    node_has(n, COMPATIBLE, "sifive,plic-1.0.0")) {
		set_device(s, n, &p->plic);
		p->plic_contexts = (struct dt_cell_list){ n->prop[EXTENDED].at,
			n->prop[EXTENDED].len / 4 };
	} else if (node_has(n, COMPATIBLE, "sifive,test0")) {
		set_device(s, n, &p->test);
	} else if (node_has(n, COMPATIBLE, "google,goldfish-rtc")) {
		set_device(s, n, &p->rtc);
	} else if (node_has(n, COMPATIBLE, "virtio,mmio") && p->nvirtio < MAX_VIRTIO) {
		set_device(s, n, &p->virtio[p->nvirtio++]);
	}
}

static void
see_node(struct scan *s)
{
	struct node *n = &s->stack[s->depth], *parent = n - 1;
	struct prop timebase = n->prop[TIMEBASE], bootargs = n->prop[BOOTARGS];

	if (n->seen || s->depth == 0)
		return;
	n->seen = true;
	if (n->prop[STATUS].at != NULL && !node_has(n, STATUS, "okay") &&
	    !node_has(n, STATUS, "ok"))
		return;
	if (node_has(n, TYPE, "memory"))
		see_memory(s, n);
	else if (node_has(n, TYPE, "cpu"))
		see_cpu(s, n);
	else if (strcmp(n->name, "reserved-memory") == 0 && s->depth == 2)
		n->reserved_memory = true;
	else if (parent->reserved_memory)
		see_reserved(s, n);
	else if (node_has(n, COMPATIBLE, "riscv,cpu-intc") && parent->cpu >= 0)
		platform.cpu[parent->cpu].intc = prop_u32(n->prop[PHANDLE], 0);
	else
		see_device(s, n);
	if (timebase.at != NULL && platform.timebase == 0)
		platform.timebase = timebase.len == 8 ? dt_u64(timebase.at) :
		    prop_u32(timebase, 0);
	if (bootargs.at != NULL)
		str_copy(s->bi->cmdline, (const char *)bootargs.at,
		    MIN(sizeof(s->bi->cmdline), (size_t)bootargs.len + 1));
}

/* ---- the structure block ---- */

static bool
scan_begin(struct scan *s, const uint8_t **at)
{
	size_t left = (size_t)(s->structs_end - *at);
	size_t len = strnlen((const char *)*at, left);
	struct node *n;

	see_node(s);
	if (len == left || s->depth + 1 == MAX_DEPTH)
		return false;
	n = &s->stack[++s->depth];
	*n = (struct node){ .name = (const char *)*at, .cpu = -1 };
	*at += ROUND_UP(len + 1, 4);
	return true;
}

static bool
scan_prop(struct scan *s, const uint8_t **at)
{
	size_t left = (size_t)(s->structs_end - *at);
	const char *name;
	struct prop p;

	if (left < 8)
		return false;
	p.len = dt_u32(*at);
	name = s->strings + dt_u32(*at + 4);
	p.at = *at + 8;
	if (p.len > left - 8 || name >= s->strings_end ||
	    strnlen(name, (size_t)(s->strings_end - name)) == (size_t)(s->strings_end - name))
		return false;
	for (unsigned i = 0; i < NPROPS; i++)
		if (strcmp(name, prop_names[i]) == 0)
			s->stack[s->depth].prop[i] = p;
	*at += 8 + ROUND_UP((size_t)p.len, 4);
	return true;
}

static bool
scan_structs(struct scan *s)
{
	const uint8_t *at = s->structs;
	bool ok = true;

	while (ok && at + 4 <= s->structs_end) {
		uint32_t token = dt_u32(at);

		at += 4;
		if (token == FDT_END)
			return s->depth == 0;
		if (token == FDT_BEGIN) {
			ok = scan_begin(s, &at);
		} else if (token == FDT_PROP) {
			ok = s->depth > 0 && scan_prop(s, &at);
		} else if (token == FDT_END_NODE) {
			see_node(s);
			ok = s->depth-- > 0;
		} else {
			ok = token == FDT_NOP;
		}
	}
	return false;
}

const char *
dt_scan(const void *dtb, uint64_t boot_hart, struct bootinfo *bi)
{
	static struct scan s;		/* too large for a stack */
	const uint8_t *d = dtb;
	uint64_t size = dt_u32(d + 4), structs = dt_u32(d + 8), strings = dt_u32(d + 12);
	paddr_t at = md_virt_to_phys(dtb);

	if (dt_u32(d) != DT_MAGIC || dt_u32(d + 20) < 17)
		return "not a device tree of version 17";
	if (structs + dt_u32(d + 36) > size || strings + dt_u32(d + 32) > size)
		return "blocks out of bounds";
	s.structs = d + structs;
	s.structs_end = s.structs + dt_u32(d + 36);
	s.strings = (const char *)d + strings;
	s.strings_end = s.strings + dt_u32(d + 32);
	s.stack[0] = (struct node){ .name = "", .cpu = -1 };
	s.bi = bi;
	s.boot_hart = boot_hart;
	platform.ncpus = 1;
	platform.cpu[0].hart = boot_hart;
	bi->nreserved = range_add(bi->reserved, bi->nreserved, PAGE_DOWN(at), PAGE_UP(at + size));
	for (uint64_t r = dt_u32(d + 16); r + 16 <= size && dt_u64(d + r + 8) != 0; r += 16)
		bi->nreserved = range_add(bi->reserved, bi->nreserved, PAGE_DOWN(dt_u64(d + r)),
		    PAGE_UP(dt_u64(d + r) + dt_u64(d + r + 8)));
	if (!scan_structs(&s))
		return "malformed";
	for (unsigned i = 0; i < s.nunmapped; i++)
		bi->nram = range_cut(bi->ram, bi->nram, s.unmapped[i].start, s.unmapped[i].end);
	if (bi->nram == 0)
		return "no memory in it";
	if (platform.timebase == 0)
		return "no timebase-frequency in it";
	bi->ncpus = platform.ncpus;
	return NULL;
}

bool
md_device(enum md_device_kind kind, unsigned n, struct md_device *d)
{
	if (kind != MD_VIRTIO_MMIO || n >= platform.nvirtio)
		return false;
	*d = platform.virtio[n];
	return true;
}
