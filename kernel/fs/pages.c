/* See fs/pages.h. */
#include "fs/pages.h"

#include "fs/io.h"
#include "fs/mount.h"
#include "kern/print.h"
#include "lib/assert.h"
#include "lib/string.h"

#define READ_AHEAD	32		/* pages in one request */
#define WRITE_BATCH	32		/* pages looked up at once */

/* Blocks of page INDEX that lie below the end of the file. */
static uint32_t
blocks_below_end(const struct inode *ip, uint32_t index)
{
	uint64_t start = (uint64_t)index << PAGE_SHIFT;

	if (ip->d.size <= start)
		return 0;
	return (uint32_t)DIV_UP(MIN(ip->d.size - start, PAGE_SIZE), FS_BLOCK_SIZE);
}

/* A run of blocks of one page. */
struct piece {
	uint32_t block;			/* on the disk; 0: a hole */
	uint16_t at, n;			/* blocks of the page */
};

struct layout {
	struct piece piece[BLOCKS_PER_PAGE];
	uint32_t npieces, nblocks;	/* nblocks: below the end of file */
	/* blocks in a row from the first on, also in the pages behind */
	uint32_t run;
	bool	 holes;
};

/* Where page INDEX is on the disk. */
static err_t
find_layout(struct inode *ip, uint32_t index, struct layout *l) REQUIRES(ip->map)
{
	uint32_t fb = index * BLOCKS_PER_PAGE;

	l->nblocks = blocks_below_end(ip, index);
	l->npieces = l->run = 0;
	l->holes = false;
	for (uint32_t at = 0; at < l->nblocks;) {
		uint32_t run, block, max = MIN(READ_AHEAD * BLOCKS_PER_PAGE, FS_MAXFILE - fb - at);
		err_t err = map_lookup(ip, fb + at, max, &block, &run);

		if (err != OK)
			return err;
		if (at == 0 && block != 0)
			l->run = run;
		run = MIN(run, l->nblocks - at);
		l->piece[l->npieces++] = (struct piece){ block, (uint16_t)at, (uint16_t)run };
		l->holes |= block == 0;
		at += run;
	}
	return OK;
}

bool
pages_backed(struct inode *ip, uint32_t index)
{
	struct layout l;

	return find_layout(ip, index, &l) == OK && !l.holes;
}

static char *
piece_addr(struct page *p, const struct piece *pc)
{
	return (char *)page_virt(p) + pc->at * FS_BLOCK_SIZE;
}

/* ---- filling ---- */

/* Frames come in the order of their addresses, or, given back in it, in the opposite one. */
static void
turn_round(struct page **p, uint32_t n)
{
	for (uint32_t i = 0, k = n - 1; i < k; i++, k--) {
		struct page *other = p[k];

		p[k] = p[i];
		p[i] = other;
	}
}

/*
 * Busy, empty pages behind INDEX whose blocks continue the run of the page
 * before; how many. They are valid only if the map did not lose blocks since TURN.
 */
static uint32_t
begin_ahead(struct inode *ip, uint32_t index, uint32_t run, uint32_t turn, struct page **ahead)
{
	uint32_t want = MIN(run / BLOCKS_PER_PAGE, READ_AHEAD) - 1;
	uint32_t frames = page_alloc_many(PAGE_FILE, ahead, want), n;
	bool valid;

	if (frames > 1 && ahead[1] < ahead[0])
		turn_round(ahead, frames);
	n = object_fill_begin(&ip->object, index + 1, ahead, frames);
	while (frames > n)
		page_put(ahead[--frames]);
	mutex_lock(&ip->map);
	valid = ip->map_turn == turn;
	ip->read_next = index + 1 + n;
	mutex_unlock(&ip->map);
	if (valid)
		return n;
	object_fill_end(&ip->object, ahead, n, false, true);
	return 0;
}

/* Frames that lie together in memory are read together. */
static err_t
read_pages(struct page *p, const struct layout *l, struct page **ahead, uint32_t n)
{
	struct io io;

	io_begin(&io, IO_READER);
	for (uint32_t i = 0; i < l->npieces; i++) {
		const struct piece *pc = &l->piece[i];

		if (pc->block != 0)
			io_add(&io, pc->block, piece_addr(p, pc), pc->n * FS_BLOCK_SIZE);
		else
			memset(piece_addr(p, pc), 0, pc->n * FS_BLOCK_SIZE);
	}
	for (uint32_t i = 0, k; i < n; i += k) {
		for (k = 1; i + k < n && ahead[i + k] == ahead[i] + k; k++)
			;
		io_add(&io, l->piece[0].block + (i + 1) * BLOCKS_PER_PAGE, page_virt(ahead[i]),
		    k * PAGE_SIZE);
	}
	return io_end(&io);
}

