/* See check.h. */
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/fs.h"
#include "abi/limits.h"
#include "abi/stat.h"
#include "fs/journal.h"
#include "fs/mount.h"
#include "lib/bitmap.h"

#define ENTRY		sizeof(struct fs_dirent)
#define PER_BLOCK	(FS_BLOCK_SIZE / ENTRY)
#define MAX_ROUNDS	8
#define MAX_BYTES	((uint64_t)FS_MAXFILE * FS_BLOCK_SIZE)

/* What one round finds out. */
struct state {
	struct check *c;
	struct fs_super *s;		/* in the image */
	uint32_t *owner;		/* of each block: the inode; 0: none */
	uint32_t *links;		/* names seen of each inode */
	uint32_t *parent;		/* of each folder: where its name is; 0: not reached */
	uint8_t	*reached;		/* each inode */
	uint32_t *queue;		/* folders to look into */
	uint32_t nqueue;
	uint32_t orphans;
	unsigned found;
};

/* ---- findings ---- */

static void
say(struct check *c, const char *fmt, va_list ap, const char *tail)
{
	char line[200];
	int n = vsnprintf(line, sizeof(line), fmt, ap);

	if (n > 0 && (size_t)n < sizeof(line))
		snprintf(line + n, sizeof(line) - (size_t)n, "%s", tail);
	if (c->say != NULL)
		c->say(line);
}

/* Something is wrong. Returns whether to repair it. */
static bool
bad(struct state *st, const char *fmt, ...) PRINTF_LIKE(2, 3);

static bool
bad(struct state *st, const char *fmt, ...)
{
	va_list ap;

	st->found++;
	va_start(ap, fmt);
	say(st->c, fmt, ap, st->c->repair ? " (repaired)" : "");
	va_end(ap);
	return st->c->repair;
}

/* ---- the image ---- */

static void *
block_at(struct state *st, uint32_t b)
{
	return st->c->image + (uint64_t)b * FS_BLOCK_SIZE;
}

static void
touch(struct state *st, const void *p)
{
	if (st->c->touched != NULL)
		st->c->touched[((const uint8_t *)p - st->c->image) / FS_BLOCK_SIZE] = 1;
}

static struct fs_inode *
inode_at(struct state *st, uint32_t inum)
{
	return (struct fs_inode *)(void *)(st->c->image +
	    (uint64_t)st->s->itable_start * FS_BLOCK_SIZE) + inum;
}

static void
set_number(struct state *st, uint32_t *slot, uint32_t value)
{
	*slot = value;
	touch(st, slot);
}

static bool
is_data(struct state *st, uint32_t b)
{
	return b >= st->s->data_start && b < st->s->nblocks;
}

/* Where the number of block FB of a file is; NULL: no indirect block leads there. */
static uint32_t *
slot_of(struct state *st, struct fs_inode *ip, uint32_t fb)
{
	uint32_t *table;

	if (fb < FS_NDIRECT)
		return &ip->addr[fb];
	fb -= FS_NDIRECT;
	if (fb < FS_NINDIRECT)
		return is_data(st, ip->addr[FS_NDIRECT]) ?
		    (uint32_t *)block_at(st, ip->addr[FS_NDIRECT]) + fb : NULL;
	fb -= FS_NINDIRECT;
	if (!is_data(st, ip->addr[FS_NDIRECT + 1]))
		return NULL;
	table = block_at(st, ip->addr[FS_NDIRECT + 1]);
	table += fb / FS_NINDIRECT;
	return is_data(st, *table) ? (uint32_t *)block_at(st, *table) + fb % FS_NINDIRECT : NULL;
}

/* ---- pass 1: inodes and their blocks ---- */

static void
clear_inode(struct state *st, struct fs_inode *ip)
{
	uint32_t generation = ip->generation;

	memset(ip, 0, sizeof(*ip));
	ip->generation = generation;
	touch(st, ip);
}

