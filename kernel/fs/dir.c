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

static void
make_key(char key[FS_DIRSIZ], const char *name)
{
	size_t n = strnlen(name, FS_DIRSIZ);

	memset(key, 0, FS_DIRSIZ);
	memcpy(key, name, n);
}

/* Call MATCH for every entry until it says true. -ENOENT: it never did. */
static err_t
scan(struct inode *dp, uint32_t from, bool (*match)(const struct fs_dirent *de, uint32_t off,
    void *arg),
    void *arg)
{
	for (uint32_t off = from; off < dp->d.size;) {
		uint32_t end = (uint32_t)MIN(dp->d.size, ROUND_DOWN(off,
		    FS_BLOCK_SIZE) + FS_BLOCK_SIZE);
		struct buf *b;
		bool found = false;
		err_t err = block_at(dp, off, &b);

		if (err != OK)
			return err;
		for (; off < end && !found; off += ENTRY)
			found = match(&entries(b)[off / ENTRY % PER_BLOCK], off, arg);
		buf_put(b);
		if (found)
			return OK;
	}
	return ERR(ENOENT);
}

struct find {
	char	 key[FS_DIRSIZ];
	struct dir_pos *pos;
};

static bool
match_name(const struct fs_dirent *de, uint32_t off, void *arg)
{
	struct find *f = arg;

	if (de->inum == 0) {
		f->pos->free = MIN(f->pos->free, off);
		return false;
	}
	if (memcmp(de->name, f->key, FS_DIRSIZ) != 0)
		return false;
	f->pos->inum = de->inum;
	f->pos->off = off;
	return true;
}

err_t
dir_find(struct inode *dp, const char *name, struct dir_pos *pos)
{
	struct find f = { .pos = pos };

	if (dp->d.type != T_DIR)
		return ERR(ENOTDIR);
	pos->inum = 0;
	pos->free = (uint32_t)dp->d.size;
	if (dp->d.nlink == 0)
		return ERR(ENOENT);	/* removed: it holds nothing any more */
	make_key(f.key, name);
	return scan(dp, 0, match_name, &f);
}

static bool
match_used(const struct fs_dirent *de, uint32_t off, void *arg)
{
	(void)off, (void)arg;
	return de->inum != 0;
}

err_t
dir_check_empty(struct inode *dp)
{
	err_t err = scan(dp, 2 * ENTRY, match_used, NULL);

	if (err == OK)
		return ERR(ENOTEMPTY);
	return err == ERR(ENOENT) ? OK : err;
}

struct find_name {
	uint32_t inum;
	char	*name;
};

static bool
match_inum(const struct fs_dirent *de, uint32_t off, void *arg)
{
	struct find_name *f = arg;

	if (de->inum != f->inum || off < 2 * ENTRY)
		return false;
	memcpy(f->name, de->name, FS_DIRSIZ);
	f->name[FS_DIRSIZ] = '\0';
	return true;
}

err_t
dir_name_of(struct inode *dp, uint32_t inum, char *name)
{
	struct find_name f = { inum, name };

	return scan(dp, 0, match_inum, &f);
}

/* ---- changing ---- */

static void
set_entry(struct fs_dirent *de, const char *name, uint32_t inum)
{
	de->inum = (uint16_t)inum;
	make_key(de->name, name);
}

err_t
dir_init(struct handle *h, struct inode *dp, uint32_t parent)
{
	struct buf *b;
	err_t err;

	mutex_lock(&dp->map);
	err = block_add(h, dp, 0, &b);
	if (err == OK) {
		set_entry(&entries(b)[0], ".", dp->inum);
		set_entry(&entries(b)[1], "..", parent);
		dp->d.size = 2 * ENTRY;
		buf_put(b);
	}
	mutex_unlock(&dp->map);
	return err;
}

err_t
dir_add(struct handle *h, struct inode *dp, const struct dir_pos *pos, const char *name,
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
