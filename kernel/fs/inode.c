/* See fs/inode.h. */
#include "fs/inode.h"

#include "abi/limits.h"
#include "fs/mount.h"
#include "fs/pages.h"
#include "kern/clock.h"
#include "kern/thread.h"
#include "lib/assert.h"
#include "lib/atomic.h"
#include "lib/string.h"
#include "mem/reclaim.h"
#include "mem/slab.h"

#define HASH_SIZE	256		/* a power of two */
#define PER_BLOCK	(FS_BLOCK_SIZE / FS_INODE_SIZE)

SLAB_CACHE(inode_cache, struct inode);

static struct {
	struct spinlock lock;		/* RANK_SPIN_OUTER: of who changes the chains */
	struct waitq wait;		/* lock: pins to be let go */
	struct inode *hash[HASH_SIZE];	/* lock, to change them */
	uint32_t hand;			/* lock: the chain take_unused is at */
	struct list dirty;		/* lock */
	uint32_t passes;		/* lock: numbers given out */
} cache = { .lock = SPINLOCK_INIT("inodes", RANK_SPIN_OUTER),
	.wait = WAITQ_INIT(cache.wait, "inode"), .dirty = LIST_INIT(cache.dirty) };

static struct inode **
find(uint32_t inum) REQUIRES(cache.lock)
{
	struct inode **p = &cache.hash[inum % HASH_SIZE];

	while (*p != NULL && (*p)->inum != inum)
		p = &(*p)->hash_next;
	return p;
}

/* ---- the cache ---- */

static struct inode *
inode_alloc(uint32_t inum)
{
	struct inode *ip = slab_alloc_zero(&inode_cache);

	if (ip == NULL)
		return NULL;
	object_init(&ip->object, &file_object_ops);
	mutex_init(&ip->io, "inode", RANK_INODE_IO);
	mutex_init(&ip->map, "inode map", RANK_INODE_MAP);
	ip->inum = inum;
	ip->refs = 1;
	dir_index_init(&ip->index);
	list_init(&ip->ordered_link[0]);
	list_init(&ip->ordered_link[1]);
	list_init(&ip->dirty_link);
	return ip;
}

/*
 * Who looks through the chains (inode_find) has no lock and may be at an inode that has just left
 * them; it does not sleep there.
 */
static void
wait_for_lookers(void)
{
	atomic_fence();		/* they are told, or have not seen it */
	for (unsigned i = 0; i < ncpus; i++)
		while (atomic_load_acquire(&cpus[i].head.looking))
			md_pause();
}

/* IP is in no list of ours and nobody can find it. */
static void
inode_free(struct inode *ip)
{
	wait_for_lookers();
	object_drop_all(&ip->object);
	object_fini(&ip->object);
	dir_index_drop(&ip->index);
	buf_put(ip->leaf);
	buf_put(ip->home);
	slab_free(&inode_cache, ip);
}

/* Nobody finds IP by its number any more. */
static void
unhash(struct inode *ip) REQUIRES(cache.lock)
{
	struct inode **at = find(ip->inum);

	if (*at == ip)
		atomic_store_release(at, ip->hash_next);
}

/*
 * A reference to an inode that may have none; false: nobody is to find it. One that nobody uses
 * counts as free memory.
 */
static inline bool
try_get(struct inode *ip)
{
	uint32_t n = atomic_load_relaxed(&ip->refs);

	while (!(n & INODE_GONE))
		if (likely(atomic_cas(&ip->refs, &n, n + 1))) {
			if (n == 0)
				slab_note_cached(&inode_cache, -1);
			return true;
		}
	return false;
}

/* Inode INUM, if it is in memory, with a reference. T: of that generation. */
static inline struct inode *
look_up(uint32_t inum, const struct name_target *t)
{
	struct cpu_head *c = cpu_head();
	struct inode *ip;

	atomic_store_relaxed(&c->looking, true);
	atomic_fence();
	ip = atomic_load_acquire(&cache.hash[inum % HASH_SIZE]);
	while (ip != NULL && ip->inum != inum)
		ip = atomic_load_acquire(&ip->hash_next);
	if (ip != NULL && ((t != NULL && ip->d.generation != t->generation) || !try_get(ip)))
		ip = NULL;
	atomic_store_release(&c->looking, false);
	return ip;
}

struct inode *
inode_find(const struct name_target *t)
{
	return look_up(t->inum, t);
}

