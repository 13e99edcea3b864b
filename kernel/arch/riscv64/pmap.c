/*
 * Sv39 page tables; the contract is md/pmap.h. Source: RISC-V Privileged
 * Specification 1.12, 4.3-4.4.
 *
 * Table pages come from the page allocator; struct page's aux counts the
 * entries in use, so that an emptied table is found at once. Root entries of
 * the kernel half are all made before the first pmap, and copied to each.
 *
 * A change is three steps (R4): under the lock, entries are changed and
 * tables unlinked; with the lock released, processors that may have the old
 * ones cached are made to forget them; then the tables are freed.
 */
#include "md/pmap.h"

#include "arch/riscv64/csr.h"
#include "arch/riscv64/port.h"
#include "arch/riscv64/sbi.h"
#include "kern/print.h"
#include "kern/spinlock.h"
#include "lib/atomic.h"
#include "mem/page.h"
#include "mem/slab.h"

#define PTE_V		0x001ul
#define PTE_R		0x002ul
#define PTE_W		0x004ul
#define PTE_X		0x008ul
#define PTE_U		0x010ul
#define PTE_G		0x020ul
#define PTE_A		0x040ul
#define PTE_D		0x080ul
#define PTE_COW		0x100ul		/* the two bits that hardware leaves to software */
#define PTE_SHARED	0x200ul
#define PTE_RWX		(PTE_R | PTE_W | PTE_X)
#define PTE_PPN_SHIFT	10
#define PTE_PPN_MASK	0x003ffffffffffc00ul

#define ENTRIES		512u
#define TOP		2u		/* level of the root's entries */
#define SPAN(level)	(1ul << (PAGE_SHIFT + 9 * (level)))
#define USER_ROOTS	(ENTRIES / 2)	/* root entries of the user half */
#define FENCE_PAGES	16		/* beyond so many pages a full flush is cheaper */

/* Leaf tables of the stack window made at boot: enough for 512 processes and the daemons. */
#define STACK_TABLES	5

struct pmap {
	struct spinlock lock;
	uint64_t *root;			/* c; entries: lock */
	/* lock: inner tables of the user half (kernel_pmap: kernel half) */
	size_t	 ntables;
	unsigned long active;		/* @: processors whose satp it is */
	unsigned long istale;		/* @: processors to fence.i before they run its user code */
};

static struct pmap kernel_tables = { .lock = SPINLOCK_INIT("pmap", RANK_PMAP) };
struct pmap *const kernel_pmap = &kernel_tables;
static struct pmap *current[MAX_CPUS];	/* each processor's own; NULL: kernel_pmap */
unsigned long cpus_online;

SLAB_CACHE(pmap_cache, struct pmap);

/* A change of a range, and what is to be done after it. */
struct change {
	struct pmap *pm;
	bool	 remove;
	uint64_t keep, label;		/* otherwise: rights that stay, label that comes */
	vaddr_t	 first, last;		/* pages whose entries changed lie between */
	bool	 any, tables;
	uint32_t chain;			/* unlinked table pages */
};

static inline unsigned
index_of(vaddr_t va, unsigned level)
{
	return va >> (PAGE_SHIFT + 9 * level) & (ENTRIES - 1);
}

static inline paddr_t
pte_phys(uint64_t e)
{
	return (e & PTE_PPN_MASK) >> PTE_PPN_SHIFT << PAGE_SHIFT;
}

static inline bool
pte_is_table(uint64_t e)
{
	return (e & (PTE_V | PTE_RWX)) == PTE_V;
}

static inline uint64_t *
pte_table(uint64_t e)
{
	return md_phys_to_virt(pte_phys(e));
}

/* The frame of the table that E lies in. */
static inline struct page *
frame_of(const uint64_t *e)
{
	return page_of_virt(e);
}

static uint64_t
pte_make(paddr_t pa, prot_t prot)
{
	uint64_t e = pa >> PAGE_SHIFT << PTE_PPN_SHIFT | PTE_V | PTE_A;

	if (prot & PROT_W)		/* the hardware has no write-only pages */
		e |= PTE_R | PTE_W | PTE_D;
	e |= prot & PROT_R ? PTE_R : 0;
	e |= prot & PROT_X ? PTE_X : 0;
	e |= prot & PROT_U ? PTE_U : PTE_G;
	e |= prot & PROT_COW ? PTE_COW : 0;
	e |= prot & PROT_SHARED ? PTE_SHARED : 0;
	return e;
}

