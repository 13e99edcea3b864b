/* See fsmake.h. */
#include "fsmake.h"

#include "abi/limits.h"
#include "abi/stat.h"
#include "fs/alloc.h"
#include "fs/io.h"
#include "fs/journal.h"
#include "fs/mount.h"
#include "kern/clock.h"
#include "lib/bitmap.h"
#include "lib/string.h"
#include "mem/slab.h"

#define BITS		(FS_BLOCK_SIZE * 8)
#define INODES_SHARE	12		/* blocks for each inode */
#define JOURNAL_SHARE	64		/* blocks for each of an area */
#define JOURNAL_MIN	32
#define JOURNAL_MAX	256

static uint32_t
clamp(uint32_t n, uint32_t low, uint32_t high)
{
	return MIN(MAX(n, low), high);
}

static err_t
choose_layout(struct fs_super *s, const struct fs_params *p)
{
	uint32_t area = p->journal_area;

	if (area == 0)
		area = clamp(p->nblocks / JOURNAL_SHARE, JOURNAL_MIN, JOURNAL_MAX);
	*s = (struct fs_super){ .magic = FS_MAGIC, .version = FS_VERSION, .nblocks = p->nblocks,
		.ninodes = p->ninodes, .journal_area = area };
	if (s->ninodes == 0)
		s->ninodes = clamp(p->nblocks / INODES_SHARE, 16, FS_MAX_INODES);
	if (s->ninodes > FS_MAX_INODES || s->ninodes <= FS_ROOT_INO || area > p->nblocks / 4)
		return ERR(EINVAL);
	s->journal_start = FS_SUPER_BLOCK + 1;
	s->ibitmap_start = s->journal_start + 2 * area;
	s->bbitmap_start = s->ibitmap_start + DIV_UP(s->ninodes, BITS);
	s->itable_start = s->bbitmap_start + DIV_UP(s->nblocks, BITS);
	s->data_start = s->itable_start + DIV_UP(s->ninodes, FS_BLOCK_SIZE / FS_INODE_SIZE);
	memcpy(s->uuid, p->uuid, sizeof(s->uuid));
	super_seal(s);
	return OK;
}

/* Zeroes in blocks [START, END). */
static err_t
clear(uint32_t start, uint32_t end, char *block)
{
	struct io io;

	memset(block, 0, FS_BLOCK_SIZE);
	io_begin(&io, IO_WRITER);
	while (start < end)
		io_add(&io, start++, block, FS_BLOCK_SIZE);
	return io_end(&io);
}

/* Everything before the data, and the root folder's block, is in use. */
static err_t
write_bitmaps(const struct fs_super *s, uint8_t *block)
{
	err_t err = OK;

	for (uint32_t i = 0; i < DIV_UP(s->data_start + 1, BITS) && err == OK; i++) {
		memset(block, 0, FS_BLOCK_SIZE);
		for (uint32_t b = i * BITS; b <= s->data_start && b < (i + 1) * BITS; b++)
			bit_set(block, b % BITS);
		err = io_do(BIO_WRITE, s->bbitmap_start + i, block, FS_BLOCK_SIZE);
	}
	memset(block, 0, FS_BLOCK_SIZE);
	bit_set(block, 0);
	bit_set(block, FS_ROOT_INO);
	return err != OK ? err : io_do(BIO_WRITE, s->ibitmap_start, block, FS_BLOCK_SIZE);
}

static err_t
write_root(const struct fs_super *s, void *block)
{
	struct fs_inode *inodes = block;
	struct fs_dirent *entries = block;
	int64_t now = (int64_t)clock_wall_ns();
	err_t err;

	memset(block, 0, FS_BLOCK_SIZE);
	inodes[FS_ROOT_INO] = (struct fs_inode){ .type = T_DIR, .mode = 0755, .nlink = 2,
		.size = 2 * sizeof(struct fs_dirent), .mtime = now, .ctime = now,
		.generation = 1, .nblocks = 1, .addr = { s->data_start } };
	err = io_do(BIO_WRITE, s->itable_start, block, FS_BLOCK_SIZE);
	if (err != OK)
		return err;
	memset(block, 0, FS_BLOCK_SIZE);
	entries[0] = (struct fs_dirent){ FS_ROOT_INO, "." };
	entries[1] = (struct fs_dirent){ FS_ROOT_INO, ".." };
	return io_do(BIO_WRITE, s->data_start, block, FS_BLOCK_SIZE);
}

/* The superblock comes last: an unfinished file system is none. */
static err_t
write_all(const struct fs_super *s, void *block)
{
	err_t err = clear(FS_SUPER_BLOCK, s->journal_start + 1, block);

	if (err == OK)
		err = clear(s->journal_start + s->journal_area,
		    s->journal_start + s->journal_area + 1, block);
	if (err == OK)
		err = clear(s->ibitmap_start, s->data_start, block);
	if (err == OK)
		err = write_bitmaps(s, block);
	if (err == OK)
		err = write_root(s, block);
	if (err == OK)
		err = blk_flush(fs.dev);
	if (err != OK)
		return err;
	memset(block, 0, FS_BLOCK_SIZE);
	memcpy(block, s, sizeof(*s));
	err = io_do(BIO_WRITE, FS_SUPER_BLOCK, block, FS_BLOCK_SIZE);
	return err != OK ? err : blk_flush(fs.dev);
}

err_t
fs_make(struct blkdev *dev, const struct fs_params *p)
{
	struct fs_super s;
	void *block;
	err_t err = choose_layout(&s, p);

	if (err == OK && !super_is_valid(&s, dev->nsectors))
		err = ERR(EINVAL);
	if (err != OK)
		return err;
	block = kmem_alloc(FS_BLOCK_SIZE);
	if (block == NULL)
		return ERR(ENOMEM);
	fs.dev = dev;
	err = write_all(&s, block);
	fs.dev = NULL;
	kmem_free(block, FS_BLOCK_SIZE);
	return err;
}

void
fs_usage(struct fs_usage *u)
{
	u->blocks = fs.geo.nblocks - fs.geo.data_start;
	u->free_blocks = alloc_free_blocks();
	u->inodes = fs.geo.ninodes - FS_ROOT_INO;
	u->free_inodes = alloc_free_inodes();
}