/* What the disk has beyond the end of the file is of no meaning. */
static void
zero_from(struct page *p, uint64_t size)
{
	uint64_t start = (uint64_t)p->index << PAGE_SHIFT;
	uint32_t keep = size <= start ? 0 : (uint32_t)MIN(size - start, PAGE_SIZE);

	memset((char *)page_virt(p) + keep, 0, PAGE_SIZE - keep);
}

static err_t
file_fill(struct object *o, struct page *p, bool *backed)
{
	struct inode *ip = inode_of_object(o);
	struct page *ahead[READ_AHEAD];
	uint32_t turn, n = 0;
	struct layout l;
	uint64_t size;
	bool sequential;
	err_t err;

	mutex_lock(&ip->map);
	err = find_layout(ip, p->index, &l);
	size = ip->d.size;
	turn = ip->map_turn;
	sequential = p->index == ip->read_next;
	ip->read_next = p->index + 1;
	mutex_unlock(&ip->map);
	if (err != OK)
		return err;
	if (sequential && l.run > BLOCKS_PER_PAGE)
		n = begin_ahead(ip, p->index, l.run, turn, ahead);
	err = read_pages(p, &l, ahead, n);
	if (n > 0) {
		zero_from(ahead[n - 1], size);	/* nothing is ahead of the end but a part of it */
		object_fill_end(o, ahead, n, true, err != OK);
	}
	if (err != OK && n > 0)
		err = read_pages(p, &l, NULL, 0);	/* it may have been one of the others */
	zero_from(p, size);
	if (err != OK)
		kprintf("fs: inode %u: page %u cannot be read\n", ip->inum, p->index);
	*backed = !l.holes;
	return err;
}

/* ---- making storable ---- */

/* What is missing of the blocks is allocated in one transaction. */
static err_t
allocate(struct inode *ip, struct page *p, uint32_t fb, uint32_t n)
{
	struct handle h;
	uint32_t done = 0;
	err_t err = txn_begin(&h, map_credits(BLOCKS_PER_PAGE) + INODE_CREDITS);

	if (err != OK)
		return err;
	mutex_lock(&ip->map);
	n = MIN(n, (uint32_t)DIV_UP(ip->d.size, FS_BLOCK_SIZE) - MIN(fb,
	    (uint32_t)DIV_UP(ip->d.size, FS_BLOCK_SIZE)));
	if (n > 0)
		err = map_alloc(&h, ip, fb, n, &done);
	txn_order(&h, ip);
	inode_log(&h, ip);
	/* Also on failure: new blocks must be written before they can be read. */
	if (done > 0)
		object_mark_dirty(&ip->object, p, pages_backed(ip, p->index));
	mutex_unlock(&ip->map);
	txn_end(&h);
	inode_note_dirty(ip);
	return err;
}

err_t
pages_prepare(struct inode *ip, struct page *p, uint32_t first, uint32_t n)
{
	bool backed;
	err_t err;

	if (fs.readonly)
		return ERR(EROFS);
	mutex_lock(&ip->map);
	backed = pages_backed(ip, p->index);
	if (backed)
		object_mark_dirty(&ip->object, p, true);
	mutex_unlock(&ip->map);
	inode_note_dirty(ip);
	if (backed)
		return OK;
	do
		err = allocate(ip, p, p->index * BLOCKS_PER_PAGE + first, n);
	while (fs_may_retry(err));
	return err;
}

static err_t
file_prepare_write(struct object *o, struct page *p)
{
	struct inode *ip = inode_of_object(o);
	err_t err = pages_prepare(ip, p, 0, BLOCKS_PER_PAGE);

	if (err == OK) {
		mutex_lock(&ip->map);
		inode_set_times(ip);
		inode_touch(ip);
		mutex_unlock(&ip->map);
	}
	return err;
}

/* ---- writing back ---- */

struct writer {
	struct inode *ip;
	bool	 alone;			/* one page at a time, for the last time */
	bool	 no_memory;		/* to find out where a page goes */
	uint32_t failed;		/* pages */
};

/* Before anybody who waits for the pages goes on: the disk has to be flushed for them. */
static void
note_written(struct io *io)
{
	struct inode *ip = ((struct writer *)io->arg)->ip;
	uint64_t written = journal_note_write();

	mutex_lock(&ip->map);
	ip->written = MAX(ip->written, written);
	mutex_unlock(&ip->map);
}

/*
 * What failed for the last time is clean: kept dirty it would fill the memory. Counted first, so
 * that it is known to whoever has waited for the page.
 */
static void
page_failed(struct writer *w, struct page *p)
{
	struct inode *ip = w->ip;

	if (w->failed++ == 0) {
		mutex_lock(&ip->map);
		w->alone ? ip->failures++ : ip->retries++;
		mutex_unlock(&ip->map);
	}
	object_writeback_end(&ip->object, p, !w->alone);
}

#define PIECE_FAILED	0x100