struct inode *
inode_get(struct inode *ip)
{
	uint32_t n = atomic_add_relaxed(&ip->refs, 1) & ~INODE_GONE;

	assert(n > 1);
	return ip;
}

/*
 * What a folder's entry, or the scan for orphans, may lead to. Says what is
 * wrong; NULL: nothing.
 */
static const char *
what_is_wrong(const struct fs_inode *d, bool orphan)
{
	if (d->type == 0)
		return "entry of a free inode";
	if (d->type > T_SYMLINK)
		return "inode of unknown type";
	if (d->nlink == 0 && !orphan)
		return "inode without links";
	if (d->size > FS_MAX_SIZE)
		return "file size out of range";
	if (d->type == T_DIR && (d->size % sizeof(struct fs_dirent) != 0 ||
	    d->size < 2 * sizeof(struct fs_dirent)))
		return "folder of a wrong size";
	if (d->type == T_SYMLINK && (d->size == 0 || d->size >= QUIRE_PATH_MAX))
		return "link of a wrong size";
	return NULL;
}

static struct fs_inode *
slot_of(struct buf *b, uint32_t inum)
{
	return (struct fs_inode *)(void *)b->data + inum % PER_BLOCK;
}

static err_t
read_home(struct inode *ip)
{
	return buf_read(fs.geo.itable_start + ip->inum / PER_BLOCK, &ip->home);
}

/* Enter FRESH, with the contents of its slot, unless another was quicker: NULL then. */
static struct inode *
enter(struct inode *fresh, bool orphan, const char **wrong)
{
	struct inode **at, *ip;

	spin_lock(&cache.lock);
	at = find(fresh->inum);
	ip = *at;
	if (ip == NULL) {
		fresh->d = *slot_of(fresh->home, fresh->inum);
		fresh->object.size = fresh->d.type == T_FILE ? fresh->d.size : 0;
		fresh->refs |= fresh->d.nlink == 0 ? INODE_GONE : 0;
		*wrong = what_is_wrong(&fresh->d, orphan);
		if (*wrong == NULL) {
			atomic_store_release(at, fresh);
			ip = fresh;
		}
	} else {
		/* Look it up again; not if its last name is gone: then none leads to it. */
		if (atomic_load_relaxed(&ip->refs) & INODE_GONE)
			*wrong = "entry of an inode without links";
		ip = NULL;
	}
	spin_unlock(&cache.lock);
	return ip;
}

static err_t
read_in(uint32_t inum, bool orphan, struct inode **out)
{
	struct inode *fresh = inode_alloc(inum);
	const char *wrong = NULL;
	err_t err;

	if (fresh == NULL)
		return ERR(ENOMEM);
	err = read_home(fresh);
	if (err == OK)
		*out = enter(fresh, orphan, &wrong);
	if (wrong != NULL)
		err = fs_damaged(wrong, inum);
	if (err != OK || *out == NULL)
		inode_free(fresh);
	return err;
}

/* ORPHAN: it may be one without links. */
static err_t
load(uint32_t inum, bool orphan, struct inode **out)
{
	err_t err = OK;

	if (inum < FS_ROOT_INO || inum >= fs.geo.ninodes)
		return fs_damaged("inode number out of range", inum);
	*out = NULL;
	while (*out == NULL && err == OK) {
		*out = look_up(inum, NULL);
		if (*out == NULL)
			err = read_in(inum, orphan, out);
	}
	return err;
}

err_t
inode_load(uint32_t inum, struct inode **out)
{
	return load(inum, false, out);
}

/*
 * Nobody uses IP, and no name leads to it. It has left the hash before its
 * number becomes free: whoever gets the number next must not meet it there.
 */
static void
delete(struct inode *ip)
{
	if (ip->d.type == 0) {	/* inode_delete_now, inode_discard */
		inode_free(ip);
		return;
	}
	/* On failure (a read-only or failing disk) it stays an orphan there. */
	journal_wait_ordered(ip);
	object_set_size(&ip->object, 0);
	if (!fs.readonly)
		err_ignore(inode_free_tail(ip, true));
	journal_drop_ordered(ip);
	spin_lock(&cache.lock);
	while (ip->pins > 0)
		waitq_wait(&cache.wait, &cache.lock);
	list_remove(&ip->dirty_link);
	spin_unlock(&cache.lock);
	inode_free(ip);
}

