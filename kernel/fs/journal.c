/* See fs/journal.h. */
#include "fs/journal.h"

#include "fs/alloc.h"
#include "fs/inode.h"
#include "fs/io.h"
#include "fs/mount.h"
#include "fs/pages.h"
#include "kern/print.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "lib/sum64.h"
#include "mem/reclaim.h"
#include "mem/slab.h"

#define BLOCKS_PER_PAGE	(PAGE_SIZE / FS_BLOCK_SIZE)
#define MAX_TXN		512		/* blocks, whatever the area holds */
#define IN_HEADER	ARRAY_LEN(((struct fs_journal_header *)NULL)->block)
#define PER_BLOCK	(FS_BLOCK_SIZE / sizeof(uint32_t))

struct jblock {
	struct buf *buf;		/* held */
	/* what is written: a copy, or the buffer's own; NULL: nothing */
	void	*data;
};

struct txn {
	struct jblock *blocks;		/* [journal.limit] */
	uint32_t n;
	struct list ordered;		/* inodes, by ordered_link[parity] */
	struct page *frozen[DIV_UP(MAX_TXN, BLOCKS_PER_PAGE)];	/* the copies */
	uint32_t nfrozen;		/* read by the counter */
};

/*
 * Field key:   j  lock    t  as j while the transaction runs, then the committer's
 *              k  the committer's (who set `committing`)    c  constant while mounted
 */
static struct {
	struct spinlock lock;		/* RANK_SPIN_OUTER */
	struct waitq wait;		/* j: for anything below to change */
	struct txn txn[3];		/* t: one runs, one is committed, one goes home */
	uint32_t at;			/* j: the one that runs */
	uint64_t running, durable;	/* j: transaction numbers */
	uint64_t first;			/* c: the one running after the mount */
	uint32_t limit;			/* c: blocks in one */
	uint32_t reserved, handles;	/* j: of open handles */
	bool	 stopping;		/* j: no new handles */
	bool	 committing;		/* j */
	bool	 broken;		/* j: could not write; nothing is written any more */
	uint64_t written, flushed;	/* j: data writes, and of these durable */
	uint8_t	*header;		/* k: BLOCKS_PER_PAGE blocks */
	struct txn *last;		/* k: durable, not home yet; NULL: none */
} journal = { .lock = SPINLOCK_INIT("journal", RANK_SPIN_OUTER),
	.wait = WAITQ_INIT(journal.wait, "journal") };

static struct txn *
running(void)
{
	return &journal.txn[journal.at];
}

/* A number of `journal`, as it was at some moment: not every machine reads 64 bits at once. */
static uint64_t
read_number(const uint64_t *number)
{
	uint64_t n;

	spin_lock(&journal.lock);
	n = *number;
	spin_unlock(&journal.lock);
	return n;
}

/* ---- handles ---- */

err_t
txn_begin(struct handle *h, uint32_t nblocks)
{
	rank_assert_below(RANK_TXN);
	assert(nblocks <= journal.limit);
	spin_lock(&journal.lock);
	for (;;) {
		uint64_t seq = journal.running;

		if (journal.broken || fs.readonly) {
			spin_unlock(&journal.lock);
			return ERR(EROFS);
		}
		if (!journal.stopping &&
		    running()->n + journal.reserved + nblocks <= journal.limit)
			break;
		if (journal.stopping || journal.committing) {
			waitq_wait(&journal.wait, &journal.lock);
			continue;
		}
		spin_unlock(&journal.lock);
		if (journal_commit(seq) != OK)
			return ERR(EROFS);
		spin_lock(&journal.lock);
	}
	journal.reserved += nblocks;
	journal.handles++;
	h->seq = journal.running;
	h->reserved = nblocks;
	spin_unlock(&journal.lock);
	rank_acquire(RANK_TXN);
	return OK;
}

void
txn_end(struct handle *h)
{
	rank_release(RANK_TXN);
	spin_lock(&journal.lock);
	assert(h->seq == journal.running);
	journal.reserved -= h->reserved;
	if (--journal.handles == 0 && journal.stopping)
		waitq_wake_all(&journal.wait);
	spin_unlock(&journal.lock);
}

