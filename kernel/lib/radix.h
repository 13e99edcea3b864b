/*
 * A radix tree from a 32-bit index to a pointer, 64 slots a node; as high as
 * the largest index in it needs. Used for an object's pages. The caller locks,
 * and supplies the memory of nodes.
 */
#ifndef LIB_RADIX_H
#define LIB_RADIX_H

#include "lib/assert.h"
#include "lib/util.h"

#define RADIX_BITS	6
#define RADIX_SLOTS	(1u << RADIX_BITS)
#define RADIX_MAX_LEVELS 6		/* 6 * 6 >= 32 bits */

struct radix_node {
	void *slot[RADIX_SLOTS];	/* nodes, or values in level 0 */
	uint32_t used;			/* slots that are not NULL */
};

struct radix {
	void *root;		/* node, or the value of index 0 when levels is 0 */
	uint32_t levels;
};

struct radix_mem {
	struct radix_node *(*alloc)(void);	/* zeroed; NULL when out of memory */
	void (*free)(struct radix_node *);
};

void	 radix_init(struct radix *r);
/* The slot must be empty. false: out of memory, nothing changed. */
bool	 radix_insert(struct radix *r, uint32_t index, void *value, const struct radix_mem *mem);
/* Empty the slot, free nodes that became empty; returns what was there. */
void	*radix_remove(struct radix *r, uint32_t index, const struct radix_mem *mem);
/*
 * The values of FIRST and the N - 1 indices behind it, NULL where there is none; good until
 * something is removed, or the tree grows.
 */
struct radix_leaf {
	void	**slot;
	uint32_t first, n;
};
/* The leaf with INDEX. N 0: there is none. */
struct radix_leaf radix_leaf(struct radix *r, uint32_t index);
/* radix_insert, in a leaf of several that INDEX is in. */
static inline void
radix_leaf_insert(struct radix_leaf *l, uint32_t index, void *value)
{
	assert(l->n == RADIX_SLOTS && l->slot[index - l->first] == NULL);
	l->slot[index - l->first] = value;
	container_of(l->slot, struct radix_node, slot)->used++;
}
/* The first non-empty slot at or after *index; sets *index. NULL: none. */
void	*radix_next(const struct radix *r, uint32_t *index);

#endif
