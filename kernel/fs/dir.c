/* See fs/dir.h. */
#include "fs/dir.h"

#include "abi/limits.h"
#include "fs/mount.h"
#include "lib/assert.h"
#include "lib/string.h"

#define ENTRY		sizeof(struct fs_dirent)
#define PER_BLOCK	(FS_BLOCK_SIZE / ENTRY)

static struct fs_dirent *
entries(struct buf *b)
{
	return (struct fs_dirent *)(void *)b->data;
}

/* ---- blocks ---- */

static err_t
block_locked(struct inode *ip, uint32_t fb, struct buf **b) REQUIRES(ip->map)
{
	uint32_t block, run;
	err_t err = map_lookup(ip, fb, 1, &block, &run);

	if (err != OK)
		return err;
	if (block == 0)
		return fs_damaged("hole in a folder or link", ip->inum);
	return buf_read(block, b);
}

static err_t
block_at(struct inode *ip, uint32_t off, struct buf **b)
{
	err_t err;

	mutex_lock(&ip->map);
	err = block_locked(ip, off / FS_BLOCK_SIZE, b);
	mutex_unlock(&ip->map);
	return err;
}

/* A new, empty block FB at the end. */
static err_t
block_add(struct handle *h, struct inode *ip, uint32_t fb, struct buf **b) REQUIRES(ip->map)
{
	uint32_t done, block = 0, run;
	bool more;
	err_t err;

	if (fb >= FS_MAXFILE)
		return ERR(ENOSPC);
	err = map_alloc(h, ip, fb, 1, &done);
	if (err == OK)
		err = map_lookup(ip, fb, 1, &block, &run);
	if (err == OK)
		err = buf_new(block, b);
	if (err == OK)
		txn_dirty(h, *b);
	else if (done > 0)
		err_ignore(map_free(h, ip, fb, &more));
	return err;
}

/* ---- finding ---- */

/* Looks at N entries, the first of which is entry AT, until it has found one; N: it has not. */
typedef uint32_t (*matcher)(const struct fs_dirent *de, uint32_t n, uint32_t at, void *arg);

/* Call MATCH for each block until it finds something. -ENOENT: it never did. */
static err_t
scan(struct inode *dp, matcher match, void *arg)
{
	for (uint32_t off = 0; off < dp->d.size; off += FS_BLOCK_SIZE) {
		uint32_t n = (uint32_t)MIN(dp->d.size - off, FS_BLOCK_SIZE) / ENTRY;
		struct buf *b;
		bool found;
		err_t err = block_at(dp, off, &b);

		if (err != OK)
			return err;
		found = match(entries(b), n, off / ENTRY, arg) < n;
		buf_put(b);
		if (found)
			return OK;
	}
	return ERR(ENOENT);
}

struct find {
	const union name *name;
	struct dir_pos *pos;
};

/* Compared in words: as the entry would be, its number left out. */
static bool
has_name(const struct fs_dirent *de, const uint32_t want[4])
{
	const uint32_t *w = (const uint32_t *)(const void *)de;

	return (w[0] ^ want[0]) >> 16 == 0 && w[1] == want[1] && w[2] == want[2] && w[3] == want[3];
}

static uint32_t
match_name(const struct fs_dirent *de, uint32_t n, uint32_t at, void *arg)
{
	struct find *f = arg;
	struct fs_dirent like = { 0 };
	uint32_t want[4], i;

	memcpy(like.name, f->name->s, FS_DIRSIZ);
	memcpy(want, &like, sizeof(want));
	for (i = 0; i < n; i++) {
		if (de[i].inum == 0) {
			f->pos->free = MIN(f->pos->free, (at + i) * ENTRY);
		} else if (has_name(&de[i], want)) {
			f->pos->inum = de[i].inum;
			f->pos->off = (at + i) * ENTRY;
			break;
		}
	}
	return i;
}

static union name
entry_name(const struct fs_dirent *de)
{
	union name name = { "" };

	memcpy(name.s, de->name, FS_DIRSIZ);
	return name;
}

static uint32_t
add_to_index(const struct fs_dirent *de, uint32_t n, uint32_t at, void *arg)
{
	for (uint32_t i = 0; i < n; i++) {
		union name name = entry_name(&de[i]);

		if (de[i].inum == 0)
			dir_index_add_empty(arg, at + i);
		else
			dir_index_add(arg, at + i, &name);
	}
	return n;
}

/* DP's index, made if it is worth it; NULL: there is none. */
static struct dir_index *
index_of(struct inode *dp)
{
	struct dir_index *x = &dp->index;
	uint32_t n = (uint32_t)(dp->d.size / ENTRY);

	if (!dir_index_exists(x) && n > PER_BLOCK && dir_index_create(x, n) &&
	    scan(dp, add_to_index, x) != ERR(ENOENT))
		dir_index_drop(x);
	return dir_index_exists(x) ? x : NULL;
}

static err_t
find_by_index(struct inode *dp, struct dir_index *x, struct find *f)
{
	uint32_t at = INDEX_NONE;

	while ((at = dir_index_next(x, f->name, at)) != INDEX_NONE) {
		bool found;
		struct buf *b;
		err_t err = block_at(dp, at * ENTRY, &b);

		if (err != OK)
			return err;
		found = match_name(&entries(b)[at % PER_BLOCK], 1, at, f) == 0;
		buf_put(b);
		if (found)
			return OK;
	}
	if (dir_index_empty(x) != INDEX_NONE)
		f->pos->free = dir_index_empty(x) * ENTRY;
	return ERR(ENOENT);
}

