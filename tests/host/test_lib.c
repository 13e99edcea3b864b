/* The libraries of kernel/lib against simple models. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/bitmap.h"
#include "lib/fmt.h"
#include "lib/list.h"
#include "lib/radix.h"
#include "lib/sum64.h"
#include "lib/tree.h"

#define KEYS 4096

/* ---- radix trees ---- */

static int live, fail_in;

static struct radix_node *
node_alloc(void)
{
	if (fail_in > 0 && --fail_in == 0)
		return NULL;
	live++;
	return calloc(1, sizeof(struct radix_node));
}

static void
node_free(struct radix_node *n)
{
	live--;
	free(n);
}

static const struct radix_mem mem = { node_alloc, node_free };

static void *
radix_get(struct radix *r, uint32_t i)
{
	struct radix_leaf l = radix_leaf(r, i);

	return i - l.first < l.n ? l.slot[i - l.first] : NULL;
}

/* As radix_insert; where it can be done in the leaf, half of the times there. */
static bool
radix_put(struct radix *r, uint32_t i, void *v)
{
	struct radix_leaf l = radix_leaf(r, i);

	if (l.n < RADIX_SLOTS || rand() % 2 == 0)
		return radix_insert(r, i, v, &mem);
	radix_leaf_insert(&l, i, v);
	return true;
}

static size_t
radix_size(struct radix *r)
{
	size_t n = 0;

	for (uint32_t i = 0; radix_next(r, &i) != NULL; i++) {
		n++;
		if (i == UINT32_MAX)
			break;
	}
	return n;
}

/* MULTIPLIER spreads the keys over 32 bits, or keeps them together. */
static void
radix_against_array(uint32_t multiplier)
{
	static void *model[KEYS];
	struct radix r;
	size_t n = 0;

	memset(model, 0, sizeof(model));
	radix_init(&r);
	for (int t = 0; t < 200000; t++) {
		uint32_t k = (uint32_t)rand() % KEYS, i = k * multiplier;
		void *v = (void *)(uintptr_t)(2 * k + 2);

		assert_ptr_equal(radix_get(&r, i), model[k]);
		if (model[k] != NULL) {
			assert_ptr_equal(radix_remove(&r, i, &mem), model[k]);
			model[k] = NULL;
			n--;
			continue;
		}
		assert_null(radix_remove(&r, i, &mem));
		fail_in = rand() % 8;
		if (radix_put(&r, i, v)) {
			model[k] = v;
			n++;
		}
		fail_in = 0;
		if (t % 10000 == 0)
			assert_int_equal(radix_size(&r), n);
	}
	for (uint32_t k = 0; k < KEYS; k++)
		radix_remove(&r, k * multiplier, &mem);
	assert_int_equal(live, 0);
	assert_null(r.root);
}

static void
radix_random(void **state)
{
	(void)state;
	radix_against_array(1);
	radix_against_array(63);
	radix_against_array(1048573);
}

/* ---- search trees ---- */

/* Its height; every node is balanced and knows its own. */
static int
check_balance(const struct tree_node *n)
{
	int low, high;

	if (n == NULL)
		return 0;
	low = check_balance(n->child[0]);
	high = check_balance(n->child[1]);
	assert_in_range(low - high + 1, 0, 2);
	assert_int_equal(n->height, MAX(low, high) + 1);
	return n->height;
}

static struct tree_node *
clone_node(struct tree_node *n, void *left)
{
	struct tree_node *c;

	if ((*(int *)left)-- == 0)
		return NULL;
	c = calloc(1, sizeof(*c));
	c->key = n->key;
	return c;
}

