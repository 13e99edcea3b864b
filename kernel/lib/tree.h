/*
 * Intrusive balanced search tree (AVL), ordered by a 64-bit key that the
 * entry keeps while it is in the tree. Keys are unique.
 */
#ifndef LIB_TREE_H
#define LIB_TREE_H

#include "lib/util.h"

struct tree_node {
	struct tree_node *child[2];
	struct tree_node *parent;
	uint64_t key;
	int height;
};

struct tree {
	struct tree_node *root;
};

void	tree_init(struct tree *t);
bool	tree_insert(struct tree *t, struct tree_node *n);	/* false: key is taken */
void	tree_remove(struct tree *t, struct tree_node *n);

/* The greatest key <= KEY, the smallest >= KEY, or NULL. */
struct tree_node *tree_floor(const struct tree *t, uint64_t key);
struct tree_node *tree_ceil(const struct tree *t, uint64_t key);
struct tree_node *tree_first(const struct tree *t);
struct tree_node *tree_last(const struct tree *t);
struct tree_node *tree_next(const struct tree_node *n);
struct tree_node *tree_prev(const struct tree_node *n);

/* Take it apart: any node, no longer in the tree, NULL at the end. No other use of T in between. */
struct tree_node *tree_dismantle(struct tree *t);
/*
 * Give T, empty, the shape of FROM: COPY makes the counterpart of a node and sets its key. false:
 * one was NULL; T holds those made so far and can only be dismantled.
 */
bool	tree_clone(struct tree *t, const struct tree *from,
	    struct tree_node *(*copy)(struct tree_node *n, void *arg), void *arg);

#define tree_entry(ptr, type, member) \
	((ptr) == NULL ? NULL : container_of(ptr, type, member))

#endif
