/* See fs/alloc.h. */
#include "fs/alloc.h"

#include "fs/mount.h"
#include "lib/assert.h"
#include "lib/bitmap.h"
#include "lib/string.h"
#include "mem/slab.h"

#define GROUP_BITS	(FS_BLOCK_SIZE * 8)	/* blocks that one bitmap block describes */
#define GOOD_RUN	32			/* a run worth passing smaller ones over */

/* What one bitmap block describes. All fields: fs.lock. */
struct group {
	struct buf *map;		/* c: held */
	uint8_t	*inuse;			/* or freed but not durably */
	uint8_t	*freed[2];		/* by transaction, modulo 2 */
	uint32_t nfree;			/* clear bits in inuse */
	uint32_t nfreed[2];		/* set bits in freed */
};

SLAB_CACHE_SIZED(map_cache, "block map", FS_BLOCK_SIZE);

static struct {
	struct group *group;		/* c */
	uint32_t ngroups;		/* c */
	struct buf *imap[DIV_UP(FS_MAX_INODES, GROUP_BITS)];	/* c: held; the map of inodes */
	uint32_t available;		/* fs.lock: sum of nfree */
	uint32_t pending;		/* fs.lock: sum of nfreed */
	uint32_t free_inodes;		/* fs.lock */
	uint32_t next_inode;		/* fs.lock: where to look first */
	uint32_t next_block;		/* fs.lock: behind the last block given out */
} alloc;

uint32_t
alloc_groups(void)
{
	return alloc.ngroups;
}

static uint32_t
group_size(uint32_t g)
{
	return MIN(GROUP_BITS, fs.geo.nblocks - g * GROUP_BITS);
}

/* ---- blocks ---- */

/* The first run of LEAST clear bits or more in [FROM, END) of G; its length up to MOST, 0: none. */
static uint32_t
find_run(const struct group *g, uint32_t from, uint32_t end, uint32_t least, uint32_t most,
    uint32_t *start)
{
	while (from < end) {
		uint32_t at = bit_find_clear(g->inuse, from, end), n;

		if (at == end)
			break;
		from = bit_find_set(g->inuse, at, MIN(end, at + most));
		n = from - at;
		if (n >= least) {
			*start = at;
			return n;
		}
	}
	return 0;
}

/*
 * Where to allocate: at GOAL itself if that is free, else the next run of
 * WANT blocks or a good one, else the next free block. Returns the run's length, 0: the disk is
 * full.
 */
static uint32_t
choose(uint32_t goal, uint32_t want, uint32_t *group, uint32_t *start)
{
	uint32_t first = goal / GROUP_BITS, at = goal % GROUP_BITS;

	if (!bit_test(alloc.group[first].inuse, at)) {
		*group = first;
		return find_run(&alloc.group[first], at, group_size(first), 1, want,
		    start);
	}
	for (uint32_t least = MIN(want, GOOD_RUN);; least = 1) {
		for (uint32_t i = 0; i <= alloc.ngroups; i++) {
			uint32_t g = (first + i) % alloc.ngroups, n = 0;

			if (alloc.group[g].nfree >= least)
				n = find_run(&alloc.group[g], i == 0 ? at : 0, group_size(g),
				    least, want, start);
			*group = g;
			if (n > 0)
				return n;
		}
		if (least == 1)
			return 0;
	}
}

static void
take_run(struct handle *h, uint32_t gi, uint32_t at, uint32_t n)
{
	struct group *g = &alloc.group[gi];

	bit_set_range(g->inuse, at, n);
	bit_set_range(g->map->data, at, n);
	g->nfree -= n;
	alloc.available -= n;
	alloc.next_block = gi * GROUP_BITS + at + n;
	txn_dirty(h, g->map);
}