void
inode_put(struct inode *ip)
{
	uint32_t n;

	if (ip == NULL)
		return;
	if (unlikely(atomic_load_relaxed(&ip->leaf) != NULL))
		map_drop_leaf(ip);
	atomic_store_relaxed(&ip->used, true);
	n = atomic_sub_release(&ip->refs, 1);
	assert((n & ~INODE_GONE) < INODE_GONE - 1);
	if (n == 0) {
		slab_note_cached(&inode_cache, 1);
	} else if (unlikely(n == INODE_GONE)) {
		atomic_fence_acquire();
		spin_lock(&cache.lock);
		unhash(ip);
		spin_unlock(&cache.lock);
		delete(ip);
	}
}

struct inode *
inode_of_object(struct object *o)
{
	return container_of(o, struct inode, object);
}

void
inode_object_get(struct object *o)
{
	(void)inode_get(inode_of_object(o));
}

void
inode_object_put(struct object *o)
{
	inode_put(inode_of_object(o));
}

static bool
has_work(struct inode *ip)
{
	return ip->pins > 0 || ip->stale || !object_is_clean(&ip->object) ||
	    journal_is_ordered(ip) || ip->failures != ip->told;	/* somebody is to be told */
}

/*
 * An unused inode, out of the cache; NULL: none. One that was used since the last time gets another
 * round. ALL: also that, and one that should be written. Who gives it work has a reference until
 * after inode_note_dirty, which needs the lock: so it has none if it has no reference yet.
 */
static struct inode *
take_unused(bool all) REQUIRES(cache.lock)
{
	for (uint32_t i = 0; i < 2 * HASH_SIZE; i++, cache.hand++) {
		struct inode *ip = cache.hash[cache.hand % HASH_SIZE];

		for (; ip != NULL; ip = ip->hash_next) {
			uint32_t n = atomic_load_relaxed(&ip->refs);

			if (n > 0 || (!all && ip->used)) {
				atomic_store_relaxed(&ip->used, false);
			} else if (ip->pins == 0 && (all || !has_work(ip)) &&
			    atomic_cas(&ip->refs, &n, INODE_GONE)) {
				unhash(ip);
				list_remove(&ip->dirty_link);
				slab_note_cached(&inode_cache, -1);
				return ip;
			}
		}
	}
	return NULL;
}

/* Up to MAX of them; how many. */
static uint32_t
drop_unused(size_t max, bool all)
{
	uint32_t n = 0;
	struct inode *ip;

	do {
		spin_lock(&cache.lock);
		ip = n < max ? take_unused(all) : NULL;
		spin_unlock(&cache.lock);
		n += ip != NULL;
		if (ip != NULL) {
			journal_drop_ordered(ip);	/* the commit is through with its lists */
			inode_free(ip);
		}
	} while (ip != NULL);
	return n;
}

static size_t
shrink(size_t want, enum shrink_effort effort)
{
	(void)effort;
	/* Their pages went before; see the order of shrinkers. */
	return drop_unused(want * 4, false) / 4;
}

void
inode_cache_init(void)
{
	static struct shrinker s = { .name = "inodes", .order = 7, .shrink = shrink };

	mem_shrinker_add(&s);
}

uint32_t
inode_drop_all(void)
{
	uint32_t n = 0;

	drop_unused(SIZE_MAX, true);
	spin_lock(&cache.lock);
	for (uint32_t i = 0; i < HASH_SIZE; i++)
		for (struct inode *ip = cache.hash[i]; ip != NULL; ip = ip->hash_next)
			n += ip->refs & ~INODE_GONE;
	spin_unlock(&cache.lock);
	return n;
}

/* ---- what is to be written ---- */

void
inode_note_dirty(struct inode *ip)
{
	spin_lock(&cache.lock);
	if (list_empty(&ip->dirty_link)) {
		list_append(&cache.dirty, &ip->dirty_link);
		ip->pass = 0;
	}
	spin_unlock(&cache.lock);
}

uint32_t
inode_new_pass(void)
{
	uint32_t n;

	spin_lock(&cache.lock);
	n = ++cache.passes;
	spin_unlock(&cache.lock);
	return n;
}

/* Other passes may be under way; each goes round the list until it meets an inode of its own. */
struct inode *
inode_next_dirty(uint32_t pass)
{
	struct inode *ip;

	spin_lock(&cache.lock);
	ip = list_first(&cache.dirty, struct inode, dirty_link);
	if (ip != NULL && ip->pass == pass)
		ip = NULL;
	if (ip != NULL) {
		ip->pass = pass;
		list_remove(&ip->dirty_link);
		list_append(&cache.dirty, &ip->dirty_link);
		ip->pins++;
	}
	spin_unlock(&cache.lock);
	return ip;
}

