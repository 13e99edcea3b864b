/*
 * Address spaces against a model: several processes map, unmap, protect, fork,
 * read and write at random, while page-table entries are thrown away and allocations
 * fail. What a page holds must be what the model says, and vm/check.c must find
 * nothing wrong, down to the last reference.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "hostport.h"
#include "md/usercopy.h"
#include "mem/page.h"
#include "mem/reclaim.h"
#include "mem/slab.h"
#include "model_pmap.h"
#include "vm/space.h"

#define NPROC	8
#define NPAGES	700			/* of the window that the model watches */
#define BASE	((vaddr_t)0x3f000000)	/* straddles a border of the overlay's radix tree */
#define HEAP	((vaddr_t)0x5000)
#define HEAP_PAGES 300
#define ALL	(NPAGES + HEAP_PAGES)
#define NFILES	3
#define FILE_PAGES 64

/* Contents that several mappings share: a file, or anonymous shared memory. */
struct backing {
	struct object *object;
	uint32_t value[NPAGES];
	bool file;
};

struct mpage {
	bool mapped, shared, own;	/* own: a private page was written */
	prot_t prot, maxprot;
	struct backing *backing;	/* NULL: zeroes */
	uint32_t index;			/* in it */
	uint32_t value;			/* of a private page */
};

struct mproc {
	struct space *space;
	struct mpage page[ALL];
	size_t brk;			/* pages */
};

struct test_file {
	struct object object;
	struct backing backing;
	int refs;
};

static struct mproc *procs[NPROC];
static struct test_file files[NFILES];
static struct backing *anon[8192];
static unsigned nanon;

/* ---- files ---- */

static err_t
file_fill(struct object *o, struct page *p, bool *backed)
{
	struct test_file *f = container_of(o, struct test_file, object);
	uint32_t *w = page_virt(p);

	memset(w, 0, PAGE_SIZE);
	w[4] = f->backing.value[p->index];
	*backed = false;
	return OK;
}

static err_t
file_prepare_write(struct object *o, struct page *p)
{
	object_mark_dirty(o, p, true);
	return OK;
}

static void
file_get(struct object *o)
{
	container_of(o, struct test_file, object)->refs++;
}

static void
file_put(struct object *o)
{
	container_of(o, struct test_file, object)->refs--;
}

static const struct object_ops file_ops = { file_fill, file_prepare_write, file_get, file_put };

/* Write everything dirty "to the disk". */
static void
files_write_back(void)
{
	for (int i = 0; i < NFILES; i++) {
		uint32_t index = 0;
		struct page *p;

		while (object_writeback_begin(&files[i].object, &index, true, &p, 1) > 0) {
			assert_int_equal(((uint32_t *)page_virt(p))[4],
			    files[i].backing.value[p->index]);
			object_writeback_end(&files[i].object, p, false);
		}
	}
}

/* ---- the model ---- */

static unsigned
rnd(unsigned n)
{
	return (unsigned)rand() % n;
}

static vaddr_t
va_of(unsigned i)
{
	return i < NPAGES ? BASE + (vaddr_t)i * PAGE_SIZE :
	    HEAP + (vaddr_t)(i - NPAGES) * PAGE_SIZE;
}

static uint32_t *
model_value(struct mpage *m)
{
	return m->shared || (m->backing != NULL &&
	    !m->own) ? &m->backing->value[m->index] : &m->value;
}

/* What a processor does: use the entry, or fault. NULL: refused. */
static uint32_t *
access_page(struct space *s, vaddr_t va, enum access acc)
{
	const prot_t want = acc == ACCESS_WRITE ? PROT_W : PROT_R;

	for (int tries = 0; tries < 50; tries++) {
		paddr_t pa;
		prot_t prot;

		if (pmap_extract(s->pmap, va, &pa, &prot) && (prot & want)) {
			assert_true(prot & PROT_U);
			return md_phys_to_virt(pa);
		}
		if (acc == ACCESS_WRITE && space_store_beside(s, va))
			continue;
		switch (space_fault(s, va, acc)) {
		case FAULT_OK:
		case FAULT_NO_MEMORY:	/* injected: again */
			break;
		default:
			return NULL;
		}
	}
	fail_msg("a fault that never ends");
	return NULL;
}

static void
op_access(struct mproc *p, bool write)
{
	unsigned i = rnd(ALL);
	struct mpage *m = &p->page[i];
	uint32_t *w = access_page(p->space, va_of(i), write ? ACCESS_WRITE : ACCESS_READ);
	bool allowed = m->mapped && (m->prot & (write ? PROT_W : PROT_R));

	assert_int_equal(w != NULL, allowed);
	if (!allowed)
		return;
	assert_int_equal(w[4], *model_value(m));
	assert_int_equal(w[5], 0);
	if (!write)
		return;
	if (!m->shared && !m->own) {
		m->value = *model_value(m);
		m->own = true;
	}
	*model_value(m) = w[4] = (uint32_t)rand() | 1;
}

