/*
 * A page table for the host tests: a sorted tree of entries that keeps the
 * contract of md/pmap.h, can be told to fail, and forgets entries at random
 * (P1: nobody may notice).
 */
#include "model_pmap.h"

#include <stdlib.h>

#include "lib/assert.h"
#include "lib/tree.h"
#include "mem/page.h"

struct pmap {
	struct tree entries;		/* by address */
	size_t n;
};

struct entry {
	struct tree_node node;
	paddr_t pa;
	prot_t prot;
};

static struct pmap kernel;
struct pmap *const kernel_pmap = &kernel;

unsigned model_pmap_fail;
size_t model_pmap_live;

static struct entry *
entry_of(struct tree_node *n)
{
	return tree_entry(n, struct entry, node);
}

static struct entry *
find(struct pmap *pm, vaddr_t va)
{
	struct entry *e = entry_of(tree_floor(&pm->entries, va));

	return e != NULL && e->node.key == va ? e : NULL;
}

static void
forget(struct pmap *pm, struct entry *e)
{
	tree_remove(&pm->entries, &e->node);
	pm->n--;
	free(e);
}

struct pmap *
pmap_create(void)
{
	model_pmap_live++;
	return calloc(1, sizeof(struct pmap));
}

void
pmap_destroy(struct pmap *pm)
{
	while (pm->entries.root != NULL)
		forget(pm, entry_of(pm->entries.root));
	model_pmap_live--;
	free(pm);
}

err_t
pmap_enter(struct pmap *pm, vaddr_t va, paddr_t pa, prot_t prot)
{
	struct entry *e = find(pm, va);

	assert(va % PAGE_SIZE == 0 && pa % PAGE_SIZE == 0 && va < USER_MAX);
	if (e == NULL) {
		if (model_pmap_fail != 0 && --model_pmap_fail == 0)
			return ERR(ENOMEM);
		e = calloc(1, sizeof(*e));
		e->node.key = va;
		tree_insert(&pm->entries, &e->node);
		pm->n++;
	}
	e->pa = pa;
	e->prot = prot;
	return OK;
}

/* Refuses at random what a port would have to wait for. */
bool
pmap_try_enter(struct pmap *pm, vaddr_t va, paddr_t pa, prot_t prot)
{
	return rand() % 8 != 0 && pmap_enter(pm, va, pa, prot) == OK;
}

void
pmap_remove(struct pmap *pm, vaddr_t va, size_t len)
{
	struct tree_node *n;

	while ((n = tree_ceil(&pm->entries, va)) != NULL && n->key < va + len)
		forget(pm, entry_of(n));
}

void
pmap_protect(struct pmap *pm, vaddr_t va, size_t len, prot_t prot)
{
	for (struct tree_node *n = tree_ceil(&pm->entries, va); n != NULL && n->key < va + len;
	    n = tree_next(n)) {
		struct entry *e = entry_of(n);

		e->prot = (e->prot & (prot | PROT_COW | PROT_SHARED)) | (prot & PROT_COW);
	}
}

unsigned
pmap_enter_run(struct pmap *pm, vaddr_t va, const struct page_run *run, prot_t prot)
{
	unsigned entered = 0;

	for (unsigned i = 0; i < run->n; i++, va += PAGE_SIZE) {
		const struct page *p = run->page[i];

		if (p == NULL || (p->flags & run->mask) != run->want || find(pm, va) != NULL)
			continue;
		if (rand() % 8 == 0)
			continue;
		if (pmap_enter(pm, va, page_phys(p), prot) != OK)
			break;
		entered++;
	}
	return entered;
}

/* Drops at random what a port drops by tables. */
void
pmap_share(struct pmap *dst, struct pmap *src, vaddr_t va, size_t len, bool writable,
    bool drop)
{
	struct tree_node *n = tree_ceil(&src->entries, va), *next;
	bool room = true;

	for (; n != NULL && n->key < va + len; n = next) {
		struct entry *e = entry_of(n);

		next = tree_next(n);
		assert(find(dst, n->key) == NULL);
		if (writable && (e->prot & PROT_W))
			e->prot = (e->prot & ~PROT_W) | PROT_COW;
		if (drop && rand() % 3 == 0)
			forget(src, e);
		else if (room && rand() % 4 != 0)
			room = pmap_enter(dst, n->key, e->pa, e->prot) == OK;
	}
}

void
pmap_flush(struct pmap *pm)
{
	(void)pm;
}

bool
pmap_extract(struct pmap *pm, vaddr_t va, paddr_t *pa, prot_t *prot)
{
	struct entry *e = find(pm, va);

	if (e == NULL)
		return false;
	*pa = e->pa;
	*prot = e->prot;
	return true;
}

bool
pmap_next(struct pmap *pm, struct pmap_entry *out)
{
	struct entry *e = entry_of(tree_ceil(&pm->entries, out->va));

	if (e == NULL)
		return false;
	*out = (struct pmap_entry){ .va = e->node.key, .pa = e->pa, .prot = e->prot };
	return true;
}

size_t
pmap_table_pages(struct pmap *pm)
{
	return pm->n;
}

void
model_pmap_discard(struct pmap *pm, unsigned one_in)
{
	struct tree_node *n = tree_first(&pm->entries);

	while (n != NULL) {
		struct entry *e = entry_of(n);

		n = tree_next(n);
		if ((unsigned)rand() % one_in == 0)
			forget(pm, e);
	}
}