static prot_t
pte_prot(uint64_t e)
{
	return (e & PTE_R ? PROT_R : 0) | (e & PTE_W ? PROT_W : 0) | (e & PTE_X ? PROT_X : 0) |
	    (e & PTE_U ? PROT_U : 0) | (e & PTE_COW ? PROT_COW : 0) |
	    (e & PTE_SHARED ? PROT_SHARED : 0);
}

/* The entry that translates VA, and its level; 0: none. */
static uint64_t
lookup(const struct pmap *pm, vaddr_t va, unsigned *level)
{
	const uint64_t *t = pm->root;

	for (*level = TOP;; --*level) {
		uint64_t e = atomic_load_relaxed(&t[index_of(va, *level)]);

		if (!pte_is_table(e))
			return e;
		assert(*level > 0);
		t = pte_table(e);
	}
}

/* ---- other processors ---- */

static unsigned long
users_of(const struct pmap *pm)
{
	return atomic_load(pm == kernel_pmap ? &cpus_online : &pm->active);
}

/*
 * No processor uses an old entry of [va, va + len) from now on. The caller
 * changed the entries before; a processor that activates PM and is not in
 * the mask we read flushes after it entered itself there, hence after our change.
 */
static void
shootdown(const struct pmap *pm, vaddr_t va, size_t len)
{
	unsigned long self = 1ul << md_cpu_id(), cpus;
	bool all = len > FENCE_PAGES * PAGE_SIZE;

	atomic_fence();
	cpus = users_of(pm);
	if (cpus & self) {
		if (!all)
			for (vaddr_t p = va; p != va + len; p += PAGE_SIZE)
				sfence_page(p);
		else if (pm == kernel_pmap)
			sfence_all();
		else
			sfence_user();
	}
	if (cpus & ~self)
		sbi_remote_sfence(cpus & ~self, all ? 0 : va, all ? -1ul : len);
}

/*
 * P7, before an executable page is entered in PM. Who runs PM now is
 * interrupted; the others are marked and see to it in pmap_activate. Both sides
 * write their word before they read the other's, so none is missed.
 */
static void
icache_sync(struct pmap *pm)
{
	unsigned long self = 1ul << md_cpu_id(), others;

	fence_i();
	atomic_or(&pm->istale, ~self);
	others = users_of(pm) & ~self;
	if (others != 0)
		sbi_remote_fence_i(others);
}

/*
 * The mask gains us before satp is loaded: a shootdown that comes too early
 * hurts nobody, one that misses us would. It loses us after the flush, when
 * nothing of the old table is cached here.
 */
void
pmap_activate(struct pmap *pm)
{
	unsigned cpu = md_cpu_id();
	unsigned long self = 1ul << cpu;
	struct pmap *old = current[cpu];

	if (pm != old) {
		atomic_or(&pm->active, self);
		csr_write(satp, 8ul << 60 | md_virt_to_phys(pm->root) >> PAGE_SHIFT);
		sfence_user();
		current[cpu] = pm;
		if (old != NULL)
			atomic_and(&old->active, ~self);
	}
	if (atomic_load(&pm->istale) & self && pm != kernel_pmap) {
		atomic_and(&pm->istale, ~self);
		fence_i();
	}
}

/* ---- entering ---- */

static unsigned
tables_missing(const struct pmap *pm, vaddr_t va)
{
	unsigned level;
	uint64_t e = lookup(pm, va, &level);

	assert(e == 0 || level == 0);		/* no leaf of a kernel mapping in large pages */
	return level;
}

static void
chain_push(uint32_t *chain, struct page *p)
{
	p->next = *chain;
	*chain = page_pfn(p);
}

/* The leaf entry for VA, with tables from SPARE where they are missing. */
static uint64_t *
leaf_make(struct pmap *pm, vaddr_t va, uint32_t *spare) REQUIRES(pm->lock)
{
	uint64_t *t = pm->root;

	for (unsigned level = TOP; level > 0; level--) {
		uint64_t *e = &t[index_of(va, level)];

		if (*e == 0) {
			struct page *p = page_of_pfn(*spare);

			*spare = p->next;
			p->next = PFN_NONE;
			p->pmap = pm;
			frame_of(e)->aux++;
			pm->ntables++;
			atomic_store_release(e,
			    page_phys(p) >> PAGE_SHIFT << PTE_PPN_SHIFT | PTE_V);
		}
		t = pte_table(*e);
	}
	return &t[index_of(va, 0)];
}

/*
 * Lock PM with at least as many table pages in SPARE as VA needs: they can't
 * be allocated under the lock. false: out of memory.
 */