/* The block that *SLOT names belongs to INUM. false: it cannot; the slot is or would be emptied. */
static bool
claim(struct state *st, uint32_t inum, uint32_t *slot, const char *what)
{
	uint32_t b = *slot;

	if (!is_data(st, b)) {
		if (bad(st, "inode %u: %s %u is out of range", inum, what, b))
			set_number(st, slot, 0);
		return false;
	}
	if (st->owner[b] != 0) {
		if (bad(st, "inode %u: %s %u is used twice, also by inode %u", inum, what, b,
		    st->owner[b]))
			set_number(st, slot, 0);
		return false;
	}
	st->owner[b] = inum;
	return true;
}

/* Claim what N slots from file block FB on name; blocks below LIMIT only. How many. */
static uint32_t
claim_slots(struct state *st, uint32_t inum, uint32_t *slot, uint32_t n, uint32_t fb,
    uint32_t limit)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (slot[i] == 0)
			continue;
		if (fb + i >= limit) {
			if (bad(st, "inode %u: wrong size: block %u lies beyond the end", inum,
			    slot[i]))
				set_number(st, &slot[i], 0);
			continue;
		}
		count += claim(st, inum, &slot[i], "block");
	}
	return count;
}

/* The indirect block at *SLOT and what it leads to, from file block FB on. */
static uint32_t
claim_indirect(struct state *st, uint32_t inum, uint32_t *slot, uint32_t fb, uint32_t limit)
{
	if (*slot == 0 || !claim(st, inum, slot, "indirect block"))
		return 0;
	return 1 + claim_slots(st, inum, block_at(st, *slot), FS_NINDIRECT, fb, limit);
}

static uint32_t
claim_double(struct state *st, uint32_t inum, uint32_t *slot, uint32_t limit)
{
	uint32_t count = 1, *table;

	if (*slot == 0 || !claim(st, inum, slot, "indirect block"))
		return 0;
	table = block_at(st, *slot);
	for (uint32_t i = 0; i < FS_NINDIRECT; i++)
		count += claim_indirect(st, inum, &table[i],
		    FS_NDIRECT + FS_NINDIRECT + i * FS_NINDIRECT, limit);
	return count;
}

static void
check_blocks(struct state *st, uint32_t inum, struct fs_inode *ip)
{
	uint32_t limit = ip->flags & FS_ORPHAN ? UINT32_MAX
	    : (uint32_t)DIV_UP(ip->size, FS_BLOCK_SIZE), count;

	count = claim_slots(st, inum, ip->addr, FS_NDIRECT, 0, limit);
	count += claim_indirect(st, inum, &ip->addr[FS_NDIRECT], FS_NDIRECT, limit);
	count += claim_double(st, inum, &ip->addr[FS_NDIRECT + 1], limit);
	if (count != ip->nblocks &&
	    bad(st, "inode %u: %u blocks are counted, it has %u", inum, ip->nblocks, count))
		set_number(st, &ip->nblocks, count);
}

/* -1: fine; else the size it should have. */
static int64_t
right_size(const struct fs_inode *ip)
{
	switch (ip->type) {
	case T_DIR:
		if (ip->size > MAX_BYTES)
			return FS_BLOCK_SIZE;
		if (ip->size < 2 * ENTRY)
			return 2 * ENTRY;
		return ip->size % ENTRY == 0 ? -1 : (int64_t)ROUND_DOWN(ip->size, ENTRY);
	case T_SYMLINK:
		return ip->size > 0 && ip->size < QUIRE_PATH_MAX ? -1 : 1;
	default:
		return ip->size <= MAX_BYTES ? -1 : (int64_t)MAX_BYTES;
	}
}

static void
check_inode(struct state *st, uint32_t inum)
{
	struct fs_inode *ip = inode_at(st, inum);
	int64_t size;

	if (ip->type == 0)
		return;
	if (ip->type > T_SYMLINK) {
		if (bad(st, "inode %u: unknown type %u", inum, ip->type))
			clear_inode(st, ip);
		return;
	}
	size = right_size(ip);
	if (size >= 0 && bad(st, "inode %u: wrong size %llu", inum, (unsigned long long)ip->size)) {
		ip->size = (uint64_t)size;
		touch(st, ip);
	}
	if (ip->size <= MAX_BYTES)
		check_blocks(st, inum, ip);
	if (ip->flags & FS_ORPHAN)
		st->orphans++;
}