static struct backing *
new_anon(unsigned pages)
{
	struct backing *b = calloc(1, sizeof(*b));

	(void)pages;
	b->object = object_create_anon();
	if (b->object == NULL) {
		free(b);
		return NULL;
	}
	anon[nanon++] = b;
	return b;
}

static void
op_map(struct mproc *p)
{
	unsigned n = 1 + rnd(rnd(4) == 0 ? 200 : 20), first = rnd(NPAGES - n);
	struct map_request r = { .start = va_of(first), .len = (size_t)n * PAGE_SIZE,
		.prot = rnd(4) == 0 ? PROT_R : PROT_R | PROT_W, .maxprot = PROT_RWX,
		.shared = rnd(2), .replace = true };
	struct backing *b = NULL;
	vaddr_t at;
	err_t err;

	if (rnd(2)) {
		b = &files[rnd(NFILES)].backing;
		n = n < FILE_PAGES ? n : FILE_PAGES;
		r.len = (size_t)n * PAGE_SIZE;
		r.objpage = rnd(FILE_PAGES - n + 1);
	} else if (r.shared) {
		if (nanon == ARRAY_LEN(anon) || (b = new_anon(n)) == NULL)
			return;
	}
	r.object = b == NULL ? NULL : b->object;
	err = space_map(p->space, &r, &at);
	if (b != NULL && !b->file)
		object_put(b->object);		/* the region has its own */
	if (err != OK) {
		assert_int_equal(err_code(err), -ENOMEM);
		return;
	}
	assert_int_equal(at, r.start);
	for (unsigned i = 0; i < n; i++)
		p->page[first + i] = (struct mpage){ .mapped = true, .shared = r.shared,
			.prot = r.prot, .maxprot = r.maxprot, .backing = b,
			.index = (uint32_t)r.objpage + i };
}

static void
op_unmap(struct mproc *p)
{
	unsigned n = 1 + rnd(40), first = rnd(NPAGES - n);
	err_t err = space_unmap(p->space, va_of(first), (size_t)n * PAGE_SIZE);

	if (err != OK) {
		assert_int_equal(err_code(err), -ENOMEM);
		return;
	}
	memset(&p->page[first], 0, n * sizeof(p->page[0]));
}