static bool
lock_with_tables(struct pmap *pm, vaddr_t va, uint32_t *spare) TRIES(true, pm->lock)
{
	unsigned have = 0, need;

	*spare = PFN_NONE;
	for (;;) {
		spin_lock(&pm->lock);
		need = tables_missing(pm, va);
		if (need <= have)
			return true;
		spin_unlock(&pm->lock);
		for (; have < need; have++) {
			struct page *p = page_alloc_zero(PAGE_TABLE);

			if (p == NULL) {
				page_free_chain(*spare);
				return false;
			}
			chain_push(spare, p);
		}
	}
}

/*
 * Nobody is told when an entry appears where none was: a processor that has
 * the absence cached faults, and comes here again with the entry in place.
 * The kernel's own entries get no second chance: they are announced.
 */
err_t
pmap_enter(struct pmap *pm, vaddr_t va, paddr_t pa, prot_t prot)
{
	uint64_t new = pte_make(pa, prot), old, *e;
	uint32_t spare;

	assert(prot & PROT_RWX && ((va | pa) & PAGE_MASK) == 0);
	assert(pm == kernel_pmap ? va >= KSTACK_WINDOW : va < USER_MAX && (prot & PROT_U));
	if (prot & PROT_X)
		icache_sync(pm);
	if (!lock_with_tables(pm, va, &spare))
		return ERR(ENOMEM);
	e = leaf_make(pm, va, &spare);
	old = *e;
	if (old == 0)
		frame_of(e)->aux++;
	atomic_store_release(e, new);
	spin_unlock(&pm->lock);
	page_free_chain(spare);
	if ((old != 0 && old != new) || pm == kernel_pmap)
		shootdown(pm, va, PAGE_SIZE);
	else if (old != 0)
		sfence_page(va);
	return OK;
}

/* ---- changing and removing ---- */

static void
note_page(struct change *c, vaddr_t va)
{
	if (!c->any)
		c->first = va;
	c->last = va;
	c->any = true;
}

/* Unlink the table that E, in a table of level LEVEL, leads to, and those below. */
static void
drop_table(struct change *c, uint64_t *e, unsigned level)
{
	uint64_t *t = pte_table(*e);

	if (level > 1)
		for (unsigned i = 0; i < ENTRIES; i++)
			if (t[i] != 0)
				drop_table(c, &t[i], level - 1);
	atomic_store_relaxed(e, 0);
	frame_of(e)->aux--;
	c->pm->ntables--;
	c->tables = true;
	chain_push(&c->chain, frame_of(t));
}

static void
change_leaf(struct change *c, uint64_t *e, vaddr_t va)
{
	uint64_t old = *e, new = c->remove ? 0 : (old & c->keep) | c->label;

	if ((new & PTE_RWX) == 0)
		new = 0;		/* without rights it would lead to a table */
	if (new == old)
		return;
	atomic_store_relaxed(e, new);
	if (new == 0)
		frame_of(e)->aux--;
	note_page(c, va);
}

/*
 * [va, end) of TABLE, whose entries are of level LEVEL. The kernel's tables
 * stay for good: all pmaps share them.
 */
static void
change_range(struct change *c, uint64_t *table, unsigned level, vaddr_t va, vaddr_t end)
{
	bool may_drop = c->pm != kernel_pmap;
	vaddr_t next;

	for (; va < end; va = next) {
		uint64_t *e = &table[index_of(va, level)];

		next = MIN(end, ROUND_DOWN(va, SPAN(level)) + SPAN(level));
		if (*e == 0)
			continue;
		if (level == 0) {
			change_leaf(c, e, va);
			continue;
		}
		assert(pte_is_table(*e));
		if (c->remove && may_drop && next - va == SPAN(level)) {
			drop_table(c, e, level);
			continue;
		}
		change_range(c, pte_table(*e), level - 1, va, next);
		if (may_drop && frame_of(pte_table(*e))->aux == 0)
			drop_table(c, e, level);
	}
}

/* A root entry's part at a time under the lock; one flush for all. */
static void
change(struct change *c, vaddr_t va, size_t len)
{
	struct pmap *pm = c->pm;
	vaddr_t end = va + len, next;

	assert(((va | len) & PAGE_MASK) == 0 && end >= va);
	assert(pm == kernel_pmap ? va >= KSTACK_WINDOW : end <= USER_MAX);
	c->chain = PFN_NONE;
	for (; va < end; va = next) {
		next = MIN(end, ROUND_DOWN(va, SPAN(TOP)) + SPAN(TOP));
		if (atomic_load_relaxed(&pm->root[index_of(va, TOP)]) == 0)
			continue;
		spin_lock(&pm->lock);
		change_range(c, pm->root, TOP, va, next);
		spin_unlock(&pm->lock);
	}
	if (c->tables)
		shootdown(pm, 0, -1ul);
	else if (c->any)
		shootdown(pm, c->first, c->last - c->first + PAGE_SIZE);
	page_free_chain(c->chain);
}