/* A page's `aux` counts its pieces that are still to be written. */
static void
piece_written(struct io *io, void *addr, err_t err)
{
	struct page *p = page_of_virt(addr);
	struct writer *w = io->arg;

	if (err != OK)
		p->aux |= PIECE_FAILED;
	if (--p->aux == PIECE_FAILED)
		page_failed(w, p);
	else if (p->aux == 0)
		object_writeback_end(&w->ip->object, p, false);
}

/*
 * Begin to write P. Without the memory to find out where to, it stays dirty;
 * never one with blocks of the transaction being committed: that holds their maps.
 */
static void
write_page(struct writer *w, struct io *io, struct page *p)
{
	struct inode *ip = w->ip;
	struct layout l;
	err_t err;

	mutex_lock(&ip->map);
	err = find_layout(ip, p->index, &l);
	mutex_unlock(&ip->map);
	p->aux = 0;
	for (uint32_t i = 0; err == OK && i < l.npieces; i++)
		p->aux += l.piece[i].block != 0;
	if (err != OK && err != ERR(ENOMEM)) {
		page_failed(w, p);
		return;
	}
	w->no_memory |= err != OK;
	if (err != OK || p->aux == 0) {
		object_writeback_end(&ip->object, p, err != OK);
		return;
	}
	for (uint32_t i = 0; i < l.npieces; i++)
		if (l.piece[i].block != 0)
			io_add(io, l.piece[i].block, piece_addr(p, &l.piece[i]),
			    l.piece[i].n * FS_BLOCK_SIZE);
}

/*
 * Where the N pages are on the disk, in order of index: BLOCK[i], or 0: not in one piece there, or
 * not wholly below the end of file.
 */
static void
find_whole(struct inode *ip, struct page **p, uint32_t n, uint32_t *block)
{
	uint32_t fb = 0, start = 0, run = 0;	/* a run of the map: from file block FB on */

	mutex_lock(&ip->map);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = p[i]->index * BLOCKS_PER_PAGE;

		block[i] = 0;
		if (blocks_below_end(ip, p[i]->index) < BLOCKS_PER_PAGE)
			continue;
		if (at < fb || at + BLOCKS_PER_PAGE > fb + run) {
			fb = at;
			if (map_lookup(ip, fb, MIN(WRITE_BATCH * BLOCKS_PER_PAGE, FS_MAXFILE - fb),
			    &start, &run) != OK)
				start = run = 0;
		}
		if (start != 0 && at + BLOCKS_PER_PAGE <= fb + run)
			block[i] = start + at - fb;
	}
	mutex_unlock(&ip->map);
}

static void
write_batch(struct writer *w, struct io *io, struct page **p, uint32_t n)
{
	uint32_t block[WRITE_BATCH];

	find_whole(w->ip, p, n, block);
	for (uint32_t i = 0; i < n; i++) {
		if (block[i] == 0) {
			write_page(w, io, p[i]);
			continue;
		}
		p[i]->aux = 1;
		io_add(io, block[i], page_virt(p[i]), PAGE_SIZE);
	}
}

static size_t
write_pass(struct writer *w, size_t max, bool all)
{
	struct object *o = &w->ip->object;
	struct page *batch[WRITE_BATCH];
	uint32_t index = 0, got;
	struct io io;
	size_t n = 0;

	io_begin(&io, IO_WRITER);
	io.requests_done = note_written;
	io.piece_done = piece_written;
	io.arg = w;
	/* Waiting for others' pages is safe: everybody goes from low to high. */
	for (; n < max; n += got) {
		got = object_writeback_begin(o, &index, all, batch,
		    w->alone ? 1 : (uint32_t)MIN(max - n, WRITE_BATCH));
		if (got == 0)
			break;
		write_batch(w, &io, batch, got);
		if (w->alone)
			err_ignore(io_end(&io));
	}
	err_ignore(io_end(&io));	/* page_failed has heard of it */
	return n;
}

size_t
pages_write(struct inode *ip, size_t max, bool all, err_t *err)
{
	struct writer first = { .ip = ip }, second = { .ip = ip, .alone = true };
	size_t n = write_pass(&first, max, all);

	if (all)
		object_writeback_wait(&ip->object);
	*err = first.no_memory ? ERR(ENOMEM) : OK;
	if (first.failed == 0 && (!all || atomic_load_relaxed(&ip->retries) == 0))
		return n;
	/* It may be one of many in a request; it may be a passing trouble. */
	(void)write_pass(&second, max, all);
	if (all)
		object_writeback_wait(&ip->object);
	mutex_lock(&ip->map);
	ip->retries -= first.failed > 0;
	mutex_unlock(&ip->map);
	if (second.no_memory)
		*err = ERR(ENOMEM);
	if (second.failed > 0)
		kprintf("fs: inode %u: data lost: %u pages cannot be written\n", ip->inum,
		    second.failed);
	return n;
}

const struct object_ops file_object_ops = {
	.fill = file_fill,
	.prepare_write = file_prepare_write,
	.get = inode_object_get,
	.put = inode_object_put,
};
