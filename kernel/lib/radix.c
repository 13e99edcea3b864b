/* See lib/radix.h. */
#include "lib/radix.h"

#include "lib/assert.h"

void
radix_init(struct radix *r)
{
	r->root = NULL;
	r->levels = 0;
}

/* Bits of an index that a tree of this many levels tells apart. */
static uint32_t
span_bits(uint32_t levels)
{
	return levels * RADIX_BITS;
}

static bool
fits(const struct radix *r, uint32_t index)
{
	uint32_t bits = span_bits(r->levels);

	return bits >= 32 || index >> bits == 0;
}

static uint32_t
slot_of(uint32_t index, uint32_t level)
{
	return index >> span_bits(level) & (RADIX_SLOTS - 1);
}

/* Levels the tree must have for INDEX, and how many nodes an insertion there has to add. */
static uint32_t
missing_nodes(const struct radix *r, uint32_t index, uint32_t *levels)
{
	uint32_t missing = 0;
	void *v = r->root;

	for (*levels = r->levels; span_bits(*levels) < 32 && index >> span_bits(*levels) != 0;)
		++*levels;
	if (v == NULL)
		return *levels;
	if (*levels > r->levels)	/* new roots, then a path beside the old one */
		return (*levels - r->levels) + (*levels - 1);
	for (uint32_t level = r->levels; level > 0; level--) {
		if (v == NULL)
			missing++;
		else
			v = ((struct radix_node *)v)->slot[slot_of(index, level - 1)];
	}
	return missing;
}

/* A chain of N nodes through slot[0]; NULL when there is no memory (or N is 0). */
static struct radix_node *
take_nodes(uint32_t n, const struct radix_mem *mem)
{
	struct radix_node *chain = NULL, *next;

	for (; n > 0; n--) {
		next = mem->alloc();
		if (next == NULL)
			break;
		next->slot[0] = chain;
		chain = next;
	}
	if (n == 0)
		return chain;
	for (; chain != NULL; chain = next) {
		next = chain->slot[0];
		mem->free(chain);
	}
	return NULL;
}

static struct radix_node *
pop(struct radix_node **chain)
{
	struct radix_node *n = *chain;

	assert(n != NULL);
	*chain = n->slot[0];
	n->slot[0] = NULL;
	return n;
}

bool
radix_insert(struct radix *r, uint32_t index, void *value, const struct radix_mem *mem)
{
	uint32_t levels, missing = missing_nodes(r, index, &levels);
	struct radix_node *chain = take_nodes(missing, mem), *n, *parent = NULL;
	void **at = &r->root;

	if (missing > 0 && chain == NULL)
		return false;
	for (; r->levels < levels; r->levels++) {
		if (r->root == NULL)
			continue;
		n = pop(&chain);
		n->slot[0] = r->root;
		n->used = 1;
		r->root = n;
	}
	for (uint32_t level = r->levels; level > 0; level--) {
		if (*at == NULL) {
			*at = pop(&chain);
			if (parent != NULL)
				parent->used++;
		}
		parent = *at;
		at = &parent->slot[slot_of(index, level - 1)];
	}
	assert(*at == NULL && chain == NULL);
	*at = value;
	if (parent != NULL)
		parent->used++;
	return true;
}

struct radix_leaf
radix_leaf(struct radix *r, uint32_t index)
{
	struct radix_node *n = r->root;

	if (r->levels == 0 || !fits(r, index))
		return (struct radix_leaf){ &r->root, 0, r->levels == 0 && index == 0 };
	for (uint32_t bits = span_bits(r->levels - 1); bits > 0 && n != NULL; bits -= RADIX_BITS)
		n = n->slot[index >> bits & (RADIX_SLOTS - 1)];
	if (n == NULL)
		return (struct radix_leaf){ NULL, 0, 0 };
	return (struct radix_leaf){ n->slot, ROUND_DOWN(index, RADIX_SLOTS), RADIX_SLOTS };
}

void *
radix_remove(struct radix *r, uint32_t index, const struct radix_mem *mem)
{
	struct radix_node *path[RADIX_MAX_LEVELS];
	void **at = &r->root, *value;

	if (!fits(r, index))
		return NULL;
	for (uint32_t level = r->levels; level > 0; level--) {
		if (*at == NULL)
			return NULL;
		path[level - 1] = *at;
		at = &path[level - 1]->slot[slot_of(index, level - 1)];
	}
	value = *at;
	if (value == NULL)
		return NULL;
	*at = NULL;
	for (uint32_t level = 0; level < r->levels; level++) {
		if (--path[level]->used > 0)
			return value;
		at = level + 1 < r->levels ?
		    &path[level + 1]->slot[slot_of(index, level + 1)] : &r->root;
		*at = NULL;
		mem->free(path[level]);
	}
	r->levels = 0;
	return value;
}

/* The first value at or after *index below N, the node of LEVEL; *index is within N. */
static void *
next_below(const struct radix_node *n, uint32_t level, uint32_t *index)
{
	uint32_t bits = span_bits(level), first = slot_of(*index, level);
	uint32_t start = (*index >> bits) - first;	/* of N, in slots of its level */

	for (uint32_t i = first; i < RADIX_SLOTS; i++) {
		void *v = n->slot[i];

		if (v == NULL)
			continue;
		if (i > first)
			*index = (start + i) << bits;
		if (level > 0)
			v = next_below(v, level - 1, index);
		if (v != NULL)
			return v;
	}
	return NULL;
}

void *
radix_next(const struct radix *r, uint32_t *index)
{
	if (r->root == NULL || !fits(r, *index))
		return NULL;
	if (r->levels == 0)
		return r->root;		/* fits: *index is 0 */
	return next_below(r->root, r->levels - 1, index);
}