/* A clone has the same keys in the same shape; taken apart, each node comes once. */
static void
check_clone(const struct tree *t, int nodes)
{
	struct tree c;
	struct tree_node *n, *m;
	int left = rand() % 2 ? nodes : rand() % (nodes + 1), made = left, came = 0;

	tree_init(&c);
	assert_int_equal(tree_clone(&c, t, clone_node, &left), made == nodes);
	if (made == nodes) {
		check_balance(c.root);
		for (n = tree_first(t), m = tree_first(&c); n != NULL;
		    n = tree_next(n), m = tree_next(m)) {
			assert_non_null(m);
			assert_true(n->key == m->key);
		}
		assert_null(m);
	}
	while ((n = tree_dismantle(&c)) != NULL) {
		free(n);
		came++;
	}
	assert_int_equal(came, made);
	assert_null(c.root);
}

/* In ascending order: all the weight comes on one side. */
static void
tree_in_order(void **state)
{
	static struct tree_node node[KEYS];
	struct tree t;

	(void)state;
	for (int n = 0; n <= 200; n++) {
		tree_init(&t);
		for (int k = 0; k < n; k++) {
			node[k].key = (uint64_t)k * 10;
			assert_true(tree_insert(&t, &node[k]));
			assert_ptr_equal(tree_floor(&t, (uint64_t)k * 10 + 3), &node[k]);
			assert_ptr_equal(tree_last(&t), &node[k]);
		}
		check_balance(t.root);
		for (int k = 0; k < n; k++) {
			assert_ptr_equal(tree_prev(&node[k]), k == 0 ? NULL : &node[k - 1]);
			assert_ptr_equal(tree_next(&node[k]), k == n - 1 ? NULL : &node[k + 1]);
		}
		for (int k = 0; k < n; k += 2)
			tree_remove(&t, &node[k]);
		check_balance(t.root);
	}
}

static void
tree_random(void **state)
{
	static struct tree_node node[KEYS];
	static bool in[KEYS];
	struct tree t;
	int nodes = 0;

	(void)state;
	tree_init(&t);
	for (int step = 0; step < 300000; step++) {
		int k = rand() % KEYS, low = k, high = k;

		if (in[k]) {
			tree_remove(&t, &node[k]);
		} else {
			node[k].key = (uint64_t)k * 10;
			assert_true(tree_insert(&t, &node[k]));
			assert_false(tree_insert(&t, &node[k]));
		}
		in[k] = !in[k];
		nodes += in[k] ? 1 : -1;
		while (low >= 0 && !in[low])
			low--;
		while (high < KEYS && !in[high])
			high++;
		assert_ptr_equal(tree_floor(&t, (uint64_t)k * 10 + 3), low < 0 ? NULL : &node[low]);
		assert_ptr_equal(tree_ceil(&t, (uint64_t)k * 10),
		    high == KEYS ? NULL : &node[high]);
		if (step % 5000 == 0) {
			struct tree_node *n = tree_first(&t), *last = NULL;

			for (int i = 0; i < KEYS; i++) {
				if (!in[i])
					continue;
				assert_ptr_equal(n, &node[i]);
				assert_ptr_equal(tree_prev(n), last);
				last = n;
				n = tree_next(n);
			}
			assert_null(n);
			assert_ptr_equal(tree_last(&t), last);
			check_balance(t.root);
			check_clone(&t, nodes);
		}
	}
}

/* ---- the rest ---- */

static void
bits_random(void **state)
{
	static uint8_t map[64] __attribute__((aligned(4)));
	static bool model[512];

	(void)state;
	for (int step = 0; step < 100000; step++) {
		uint32_t i = (uint32_t)rand() % 512, from = (uint32_t)rand() % 512, k, n = 0;
		bool v = rand() % 3 == 0;

		model[i] = v;
		if (v)
			bit_set(map, i);
		else
			bit_clear(map, i);
		if (step % 50 == 0) {
			k = (uint32_t)rand() % (512 - i);
			bit_set_range(map, i, k);
			for (uint32_t b = i; b < i + k; b++)
				model[b] = true;
		}
		for (k = from; k < 500 && !model[k]; k++)
			;
		assert_int_equal(bit_find_set(map, from, 500), from >= 500 ? 500 : k);
		for (k = from; k < 500 && model[k]; k++)
			;
		assert_int_equal(bit_find_clear(map, from, 500), from >= 500 ? 500 : k);
		for (k = 0; k < from; k++)
			n += model[k];
		assert_int_equal(bit_count(map, from), n);
	}
}

