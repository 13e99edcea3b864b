/*
 * The block map of a file: 11 direct block numbers, a block of 256, and a
 * block of 256 such blocks. Numbers come from the disk: each is checked
 * before use.
 */
#include "fs/alloc.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "lib/assert.h"

#define SINGLE		FS_NDIRECT		/* index in addr of the indirect block ... */
#define DOUBLE		(FS_NDIRECT + 1)	/* ... and of the doubly indirect one */
#define FIRST_DOUBLE	(FS_NDIRECT + FS_NINDIRECT)	/* first file block it leads to */

/* A piece of the map: the numbers of file blocks that one block, or the inode, holds. */
struct leaf {
	uint32_t *slot;			/* of the block asked for */
	uint32_t left;			/* slots from there to the end of the piece */
	struct buf *buf;		/* the inode holds it; NULL: slots of the inode's */
};

static uint32_t *
numbers(struct buf *b)
{
	return (uint32_t *)(void *)b->data;
}

/* ---- looking up ---- */

/* The indirect block that *SLOT leads to. *B NULL: there is none. */
static err_t
follow(uint32_t number, struct buf **b)
{
	*b = NULL;
	if (number == 0)
		return OK;
	if (!fs_is_data_block(number))
		return fs_damaged("bad indirect block", number);
	return buf_read(number, b);
}

/* An indirect block is missing: make one, put its number into *SLOT of OWNER (NULL: the inode). */
static err_t
grow(struct handle *h, struct inode *ip, uint32_t *slot, struct buf *owner, struct buf **b)
{
	uint32_t block, got;
	err_t err = alloc_blocks(h, 0, 1, &block, &got);

	if (err != OK)
		return err;
	err = buf_new(block, b);
	if (err != OK) {
		err_ignore(alloc_free(h, block, 1, true));
		return err;
	}
	txn_dirty(h, *b);
	*slot = block;
	if (owner != NULL)
		txn_dirty(h, owner);
	ip->d.nblocks++;
	return OK;
}

/* What *SLOT leads to, made if H is given and it is missing; *B NULL: missing. */
static err_t
descend(struct handle *h, struct inode *ip, uint32_t *slot, struct buf *owner, struct buf **b)
{
	err_t err = follow(*slot, b);

	if (err == OK && *b == NULL && h != NULL)
		err = grow(h, ip, slot, owner, b);
	return err;
}

static void
set_leaf(struct inode *ip, struct buf *b, uint32_t first) REQUIRES(ip->map)
{
	buf_put(ip->leaf);
	atomic_store_relaxed(&ip->leaf, b);
	ip->leaf_first = first;
}

void
map_drop_leaf(struct inode *ip)
{
	mutex_lock(&ip->map);
	set_leaf(ip, NULL, 0);
	mutex_unlock(&ip->map);
}

/*
 * The piece of the map with file block FB. With H, missing indirect blocks are
 * made; without, l->slot is NULL when one is missing.
 */
static err_t
leaf_find(struct handle *h, struct inode *ip, uint32_t fb, struct leaf *l) REQUIRES(ip->map)
{
	struct buf *dbl = NULL;
	uint32_t at, *slot;
	err_t err;

	if (ip->leaf != NULL && fb - ip->leaf_first < FS_NINDIRECT) {
		at = fb - ip->leaf_first;
		*l = (struct leaf){ &numbers(ip->leaf)[at], FS_NINDIRECT - at, ip->leaf };
		return OK;
	}

	l->buf = NULL;
	l->slot = NULL;
	if (fb < FS_NDIRECT) {
		l->slot = &ip->d.addr[fb];
		l->left = FS_NDIRECT - fb;
		return OK;
	}
	slot = &ip->d.addr[SINGLE];
	at = fb - FS_NDIRECT;
	if (fb >= FIRST_DOUBLE) {
		at = (fb - FIRST_DOUBLE) % FS_NINDIRECT;
		l->left = FS_NINDIRECT - at;
		err = descend(h, ip, &ip->d.addr[DOUBLE], NULL, &dbl);
		if (err != OK || dbl == NULL)
			return err;
		slot = &numbers(dbl)[(fb - FIRST_DOUBLE) / FS_NINDIRECT];
	}
	l->left = FS_NINDIRECT - at;
	err = descend(h, ip, slot, dbl, &l->buf);
	if (err == OK && l->buf != NULL) {
		l->slot = &numbers(l->buf)[at];
		set_leaf(ip, l->buf, fb - at);
	}
	buf_put(dbl);
	return err;
}