void
pmap_remove(struct pmap *pm, vaddr_t va, size_t len)
{
	struct change c = { .pm = pm, .remove = true };

	change(&c, va, len);
}

void
pmap_protect(struct pmap *pm, vaddr_t va, size_t len, prot_t prot)
{
	struct change c = { .pm = pm, .keep = ~PTE_RWX };

	if (prot & PROT_R)
		c.keep |= PTE_R;
	if ((prot & (PROT_R | PROT_W)) == (PROT_R | PROT_W))
		c.keep |= PTE_W;
	if (prot & PROT_X)
		c.keep |= PTE_X;
	if (prot & PROT_COW)
		c.label = PTE_COW;
	change(&c, va, len);
}

/* ---- looking ---- */

bool
pmap_extract(struct pmap *pm, vaddr_t va, paddr_t *pa, prot_t *prot)
{
	unsigned level;
	uint64_t e;

	spin_lock(&pm->lock);
	e = lookup(pm, va, &level);
	spin_unlock(&pm->lock);
	if (e == 0)
		return false;
	*pa = pte_phys(e) + (PAGE_DOWN(va) & (SPAN(level) - 1));
	*prot = pte_prot(e);
	return true;
}

bool
pmap_kernel_mapped(vaddr_t va)
{
	unsigned level;

	return va >= DIRECT_MAP && kernel_pmap->root != NULL && lookup(kernel_pmap, va,
	    &level) != 0;
}

size_t
pmap_table_pages(struct pmap *pm)
{
	size_t user = pm == kernel_pmap ? 0 : atomic_load_relaxed(&pm->ntables);

	return 1 + user + atomic_load_relaxed(&kernel_pmap->ntables);
}

/* See pmap_next; in TABLE, whose entries are of level LEVEL and whose first address is BASE. */
static bool
next_entry(uint64_t *table, unsigned level, vaddr_t base, struct pmap_entry *e)
{
	unsigned i = e->va > base ? index_of(e->va, level) : 0;
	unsigned n = level == TOP ? USER_ROOTS : ENTRIES;

	for (; i < n; i++) {
		vaddr_t va = base + i * SPAN(level);
		uint64_t pte = table[i];

		if (pte == 0)
			continue;
		if (va > e->va || (va == e->va && (!e->table || level < e->level))) {
			*e = (struct pmap_entry){ .va = va, .pa = pte_phys(pte), .level = level,
				.table = pte_is_table(pte), .prot = pte_prot(pte) };
			return true;
		}
		if (pte_is_table(pte) && next_entry(pte_table(pte), level - 1, va, e))
			return true;
	}
	return false;
}

bool
pmap_next(struct pmap *pm, struct pmap_entry *e)
{
	bool found;

	spin_lock(&pm->lock);
	found = e->va < USER_MAX && next_entry(pm->root, TOP, 0, e);
	spin_unlock(&pm->lock);
	return found;
}

/* ---- making and unmaking ---- */

static bool pmaps_exist;		/* the kernel half's root entries are final */

struct pmap *
pmap_create(void)
{
	struct pmap *pm = slab_alloc_zero(&pmap_cache);
	struct page *root;

	if (pm == NULL)
		return NULL;
	root = page_alloc_zero(PAGE_TABLE);
	if (root == NULL) {
		slab_free(&pmap_cache, pm);
		return NULL;
	}
	spin_init(&pm->lock, "pmap", RANK_PMAP);
	atomic_store_relaxed(&pmaps_exist, true);
	root->pmap = pm;
	pm->root = page_virt(root);
	for (unsigned i = USER_ROOTS; i < ENTRIES; i++)
		pm->root[i] = kernel_pmap->root[i];
	pm->istale = ~0ul;
	return pm;
}

void
pmap_destroy(struct pmap *pm)
{
	assert(atomic_load(&pm->active) == 0);
	pmap_remove(pm, 0, USER_MAX);
	assert(pm->ntables == 0);
	page_put(page_of_virt(pm->root));
	slab_free(&pmap_cache, pm);
}

/* ---- the kernel half ---- */

static struct bootinfo *boot;		/* NULL once there is a page allocator */
static struct spinlock device_lock = SPINLOCK_INIT("device mappings", RANK_DEVICE);

uint64_t
pmap_kernel_satp(void)
{
	return 8ul << 60 | md_virt_to_phys(kernel_pmap->root) >> PAGE_SHIFT;
}