void
txn_dirty(struct handle *h, struct buf *b)
{
	struct txn *t = running();
	bool added = false;

	assert(h->seq == journal.running);
	if (atomic_load_relaxed(&b->slot) != 0)
		return;		/* it stays in while a handle is open */
	spin_lock(&journal.lock);
	if (b->slot == 0) {
		assert(h->reserved > 0);
		h->reserved--;
		journal.reserved--;
		t->blocks[t->n++] = (struct jblock){ .buf = b };
		b->slot = (uint16_t)t->n;
		added = true;
	}
	spin_unlock(&journal.lock);
	if (added)
		buf_get(b);
}

void
txn_forget(struct handle *h, uint32_t block)
{
	struct buf *b = buf_find(block);
	struct txn *t = running();
	bool was_in;

	if (b == NULL)
		return;
	spin_lock(&journal.lock);
	assert(h->seq == journal.running);
	was_in = b->slot != 0;
	if (was_in) {
		struct jblock *last = &t->blocks[--t->n];

		t->blocks[b->slot - 1] = *last;
		last->buf->slot = b->slot;
		b->slot = 0;
	}
	spin_unlock(&journal.lock);
	buf_invalidate(b);
	if (was_in)
		buf_put(b);
	buf_put(b);
}

/* ---- ordered data ---- */

void
txn_order(struct handle *h, struct inode *ip)
{
	struct list *link = &ip->ordered_link[h->seq & 1];

	if (!list_empty(link))
		return;		/* it stays on the list while a handle is open */
	spin_lock(&journal.lock);
	if (list_empty(link))
		list_append(&running()->ordered, link);
	spin_unlock(&journal.lock);
}

/* The link in the transaction that is being committed: not the running one. */
static bool
is_being_written(struct inode *ip)
{
	return !list_empty(&ip->ordered_link[(journal.running + 1) & 1]) ||
	    (journal.stopping && !list_empty(&ip->ordered_link[journal.running & 1]));
}

void
journal_wait_ordered(struct inode *ip)
{
	spin_lock(&journal.lock);
	while (is_being_written(ip))
		waitq_wait(&journal.wait, &journal.lock);
	spin_unlock(&journal.lock);
}

void
journal_drop_ordered(struct inode *ip)
{
	spin_lock(&journal.lock);
	while (is_being_written(ip))
		waitq_wait(&journal.wait, &journal.lock);
	list_remove(&ip->ordered_link[0]);
	list_remove(&ip->ordered_link[1]);
	spin_unlock(&journal.lock);
}

bool
journal_is_committing(struct handle *h, struct inode *ip)
{
	bool is;

	spin_lock(&journal.lock);
	is = !list_empty(&ip->ordered_link[(h->seq + 1) & 1]);
	spin_unlock(&journal.lock);
	return is;
}

void
txn_forget_order(struct handle *h, struct inode *ip)
{
	spin_lock(&journal.lock);
	list_remove(&ip->ordered_link[h->seq & 1]);
	spin_unlock(&journal.lock);
}

bool
journal_is_ordered(struct inode *ip)
{
	return !list_empty(&ip->ordered_link[0]) || !list_empty(&ip->ordered_link[1]);
}

/* Write the data that T, of number SEQ, made blocks for. true: there was some. */
static bool
write_ordered(struct txn *t, uint64_t seq)
{
	struct list *l, *head = &t->ordered;
	bool any = false;
	err_t err;

	spin_lock(&journal.lock);
	while (!list_empty(head)) {
		struct inode *ip;

		l = head->next;
		ip = list_entry(l, struct inode, ordered_link[seq & 1]);
		any = true;
		/*
		 * It stays on the list, hence alive, meanwhile. A failure is reported by its fsync;
		 * T holds the maps, so that no memory is needed.
		 */
		spin_unlock(&journal.lock);
		(void)pages_write(ip, SIZE_MAX, true, &err);
		spin_lock(&journal.lock);
		list_remove(l);
		waitq_wake_all(&journal.wait);
	}
	spin_unlock(&journal.lock);
	return any;
}

/* ---- a commit, step by step; `committing` is set ---- */

