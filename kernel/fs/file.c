/*
 * Contents of files: reading, writing, changing the size. See
 * docs/filesystem.md for the order in which a write happens.
 */
#include "fs/alloc.h"
#include "fs/dir.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "fs/pages.h"
#include "kern/clock.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mem/reclaim.h"

#define CHUNK_PAGES	16		/* what one transaction of a write may cover */

/* ---- what an inode is ---- */

uint16_t
inode_type(struct inode *ip)
{
	return ip->d.type;
}

uint32_t
inode_number(struct inode *ip)
{
	return ip->inum;
}

void
inode_device(struct inode *ip, unsigned *major, unsigned *minor)
{
	*major = ip->d.major;
	*minor = ip->d.minor;
}

struct object *
inode_object(struct inode *ip)
{
	return &ip->object;
}

void
inode_stat(struct inode *ip, struct kstat *st)
{
	struct fs_inode d;

	mutex_lock(&ip->map);
	d = ip->d;
	mutex_unlock(&ip->map);
	*st = (struct kstat){ .dev = 1, .ino = ip->inum, .type = d.type, .mode = d.mode,
		.nlink = d.nlink, .uid = d.uid, .gid = d.gid, .major = d.major, .minor = d.minor,
		.size = d.size, .blocks = (uint64_t)d.nblocks * (FS_BLOCK_SIZE / 512) };
	st->mtime = d.mtime / (int64_t)NS_PER_SEC;
	st->mtime_ns = (uint32_t)(d.mtime % (int64_t)NS_PER_SEC);
	st->ctime = d.ctime / (int64_t)NS_PER_SEC;
	st->ctime_ns = (uint32_t)(d.ctime % (int64_t)NS_PER_SEC);
}

/* ---- reading ---- */

/* At most N bytes at POS, of one page. 0: the end. */
static long
read_page(struct inode *ip, uint64_t pos, const struct iobuf *b, size_t done, size_t n)
{
	uint32_t index = (uint32_t)(pos >> PAGE_SHIFT), at = (uint32_t)pos % PAGE_SIZE;
	struct object *o = &ip->object;
	struct page *p = NULL;
	err_t err = OK;

	mutex_lock(&o->lock);
	n = pos < o->size ? MIN(MIN(n, PAGE_SIZE - at), o->size - pos) : 0;
	if (n > 0)
		p = object_lookup(o, index);
	if (p != NULL && (p->flags & PAGE_BUSY))
		p = NULL;
	if (p != NULL) {
		p->flags |= PAGE_USED;
		page_get(p);
	}
	mutex_unlock(&o->lock);
	if (n == 0)
		return 0;
	if (p == NULL)
		err = object_page(o, index, &p);
	if (err == ERR(EFAULT))
		return 0;		/* truncated meanwhile */
	if (err != OK)
		return err_code(err);
	err = iobuf_put(b, done, (char *)page_virt(p) + at, n);
	page_put(p);
	return err == OK ? (long)n : err_code(err);
}

static long
read_pages(struct inode *ip, uint64_t off, const struct iobuf *b, size_t n)
{
	size_t done = 0;
	long got;

	do {
		got = read_page(ip, off + done, b, done, n - done);
		if (got > 0)
			done += (size_t)got;
	} while (got > 0 && done < n);
	return done > 0 ? (long)done : got;
}

long
inode_read(struct inode *ip, uint64_t off, const struct iobuf *b, size_t n)
{
	n = MIN(n, (size_t)INTPTR_MAX);
	if (ip->d.type == T_FILE)
		return read_pages(ip, off, b, n);
	if (ip->d.type == T_DIR || ip->d.type == T_SYMLINK)
		return dir_read(ip, off, b, n);
	return -EINVAL;
}

static __attribute__((noinline)) long
read_long(struct inode_place *at, vaddr_t to, size_t n)
{
	struct iobuf b = iobuf_user(to);
	long got = inode_read(at->inode, at->offset, &b, n);

	if (got > 0)
		at->offset += (uint64_t)got;
	return got;
}

/* Few bytes are copied under the object's lock, without a pin, if they and the user's are there. */
long
inode_read_on(struct inode_place *at, vaddr_t to, size_t n)
{
	struct object *o = &at->inode->object;
	const char *from;
	bool done;

	if (n > COPYOUT_NOW_MAX)
		return read_long(at, to, n);
	mutex_lock(&o->lock);
	from = object_bytes(o, at->offset, n);
	done = from != NULL && copyout_now(to, from, n);
	mutex_unlock(&o->lock);
	if (unlikely(!done))
		return read_long(at, to, n);
	at->offset += n;
	return (long)n;
}

/* ---- writing inside the file ---- */