static void
op_protect(struct mproc *p)
{
	unsigned n = 1 + rnd(30), first = rnd(NPAGES - n);
	prot_t prot = (prot_t[]){ 0, PROT_R, PROT_R | PROT_W }[rnd(3)];
	bool whole = true;
	err_t err;

	for (unsigned i = 0; i < n; i++)
		whole &= p->page[first + i].mapped;
	err = space_protect(p->space, va_of(first), (size_t)n * PAGE_SIZE, prot);
	if (!whole) {
		assert_int_equal(err_code(err), -ENOMEM);
		return;
	}
	if (err != OK) {
		assert_int_equal(err_code(err), -ENOMEM);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		p->page[first + i].prot = prot;
}

static void
op_sbrk(struct mproc *p)
{
	long n = (long)rnd(41) - 20;
	vaddr_t old;
	err_t err;

	if ((long)p->brk + n < 0 || p->brk + (size_t)n > HEAP_PAGES)
		return;
	err = space_sbrk(p->space, n * (long)PAGE_SIZE, rnd(5) == 0, &old);
	if (err != OK) {
		assert_int_equal(err_code(err), -ENOMEM);
		return;
	}
	assert_int_equal(old, va_of(NPAGES) + p->brk * PAGE_SIZE);
	for (long i = 0; i < labs(n); i++) {
		size_t at = n > 0 ? p->brk + (size_t)i : p->brk - 1 - (size_t)i;

		p->page[NPAGES + at] = (struct mpage){ .mapped = n > 0,
			.prot = PROT_R | PROT_W };
	}
	p->brk += (size_t)n;
}

/* Backing that the kernel keeps for itself: the model only remembers values. */
static struct backing *
model_backing(void)
{
	assert_true(nanon < ARRAY_LEN(anon));
	return anon[nanon++] = calloc(1, sizeof(struct backing));
}

/* Pages of P appear at Q's break, and are shared in both from now on. */
static void
op_share(struct mproc *p, struct mproc *q)
{
	unsigned n = 1 + rnd(12), first = rnd(NPAGES - n);
	size_t off = rnd(PAGE_SIZE),
	    size = (size_t)n * PAGE_SIZE - off - rnd(PAGE_SIZE - (n == 1 ? off : 0));
	struct backing *b;
	bool whole = true;
	vaddr_t at;
	err_t err;

	if (p == q || size == 0 || q->brk + n > HEAP_PAGES || nanon + 1 >= ARRAY_LEN(anon))
		return;
	n = (unsigned)((off + size + PAGE_SIZE - 1) / PAGE_SIZE);
	for (unsigned i = 0; i < n; i++)
		whole &= p->page[first + i].mapped;
	err = space_share_pages(p->space, q->space, va_of(first) + off, size, &at);
	if (!whole) {
		assert_true(err == ERR(EFAULT) || err == ERR(ENOMEM));
		return;
	}
	if (err != OK) {
		/* Some may be private copies already, which do not follow their file any more. */
		assert_int_equal(err_code(err), -ENOMEM);
		mem_fail_nth(0);
		assert_int_equal(err_code(space_unmap(p->space, va_of(first), n * PAGE_SIZE)), 0);
		memset(&p->page[first], 0, n * sizeof(p->page[0]));
		return;
	}
	assert_int_equal(at, va_of(NPAGES) + q->brk * PAGE_SIZE + off);
	b = model_backing();
	for (unsigned i = 0; i < n; i++) {
		struct mpage *m = &p->page[first + i];

		if (!m->shared) {
			b->value[i] = *model_value(m);
			m->shared = true;
			m->backing = b;
			m->index = i;
		}
		q->page[NPAGES + q->brk + i] = *m;
	}
	q->brk += n;
}

static void
op_mapshared(struct mproc *p)
{
	vaddr_t va, had = space_getshared(p->space);
	struct backing *b;

	if (had != 0 && rnd(2)) {
		size_t i = (had - HEAP) / PAGE_SIZE;

		assert_true(p->page[NPAGES + i].shared);
		if (space_unmapshared(p->space) != OK)
			return;
		p->page[NPAGES + i] = (struct mpage){ .mapped = false };
		if (p->brk == i + 1)
			p->brk = i;
		return;
	}
	if (p->brk == HEAP_PAGES || nanon + 1 >= ARRAY_LEN(anon))
		return;
	if (space_mapshared(p->space, &va) != OK)
		return;
	assert_int_equal(had, 0);
	assert_int_equal(va, va_of(NPAGES) + p->brk * PAGE_SIZE);
	b = model_backing();
	p->page[NPAGES + p->brk++] = (struct mpage){ .mapped = true, .shared = true,
		.prot = PROT_R | PROT_W, .maxprot = PROT_RWX, .backing = b };
}

static void
op_fork(struct mproc *p)
{
	int i = 0;
	struct mproc *c;

	while (i < NPROC && procs[i] != NULL)
		i++;
	if (i == NPROC)
		return;
	c = malloc(sizeof(*c));
	*c = *p;
	if (space_fork(p->space, &c->space) != OK) {
		free(c);
		return;
	}
	procs[i] = c;
}

static void
op_exit(unsigned i)
{
	space_put(procs[i]->space);
	free(procs[i]);
	procs[i] = NULL;
}

static void
first_process(void)
{
	procs[0] = calloc(1, sizeof(*procs[0]));
	procs[0]->space = space_begin();
	assert_non_null(procs[0]->space);
	space_finish(procs[0]->space, HEAP);
}

static void
step(unsigned i)
{
	unsigned op = rnd(100), j = rnd(NPROC);

	if (op < 40)
		op_access(procs[i], true);
	else if (op < 75)
		op_access(procs[i], false);
	else if (op < 81)
		op_map(procs[i]);
	else if (op < 86)
		op_unmap(procs[i]);
	else if (op < 89)
		op_protect(procs[i]);
	else if (op < 92)
		op_sbrk(procs[i]);
	else if (op < 93)
		op_mapshared(procs[i]);
	else if (op < 95)
		op_fork(procs[i]);
	else if (op < 96 && procs[j] != NULL)
		op_share(procs[i], procs[j]);
	else if (op < 98 && rnd(2) && i != 0)
		op_exit(i);
	else
		model_pmap_discard(procs[i]->space->pmap, 1 + rnd(8));
}

static void
check_vpages(void)
{
	for (int i = 0; i < NPROC; i++) {
		size_t n = 0;

		if (procs[i] == NULL)
			continue;
		for (int k = 0; k < ALL; k++)
			n += procs[i]->page[k].mapped;
		assert_int_equal(space_vpages(procs[i]->space), n);
	}
}

static void
run(unsigned seed, unsigned steps, bool failures)
{
	size_t before;

	srand(seed);
	slab_shrink();
	before = mem_available();
	for (int i = 0; i < NFILES; i++) {
		object_init(&files[i].object, &file_ops);
		object_grow(&files[i].object, FILE_PAGES * PAGE_SIZE, NULL, 0, 0);
		files[i].refs = 0;
		files[i].backing = (struct backing){ .object = &files[i].object, .file = true };
		for (int k = 0; k < FILE_PAGES; k++)
			files[i].backing.value[k] = (uint32_t)rand();
	}
	first_process();
	for (unsigned n = 0; n < steps; n++) {
		unsigned i = rnd(NPROC);

		if (procs[i] == NULL)
			continue;
		if (failures && rnd(8) == 0)
			mem_fail_nth(1 + rnd(6));
		if (failures && rnd(8) == 0)
			model_pmap_fail = 1 + rnd(3);
		step(i);
		mem_fail_nth(0);
		model_pmap_fail = 0;
		if (n % 500 == 0)
			files_write_back();
		if (n % 100 == 0) {
			assert_true(vm_check_all(VM_STILL));
			check_vpages();
		}
	}
	for (unsigned i = 0; i < NPROC; i++)
		if (procs[i] != NULL)
			op_exit(i);
	for (int i = 0; i < NFILES; i++) {
		assert_int_equal(files[i].refs, 0);
		object_drop_all(&files[i].object);
		object_fini(&files[i].object);
	}
	while (nanon > 0)
		free(anon[--nanon]);
	assert_int_equal(model_pmap_live, 0);
	slab_shrink();
	assert_int_equal(mem_available(), before);
}

static void
random_operations(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 8; seed++)
		run(seed, 60000, false);
}