/* How many of the slots go on as the first one begins: a hole, or one block behind the other. */
static uint32_t
run_length(const uint32_t *slot, uint32_t max)
{
	const uint32_t step = slot[0] != 0;
	uint32_t n = 1, next = slot[0] + step;

	for (; n < max && slot[n] == next; n++)
		next += step;
	return n;
}

err_t
map_lookup(struct inode *ip, uint32_t fb, uint32_t max, uint32_t *block, uint32_t *run)
{
	struct leaf l;
	err_t err;

	assert(fb < FS_MAXFILE && max > 0);
	err = leaf_find(NULL, ip, fb, &l);
	if (err != OK)
		return err;
	*block = 0;
	*run = MIN(l.left, max);
	if (l.slot != NULL) {
		*block = *l.slot;
		*run = run_length(l.slot, *run);
	}
	if (*block != 0 && (!fs_is_data_block(*block) || !fs_is_data_block(*block + *run - 1)))
		return fs_damaged("bad block number in a file", *block);
	return OK;
}

/* ---- allocating ---- */

uint32_t
map_credits(uint32_t n)
{
	/*
	 * Bitmaps of the blocks and of three indirect blocks, and these: two leaves and the double.
	 */
	return MIN(n + 3, alloc_groups()) + 3;
}

/* The best place for file block FB, whose number goes to *SLOT: behind the block before it. */
static uint32_t
goal_for(struct inode *ip, uint32_t fb, const uint32_t *slot) REQUIRES(ip->map)
{
	uint32_t block, run;

	if (fb == 0)
		return 0;
	if (fb < FS_NDIRECT || (fb - FS_NDIRECT) % FS_NINDIRECT != 0)
		block = slot[-1];
	else if (map_lookup(ip, fb - 1, 1, &block, &run) != OK)
		block = 0;
	return block == 0 ? 0 : block + 1;
}

/* Fill the holes of a leaf's first N slots. */
static err_t
fill_leaf(struct handle *h, struct inode *ip, uint32_t fb, struct leaf *l, uint32_t n,
    uint32_t *done) REQUIRES(ip->map)
{
	err_t err = OK;

	for (uint32_t i = 0; i < n && err == OK;) {
		uint32_t run = run_length(&l->slot[i], n - i), start = 0;

		if (l->slot[i] == 0)
			err = alloc_blocks(h, goal_for(ip, fb + i, &l->slot[i]), run, &start, &run);
		if (err != OK)
			break;
		for (uint32_t k = 0; start != 0 && k < run; k++)
			l->slot[i + k] = start + k;
		if (start != 0) {
			ip->d.nblocks += run;
			if (l->buf != NULL)
				txn_dirty(h, l->buf);
		}
		i += run;
		*done += run;
	}
	return err;
}

/* The leaf of file block FB, made if it is missing and there is room for more than that. */
static err_t
leaf_make(struct handle *h, struct inode *ip, uint32_t fb, struct leaf *l) REQUIRES(ip->map)
{
	uint32_t missing;
	err_t err = leaf_find(NULL, ip, fb, l);

	if (err != OK || l->slot != NULL)
		return err;
	missing = fb >= FIRST_DOUBLE && ip->d.addr[DOUBLE] == 0 ? 2 : 1;
	if (alloc_available() <= missing)
		return ERR(ENOSPC);
	return leaf_find(h, ip, fb, l);
}

err_t
map_alloc(struct handle *h, struct inode *ip, uint32_t fb, uint32_t n, uint32_t *done)
{
	struct leaf l;
	err_t err = OK;

	assert(fb <= FS_MAXFILE && n <= FS_MAXFILE - fb);
	*done = 0;
	while (*done < n && err == OK) {
		err = leaf_make(h, ip, fb + *done, &l);
		if (err != OK)
			break;
		err = fill_leaf(h, ip, fb + *done, &l, MIN(l.left, n - *done), done);
	}
	return err;
}