void
inode_unpin(struct inode *ip)
{
	spin_lock(&cache.lock);
	/* While somebody's writes are under way a sync must find it. */
	if (--ip->pins == 0) {
		if (!ip->stale && object_is_clean(&ip->object))
			list_remove(&ip->dirty_link);
		waitq_wake_all(&cache.wait);
	}
	spin_unlock(&cache.lock);
}

/* ---- changes ---- */

void
inode_log(struct handle *h, struct inode *ip)
{
	txn_dirty(h, ip->home);
	*slot_of(ip->home, ip->inum) = ip->d;
	ip->stale = false;
	ip->seq = h->seq;
}

void
inode_set_times(struct inode *ip)
{
	ip->d.mtime = ip->d.ctime = (int64_t)clock_wall_ns();
}

void
inode_touch(struct inode *ip)
{
	ip->stale = true;
	inode_note_dirty(ip);
}

err_t
inode_log_stale(struct inode *ip)
{
	struct handle h;
	err_t err;

	if (!ip->stale)
		return OK;
	err = txn_begin(&h, INODE_CREDITS);
	if (err != OK)
		return err;
	mutex_lock(&ip->map);
	if (ip->stale && ip->d.type != 0)
		inode_log(&h, ip);
	mutex_unlock(&ip->map);
	txn_end(&h);
	return OK;
}

/* Enter IP, whose number and slot on the disk must be free. */
static bool
enter_new(struct inode *ip)
{
	const struct fs_inode *slot = slot_of(ip->home, ip->inum);
	struct inode **at;
	bool is_free;

	spin_lock(&cache.lock);
	at = find(ip->inum);
	is_free = *at == NULL && slot->type == 0;
	if (is_free)
		atomic_store_release(at, ip);
	spin_unlock(&cache.lock);
	return is_free;
}

err_t
inode_new(struct handle *h, uint16_t type, struct inode **out) NO_TSA	/* nobody else has it yet */
{
	struct inode *ip = inode_alloc(0);
	err_t err;

	if (ip == NULL)
		return ERR(ENOMEM);
	err = alloc_inode(h, &ip->inum);
	if (err != OK)
		goto fail;
	err = read_home(ip);
	if (err != OK)
		goto fail_number;
	ip->d = (struct fs_inode){ .type = type,
		.mode = type == T_SYMLINK ? 0777 : type == T_DIR ? 0755 : 0644,
		.generation = slot_of(ip->home, ip->inum)->generation + 1 };
	ip->born = h->seq;
	inode_set_times(ip);
	if (enter_new(ip)) {
		*out = ip;
		return OK;
	}
	err = fs_damaged("inode in use is marked free", ip->inum);
fail_number:
	err_ignore(alloc_free_inode(h, ip->inum));
fail:
	inode_free(ip);
	return err;
}

void
inode_discard(struct handle *h, struct inode *ip)
{
	bool more;

	mutex_lock(&ip->map);
	err_ignore(map_free(h, ip, 0, &more));
	assert(!more);
	ip->d.type = 0;
	ip->d.nlink = 0;
	atomic_or(&ip->refs, INODE_GONE);
	mutex_unlock(&ip->map);
	spin_lock(&cache.lock);
	unhash(ip);
	spin_unlock(&cache.lock);
	err_ignore(alloc_free_inode(h, ip->inum));
}

void
inode_set_orphan(struct handle *h, struct inode *ip)
{
	if (ip->d.flags & FS_ORPHAN)
		return;
	ip->d.flags |= FS_ORPHAN;
	super_count_orphan(h, 1);
}

err_t
inode_link(struct handle *h, struct inode *ip, int delta)
{
	err_t err = ERR(ENOENT);

	mutex_lock(&ip->map);
	if (ip->d.nlink > 0) {
		ip->d.nlink = delta < 0 && ip->d.nlink < (uint32_t)-delta ? 0
		    : ip->d.nlink + (uint32_t)delta;
		ip->d.ctime = (int64_t)clock_wall_ns();
		if (ip->d.nlink == 0) {
			inode_set_orphan(h, ip);
			atomic_or(&ip->refs, INODE_GONE);
		}
		inode_log(h, ip);
		err = OK;
	}
	mutex_unlock(&ip->map);
	return err;
}