static void
release_blocks(struct txn *t)
{
	for (uint32_t i = 0; i < t->n; i++) {
		assert(t->blocks != NULL);
		buf_put(t->blocks[i].buf);
	}
	t->n = 0;
}

static void
release_frozen(struct txn *t)
{
	while (t->nfrozen > 0)
		page_put(t->frozen[--t->nfrozen]);
}

/* Start to write the last transaction's blocks home. */
static void
begin_homes(struct io *io)
{
	struct txn *t = journal.last;

	io_begin(io, IO_HOMES);
	for (uint32_t i = 0; t != NULL && i < t->n; i++)
		if (t->blocks[i].data != NULL)
			io_add(io, t->blocks[i].buf->block, t->blocks[i].data, FS_BLOCK_SIZE);
	io_submit(io);
}

/* They are there, and what was frozen of them is free; or they stay in memory, to be read there. */
static err_t
end_homes(struct io *io)
{
	struct txn *t = journal.last;
	err_t err = io_end(io);

	if (err == OK && t != NULL) {
		release_blocks(t);
		release_frozen(t);
		journal.last = NULL;
	}
	return err;
}

static err_t
write_homes(void)
{
	struct io io;

	begin_homes(&io);
	return end_homes(&io);
}

/* What changed again since the last transaction goes home with this one. */
static void
skip_changed(void)
{
	struct txn *t = journal.last;

	for (uint32_t i = 0; t != NULL && i < t->n; i++)
		if (t->blocks[i].buf->slot != 0)
			t->blocks[i].data = NULL;
}

static void
stop_handles(void)
{
	spin_lock(&journal.lock);
	journal.stopping = true;
	while (journal.handles > 0)
		waitq_wait(&journal.wait, &journal.lock);
	spin_unlock(&journal.lock);
}

/* Handles go on, after ADVANCE in the next transaction. */
static void
resume_handles(bool advance)
{
	spin_lock(&journal.lock);
	if (advance) {
		journal.running++;
		journal.at = (journal.at + 1) % ARRAY_LEN(journal.txn);
	}
	journal.stopping = false;
	waitq_wake_all(&journal.wait);
	spin_unlock(&journal.lock);
}

/*
 * Copy what the transaction changed, so that the next may go on changing it.
 * false: no memory for that; then nobody may until all of it is home.
 */
static bool
freeze(struct txn *t)
{
	uint32_t pages = DIV_UP(t->n, BLOCKS_PER_PAGE);
	bool copied = true;

	while (t->nfrozen < pages && copied) {
		struct page *p = page_alloc_urgent(PAGE_KERNEL);

		copied = p != NULL;
		if (copied)
			t->frozen[t->nfrozen++] = p;
	}
	for (uint32_t i = 0; i < t->n; i++) {
		struct jblock *jb = &t->blocks[i];

		if (jb->buf == fs.super)
			super_seal((struct fs_super *)(void *)jb->buf->data);
		jb->buf->slot = 0;
		jb->data = jb->buf->data;
		if (copied) {
			jb->data = (char *)page_virt(t->frozen[i / BLOCKS_PER_PAGE]) +
			    i % BLOCKS_PER_PAGE * FS_BLOCK_SIZE;
			memcpy(jb->data, jb->buf->data, FS_BLOCK_SIZE);
		}
	}
	return copied;
}

/* By block number, so that neighbours go to the disk together. */
static void
sort_blocks(struct txn *t)
{
	for (uint32_t gap = t->n / 2; gap > 0; gap /= 2)
		for (uint32_t i = gap; i < t->n; i++) {
			struct jblock jb = t->blocks[i];
			uint32_t at = i, block = jb.buf->block;

			for (; at >= gap && t->blocks[at - gap].buf->block > block; at -= gap)
				t->blocks[at] = t->blocks[at - gap];
			t->blocks[at] = jb;
		}
}

uint32_t
journal_header_blocks(uint32_t count)
{
	return 1 + (count <= IN_HEADER ? 0 : DIV_UP(count - IN_HEADER, PER_BLOCK));
}

uint32_t
journal_capacity(uint32_t area)
{
	uint32_t n = MIN(area, MAX_TXN);

	while (n > 0 && journal_header_blocks(n) + n > area)
		n--;
	return n;
}