/* ---- freeing ---- */

struct freer {
	struct handle *h;
	struct inode *ip;
	uint32_t start, n;		/* a run that is still to be freed */
	bool	 full;			/* the handle's credits are used up, but for KEEP */
	err_t	 err;			/* the first failure; the rest is freed all the same */
};

#define KEEP	(2 + INODE_CREDITS)	/* a leaf and the double, partly emptied; the inode */

uint32_t
map_free_credits(void)
{
	return MIN(alloc_groups(), 64) + KEEP + 3;
}

static void
free_run(struct freer *f)
{
	err_t err = OK;

	if (f->n > 0)
		err = alloc_free(f->h, f->start, f->n, f->ip->born == f->h->seq);
	if (f->err == OK)
		f->err = err;
	f->ip->d.nblocks -= MIN(f->n, f->ip->d.nblocks);
	f->n = 0;
}

/* Free BLOCK, going through a file from its end. */
static void
free_block(struct freer *f, uint32_t block)
{
	if (block == 0)
		return;
	if (!fs_is_data_block(block)) {
		f->err = fs_damaged("bad block number in a file", block);
		return;
	}
	if (f->ip->d.type != T_FILE)
		txn_forget(f->h, block);
	if (f->n > 0 && block == f->start - 1 && alloc_same_group(block, f->start)) {
		f->start = block;
		f->n++;
		return;
	}
	free_run(f);
	f->start = block;
	f->n = 1;
	f->full = f->h->reserved <= KEEP + 1;
}

/* Free what slots [FROM, N) lead to, last first. */
static void
free_slots(struct freer *f, uint32_t *slot, uint32_t from, uint32_t n)
{
	while (n > from && !f->full) {
		free_block(f, slot[--n]);
		slot[n] = 0;
	}
}

static bool
all_zero(const uint32_t *slot)
{
	for (uint32_t i = 0; i < FS_NINDIRECT; i++)
		if (slot[i] != 0)
			return false;
	return true;
}

/* The indirect block B, which *SLOT leads to, has been emptied at least in part. */
static void
shrink_indirect(struct freer *f, uint32_t *slot, struct buf *b)
{
	if (all_zero(numbers(b)) && !f->full) {
		txn_forget(f->h, *slot);
		free_block(f, *slot);
		*slot = 0;
	} else {
		txn_dirty(f->h, b);
	}
	buf_put(b);
}

/*
 * Free what the indirect block at *SLOT leads to from its file block FROM on, and it if nothing
 * remains. Each of its slots leads to SPAN file blocks.
 */
static void
free_indirect(struct freer *f, uint32_t *slot, uint32_t span, uint32_t from)
{
	uint32_t first = from / span;
	struct buf *b;
	err_t err = follow(*slot, &b);

	if (err != OK)
		f->err = err;
	if (err != OK || b == NULL)
		return;
	if (span == 1)
		free_slots(f, numbers(b), first, FS_NINDIRECT);
	else
		for (uint32_t i = FS_NINDIRECT; i-- > first && !f->full;)
			free_indirect(f, &numbers(b)[i], 1, i == first ? from % span : 0);
	shrink_indirect(f, slot, b);
}

err_t
map_free(struct handle *h, struct inode *ip, uint32_t fb, bool *more)
{
	struct freer f = { .h = h, .ip = ip, .err = OK };

	ip->map_turn++;
	set_leaf(ip, NULL, 0);
	free_indirect(&f, &ip->d.addr[DOUBLE], FS_NINDIRECT, MAX(fb, FIRST_DOUBLE) - FIRST_DOUBLE);
	if (!f.full && fb < FIRST_DOUBLE)
		free_indirect(&f, &ip->d.addr[SINGLE], 1, MAX(fb, FS_NDIRECT) - FS_NDIRECT);
	if (!f.full && fb < FS_NDIRECT)
		free_slots(&f, ip->d.addr, fb, FS_NDIRECT);
	free_run(&f);
	*more = f.full;
	return f.err;
}
