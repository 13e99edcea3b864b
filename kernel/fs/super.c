/* The mounted file system as a whole: mount, unmount, sync, damage, daemons. */
#include "fs/alloc.h"
#include "fs/inode.h"
#include "fs/io.h"
#include "fs/mount.h"
#include "fs/names.h"
#include "fs/pages.h"
#include "kern/clock.h"
#include "kern/print.h"
#include "kern/thread.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "lib/sum64.h"
#include "mem/reclaim.h"
#include "mem/slab.h"

#define WRITE_BACK_NS	(NS_PER_SEC / 2)	/* so that a write is on the disk within a second */

struct mount fs;

static struct mutex mount_lock;		/* RANK_MOUNT */
static bool mounted;			/* mount_lock */

/* ---- trouble ---- */

void
fs_go_readonly(const char *why)
{
	if (!atomic_swap(&fs.readonly, 1))
		kprintf("fs: %s: read-only from now on\n", why);
}

err_t
fs_damaged(const char *what, uint32_t where)
{
	if (!atomic_swap(&fs.complained, 1))
		kprintf("fs: damaged: %s (%u); run fsck\n", what, where);
	fs_go_readonly("damage found");
	return ERR(EIO);
}

bool
fs_readonly(void)
{
	return atomic_load_relaxed(&fs.readonly);
}

bool
fs_may_retry(err_t err)
{
	if (err == ERR(ENOSPC) && alloc_is_pending())
		return journal_commit(journal_running()) == OK;
	if (err == ERR(ENOMEM))
		return mem_reclaim(8) == OK;
	return false;
}

/* ---- the superblock ---- */

void
super_seal(struct fs_super *s)
{
	s->checksum = sum64(0, s, offsetof(struct fs_super, checksum));
}

static bool
is_sealed(const struct fs_super *s)
{
	return s->checksum == sum64(0, s, offsetof(struct fs_super, checksum));
}

/* [START, START + N) lies at or behind *AT, which moves behind it. */
static bool
follows(uint64_t *at, uint32_t start, uint64_t n)
{
	if (start < *at)
		return false;
	*at = start + n;
	return true;
}

bool
super_is_valid(const struct fs_super *s, uint64_t sectors)
{
	uint32_t groups = DIV_UP(s->nblocks, FS_BLOCK_SIZE * 8);
	uint64_t at = FS_SUPER_BLOCK + 1;

	return s->magic == FS_MAGIC && s->version == FS_VERSION && s->features_incompat == 0 &&
	    is_sealed(s) &&
	    s->nblocks <= sectors / (FS_BLOCK_SIZE / SECTOR_SIZE) && s->nblocks < UINT32_MAX / 2 &&
	    s->ninodes > FS_ROOT_INO && s->ninodes <= FS_MAX_INODES &&
	    follows(&at, s->journal_start, 2 * (uint64_t)s->journal_area) &&
	    follows(&at, s->ibitmap_start, DIV_UP(s->ninodes, FS_BLOCK_SIZE * 8)) &&
	    follows(&at, s->bbitmap_start, groups) &&
	    follows(&at, s->itable_start, DIV_UP(s->ninodes, FS_BLOCK_SIZE / FS_INODE_SIZE)) &&
	    follows(&at, s->data_start, 1) && at <= s->nblocks &&
	    journal_capacity(s->journal_area) >= journal_minimum(groups);
}

void
super_count_orphan(struct handle *h, int change)
{
	struct fs_super *s = (void *)fs.super->data;

	mutex_lock(&fs.lock);
	if (change > 0 || s->orphans > 0)
		s->orphans += (uint32_t)change;
	txn_dirty(h, fs.super);
	mutex_unlock(&fs.lock);
}

struct inode *
fs_root(void)
{
	return inode_get(fs.root);
}

/* ---- writing back ---- */

/* Everything that is dirty now. -EIO, -ENOMEM: some of it could not be written. */
static err_t
write_dirty(void)
{
	uint32_t pass = inode_new_pass();
	err_t err = OK, written;
	struct inode *ip;

	while ((ip = inode_next_dirty(pass)) != NULL) {
		if (!fs.readonly && inode_log_stale(ip) != OK)
			err = ERR(EIO);
		(void)pages_write(ip, SIZE_MAX, true, &written);
		if (written != OK)
			err = written;
		if (atomic_load_relaxed(&ip->failures) != inode_failures_told(ip))
			err = ERR(EIO);
		inode_unpin(ip);
	}
	return err;
}