/* All that had to be freed is: IP is a file like any other again, or none any more. */
static void
end_orphan(struct handle *h, struct inode *ip) REQUIRES(ip->map)
{
	if (ip->d.flags & FS_ORPHAN)
		super_count_orphan(h, -1);
	ip->d.flags &= ~(uint32_t)FS_ORPHAN;
	if (ip->d.nlink == 0)
		ip->d.type = 0;
}

/* One transaction of inode_free_tail. *MORE: not done yet. */
static err_t
free_step(struct inode *ip, bool whole, bool *more)
{
	struct handle h;
	err_t err = txn_begin(&h, map_free_credits());

	if (err != OK)
		return err;
	mutex_lock(&ip->map);
	err = map_free(&h, ip, (uint32_t)DIV_UP(ip->d.size, FS_BLOCK_SIZE), more);
	if (err == OK && !*more && (whole || ip->d.nlink > 0))
		end_orphan(&h, ip);
	inode_log(&h, ip);
	/* Last: who gets the number looks whether the slot is free. */
	if (err == OK && ip->d.type == 0)
		err = alloc_free_inode(&h, ip->inum);
	mutex_unlock(&ip->map);
	txn_end(&h);
	return err;
}

err_t
inode_free_tail(struct inode *ip, bool whole)
{
	bool more = false;
	err_t err;

	mutex_lock(&ip->map);
	if (whole)
		ip->d.size = 0;
	mutex_unlock(&ip->map);
	do
		err = free_step(ip, whole, &more);
	while (err == OK ? more : fs_may_retry(err));
	return err;
}

/* Nobody finds IP any more, by its number or to write it, if it has one name and one user. */
static bool
claim(struct handle *h, struct inode *ip)
{
	uint32_t one = 1;
	bool mine;

	txn_dirty(h, ip->home);
	spin_lock(&cache.lock);
	mine = ip->pins == 0 && ip->d.nlink == 1 && atomic_cas(&ip->refs, &one, one | INODE_GONE);
	if (mine) {
		/* First: an entry in a damaged folder must not bring it back. */
		slot_of(ip->home, ip->inum)->type = 0;
		unhash(ip);
		list_remove(&ip->dirty_link);
	}
	spin_unlock(&cache.lock);
	return mine;
}

bool
inode_delete_now(struct handle *h, struct inode *ip)
{
	bool more;

	if (ip->d.type == T_DIR || ip->d.addr[FS_NDIRECT] != 0 || ip->d.addr[FS_NDIRECT + 1] != 0 ||
	    ip->d.flags & FS_ORPHAN || journal_is_committing(h, ip) || !claim(h, ip))
		return false;
	txn_forget_order(h, ip);
	mutex_lock(&ip->map);
	/* What a damaged map cannot tell stays in use. */
	err_ignore(map_free(h, ip, 0, &more));
	ip->d.type = 0;
	ip->d.nlink = 0;
	ip->d.size = 0;
	inode_log(h, ip);
	err_ignore(alloc_free_inode(h, ip->inum));
	mutex_unlock(&ip->map);
	return true;
}

/* ---- orphans, at mount ---- */

static err_t
free_orphan(uint32_t inum)
{
	struct inode *ip = NULL;
	err_t err = load(inum, true, &ip);

	if (err != OK)
		return err;
	assert(ip != NULL);
	if (ip->d.nlink > 0)
		err = inode_free_tail(ip, false);
	inode_put(ip);		/* no links: this frees it */
	return err;
}

err_t
inode_free_orphans(void)
{
	err_t err = OK;

	for (uint32_t i = 0; i < DIV_UP(fs.geo.ninodes, PER_BLOCK) && err == OK; i++) {
		uint32_t found = 0;
		struct buf *b;

		err = buf_read(fs.geo.itable_start + i, &b);
		if (err != OK)
			break;
		for (uint32_t k = 0; k < PER_BLOCK; k++)
			if (slot_of(b, k)->type != 0 && slot_of(b, k)->flags & FS_ORPHAN)
				found |= 1u << k;
		buf_put(b);
		for (uint32_t k = 0; k < PER_BLOCK && err == OK; k++)
			if (found & 1u << k)
				err = free_orphan(i * PER_BLOCK + k);
	}
	return err;
}