err_t
alloc_blocks(struct handle *h, uint32_t goal, uint32_t want, uint32_t *start, uint32_t *got)
{
	uint32_t gi = 0, at = 0, n;

	mutex_lock(&fs.lock);
	if (goal == 0)
		goal = alloc.next_block;
	if (!fs_is_data_block(goal))
		goal = fs.geo.data_start;
	n = choose(goal, want, &gi, &at);
	if (n > 0)
		take_run(h, gi, at, n);
	mutex_unlock(&fs.lock);
	*start = gi * GROUP_BITS + at;
	*got = n;
	return n > 0 ? OK : ERR(ENOSPC);
}

bool
alloc_same_group(uint32_t a, uint32_t b)
{
	return a / GROUP_BITS == b / GROUP_BITS;
}

err_t
alloc_free(struct handle *h, uint32_t start, uint32_t n, bool new)
{
	uint32_t gi = start / GROUP_BITS, at = start % GROUP_BITS;
	unsigned parity = h->seq & 1;
	struct group *g = &alloc.group[gi];
	err_t err = OK;

	assert(n > 0 && alloc_same_group(start, start + n - 1));
	mutex_lock(&fs.lock);
	for (uint32_t i = at; i < at + n; i++) {
		if (!bit_test(g->map->data, i)) {
			err = fs_damaged("freeing a free block", gi * GROUP_BITS + i);
			continue;
		}
		bit_clear(g->map->data, i);
		if (new) {
			bit_clear(g->inuse, i);
			g->nfree++;
			alloc.available++;
		} else {
			bit_set(g->freed[parity], i);
			g->nfreed[parity]++;
			alloc.pending++;
		}
	}
	if (new)
		alloc.next_block = MIN(alloc.next_block, start);
	txn_dirty(h, g->map);
	mutex_unlock(&fs.lock);
	return err;
}

void
alloc_release(uint64_t seq)
{
	unsigned parity = seq & 1;

	mutex_lock(&fs.lock);
	for (uint32_t gi = 0; gi < alloc.ngroups; gi++) {
		struct group *g = &alloc.group[gi];

		if (g->nfreed[parity] == 0)
			continue;
		for (uint32_t i = 0; i < FS_BLOCK_SIZE; i++)
			g->inuse[i] &= (uint8_t)~g->freed[parity][i];
		memset(g->freed[parity], 0, FS_BLOCK_SIZE);
		g->nfree += g->nfreed[parity];
		alloc.available += g->nfreed[parity];
		alloc.pending -= g->nfreed[parity];
		g->nfreed[parity] = 0;
	}
	mutex_unlock(&fs.lock);
}

uint32_t
alloc_available(void)
{
	return atomic_load_relaxed(&alloc.available);
}

bool
alloc_is_pending(void)
{
	return atomic_load_relaxed(&alloc.pending) > 0;
}

uint32_t
alloc_free_blocks(void)
{
	uint32_t n;

	mutex_lock(&fs.lock);
	n = alloc.available + alloc.pending;
	mutex_unlock(&fs.lock);
	return n;
}

/* ---- inodes ---- */

uint32_t
alloc_free_inodes(void)
{
	return atomic_load_relaxed(&alloc.free_inodes);
}

/* A free inode in bitmap block I, from bit FROM on. false: none. */
static bool
take_inode(struct handle *h, uint32_t i, uint32_t from, uint32_t *inum)
{
	uint32_t n = MIN(GROUP_BITS, fs.geo.ninodes - i * GROUP_BITS);
	uint32_t at = bit_find_clear(alloc.imap[i]->data, from, n);

	if (at == n)
		return false;
	bit_set(alloc.imap[i]->data, at);
	txn_dirty(h, alloc.imap[i]);
	*inum = i * GROUP_BITS + at;
	alloc.next_inode = *inum + 1;
	alloc.free_inodes--;
	return true;
}