/* A zeroed page behind the kernel image, which is reserved with it. */
static paddr_t
boot_page(void)
{
	struct boot_range *kernel = NULL;
	paddr_t pa;

	for (unsigned i = 0; i < boot->nreserved; i++)
		if (boot->reserved[i].start == md_virt_to_phys(__text))
			kernel = &boot->reserved[i];
	assert(kernel != NULL);
	pa = kernel->end;
	for (unsigned i = 0; i < boot->nreserved; i++)
		if (boot->reserved[i].start == pa)
			panic("boot: no room behind the kernel");
	kernel->end += PAGE_SIZE;
	return pa;
}

static uint64_t *
kernel_table(void)
{
	struct page *p;
	uint64_t *t;

	if (boot == NULL) {
		p = page_alloc_zero(PAGE_KERNEL);
		return p == NULL ? NULL : page_virt(p);
	}
	t = md_phys_to_virt(boot_page());
	for (unsigned i = 0; i < ENTRIES; i++)
		t[i] = 0;
	return t;
}

/* The table below entry E of the kernel half; NULL: out of memory. */
static uint64_t *
kernel_descend(uint64_t *e)
{
	uint64_t *t;

	if (*e != 0)
		return pte_table(*e);
	t = kernel_table();
	if (t == NULL)
		return NULL;
	kernel_pmap->ntables++;
	atomic_store_release(e, md_virt_to_phys(t) >> PAGE_SHIFT << PTE_PPN_SHIFT | PTE_V);
	return t;
}

/*
 * [pa, end) in the direct map, in the largest pages that fit. What is mapped
 * already stays: in the direct map it can only be the same.
 */
static bool
map_direct(paddr_t pa, paddr_t end, prot_t prot)
{
	while (pa < end) {
		vaddr_t va = (vaddr_t)md_phys_to_virt(pa);
		uint64_t *e = &kernel_pmap->root[index_of(va, TOP)];
		unsigned level = TOP;

		while (level > 0 && (pte_is_table(*e) || (*e == 0 &&
		    ((pa & (SPAN(level) - 1)) != 0 ||
		    end - pa < SPAN(level))))) {
			uint64_t *t = kernel_descend(e);

			if (t == NULL)
				return false;
			e = &t[index_of(va, --level)];
		}
		if (*e == 0)
			atomic_store_release(e, pte_make(pa, prot));
		pa = ROUND_DOWN(pa, SPAN(level)) + SPAN(level);
	}
	return true;
}

void
pmap_bootstrap(struct bootinfo *bi)
{
	paddr_t text = md_virt_to_phys(__text), rodata = md_virt_to_phys(__rodata);
	paddr_t data = md_virt_to_phys(__data);

	boot = bi;
	kernel_pmap->root = kernel_table();
	for (unsigned i = 0; i < bi->nram; i++) {
		paddr_t start = bi->ram[i].start, end = bi->ram[i].end;

		if (start <= text && text < end) {
			map_direct(start, text, PROT_R | PROT_W);
			map_direct(text, rodata, PROT_R | PROT_X);
			map_direct(rodata, data, PROT_R);
			start = data;
		}
		map_direct(start, end, PROT_R | PROT_W);
	}
	csr_write(satp, pmap_kernel_satp());
	sfence_all();
}

void
pmap_init(void)
{
	boot = NULL;
	for (unsigned i = 0; i < STACK_TABLES; i++) {
		vaddr_t va = KSTACK_WINDOW + i * SPAN(1);
		uint64_t *t = kernel_descend(&kernel_pmap->root[index_of(va, TOP)]);

		if (t == NULL || kernel_descend(&t[index_of(va, 1)]) == NULL)
			panic("no memory for the tables of kernel stacks");
	}
	sfence_all();
}

/* Devices appear in the direct map, where no RAM is. */
void *
pmap_map_device(paddr_t pa, size_t len)
{
	paddr_t start = PAGE_DOWN(pa), end = PAGE_UP(pa + len);
	bool ok = end <= DIRECT_MAX && start < end;

	spin_lock(&device_lock);
	for (paddr_t g = ROUND_DOWN(start, SPAN(TOP)); ok && pmaps_exist && g < end; g += SPAN(TOP))
		ok = kernel_pmap->root[index_of((vaddr_t)md_phys_to_virt(g), TOP)] != 0;
	ok = ok && map_direct(start, end, PROT_R | PROT_W);
	spin_unlock(&device_lock);
	if (!ok)
		return NULL;
	shootdown(kernel_pmap, 0, -1ul);
	return md_phys_to_virt(pa);
}
