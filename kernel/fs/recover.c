/*
 * Recovery: the two areas of the journal hold transactions S - 1 and S, or a
 * torn one. The valid ones are written home in their order. Doing it
 * again, or doing it half and then again, ends the same.
 */
#include "fs/io.h"
#include "fs/journal.h"
#include "fs/mount.h"
#include "kern/print.h"
#include "lib/string.h"
#include "lib/sum64.h"
#include "mem/slab.h"

struct area {
	uint32_t start;			/* its first block */
	uint32_t nheader;		/* blocks before the contents */
	bool	 valid;
	struct fs_journal_header *h;	/* PAGE_SIZE bytes: with the numbers that continue it */
};

static bool
header_fits(const struct area *a, uint32_t parity)
{
	const struct fs_journal_header *h = a->h;

	return h->magic == FS_JOURNAL_MAGIC && h->seq > 0 && (h->seq & 1) == parity &&
	    memcmp(h->uuid, fs.geo.uuid, sizeof(h->uuid)) == 0 &&
	    h->count <= journal_capacity(fs.geo.journal_area);
}

/* A record's blocks have their home outside the journal. */
static bool
numbers_fit(const struct area *a)
{
	for (uint32_t i = 0; i < a->h->count; i++) {
		uint32_t b = a->h->block[i];

		if (b < FS_SUPER_BLOCK || b >= fs.geo.nblocks ||
		    (b >= fs.geo.journal_start &&
		    b - fs.geo.journal_start < 2 * fs.geo.journal_area))
			return false;
	}
	return true;
}

/* Read area PARITY's header; sum up everything, with BLOCK for the contents. */
static err_t
area_load(struct area *a, uint32_t parity, void *block)
{
	uint64_t sum;
	err_t err;

	a->valid = false;
	a->start = fs.geo.journal_start + parity * fs.geo.journal_area;
	err = io_do(BIO_READ, a->start, a->h, FS_BLOCK_SIZE);
	if (err != OK || !header_fits(a, parity))
		return err;
	a->nheader = journal_header_blocks(a->h->count);
	if (a->nheader > 1)
		err = io_do(BIO_READ, a->start + 1, (char *)a->h + FS_BLOCK_SIZE,
		    (a->nheader - 1) * FS_BLOCK_SIZE);
	if (err != OK)
		return err;
	sum = journal_sum_header(a->h);
	for (uint32_t i = 0; i < a->h->count; i++) {
		err = io_do(BIO_READ, a->start + a->nheader + i, block, FS_BLOCK_SIZE);
		if (err != OK)
			return err;
		sum = sum64(sum, block, FS_BLOCK_SIZE);
	}
	a->valid = sum == a->h->checksum && numbers_fit(a);
	return OK;
}

/*
 * BLOCK: room for two. What is there already is not written, so that a clean disk may be read-only.
 */
static err_t
area_replay(const struct area *a, char *block, uint32_t *written)
{
	err_t err = OK;

	for (uint32_t i = 0; i < a->h->count && err == OK; i++) {
		char *home = block + FS_BLOCK_SIZE;

		err = io_do(BIO_READ, a->start + a->nheader + i, block, FS_BLOCK_SIZE);
		if (err == OK)
			err = io_do(BIO_READ, a->h->block[i], home, FS_BLOCK_SIZE);
		if (err != OK || memcmp(block, home, FS_BLOCK_SIZE) == 0)
			continue;
		err = io_do(BIO_WRITE, a->h->block[i], block, FS_BLOCK_SIZE);
		++*written;
	}
	return err;
}

static err_t
replay_all(struct area area[2], char *block, uint64_t *last)
{
	uint64_t seq[2] = { area[0].valid ? area[0].h->seq : 0,
	    area[1].valid ? area[1].h->seq : 0 };
	int newest = seq[1] > seq[0];
	uint32_t written = 0;
	err_t err = OK;

	*last = seq[newest];
	if (*last == 0)
		return OK;
	if (seq[!newest] + 1 == *last && seq[!newest] > 0)
		err = area_replay(&area[!newest], block, &written);
	if (err == OK)
		err = area_replay(&area[newest], block, &written);
	if (err == OK && written > 0) {
		kprintf("fs: recovered %u blocks from the journal\n", written);
		err = blk_flush(fs.dev);
	}
	return err;
}

err_t
journal_recover(uint64_t *last)
{
	struct area area[2];
	char *block = kmem_alloc(2 * FS_BLOCK_SIZE);
	err_t err = OK;

	for (int i = 0; i < 2; i++)
		area[i].h = kmem_alloc(PAGE_SIZE);
	if (block == NULL || area[0].h == NULL || area[1].h == NULL)
		err = ERR(ENOMEM);
	for (uint32_t i = 0; i < 2 && err == OK; i++)
		err = area_load(&area[i], i, block);
	if (err == OK)
		err = replay_all(area, block, last);
	for (int i = 0; i < 2; i++)
		kmem_free(area[i].h, PAGE_SIZE);
	kmem_free(block, 2 * FS_BLOCK_SIZE);
	return err;
}