static void
random_operations_with_failures(void **state)
{
	(void)state;
	for (unsigned seed = 100; seed <= 106; seed++)
		run(seed, 60000, true);
}

/* Fork shares, whoever writes copies, and the last owner copies nothing. */
static void
copies_are_counted(void **state)
{
	struct space *s = space_begin(), *kid;
	vaddr_t old;
	size_t free0;

	(void)state;
	space_finish(s, HEAP);
	assert_int_equal(err_code(space_sbrk(s, 200 * PAGE_SIZE, false, &old)), 0);
	assert_int_equal(space_ppages(s), 0);
	for (unsigned i = 0; i < 200; i++)
		assert_non_null(access_page(s, HEAP + i * PAGE_SIZE, ACCESS_WRITE));
	assert_int_equal(space_ppages(s), 200);
	free0 = page_count_state(PAGE_ANON);
	assert_int_equal(err_code(space_fork(s, &kid)), 0);
	assert_int_equal(page_count_state(PAGE_ANON), free0);
	assert_non_null(access_page(kid, HEAP, ACCESS_READ));
	assert_int_equal(page_count_state(PAGE_ANON), free0);
	assert_non_null(access_page(kid, HEAP, ACCESS_WRITE));
	assert_int_equal(page_count_state(PAGE_ANON), free0 + 1);
	assert_non_null(access_page(s, HEAP, ACCESS_WRITE));
	assert_int_equal(page_count_state(PAGE_ANON), free0 + 1);
	space_put(kid);
	assert_int_equal(page_count_state(PAGE_ANON), free0);
	for (unsigned i = 0; i < 200; i++)
		assert_non_null(access_page(s, HEAP + i * PAGE_SIZE, ACCESS_WRITE));
	assert_int_equal(page_count_state(PAGE_ANON), free0);
	assert_true(vm_check_all(VM_STILL));
	space_put(s);
}

/* Fork write-protects private memory, and leaves the shared page beside it as it is. */
static void
fork_spares_shared_entries(void **state)
{
	struct space *s = space_begin(), *kid;
	paddr_t pa;
	prot_t prot;
	vaddr_t va;

	(void)state;
	space_finish(s, HEAP);
	assert_int_equal(err_code(space_sbrk(s, PAGE_SIZE, false, &va)), 0);
	assert_int_equal(err_code(space_mapshared(s, &va)), 0);
	assert_int_equal(va, HEAP + PAGE_SIZE);
	assert_non_null(access_page(s, HEAP, ACCESS_WRITE));
	assert_non_null(access_page(s, va, ACCESS_WRITE));
	assert_int_equal(err_code(space_fork(s, &kid)), 0);
	assert_true(pmap_extract(s->pmap, HEAP, &pa, &prot));
	assert_int_equal(prot & (PROT_W | PROT_COW), PROT_COW);
	assert_true(pmap_extract(s->pmap, va, &pa, &prot));
	assert_int_equal(prot & (PROT_W | PROT_COW | PROT_SHARED), PROT_W | PROT_SHARED);
	assert_true(vm_check_all(VM_STILL));
	space_put(kid);
	space_put(s);
}

static int
setup(void **state)
{
	(void)state;
	hostport_init(64u << 20);
	object_subsystem_init();
	space_subsystem_init();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_are_counted),
		cmocka_unit_test(fork_spares_shared_entries),
		cmocka_unit_test(random_operations),
		cmocka_unit_test(random_operations_with_failures),
	};

	return cmocka_run_group_tests_name("vm", tests, setup, NULL);
}