err_t
dir_find(struct inode *dp, const union name *name, struct dir_pos *pos)
{
	struct find f = { .name = name, .pos = pos };
	struct dir_index *x;

	if (dp->d.type != T_DIR)
		return ERR(ENOTDIR);
	pos->inum = 0;
	pos->free = (uint32_t)dp->d.size;
	if (dp->d.nlink == 0)
		return ERR(ENOENT);	/* removed: it holds nothing any more */
	x = index_of(dp);
	return x != NULL ? find_by_index(dp, x, &f) : scan(dp, match_name, &f);
}

static uint32_t
match_used(const struct fs_dirent *de, uint32_t n, uint32_t at, void *arg)
{
	uint32_t i = at == 0 ? 2 : 0;

	(void)arg;
	while (i < n && de[i].inum == 0)
		i++;
	return i;
}

err_t
dir_check_empty(struct inode *dp)
{
	err_t err = scan(dp, match_used, NULL);

	if (err == OK)
		return ERR(ENOTEMPTY);
	return err == ERR(ENOENT) ? OK : err;
}

struct find_name {
	uint32_t inum;
	union name *name;
};

static uint32_t
match_inum(const struct fs_dirent *de, uint32_t n, uint32_t at, void *arg)
{
	struct find_name *f = arg;
	uint32_t i = at == 0 ? 2 : 0;

	while (i < n && de[i].inum != f->inum)
		i++;
	if (i < n)
		*f->name = entry_name(&de[i]);
	return i;
}

err_t
dir_name_of(struct inode *dp, uint32_t inum, union name *name)
{
	struct find_name f = { inum, name };

	return scan(dp, match_inum, &f);
}

/* ---- changing ---- */

static void
set_entry(struct fs_dirent *de, const union name *name, uint32_t inum)
{
	de->inum = (uint16_t)inum;
	memcpy(de->name, name->s, FS_DIRSIZ);
}

err_t
dir_init(struct handle *h, struct inode *dp, uint32_t parent)
{
	struct buf *b;
	err_t err;

	mutex_lock(&dp->map);
	err = block_add(h, dp, 0, &b);
	if (err == OK) {
		set_entry(&entries(b)[0], &name_dot, dp->inum);
		set_entry(&entries(b)[1], &name_dotdot, parent);
		dp->d.size = 2 * ENTRY;
		buf_put(b);
	}
	mutex_unlock(&dp->map);
	return err;
}

err_t
dir_add(struct handle *h, struct inode *dp, const struct dir_pos *pos, const union name *name,
    uint32_t inum)
{
	uint32_t fb = pos->free / FS_BLOCK_SIZE;
	struct buf *b;
	err_t err;

	mutex_lock(&dp->map);
	if (pos->free == dp->d.size && pos->free % FS_BLOCK_SIZE == 0)
		err = block_add(h, dp, fb, &b);
	else
		err = block_locked(dp, fb, &b);
	if (err == OK) {
		set_entry(&entries(b)[pos->free / ENTRY % PER_BLOCK], name, inum);
		txn_dirty(h, b);
		buf_put(b);
		dp->d.size = MAX(dp->d.size, pos->free + ENTRY);
		if (dir_index_exists(&dp->index))
			dir_index_add(&dp->index, pos->free / ENTRY, name);
		inode_set_times(dp);
		inode_log(h, dp);
	}
	mutex_unlock(&dp->map);
	return err;
}

err_t
dir_set(struct handle *h, struct inode *dp, uint32_t off, uint32_t inum)
{
	struct buf *b;
	err_t err;

	mutex_lock(&dp->map);
	err = block_locked(dp, off / FS_BLOCK_SIZE, &b);
	if (err == OK) {
		struct fs_dirent *de = &entries(b)[off / ENTRY % PER_BLOCK];
		union name name = entry_name(de);

		if (inum == 0 && dir_index_exists(&dp->index))
			dir_index_remove(&dp->index, off / ENTRY, &name);
		de->inum = (uint16_t)inum;
		if (inum == 0)
			memset(de, 0, sizeof(*de));
		txn_dirty(h, b);
		buf_put(b);
		inode_set_times(dp);
		inode_log(h, dp);
	}
	mutex_unlock(&dp->map);
	return err;
}

/* ---- contents as bytes ---- */

long
dir_read(struct inode *ip, uint64_t off, const struct iobuf *dst, size_t n)
{
	size_t done = 0;
	err_t err = OK;

	mutex_lock(&ip->io);
	n = off >= ip->d.size ? 0 : (size_t)MIN(n, ip->d.size - off);
	while (done < n && err == OK) {
		uint32_t at = (uint32_t)(off + done) % FS_BLOCK_SIZE;
		size_t len = MIN(n - done, FS_BLOCK_SIZE - at);
		struct buf *b;

		err = block_at(ip, (uint32_t)(off + done), &b);
		if (err != OK)
			break;
		err = iobuf_put(dst, done, b->data + at, len);
		buf_put(b);
		if (err == OK)
			done += len;
	}
	mutex_unlock(&ip->io);
	return done > 0 ? (long)done : err_code(err);
}

err_t
link_write(struct handle *h, struct inode *ip, const char *target)
{
	struct buf *b;
	err_t err;

	mutex_lock(&ip->map);
	err = block_add(h, ip, 0, &b);
	if (err == OK) {
		ip->d.size = strlen(target);
		memcpy(b->data, target, ip->d.size);
		buf_put(b);
	}
	mutex_unlock(&ip->map);
	return err;
}

err_t
link_read(struct inode *ip, char *target)
{
	uint32_t n = (uint32_t)ip->d.size;
	struct buf *b;
	err_t err = block_at(ip, 0, &b);

	if (err != OK)
		return err;
	memcpy(target, b->data, n);
	target[n] = '\0';
	buf_put(b);
	return strlen(target) == n ? OK : fs_damaged("link with a NUL in it", ip->inum);
}