err_t
alloc_inode(struct handle *h, uint32_t *inum)
{
	uint32_t nmaps = DIV_UP(fs.geo.ninodes, GROUP_BITS), first, from;
	bool found = false;

	mutex_lock(&fs.lock);
	if (alloc.next_inode >= fs.geo.ninodes)
		alloc.next_inode = FS_ROOT_INO + 1;
	first = alloc.next_inode / GROUP_BITS;
	from = alloc.next_inode % GROUP_BITS;
	for (uint32_t i = 0; i <= nmaps && alloc.free_inodes > 0 && !found; i++)
		found = take_inode(h, (first + i) % nmaps, i == 0 ? from : 0, inum);
	mutex_unlock(&fs.lock);
	if (!found)
		return ERR(ENOSPC);
	return *inum > FS_ROOT_INO ? OK : fs_damaged("inode bitmap lacks the root folder", *inum);
}

err_t
alloc_free_inode(struct handle *h, uint32_t inum)
{
	struct buf *b = alloc.imap[inum / GROUP_BITS];
	err_t err = OK;

	mutex_lock(&fs.lock);
	if (bit_test(b->data, inum % GROUP_BITS)) {
		bit_clear(b->data, inum % GROUP_BITS);
		txn_dirty(h, b);
		alloc.free_inodes++;
		alloc.next_inode = MIN(alloc.next_inode, inum);
	} else {
		err = fs_damaged("freeing a free inode", inum);
	}
	mutex_unlock(&fs.lock);
	return err;
}

/* ---- mount and unmount ---- */

static err_t
group_load(uint32_t gi)
{
	struct group *g = &alloc.group[gi];
	uint32_t n = group_size(gi);
	err_t err;

	g->inuse = slab_alloc(&map_cache);
	for (int i = 0; i < 2; i++)
		g->freed[i] = slab_alloc_zero(&map_cache);
	if (g->inuse == NULL || g->freed[0] == NULL || g->freed[1] == NULL)
		return ERR(ENOMEM);
	err = buf_read(fs.geo.bbitmap_start + gi, &g->map);
	if (err != OK)
		return err;
	memcpy(g->inuse, g->map->data, FS_BLOCK_SIZE);
	/* What is before the data is in use, whatever a damaged bitmap says. */
	for (uint32_t i = 0; i < n && gi * GROUP_BITS + i < fs.geo.data_start; i++)
		bit_set(g->inuse, i);
	g->nfree = n - bit_count(g->inuse, n);
	alloc.available += g->nfree;
	return OK;
}

static err_t
load_inode_maps(void)
{
	for (uint32_t i = 0; i * GROUP_BITS < fs.geo.ninodes; i++) {
		uint32_t n = MIN(GROUP_BITS, fs.geo.ninodes - i * GROUP_BITS);
		err_t err = buf_read(fs.geo.ibitmap_start + i, &alloc.imap[i]);

		if (err != OK)
			return err;
		alloc.free_inodes += n - bit_count(alloc.imap[i]->data, n);
	}
	return OK;
}

err_t
alloc_init(void)
{
	err_t err = OK;

	memset(&alloc, 0, sizeof(alloc));
	alloc.ngroups = DIV_UP(fs.geo.nblocks, GROUP_BITS);
	alloc.group = kmem_alloc(alloc.ngroups * sizeof(struct group));
	if (alloc.group == NULL)
		return ERR(ENOMEM);
	memset(alloc.group, 0, alloc.ngroups * sizeof(struct group));
	for (uint32_t gi = 0; gi < alloc.ngroups && err == OK; gi++)
		err = group_load(gi);
	return err == OK ? load_inode_maps() : err;
}

void
alloc_fini(void)
{
	for (uint32_t gi = 0; alloc.group != NULL && gi < alloc.ngroups; gi++) {
		struct group *g = &alloc.group[gi];
		uint8_t *maps[] = { g->inuse, g->freed[0], g->freed[1] };

		for (size_t i = 0; i < ARRAY_LEN(maps); i++)
			if (maps[i] != NULL)
				slab_free(&map_cache, maps[i]);
		buf_put(g->map);
	}
	for (size_t i = 0; i < ARRAY_LEN(alloc.imap); i++) {
		buf_put(alloc.imap[i]);
		alloc.imap[i] = NULL;
	}
	kmem_free(alloc.group, alloc.ngroups * sizeof(struct group));
	alloc.group = NULL;
}