/* A folder or a link has no holes: it ends before one. */
static void
check_holes(struct state *st, uint32_t inum)
{
	struct fs_inode *ip = inode_at(st, inum);
	uint32_t n = (uint32_t)DIV_UP(MIN(ip->size, MAX_BYTES), FS_BLOCK_SIZE);

	if (ip->type != T_DIR && ip->type != T_SYMLINK)
		return;
	for (uint32_t fb = 0; fb < n; fb++) {
		uint32_t *slot = slot_of(st, ip, fb);

		if (slot != NULL && is_data(st, *slot))
			continue;
		if (!bad(st, "inode %u: wrong size: block %u of it is missing", inum, fb))
			return;
		/* Nothing of it can be kept: its names turn up as bad entries. */
		if (fb == 0)
			clear_inode(st, ip);
		else
			ip->size = (uint64_t)fb * FS_BLOCK_SIZE;
		touch(st, ip);
		return;
	}
}

/* ---- pass 2: folders, from the root on ---- */

static struct fs_dirent *
entry_at(struct state *st, struct fs_inode *dp, uint32_t off)
{
	uint32_t *slot = slot_of(st, dp, off / FS_BLOCK_SIZE);

	if (slot == NULL || !is_data(st, *slot))
		return NULL;
	return (struct fs_dirent *)block_at(st, *slot) + off / ENTRY % PER_BLOCK;
}

static void
set_entry(struct state *st, struct fs_dirent *de, uint32_t inum, const char *name)
{
	memset(de, 0, sizeof(*de));
	de->inum = (uint16_t)inum;
	memcpy(de->name, name, strnlen(name, FS_DIRSIZ));
	touch(st, de);
}

static bool
name_is(const struct fs_dirent *de, const char *name)
{
	return strncmp(de->name, name, FS_DIRSIZ) == 0;
}

static void
check_dots(struct state *st, uint32_t dir, uint32_t off, const char *name, uint32_t inum)
{
	struct fs_dirent *de = entry_at(st, inode_at(st, dir), off);

	if (de == NULL)
		return;
	if (de->inum == 0 || !name_is(de, name)) {
		if (bad(st, "folder %u: missing '%s'", dir, name))
			set_entry(st, de, inum, name);
	} else if (de->inum != inum) {
		if (bad(st, "folder %u: '%s' leads to inode %u instead of %u", dir, name, de->inum,
		    inum))
			set_entry(st, de, inum, name);
	}
}

/* A name is not empty, has no slash, nothing behind its NUL, and is no dot. */
static bool
name_is_bad(const struct fs_dirent *de)
{
	size_t n = strnlen(de->name, FS_DIRSIZ);

	for (size_t i = n; i < FS_DIRSIZ; i++)
		if (de->name[i] != '\0')
			return true;
	return n == 0 || memchr(de->name, '/', n) != NULL || name_is(de, ".") || name_is(de, "..");
}

static const char *
what_is_wrong(struct state *st, uint32_t dir, const struct fs_dirent *de)
{
	const struct fs_inode *ip;

	if (de->inum >= st->s->ninodes)
		return "inode number out of range";
	ip = inode_at(st, de->inum);
	if (ip->type == 0)
		return "leads to a free inode";
	if (name_is_bad(de))
		return "bad name";
	if (ip->nlink == 0 && ip->flags & FS_ORPHAN)
		return "leads to a deleted inode";
	if (ip->type == T_DIR && (st->reached[de->inum] || de->inum == dir))
		return "a second name of a folder, or a loop";
	return NULL;
}

static void
check_entry(struct state *st, uint32_t dir, struct fs_dirent *de)
{
	const char *wrong;

	if (de->inum == 0)
		return;
	wrong = what_is_wrong(st, dir, de);
	if (wrong != NULL) {
		if (bad(st, "folder %u: bad entry '%.14s' of inode %u: %s", dir, de->name, de->inum,
		    wrong))
			set_entry(st, de, 0, "");
		return;
	}
	st->links[de->inum]++;
	st->reached[de->inum] = 1;
	if (inode_at(st, de->inum)->type == T_DIR) {
		st->parent[de->inum] = dir;
		st->links[de->inum]++;		/* its "." */
		st->links[dir]++;		/* its ".." */
		st->queue[st->nqueue++] = de->inum;
	}
}