err_t
fs_sync(void)
{
	unsigned tries = 0;
	err_t err, second;

	do
		err = write_dirty();
	while (++tries < FS_WRITE_TRIES && fs_may_retry(err));
	second = journal_sync();
	return err != OK ? err : second;
}

void
fs_writeback_run(void)
{
	/* Failures were noted where they happened: in the inode, by going read-only, in the log. */
	err_ignore(write_dirty());
	err_ignore(journal_sync());
}

/* For vm: write about WANT pages, wait for the disk. */
static size_t
write_some(size_t want)
{
	uint32_t pass = inode_new_pass();
	struct inode *ip;
	size_t n = 0;
	err_t err;

	while (n < want && (ip = inode_next_dirty(pass)) != NULL) {
		n += pages_write(ip, want - n, false, &err);	/* who waits for them will hear */
		inode_unpin(ip);
	}
	return n;
}

static void
daemon_main(void *arg)
{
	(void)arg;
	for (;;) {
		err_ignore(clock_sleep_ns(WRITE_BACK_NS));	/* nobody kills a daemon */
		fs_writeback_run();
	}
}

err_t
fs_start_daemons(void)
{
	return thread_daemon("write-back", daemon_main, NULL);
}

/* ---- mount and unmount ---- */

static err_t
read_super(void)
{
	char *block = kmem_alloc(FS_BLOCK_SIZE);
	err_t err;

	if (block == NULL)
		return ERR(ENOMEM);
	err = io_do(BIO_READ, FS_SUPER_BLOCK, block, FS_BLOCK_SIZE);
	memcpy(&fs.geo, block, sizeof(fs.geo));
	kmem_free(block, FS_BLOCK_SIZE);
	if (err == OK && !super_is_valid(&fs.geo, fs.dev->nsectors)) {
		kprintf("fs: %s: no Quire file system, or a damaged superblock\n", fs.dev->name);
		err = ERR(EINVAL);
	}
	return err;
}

static err_t
load_root(void)
{
	err_t err = inode_load(FS_ROOT_INO, &fs.root);

	if (err == OK && fs.root->d.type != T_DIR)
		err = fs_damaged("root is not a folder", FS_ROOT_INO);
	return err;
}

/* In the order of need; take_down undoes as much of it as there is. */
static err_t
set_up(void)
{
	uint64_t last = 0;
	err_t err = read_super();

	if (err == OK)
		err = journal_recover(&last);
	if (err == OK)
		err = read_super();	/* may be newer now */
	if (err == OK)
		err = journal_init(last);
	if (err == OK)
		err = alloc_init();
	if (err == OK)
		err = names_init();
	if (err == OK)
		err = buf_read(FS_SUPER_BLOCK, &fs.super);
	if (err == OK)
		err = load_root();
	if (err != OK)
		return err;
	if (fs.dev->readonly)
		fs.readonly = 1;
	else if (fs.geo.features != 0)
		fs_go_readonly("unknown features");
	else if (fs.geo.orphans > 0 && inode_free_orphans() != OK)
		fs_go_readonly("orphans cannot be freed");
	return OK;
}

static void
take_down(void)
{
	fs.readonly = 1;
	inode_put(fs.root);
	(void)inode_drop_all();
	journal_fini();
	buf_put(fs.super);
	alloc_fini();
	names_fini();
	buf_drop_all();
	mounted = false;
}

err_t
fs_mount(struct blkdev *dev)
{
	err_t err;

	assert(!mounted);
	mutex_init(&mount_lock, "mount", RANK_MOUNT);
	memset(&fs, 0, sizeof(fs));
	fs.dev = dev;
	mutex_init(&fs.lock, "bitmaps", RANK_FSALLOC);
	path_init();
	buf_init();
	inode_cache_init();
	err = set_up();
	if (err == OK) {
		object_set_writer(write_some);
		mounted = true;
	} else {
		take_down();
	}
	return err;
}

err_t
fs_unmount(void)
{
	err_t err, second = OK;

	mutex_lock(&mount_lock);
	assert(mounted);
	err = fs_sync();
	if (!atomic_swap(&fs.readonly, 1))
		second = journal_finish();
	/* Whoever still has files open keeps them, to read. */
	if (inode_drop_all() == 1)
		take_down();
	mutex_unlock(&mount_lock);
	return err != OK ? err : second;
}