uint32_t
journal_minimum(uint32_t ngroups)
{
	/*
	 * A chunk of a write, or a step of freeing: bitmaps and 8 more. Making a folder: 2
	 * allocations, 12 more.
	 */
	return MAX(MIN(ngroups, 67) + 8, 2 * MIN(ngroups, 4) + 14);
}

uint64_t
journal_sum_header(const struct fs_journal_header *h)
{
	uint64_t sum = sum64(0, h, offsetof(struct fs_journal_header, checksum));

	return sum64(sum, h->block, ROUND_UP(h->count, 2) * sizeof(h->block[0]));
}

static err_t
write_record(struct txn *t, uint64_t seq)
{
	struct fs_journal_header *h = (void *)journal.header;
	uint32_t nheader = journal_header_blocks(t->n);
	uint32_t at = fs.geo.journal_start + (uint32_t)(seq & 1) * fs.geo.journal_area;
	struct io io;

	memset(h, 0, nheader * FS_BLOCK_SIZE);
	h->magic = FS_JOURNAL_MAGIC;
	h->count = t->n;
	h->seq = seq;
	memcpy(h->uuid, fs.geo.uuid, sizeof(h->uuid));
	for (uint32_t i = 0; i < t->n; i++)
		h->block[i] = t->blocks[i].buf->block;	/* runs on into the blocks behind */
	h->checksum = journal_sum_header(h);
	for (uint32_t i = 0; i < t->n; i++)
		h->checksum = sum64(h->checksum, t->blocks[i].data, FS_BLOCK_SIZE);
	io_begin(&io, IO_WRITER);
	io_add(&io, at, h, nheader * FS_BLOCK_SIZE);
	for (uint32_t i = 0; i < t->n; i++)
		io_add(&io, at + nheader + i, t->blocks[i].data, FS_BLOCK_SIZE);
	return io_end(&io);
}

static err_t
flush_all(void)
{
	uint64_t upto = read_number(&journal.written);
	err_t err = blk_flush(fs.dev);

	spin_lock(&journal.lock);
	if (err == OK && upto > journal.flushed)
		journal.flushed = upto;
	journal.broken |= err != OK;	/* nobody knows which of the writes before are lost */
	spin_unlock(&journal.lock);
	if (err != OK)
		fs_go_readonly("the disk's cache cannot be flushed");
	return err;
}

/* The blocks of the transaction before go home meanwhile; the last flush is theirs, too. */
static err_t
write_txn(struct txn *t, uint64_t seq)
{
	err_t err = OK, second;
	struct io homes;

	begin_homes(&homes);
	/* The record must not be found after a crash that lost the data. */
	if (write_ordered(t, seq))
		err = flush_all();
	sort_blocks(t);
	if (err == OK)
		err = write_record(t, seq);
	second = end_homes(&homes);
	if (err == OK)
		err = second;
	if (err == OK)
		err = flush_all();
	if (err != OK)
		return err;
	spin_lock(&journal.lock);
	journal.durable = seq;
	spin_unlock(&journal.lock);
	alloc_release(seq);
	journal.last = t;
	return OK;
}

static err_t
commit_running(bool even_empty)
{
	struct txn *t;
	uint64_t seq;
	bool copied;
	err_t err;

	stop_handles();
	t = running();
	seq = journal.running;
	if (t->n == 0 && !even_empty) {
		resume_handles(false);
		return write_homes();
	}
	skip_changed();
	copied = freeze(t);
	if (copied)
		resume_handles(true);
	err = write_txn(t, seq);
	if (!copied) {
		if (err == OK)
			err = write_homes();
		resume_handles(true);
	}
	return err;
}

/* ---- commits, from outside ---- */

/* Wait for the right to commit. false: SEQ is durable, or nothing can be written. */
static bool
enter_commit(uint64_t seq)
{
	bool mine;

	rank_assert_below(RANK_TXN);
	spin_lock(&journal.lock);
	while (journal.committing && journal.durable < seq)
		waitq_wait(&journal.wait, &journal.lock);
	mine = journal.durable < seq && !journal.broken;
	if (mine)
		journal.committing = true;
	spin_unlock(&journal.lock);
	return mine;
}