struct named {
	char	 name[FS_DIRSIZ];
	uint32_t off;
};

static int
compare_names(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct named));
}

static void
check_doubles(struct state *st, uint32_t dir)
{
	struct fs_inode *dp = inode_at(st, dir);
	struct named *all = calloc((size_t)(dp->size / ENTRY + 1), sizeof(*all));
	size_t n = 0;

	for (uint32_t off = 0; all != NULL && off < dp->size; off += ENTRY) {
		struct fs_dirent *de = entry_at(st, dp, off);

		if (de != NULL && de->inum != 0) {
			memcpy(all[n].name, de->name, FS_DIRSIZ);
			all[n++].off = off;
		}
	}
	if (all != NULL)
		qsort(all, n, sizeof(*all), compare_names);
	for (size_t i = 1; i < n; i++) {
		struct fs_dirent *de = entry_at(st, dp, all[i].off);

		if (memcmp(all[i].name, all[i - 1].name, FS_DIRSIZ) != 0)
			continue;
		if (bad(st, "folder %u: bad entry '%.14s': the name is there twice", dir,
		    all[i].name))
			set_entry(st, de, 0, "");
	}
	free(all);
}

static void
check_folder(struct state *st, uint32_t dir)
{
	struct fs_inode *dp = inode_at(st, dir);

	check_dots(st, dir, 0, ".", dir);
	check_dots(st, dir, ENTRY, "..", st->parent[dir]);
	check_doubles(st, dir);
	for (uint32_t off = 2 * ENTRY; off < dp->size; off += ENTRY) {
		struct fs_dirent *de = entry_at(st, dp, off);

		if (de == NULL)
			break;
		check_entry(st, dir, de);
	}
}

static void
check_queue(struct state *st)
{
	while (st->nqueue > 0)
		check_folder(st, st->queue[--st->nqueue]);
}

static uint32_t
find_free_block(struct state *st)
{
	for (uint32_t b = st->s->data_start; b < st->s->nblocks; b++)
		if (st->owner[b] == 0)
			return b;
	return 0;
}

/* An empty root folder; what was in the old one will be found unreachable. */
static bool
make_root(struct state *st)
{
	struct fs_inode *root = inode_at(st, FS_ROOT_INO);
	uint32_t b = find_free_block(st);

	if (b == 0)
		return false;
	memset(block_at(st, b), 0, FS_BLOCK_SIZE);
	touch(st, block_at(st, b));
	st->owner[b] = FS_ROOT_INO;
	*root = (struct fs_inode){ .type = T_DIR, .mode = 0755, .nlink = 2, .size = 2 * ENTRY,
		.nblocks = 1, .addr = { b } };
	touch(st, root);
	return true;
}

static void
check_tree(struct state *st)
{
	if (inode_at(st, FS_ROOT_INO)->type != T_DIR &&
	    (!bad(st, "root folder is missing") || !make_root(st))) {
		st->c->hopeless = true;
		return;
	}
	st->parent[FS_ROOT_INO] = FS_ROOT_INO;
	st->reached[FS_ROOT_INO] = 1;
	st->links[FS_ROOT_INO] = 2;
	st->queue[st->nqueue++] = FS_ROOT_INO;
	check_queue(st);
}

/* ---- pass 3: what no name leads to ---- */

/* A new, empty block at the root's end. */
static bool
grow_root(struct state *st)
{
	struct fs_inode *root = inode_at(st, FS_ROOT_INO);
	uint32_t *slot = slot_of(st, root, (uint32_t)(root->size / FS_BLOCK_SIZE));
	uint32_t b = find_free_block(st);

	if (slot == NULL || *slot != 0 || b == 0 || root->size % FS_BLOCK_SIZE != 0)
		return false;
	memset(block_at(st, b), 0, FS_BLOCK_SIZE);
	touch(st, block_at(st, b));
	st->owner[b] = FS_ROOT_INO;
	set_number(st, slot, b);
	root->nblocks++;
	touch(st, root);
	return true;
}