/* Part of one page that is below the end of the file. */
static err_t
write_inside_page(struct inode *ip, uint64_t pos, const struct iobuf *b, size_t boff, size_t len)
{
	uint32_t at = (uint32_t)pos % PAGE_SIZE, first = at / FS_BLOCK_SIZE;
	struct page *p;
	err_t err = object_page(&ip->object, (uint32_t)(pos >> PAGE_SHIFT), &p);

	if (err != OK)
		return err;
	/* BACKED goes only when the size changes, which ip->io orders. */
	if (!(p->flags & PAGE_BACKED))
		err = pages_prepare(ip, p, first,
		    (at + (uint32_t)len - 1) / FS_BLOCK_SIZE + 1 - first);
	if (err == OK) {
		err = iobuf_get(b, boff, (char *)page_virt(p) + at, len);
		/* Also after half a copy. It is as much BACKED as it was. */
		object_mark_dirty(&ip->object, p, false);
		inode_note_dirty(ip);
	}
	page_put(p);
	return err;
}

static long
write_inside(struct inode *ip, uint64_t pos, const struct iobuf *b, size_t boff, size_t len)
{
	size_t done = 0;
	err_t err = OK;

	while (done < len && err == OK) {
		size_t n = MIN(len - done, PAGE_SIZE - (uint32_t)(pos + done) % PAGE_SIZE);

		err = write_inside_page(ip, pos + done, b, boff + done, n);
		if (err == OK)
			done += n;
	}
	if (done == 0)
		return err_code(err);
	mutex_lock(&ip->map);
	inode_set_times(ip);
	inode_touch(ip);
	mutex_unlock(&ip->map);
	return (long)done;
}

/* ---- growing ---- */

/* A write beyond the end: pages that hold what is to become visible with the new size. */
struct chunk {
	struct inode *ip;
	uint64_t pos, end;		/* bytes of the file that were copied */
	uint64_t old_size;
	bool	 has_last;		/* page[0] is the one the file ended in; pinned */
	struct page *page[CHUNK_PAGES + 1];	/* the others: frames of ours, in a row */
	uint32_t npages;
	uint32_t backed;		/* bit i: page[i] is */
};

/*
 * The page the file ends in, if something is put there. Also if only the last block does not
 * end there: what the disk has behind the old end means nothing so far; the file is about to grow
 * over it, so the block is written again, from a page with zeroes there.
 */
static err_t
pin_last(struct chunk *c)
{
	struct object *o = &c->ip->object;
	bool fits = c->pos >> PAGE_SHIFT == c->old_size >> PAGE_SHIFT;
	err_t err = OK;

	if (c->old_size % PAGE_SIZE == 0)
		return OK;
	if (fits || c->old_size % FS_BLOCK_SIZE != 0) {
		err = object_page(o, (uint32_t)(c->old_size >> PAGE_SHIFT), &c->page[0]);
		c->has_last = err == OK;
		c->npages = c->has_last;
	}
	if (err == OK)
		object_zero_tail(o);
	return err;
}

static struct page *
new_frame(void)
{
	struct page *p = page_alloc_wait(PAGE_FILE);

	return p != NULL ? p : page_alloc_urgent(PAGE_FILE);
}

/* N bytes of the user's go to AT in a page of ours; zeroes around them. */
static err_t
fill_frame(struct page *p, uint32_t at, const struct iobuf *b, size_t boff, size_t n)
{
	char *va = page_virt(p);

	memset(va, 0, at);
	memset(va + at + n, 0, PAGE_SIZE - at - n);
	return iobuf_get(b, boff, va + at, n);
}

/* Copy from the user into the last page, beyond the end, and into frames that nobody sees. */
static err_t
chunk_copy(struct chunk *c, const struct iobuf *b, size_t boff, size_t len)
{
	uint64_t end = c->pos + len;

	while (c->end < end) {
		uint32_t at = (uint32_t)c->end % PAGE_SIZE;
		size_t n = MIN(PAGE_SIZE - at, end - c->end), from = boff + (c->end - c->pos);
		struct page *p;
		err_t err;

		if (c->has_last && c->end >> PAGE_SHIFT == c->page[0]->index) {
			err = iobuf_get(b, from, (char *)page_virt(c->page[0]) + at, n);
			if (err != OK)
				return err;
		} else {
			p = new_frame();
			if (p == NULL)
				return ERR(ENOMEM);
			err = fill_frame(p, at, b, from, n);
			if (err != OK) {
				page_put(p);
				return err;
			}
			c->page[c->npages++] = p;
		}
		c->end += n;
	}
	return OK;
}

