/* See lib/tree.h. AVL: the heights of two siblings differ by at most one. */
#include "lib/tree.h"

#include "lib/assert.h"

static int
height(const struct tree_node *n)
{
	return n == NULL ? 0 : n->height;
}

static void
update(struct tree_node *n)
{
	n->height = MAX(height(n->child[0]), height(n->child[1])) + 1;
}

/* Where the tree points to N. */
static struct tree_node **
place(struct tree *t, struct tree_node *n)
{
	struct tree_node *p = n->parent;

	return p == NULL ? &t->root : &p->child[p->child[1] == n];
}

static void
set_child(struct tree_node *p, int side, struct tree_node *c)
{
	p->child[side] = c;
	if (c != NULL)
		c->parent = p;
}

/* N goes down to SIDE, its other child takes its place. */
static struct tree_node *
rotate(struct tree *t, struct tree_node *n, int side)
{
	struct tree_node *up = n->child[!side], **at = place(t, n);

	up->parent = n->parent;
	*at = up;
	set_child(n, !side, up->child[side]);
	set_child(up, side, n);
	update(n);
	update(up);
	return up;
}

/* From N upwards, as far as heights change. */
static void
rebalance(struct tree *t, struct tree_node *n)
{
	for (; n != NULL; n = n->parent) {
		int lean = height(n->child[1]) - height(n->child[0]), was = n->height;

		if (lean > 1 || lean < -1) {
			int side = lean > 1;	/* the higher one */
			struct tree_node *c = n->child[side];

			if (height(c->child[!side]) > height(c->child[side]))
				rotate(t, c, side);
			n = rotate(t, n, !side);
		} else {
			update(n);
			if (n->height == was)
				return;
		}
	}
}

void
tree_init(struct tree *t)
{
	t->root = NULL;
}

bool
tree_insert(struct tree *t, struct tree_node *n)
{
	struct tree_node *p = NULL, **at = &t->root;

	while (*at != NULL) {
		p = *at;
		if (p->key == n->key)
			return false;
		at = &p->child[n->key > p->key];
	}
	n->child[0] = n->child[1] = NULL;
	n->parent = p;
	n->height = 1;
	*at = n;
	rebalance(t, p);
	return true;
}

static struct tree_node *
extreme(struct tree_node *n, int side)
{
	while (n != NULL && n->child[side] != NULL)
		n = n->child[side];
	return n;
}

void
tree_remove(struct tree *t, struct tree_node *n)
{
	struct tree_node **at = place(t, n), *lowest = n->parent;

	assert(*at == n);
	if (n->child[0] != NULL && n->child[1] != NULL) {
		struct tree_node *s = n->child[1];	/* the next one: no left child */

		while (s->child[0] != NULL)
			s = s->child[0];
		lowest = s->parent == n ? s : s->parent;
		*place(t, s) = s->child[1];
		if (s->child[1] != NULL)
			s->child[1]->parent = s->parent;
		set_child(s, 0, n->child[0]);
		set_child(s, 1, n->child[1]);
		s->parent = n->parent;
		s->height = n->height;
		*at = s;
	} else {
		struct tree_node *c = n->child[n->child[0] == NULL];

		*at = c;
		if (c != NULL)
			c->parent = n->parent;
	}
	n->parent = n->child[0] = n->child[1] = NULL;
	rebalance(t, lowest);
}

struct tree_node *
tree_dismantle(struct tree *t)
{
	struct tree_node *n = t->root;

	if (n == NULL)
		return NULL;
	while (n->child[0] != NULL || n->child[1] != NULL)
		n = n->child[n->child[0] == NULL];
	if (n->parent != NULL)
		n->parent->child[n->parent->child[1] == n] = NULL;
	t->root = n->parent;		/* where the next call goes on; no tree any more */
	return n;
}

bool
tree_clone(struct tree *t, const struct tree *from,
    struct tree_node *(*copy)(struct tree_node *n, void *arg), void *arg)
{
	struct tree_node *n = from->root, *was, *parent = NULL, **at = &t->root;

	while (n != NULL) {
		struct tree_node *new = copy(n, arg);
		int side = n->child[0] == NULL;

		if (new == NULL)
			return false;
		new->child[0] = new->child[1] = NULL;
		new->parent = parent;
		new->height = n->height;
		*at = new;
		/* On below, else on the right of the nearest that has this on its left. */
		while (n->child[side] == NULL) {
			do {
				was = n;
				n = n->parent;
				new = new->parent;
			} while (n != NULL && n->child[1] == was);
			if (n == NULL)
				return true;
		}
		parent = new;
		at = &new->child[side];
		n = n->child[side];
	}
	return true;
}

struct tree_node *
tree_floor(const struct tree *t, uint64_t key)
{
	struct tree_node *best = NULL;

	for (struct tree_node *n = t->root; n != NULL; n = n->child[n->key <= key])
		if (n->key <= key)
			best = n;
	return best;
}

struct tree_node *
tree_ceil(const struct tree *t, uint64_t key)
{
	struct tree_node *best = NULL;

	for (struct tree_node *n = t->root; n != NULL; n = n->child[n->key < key])
		if (n->key >= key)
			best = n;
	return best;
}

struct tree_node *
tree_first(const struct tree *t)
{
	return extreme(t->root, 0);
}

struct tree_node *
tree_last(const struct tree *t)
{
	return extreme(t->root, 1);
}

static struct tree_node *
neighbour(const struct tree_node *n, int side)
{
	if (n->child[side] != NULL)
		return extreme(n->child[side], !side);
	while (n->parent != NULL && n->parent->child[side] == n)
		n = n->parent;
	return n->parent;
}

struct tree_node *
tree_next(const struct tree_node *n)
{
	return neighbour(n, 1);
}

struct tree_node *
tree_prev(const struct tree_node *n)
{
	return neighbour(n, 0);
}