/* Give INUM the name "#INUM" in the root folder. */
static bool
reconnect(struct state *st, uint32_t inum)
{
	struct fs_inode *root = inode_at(st, FS_ROOT_INO);
	struct fs_dirent *de = NULL;
	uint32_t off = 2 * ENTRY;
	char name[FS_DIRSIZ + 1];

	for (; off < root->size; off += ENTRY) {
		de = entry_at(st, root, off);
		if (de == NULL)
			return false;
		if (de->inum == 0)
			break;
	}
	if (off >= root->size) {
		if (off % FS_BLOCK_SIZE == 0 && !grow_root(st))
			return false;
		root->size = off + ENTRY;
		touch(st, root);
		de = entry_at(st, root, off);
		if (de == NULL)
			return false;
	}
	snprintf(name, sizeof(name), "#%u", inum);
	set_entry(st, de, inum, name);
	check_entry(st, FS_ROOT_INO, de);
	check_queue(st);
	return true;
}

static bool
is_lost(struct state *st, uint32_t inum)
{
	struct fs_inode *ip = inode_at(st, inum);

	return ip->type != 0 && !st->reached[inum] &&
	    !(ip->nlink == 0 && ip->flags & FS_ORPHAN);
}

/* Folder whose own parent is lost too will be found from there. */
static bool
hangs_below_lost(struct state *st, uint32_t inum)
{
	struct fs_inode *ip = inode_at(st, inum);
	struct fs_dirent *up = ip->type == T_DIR ? entry_at(st, ip, ENTRY) : NULL;

	return up != NULL && up->inum < st->s->ninodes && up->inum != inum && up->inum != 0 &&
	    is_lost(st, up->inum) && inode_at(st, up->inum)->type == T_DIR;
}

static void
check_lost(struct state *st)
{
	/* Roots of lost trees, then lost loops of folders, then files. */
	for (int round = 0; round < 3; round++)
		for (uint32_t i = FS_ROOT_INO + 1; i < st->s->ninodes; i++) {
			bool dir = inode_at(st, i)->type == T_DIR;

			if (!is_lost(st, i) || (round < 2 && !dir) ||
			    (round == 0 && hangs_below_lost(st, i)))
				continue;
			if (!bad(st, "inode %u: unreachable", i)) {
				st->reached[i] = 1;	/* say it once */
				continue;
			}
			if (!reconnect(st, i))
				clear_inode(st, inode_at(st, i));
		}
}

/* ---- pass 4: counts and bitmaps ---- */

static void
check_links(struct state *st)
{
	for (uint32_t i = FS_ROOT_INO; i < st->s->ninodes; i++) {
		struct fs_inode *ip = inode_at(st, i);

		if (ip->type == 0 || st->links[i] == 0 || ip->nlink == st->links[i])
			continue;
		if (bad(st, "inode %u: wrong link count %u, it has %u", i, ip->nlink, st->links[i]))
			set_number(st, &ip->nlink, st->links[i]);
	}
}

static void
set_bit(struct state *st, uint32_t start, uint32_t bit, bool on)
{
	uint8_t *map = block_at(st, start);

	if (on)
		bit_set(map, bit);
	else
		bit_clear(map, bit);
	touch(st, map + bit / 8);
}

static void
check_block_bitmap(struct state *st)
{
	const uint8_t *map = block_at(st, st->s->bbitmap_start);
	uint32_t start = st->s->bbitmap_start;

	st->c->free_blocks = 0;
	for (uint32_t b = 0; b < st->s->nblocks; b++) {
		bool used = b < st->s->data_start || st->owner[b] != 0;

		st->c->free_blocks += !used;
		if (used == bit_test(map, b))
			continue;
		if (used ? bad(st, "block %u: used, but marked free", b)
		    : bad(st, "block %u: free, but marked used", b))
			set_bit(st, start, b, used);
	}
}

static void
check_inode_bitmap(struct state *st)
{
	const uint8_t *map = block_at(st, st->s->ibitmap_start);
	uint32_t start = st->s->ibitmap_start;

	st->c->free_inodes = 0;
	for (uint32_t i = 0; i < st->s->ninodes; i++) {
		bool used = i == 0 || inode_at(st, i)->type != 0;

		st->c->free_inodes += !used;
		if (used == bit_test(map, i))
			continue;
		if (used ? bad(st, "inode %u: used, but marked free", i)
		    : bad(st, "inode %u: free, but marked used", i))
			set_bit(st, start, i, used);
	}
}