/* The frames become pages beyond the end; those that there is no memory for go. */
static err_t
chunk_insert(struct chunk *c)
{
	uint32_t first = c->has_last, done = first, index;
	struct object *o = &c->ip->object;
	err_t err = OK;

	if (c->npages == first)
		return OK;
	/* Copied up to the end of the last one. */
	index = (uint32_t)((c->end - 1) >> PAGE_SHIFT) + 1 - (c->npages - first);
	while (done < c->npages && err == OK) {
		done += object_insert_beyond(o, index + done - first, c->page + done,
		    c->npages - done);
		if (done < c->npages)
			err = mem_reclaim(1);
	}
	if (done < c->npages)
		c->end = MIN(c->end, (uint64_t)(index + done - first) << PAGE_SHIFT);
	while (c->npages > done)
		page_put(c->page[--c->npages]);
	return err;
}

static void
chunk_unpin(struct chunk *c)
{
	for (uint32_t i = 0; i < c->npages; i++)
		page_put(c->page[i]);
}

/* Which pages have all blocks below the new end: those behind the first the write allocated. */
static void
chunk_note_backed(struct chunk *c) REQUIRES(c->ip->map)
{
	uint32_t first = ROUND_UP((uint32_t)(c->pos / FS_BLOCK_SIZE), BLOCKS_PER_PAGE) /
	    BLOCKS_PER_PAGE;

	c->backed = 0;
	for (uint32_t i = 0; i < c->npages; i++)
		if (c->page[i]->index >= first || pages_backed(c->ip, c->page[i]->index))
			c->backed |= 1u << i;
}

/* Under inode.map: give the blocks a place, move the size over as many as have one. */
static err_t
chunk_allocate(struct chunk *c, struct handle *h) REQUIRES(c->ip->map) NO_TSA	/* ip is c->ip */
{
	uint32_t first = (uint32_t)(c->pos / FS_BLOCK_SIZE), done = 0;
	struct inode *ip = c->ip;
	err_t err = map_alloc(h, ip, first, (uint32_t)DIV_UP(c->end, FS_BLOCK_SIZE) - first,
	    &done);

	if (err != OK)
		c->end = MIN(c->end, (uint64_t)(first + done) * FS_BLOCK_SIZE);
	if (done > 0 && c->end > c->pos) {
		ip->d.size = c->end;
		inode_set_times(ip);
		txn_order(h, ip);
		err = OK;
	}
	inode_log(h, ip);		/* in any case: indirect blocks may be new */
	chunk_note_backed(c);
	return err;
}

/*
 * The object follows the size on disk, still inside the transaction, which so cannot commit before.
 */
static void
chunk_show(struct chunk *c)
{
	uint32_t n = 0;

	while (n < c->npages && (uint64_t)c->page[n]->index << PAGE_SHIFT < c->end)
		n++;
	object_grow(&c->ip->object, c->end, c->page, n, c->backed);
	inode_note_dirty(c->ip);
}

static err_t
chunk_commit(struct chunk *c)
{
	uint32_t nblocks = (uint32_t)DIV_UP(c->end, FS_BLOCK_SIZE) -
	    (uint32_t)(c->pos / FS_BLOCK_SIZE);
	uint64_t end = c->end;
	struct handle h;
	err_t err;

	do {
		c->end = end;
		err = txn_begin(&h, map_credits(nblocks) + INODE_CREDITS);
		if (err != OK)
			return err;
		mutex_lock(&c->ip->map);
		err = chunk_allocate(c, &h);
		mutex_unlock(&c->ip->map);
		if (err == OK)
			chunk_show(c);
		txn_end(&h);
	} while (fs_may_retry(err));
	return err;
}

/* Copied bytes that did not get into the file go, with the pages beyond it. */
static void
chunk_trim(struct chunk *c)
{
	struct object *o = &c->ip->object;

	while (c->npages > c->has_last &&
	    (uint64_t)c->page[c->npages - 1]->index << PAGE_SHIFT >= o->size)
		object_fill_end(o, &c->page[--c->npages], 1, false, true);
	object_zero_tail(o);
	object_set_size(o, o->size);
}

static long
write_beyond(struct inode *ip, uint64_t pos, const struct iobuf *b, size_t boff, size_t len)
{
	struct chunk c = { .ip = ip, .pos = pos, .end = pos, .old_size = ip->object.size };
	err_t err = pin_last(&c), second = OK;

	if (err != OK)
		return err_code(err);
	err = chunk_copy(&c, b, boff, len);
	if (c.end > pos)
		second = chunk_insert(&c);
	if (c.end > pos)
		second = chunk_commit(&c);
	if (err == OK || c.end > pos)
		err = second;
	if (err != OK)
		c.end = pos;
	if (c.end < pos + len)
		chunk_trim(&c);
	chunk_unpin(&c);
	return c.end > pos ? (long)(c.end - pos) : err_code(err);
}

