/*
 * Page tables. A pmap caches what the address space above it decides:
 *
 * P1 A pmap is a cache: it may be emptied at any time without changing what programs see.
 * P2 remove, protect and an enter that replaces return only when no processor can still
 *    use the old entry.
 * P3 enter fails only for want of a table page, hence never when it replaces.
 * P4 A pmap holds no page references.
 * P5 The pmap lock is a leaf. Who waits for other processors holds no spinlock; interrupts
 *    may be disabled.
 * P6 The kernel obeys user protection when it copies.
 * P7 Entering an executable page makes its bytes visible to instruction fetch on all
 *    processors.
 * P8 Accessed and dirty bits are set on entry, so hardware that does not set them works.
 *
 * All functions may be called by several processors at once. None sleeps. A
 * table page that becomes empty is freed at once (SPEC 2.2, getptsize).
 * Addresses and lengths are multiples of PAGE_SIZE.
 */
#ifndef MD_PMAP_H
#define MD_PMAP_H

#include "md/boot.h"
#include "md/types.h"

struct pmap;
struct page_run;

extern struct pmap *const kernel_pmap;

/*
 * Bootstrap, on the boot processor before mem/ is up: the kernel half in
 * large pages, W^X, all RAM in the direct map. Takes what pages it needs from
 * the end of bi->ram (or adds them to bi->reserved).
 */
void	pmap_bootstrap(struct bootinfo *bi);
/* Once mem/ is up: makes the tables of the kernel half final. */
void	pmap_init(void);

struct pmap *pmap_create(void);			/* NULL: out of memory */
/* Not active on any processor. Frees every table. */
void	pmap_destroy(struct pmap *pm);
/* -ENOMEM: no table page; nothing changed. */
err_t	pmap_enter(struct pmap *pm, vaddr_t va, paddr_t pa, prot_t prot) MUST_CHECK;
/*
 * The same for user memory, where interrupts are disabled, and stay so. false: nothing changed, and
 * it is for pmap_enter, which allocates, and waits for others.
 */
bool	pmap_try_enter(struct pmap *pm, vaddr_t va, paddr_t pa, prot_t prot) MUST_CHECK;
void	pmap_remove(struct pmap *pm, vaddr_t va, size_t len);
/*
 * Take rights away, never add any: entries in the range keep at most PROT. Their labels stay;
 * PROT_COW in PROT adds its.
 */
void	pmap_protect(struct pmap *pm, vaddr_t va, size_t len, prot_t prot);
/*
 * Enter the pages of RUN from VA on, one a slot, where nothing is entered yet; as far as there is
 * memory for tables: entries are a cache. How many it entered.
 */
unsigned pmap_enter_run(struct pmap *pm, vaddr_t va, const struct page_run *run, prot_t prot);
/*
 * For fork. Entries of SRC in the range that let write, which there are only if WRITABLE, lose that
 * right and are labelled PROT_COW; DST, which nobody uses yet and which is empty there, gets some
 * of them (P1: it is a cache). DROP: where that is cheaper SRC loses them instead. P2 holds
 * after pmap_flush(SRC), not before.
 */
void	pmap_share(struct pmap *dst, struct pmap *src, vaddr_t va, size_t len, bool writable,
	    bool drop);
void	pmap_flush(struct pmap *pm);
/* The entry that translates VA. false: none. */
bool	pmap_extract(struct pmap *pm, vaddr_t va, paddr_t *pa, prot_t *prot);
/*
 * This processor uses PM from now on, and OLD, another one, no more; kernel_pmap is what it starts
 * with. Interrupts disabled.
 */
void	pmap_activate(struct pmap *pm, struct pmap *old);
/* Pages of the table: root and inner, user and kernel half. */
size_t	pmap_table_pages(struct pmap *pm);
/* Map a device's registers, uncached, for good. NULL: out of memory. */
void	*pmap_map_device(paddr_t pa, size_t len);

struct pmap_entry {
	vaddr_t	 va;
	paddr_t	 pa;			/* of the frame, or of the table */
	unsigned level;			/* 0: in a leaf table */
	bool	 table;			/* leads to a table of the level below */
	prot_t	 prot;
};
/*
 * The user half's entries by address, tables before what they hold. Sets *E to
 * the first one at or after its va; when *E is a table, to the one after that.
 * false: none.
 */
bool	pmap_next(struct pmap *pm, struct pmap_entry *e);

/* Is VA, of the kernel half, mapped? Without a lock: for backtraces. */
bool	pmap_kernel_mapped(vaddr_t va);

#endif