static void
check_super_counts(struct state *st)
{
	st->c->orphans = st->orphans;
	if (st->s->orphans != st->orphans &&
	    bad(st, "superblock: %u orphans are counted, there are %u", st->s->orphans,
	    st->orphans)) {
		st->s->orphans = st->orphans;
		super_seal(st->s);
		touch(st, st->s);
	}
}

/* ---- rounds ---- */

static void *
zeroes(size_t n, size_t size)
{
	void *p = calloc(n + 1, size);

	if (p == NULL) {
		fprintf(stderr, "fsck: out of memory\n");
		exit(8);
	}
	return p;
}

static unsigned
check_round(struct check *c, struct fs_super *s)
{
	struct state st = { .c = c, .s = s };

	st.owner = zeroes(s->nblocks, sizeof(*st.owner));
	st.links = zeroes(s->ninodes, sizeof(*st.links));
	st.parent = zeroes(s->ninodes, sizeof(*st.parent));
	st.reached = zeroes(s->ninodes, 1);
	st.queue = zeroes(s->ninodes, sizeof(*st.queue));
	for (uint32_t i = FS_ROOT_INO; i < s->ninodes; i++)
		check_inode(&st, i);
	for (uint32_t i = FS_ROOT_INO; i < s->ninodes; i++)
		check_holes(&st, i);
	check_tree(&st);
	if (!c->hopeless) {
		check_lost(&st);
		check_links(&st);
		check_block_bitmap(&st);
		check_inode_bitmap(&st);
		check_super_counts(&st);
	}
	free(st.owner);
	free(st.links);
	free(st.parent);
	free(st.reached);
	free(st.queue);
	return st.found;
}

/* Only the checksum, or a feature we do not know, can be put right. */
static bool
check_super(struct check *c, struct fs_super *s)
{
	struct state st = { .c = c, .s = s };
	struct fs_super right = *s;

	if (super_is_valid(s, c->size / SECTOR_SIZE))
		return true;
	right.features_incompat = 0;
	super_seal(&right);
	if (!super_is_valid(&right, c->size / SECTOR_SIZE)) {
		bad(&st, "superblock: damaged, or of another file system");
		c->hopeless = true;
	} else if (bad(&st, "superblock: wrong checksum or unknown features")) {
		*s = right;
		touch(&st, s);
	}
	c->found += st.found;
	return c->repair && !c->hopeless;
}

static void
replay(struct check *c, const struct fs_super *s)
{
	struct blkdev *d = memdev_open(c->image, c->size, c->touched);
	uint64_t last;

	fs.dev = d;
	fs.geo = *s;
	if (journal_recover(&last) != OK)
		c->hopeless = true;
	fs.dev = NULL;
	memdev_close(d);
}

/* What is repaired was not journaled: an older record must not come over it. */
static void
empty_journal(struct check *c, const struct fs_super *s)
{
	struct state st = { .c = c };

	for (uint32_t i = 0; i < 2; i++) {
		uint8_t *h = block_at(&st, s->journal_start + i * s->journal_area);

		memset(h, 0, FS_BLOCK_SIZE);
		touch(&st, h);
	}
}

void
check_image(struct check *c)
{
	struct fs_super *s = (void *)(c->image + FS_SUPER_BLOCK * FS_BLOCK_SIZE);

	c->found = c->left = 0;
	c->hopeless = c->size < (FS_SUPER_BLOCK + 1) * FS_BLOCK_SIZE;
	if (c->hopeless || !check_super(c, s)) {
		c->left = MAX(c->found, 1u);
		return;
	}
	replay(c, s);
	if (!super_is_valid(s, c->size / SECTOR_SIZE))
		c->hopeless = true;
	if (!c->hopeless) {
		unsigned first = c->found, n = check_round(c, s);

		c->found += n;
		c->left = c->repair ? n : first + n;
		for (int i = 1; i < MAX_ROUNDS && c->repair && c->left > 0 && !c->hopeless; i++)
			c->left = check_round(c, s);
		if (c->repair && c->found > 0)
			empty_journal(c, s);
	}
	if (c->hopeless)
		c->left = MAX(c->left, 1u);
}