static void
leave_commit(err_t err)
{
	spin_lock(&journal.lock);
	journal.committing = false;
	journal.broken |= err != OK;
	waitq_wake_all(&journal.wait);
	spin_unlock(&journal.lock);
	if (err != OK)
		fs_go_readonly("the journal cannot be written");
}

err_t
journal_commit(uint64_t seq)
{
	err_t err = OK;

	if (enter_commit(seq)) {
		err = commit_running(false);
		leave_commit(err);
	} else if (!journal_is_durable(seq)) {
		err = ERR(EIO);
	}
	return err;
}

err_t
journal_sync(void)
{
	err_t err = journal_commit(journal_running());

	return err == OK ? journal_flush(read_number(&journal.written)) : err;
}

uint64_t
journal_running(void)
{
	return read_number(&journal.running);
}

bool
journal_is_durable(uint64_t seq)
{
	return read_number(&journal.durable) >= seq;
}

uint64_t
fs_commits(void)
{
	return read_number(&journal.durable) + 1 - journal.first;
}

uint64_t
journal_note_write(void)
{
	uint64_t n;

	spin_lock(&journal.lock);
	n = ++journal.written;
	spin_unlock(&journal.lock);
	return n;
}

err_t
journal_flush(uint64_t written)
{
	return read_number(&journal.flushed) < written ? flush_all() : OK;
}

/* ---- mount and unmount ---- */

static size_t
count_frozen(void)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(journal.txn); i++)
		n += atomic_load_relaxed(&journal.txn[i].nfrozen);
	return n;
}

/* Commits, since what is frozen and the blocks freed are waiting for that. */
static size_t
shrink_frozen(size_t want, enum shrink_effort effort)
{
	size_t n = count_frozen();

	(void)want;
	if (effort < SHRINK_WRITE || n == 0 || journal.header == NULL)
		return 0;
	return journal_commit(journal_running()) == OK ? n : 0;
}

err_t
journal_init(uint64_t last)
{
	static struct shrinker s = { .name = "journal", .order = 9,
		.shrink = shrink_frozen, .count = count_frozen };
	size_t size;
	bool good;

	journal.limit = journal_capacity(fs.geo.journal_area);
	size = journal.limit * sizeof(struct jblock);
	journal.running = journal.first = last + 1;
	journal.durable = last;
	journal.broken = journal.stopping = journal.committing = false;
	journal.header = kmem_alloc(BLOCKS_PER_PAGE * FS_BLOCK_SIZE);
	good = journal.header != NULL;
	for (size_t i = 0; i < ARRAY_LEN(journal.txn); i++) {
		journal.txn[i].n = journal.txn[i].nfrozen = 0;
		journal.txn[i].blocks = kmem_alloc(size);
		list_init(&journal.txn[i].ordered);
		good &= journal.txn[i].blocks != NULL;
	}
	if (!good) {
		journal_fini();
		return ERR(ENOMEM);
	}
	mem_shrinker_add(&s);
	return OK;
}

err_t
journal_finish(void)
{
	err_t err = OK;

	for (int i = 0; i < 3 && err == OK; i++) {
		/* First what runs; then one empty record in each area. */
		if (!enter_commit(UINT64_MAX))
			return ERR(EIO);
		err = commit_running(i > 0);
		if (err == OK)
			err = write_homes();
		leave_commit(err);
	}
	return err;
}

void
journal_fini(void)
{
	size_t size = journal.limit * sizeof(struct jblock);

	journal.last = NULL;
	for (size_t i = 0; i < ARRAY_LEN(journal.txn); i++) {
		struct txn *t = &journal.txn[i];

		for (uint32_t n = 0; n < t->n; n++) {	/* left over when the disk failed */
			assert(t->blocks != NULL);
			t->blocks[n].buf->slot = 0;
		}
		release_blocks(t);
		release_frozen(t);
		kmem_free(t->blocks, size);
		t->blocks = NULL;
	}
	kmem_free(journal.header, BLOCKS_PER_PAGE * FS_BLOCK_SIZE);
	journal.header = NULL;
}