static void
sum_sees_every_change(void **state)
{
	static uint64_t words[128], copy[128];
	uint64_t sum;

	(void)state;
	for (int i = 0; i < 128; i++)
		words[i] = (uint64_t)i * i * 0x1234567;
	sum = sum64(0, words, sizeof(words));
	assert_true(sum == sum64(sum64(0, words, 40), &words[5], sizeof(words) - 40));
	for (int i = 0; i < 128 * 64; i++) {
		memcpy(copy, words, sizeof(words));
		copy[i / 64] ^= 1ull << i % 64;
		assert_true(sum64(0, copy, sizeof(copy)) != sum);
		/* A second bit, in the same place of another word, does not undo it. */
		copy[(i / 64 + 32) % 128] ^= 1ull << i % 64;
		assert_true(sum64(0, copy, sizeof(copy)) != sum);
	}
	/* On every machine and for good: disks hold it. */
	assert_true(sum == 0x3ba82aa4ad96949dull);
	assert_true(sum64(0, words, 0) == 0);
}

static void
same_as_libc(const char *fmt, ...)
{
	char ours[200], theirs[200];
	va_list ap;
	int n, m;

	va_start(ap, fmt);
	n = fmt_vsnprintf(ours, sizeof(ours), fmt, ap);
	va_end(ap);
	va_start(ap, fmt);
	m = vsnprintf(theirs, sizeof(theirs), fmt, ap);
	va_end(ap);
	assert_string_equal(ours, theirs);
	assert_int_equal(n, m);
}

static void
formatting(void **state)
{
	char small[5];

	(void)state;
	same_as_libc("%d %i %u %x %X %o %c %s %%", -5, 7, 9u, 0xbeefu, 0xBEEFu, 8u, 'c', "text");
	same_as_libc("[%5d|%-5d|%05d|%5u|%-8x|%08x]", -42, -42, -42, 42u, 42u, 42u);
	same_as_libc("%ld %lu %llx %zu %lld", -1l, ~0ul, ~0ull, (size_t)77, (long long)INT64_MIN);
	same_as_libc("[%10s|%-10s|%.3s|%*d]", "abc", "abc", "abcdef", 6, 12);
	same_as_libc("%llu", 18446744073709551615ull);
	same_as_libc("%d", INT32_MIN);
	assert_int_equal(fmt_snprintf(small, sizeof(small), "%s", "longer"), 6);
	assert_string_equal(small, "long");
}

struct item {
	int v;
	struct list link;
};

static void
lists(void **state)
{
	struct list a = LIST_INIT(a), b = LIST_INIT(b);
	struct item it[6], *p, *tmp;
	int sum = 0;

	(void)state;
	for (int i = 0; i < 6; i++) {
		it[i].v = i;
		list_append(i < 3 ? &a : &b, &it[i].link);
	}
	list_splice(&a, &b);
	assert_true(list_empty(&b));
	list_for(p, &a, link)
		assert_int_equal(p->v, sum++);
	list_for_safe(p, tmp, &a, link)
		if (p->v % 2)
			list_remove(&p->link);
	list_remove(&it[1].link);	/* twice is harmless */
	assert_int_equal(list_first(&a, struct item, link)->v, 0);
	assert_ptr_equal(list_pop(&a), &it[0].link);
	assert_ptr_equal(list_pop(&a), &it[2].link);
	assert_ptr_equal(list_pop(&a), &it[4].link);
	assert_null(list_pop(&a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(radix_random), cmocka_unit_test(tree_random),
		cmocka_unit_test(tree_in_order),
		cmocka_unit_test(bits_random), cmocka_unit_test(sum_sees_every_change),
		cmocka_unit_test(formatting), cmocka_unit_test(lists),
	};

	srand(1);
	return cmocka_run_group_tests_name("lib", tests, NULL, NULL);
}