/* A part of a write that one hold of ip->io covers. */
static long
write_chunk(struct inode *ip, uint64_t pos, const struct iobuf *b, size_t boff, size_t len,
    unsigned flags)
{
	uint64_t size = ip->object.size;

	if (flags & INODE_NO_HOLE && pos > size)
		return -EINVAL;
	if (pos >= FS_MAX_SIZE)
		return -EFBIG;
	len = MIN(len, FS_MAX_SIZE - pos);
	len = MIN(len, CHUNK_PAGES * PAGE_SIZE - (uint32_t)pos % PAGE_SIZE);
	if (pos < size)
		return write_inside(ip, pos, b, boff, MIN(len, size - pos));
	return write_beyond(ip, pos, b, boff, len);
}

long
inode_write(struct inode *ip, uint64_t *off, const struct iobuf *b, size_t n, unsigned flags)
{
	size_t done = 0;
	long r = 0;

	if (ip->d.type != T_FILE)
		return ip->d.type == T_DIR ? -EISDIR : -EINVAL;
	if (fs.readonly)
		return -EROFS;
	n = MIN(n, (size_t)INTPTR_MAX);
	while (done < n) {
		object_dirty_throttle();
		mutex_lock(&ip->io);
		if (flags & INODE_APPEND)
			*off = ip->object.size;
		r = write_chunk(ip, *off, b, done, n - done, flags);
		mutex_unlock(&ip->io);
		if (r <= 0)
			break;
		done += (size_t)r;
		*off += (size_t)r;
	}
	return done > 0 ? (long)done : r;
}

/* ---- changing the size ---- */

static err_t
grow(struct inode *ip, uint64_t size)
{
	struct chunk c = { .ip = ip, .pos = size, .end = size, .old_size = ip->object.size };
	struct handle h;
	err_t err = pin_last(&c);

	if (err != OK)
		return err;
	err = txn_begin(&h, INODE_CREDITS);
	if (err == OK) {
		mutex_lock(&ip->map);
		ip->d.size = size;
		inode_set_times(ip);
		txn_order(&h, ip);
		inode_log(&h, ip);
		c.backed = c.has_last && pages_backed(ip, c.page[0]->index);
		mutex_unlock(&ip->map);
		chunk_show(&c);
		txn_end(&h);
	}
	if (err != OK)
		chunk_trim(&c);
	chunk_unpin(&c);
	return err;
}

/*
 * The smaller size goes into a transaction before pages are dropped, so that none shows blocks
 * never written.
 */
static err_t
log_smaller(struct inode *ip, uint64_t size)
{
	struct handle h;
	err_t err = txn_begin(&h, INODE_CREDITS + 1);

	if (err != OK)
		return err;
	mutex_lock(&ip->map);
	ip->d.size = size;
	inode_set_times(ip);
	inode_set_orphan(&h, ip);
	inode_log(&h, ip);
	mutex_unlock(&ip->map);
	txn_end(&h);
	return OK;
}

static err_t
shrink(struct inode *ip, uint64_t size)
{
	err_t err = log_smaller(ip, size);

	if (err != OK)
		return err;
	journal_wait_ordered(ip);
	object_set_size(&ip->object, size);
	return inode_free_tail(ip, false);
}

err_t
inode_truncate(struct inode *ip, uint64_t size)
{
	err_t err = OK;

	if (ip->d.type != T_FILE)
		return ERR(ip->d.type == T_DIR ? EISDIR : EINVAL);
	if (size > FS_MAX_SIZE)
		return ERR(EFBIG);
	if (fs.readonly)
		return ERR(EROFS);
	object_dirty_throttle();
	do {
		mutex_lock(&ip->io);
		if (size > ip->object.size)
			err = grow(ip, size);
		else if (size < ip->object.size)
			err = shrink(ip, size);
		mutex_unlock(&ip->io);
	} while (fs_may_retry(err));
	return err;
}

uint16_t
inode_failures_told(struct inode *ip)
{
	return atomic_load_relaxed(&ip->told);
}

err_t
inode_sync(struct inode *ip, uint16_t *told)
{
	uint64_t seq, written;
	unsigned tries = 0;
	err_t err;

	do
		(void)pages_write(ip, SIZE_MAX, true, &err);
	while (++tries < FS_WRITE_TRIES && fs_may_retry(err));
	if (err == OK)
		err = inode_log_stale(ip);
	mutex_lock(&ip->map);
	seq = ip->seq;
	written = ip->written;
	mutex_unlock(&ip->map);
	if (err == OK)
		err = journal_commit(seq);
	if (err == OK)
		err = journal_flush(written);
	mutex_lock(&ip->map);
	if (*told != ip->failures)
		err = ERR(EIO);
	*told = ip->told = ip->failures;
	mutex_unlock(&ip->map);
	return err;
}
