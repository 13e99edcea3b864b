/* The page and slab allocators against what they promise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "hostport.h"
#include "mem/page.h"
#include "mem/reclaim.h"
#include "mem/slab.h"

#define HELD 2000

/* Blocks do not overlap, are aligned, and everything comes back. */
static void
pages_random(void **state)
{
	static struct page *held[HELD];
	static unsigned order[HELD];
	size_t before = page_count_free(), out = 0;

	(void)state;
	for (int step = 0; step < 200000; step++) {
		int i = rand() % HELD;

		if (held[i] != NULL) {
			uint32_t *w = page_virt(held[i]);

			for (unsigned k = 0; k < 1u << order[i]; k++)
				assert_int_equal(w[k * 1024], (uint32_t)i);
			page_put(held[i]);
			out -= (size_t)1 << order[i];
			held[i] = NULL;
		} else {
			order[i] = rand() % 4 ? 0 : (unsigned)rand() % 6;
			held[i] = page_alloc_order(PAGE_KERNEL, order[i]);
			if (held[i] == NULL)
				continue;
			out += (size_t)1 << order[i];
			assert_int_equal(page_pfn(held[i]) % (1u << order[i]), 0);
			assert_int_equal(page_refs(held[i]), 1);
			for (unsigned k = 0; k < 1u << order[i]; k++)
				((uint32_t *)page_virt(held[i]))[k * 1024] = (uint32_t)i;
		}
		assert_int_equal(page_count_free(), before - out);
		assert_int_equal(page_count_state(PAGE_KERNEL), out);
	}
	for (int i = 0; i < HELD; i++)
		if (held[i] != NULL)
			page_put(held[i]);
	assert_int_equal(page_count_free(), before);
}

/* Every frame but the emergency stock can be had, and comes back as one piece. */
static void
pages_to_the_last(void **state)
{
	struct page_chain chain = PAGE_CHAIN_EMPTY;
	size_t before = page_count_free(), n = 0;
	struct page *p, *some[64];

	(void)state;
	for (; (p = page_alloc(PAGE_ANON)) != NULL; n++)
		page_chain_push(&chain, p);
	assert_true(before - n <= 32);
	assert_non_null(p = page_alloc_urgent(PAGE_ANON));
	page_put(p);
	while (chain.n > 0) {
		unsigned k = 0;

		for (; k < ARRAY_LEN(some) && chain.n > 0; k++)
			some[k] = rand() % 4 == 0 ? NULL : page_chain_pop(&chain);
		for (unsigned i = 0; i < k; i++)
			if (some[i] != NULL && rand() % 3 == 0)
				page_get(some[i]);
			else if (some[i] != NULL)
				n--;
		page_put_many((void *const *)some, k);
		assert_int_equal(page_count_state(PAGE_ANON), n);
		for (unsigned i = 0; i < k; i++)
			if (some[i] != NULL && some[i]->state == PAGE_ANON) {
				page_put(some[i]);
				n--;
			}
	}
	assert_int_equal(n, 0);
	assert_int_equal(page_count_free(), before);
	p = page_alloc_order(PAGE_KERNEL, MAX_ORDER);
	assert_non_null(p);
	page_put(p);
}

/* What processors and batches hold is one piece again when large blocks are wanted. */
static void
pages_are_recalled(void **state)
{
	static struct page *held[2000], *block[64];
	size_t before = page_count_free();

	(void)state;
	for (int round = 0; round < 50; round++) {
		unsigned n = 1 + (unsigned)rand() % ARRAY_LEN(held), left = (unsigned)rand() % n, k;

		for (k = 0; k < n; k++)
			assert_non_null(held[k] = page_alloc(PAGE_ANON));
		while (k > left)
			page_put(held[--k]);
		for (k = 0; k < ARRAY_LEN(block); k++)
			if ((block[k] = page_alloc_order(PAGE_KERNEL, MAX_ORDER)) == NULL)
				break;
		assert_true(k > 0 && k < ARRAY_LEN(block));
		while (k > 0)
			page_put(block[--k]);
		page_put_many((void *const *)held, left);
		assert_int_equal(page_count_free(), before);
	}
}

struct thing {
	uint32_t id, pad[20];
};
SLAB_CACHE(thing_cache, struct thing);

static void
slab_random(void **state)
{
	static struct thing *held[HELD];
	size_t before = mem_available(), n = 0;

	(void)state;
	for (int step = 0; step < 300000; step++) {
		int i = rand() % HELD;

		if (held[i] != NULL) {
			assert_int_equal(held[i]->id, (uint32_t)i);
			assert_int_equal(held[i]->pad[19], (uint32_t)~i);
			slab_free(&thing_cache, held[i]);
			held[i] = NULL;
			n--;
		} else {
			held[i] = slab_alloc(&thing_cache);
			assert_non_null(held[i]);
			assert_int_equal((uintptr_t)held[i] % 16, 0);
			held[i]->id = (uint32_t)i;
			held[i]->pad[19] = (uint32_t)~i;
			n++;
		}
		assert_int_equal(slab_used(&thing_cache), n);
		if (step % 50000 == 0)
			assert_true(slab_check());
	}
	for (int i = 0; i < HELD; i++)
		if (held[i] != NULL)
			slab_free(&thing_cache, held[i]);
	assert_int_equal(mem_available(), before);
	slab_shrink();
	assert_int_equal(slab_frames_held(), 0);
}

static void
kmem_sizes(void **state)
{
	size_t before = mem_available();

	(void)state;
	for (size_t size = 1; size <= 8 * PAGE_SIZE; size += 1 + size / 7) {
		void *p = kmem_alloc(size);

		assert_non_null(p);
		memset(p, 0x5a, size);
		kmem_free(p, size);
	}
	assert_int_equal(mem_available(), before);
}

static void
injected_failures(void **state)
{
	(void)state;
	mem_fail_nth(2);
	struct page *a = page_alloc(PAGE_KERNEL), *b = page_alloc(PAGE_KERNEL);
	struct page *c = page_alloc(PAGE_KERNEL);

	assert_non_null(a);
	assert_null(b);
	assert_non_null(c);
	assert_int_equal(mem_fail_nth(0), 3);
	page_put(a);
	page_put(c);
}

static int
setup(void **state)
{
	(void)state;
	hostport_init(32u << 20);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_random), cmocka_unit_test(pages_to_the_last),
		cmocka_unit_test(pages_are_recalled),
		cmocka_unit_test(slab_random), cmocka_unit_test(kmem_sizes),
		cmocka_unit_test(injected_failures),
	};

	srand(1);
	return cmocka_run_group_tests_name("mem", tests, setup, NULL);
}
