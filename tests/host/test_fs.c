/* The file system against a model and against SPEC 4, on a disk in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "abi/limits.h"
#include "check.h"
#include "fs/buf.h"
#include "fs/fs.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "fs/names.h"
#include "fsdev.h"
#include "fsmake.h"
#include "fsmodel.h"
#include "hostport.h"
#include "mem/page.h"
#include "mem/reclaim.h"
#include "vm/object.h"

static struct fsdev disk;
static struct inode *root;

static void
start(uint32_t nblocks, uint32_t ninodes)
{
	fsdev_init(&disk, nblocks);
	fsdev_make(&disk, ninodes, 0);
	fsdev_mount(&disk);
	root = fs_root();
}

static void
stop(void)
{
	inode_put(root);
	fsdev_unmount(&disk);
	fsdev_check(disk.disk, disk.nblocks, NULL);
	fsdev_fini(&disk);
}

static struct inode *
make_file(const char *path)
{
	struct inode *ip;

	assert_int_equal(path_open(root, path, O_CREAT | O_RDWR, &ip), OK);
	return ip;
}

static long
put(struct inode *ip, uint64_t off, const void *data, size_t n)
{
	struct iobuf b = iobuf_kernel((void *)data);

	return inode_write(ip, &off, &b, n, 0);
}

static long
get(struct inode *ip, uint64_t off, void *data, size_t n)
{
	struct iobuf b = iobuf_kernel(data);

	return inode_read(ip, off, &b, n);
}

static uint32_t
free_blocks(void)
{
	struct fs_usage u;

	fs_usage(&u);
	return u.free_blocks;
}

static uint32_t
free_inodes(void)
{
	struct fs_usage u;

	fs_usage(&u);
	return u.free_inodes;
}

static err_t
open_it(const char *path, unsigned flags)
{
	struct inode *ip;
	err_t err = path_open(root, path, flags, &ip);

	if (err == OK)
		inode_put(ip);
	return err;
}

/* ---- random operations ---- */

static void
sync_sometimes(struct model *m)
{
	uint16_t told = 0;
	struct inode *ip;

	switch (model_random(m, 40)) {
	case 0:
		assert_int_equal(fs_sync(), OK);
		break;
	case 1:
		fs_writeback_run();
		break;
	case 2:
		assert_int_equal(path_lookup(root, "/", 0, &ip), OK);
		assert_int_equal(inode_sync(ip, &told), OK);
		inode_put(ip);
		break;
	case 3:
		(void)!mem_reclaim(200);
		break;
	}
}

static void
random_run(uint64_t seed, uint32_t nblocks, uint32_t ninodes, int steps, bool may_fail)
{
	static struct model m;

	start(nblocks, ninodes);
	model_init(&m, seed);
	m.may_fail = may_fail;
	for (int i = 0; i < steps; i++) {
		model_step(&m);
		sync_sometimes(&m);
		if (i % 100 == 0)
			model_compare(&m);
		if (i % 500 == 499) {
			model_compare(&m);
			model_close_all(&m);
			inode_put(root);
			fsdev_unmount(&disk);
			fsdev_check(disk.disk, disk.nblocks, NULL);
			fsdev_mount(&disk);
			root = fs_root();
			model_compare(&m);
		}
	}
	model_compare(&m);
	model_close_all(&m);
	model_fini(&m);
	stop();
}

static void
random_operations(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++)
		random_run(seed, 6000, 200, 1500, false);
}

/* The same where space and inodes run out all the time: what fails changes nothing. */
static void
random_operations_disk_full(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++)
		random_run(seed, 300, 24, 1500, true);
}

/* The same with hardly a name remembered: what is, is right again and again. */
static void
random_operations_few_names(void **state)
{
	(void)state;
	names_capacity = 2;
	for (uint64_t seed = 100; seed < 105; seed++)
		random_run(seed, 6000, 200, 1000, false);
	names_capacity = 512;
}

#define FOLDER_NAMES	3000

struct folder {
	struct model random;		/* for its numbers */
	bool	 there[FOLDER_NAMES];
};

static void
folder_step(struct folder *f, bool may_fail)
{
	unsigned a = model_random(&f->random, FOLDER_NAMES);
	unsigned b = model_random(&f->random, FOLDER_NAMES);
	char from[32], to[32];
	err_t err = OK, expected = f->there[a] ? OK : ERR(ENOENT);

	snprintf(from, sizeof(from), "/d/name-%u", a);
	snprintf(to, sizeof(to), "/d/name-%u", b);
	switch (model_random(&f->random, 8)) {
	case 0:
		err = path_rename(root, from, to);
		/* Onto another name of the same file it does nothing. */
		if (err == OK && expected == OK && !f->there[b]) {
			f->there[a] = false;
			f->there[b] = true;
		}
		break;
	case 1:
	case 2:
		err = path_unlink(root, from, false);
		if (err == OK && expected == OK)
			f->there[a] = false;
		break;
	case 3:
		err = open_it(from, O_RDONLY);
		break;
	default:
		expected = f->there[a] ? ERR(EEXIST) : OK;
		err = path_link(root, "/f", from);
		if (err == OK && expected == OK)
			f->there[a] = true;
	}
	if (err != expected && !(may_fail && err == ERR(ENOMEM)))
		fail_msg("%s, %s: %d instead of %d", from, to, err_code(err), err_code(expected));
}

static void
folder_compare(const struct folder *f)
{
	char path[32];

	for (unsigned i = 0; i < FOLDER_NAMES; i++) {
		snprintf(path, sizeof(path), "/d/name-%u", i);
		assert_int_equal(open_it(path, O_RDONLY), f->there[i] ? OK : ERR(ENOENT));
	}
}

/* A folder with an index, which grows, goes when memory is short, or cannot be made. */
static void
large_folder(void **state)
{
	static struct folder f;
	const unsigned capacity[] = { 2, 64, 512 };

	(void)state;
	for (uint64_t seed = 0; seed < 6; seed++) {
		bool may_fail = seed >= 3;

		names_capacity = capacity[seed % 3];
		start(6000, 60);
		memset(&f, 0, sizeof(f));
		f.random.seed = seed;
		inode_put(make_file("/f"));
		assert_int_equal(path_mkdir(root, "/d"), OK);
		for (int i = 0; i < 12000; i++) {
			if (may_fail && i % 50 == 0)
				(void)mem_fail_nth(1 + model_random(&f.random, 30));
			folder_step(&f, may_fail);
			if (model_random(&f.random, 300) == 0)
				(void)!mem_reclaim(100000);
		}
		(void)mem_fail_nth(0);
		folder_compare(&f);
		inode_put(root);
		fsdev_unmount(&disk);
		fsdev_mount(&disk);
		root = fs_root();
		folder_compare(&f);
		stop();
	}
	names_capacity = 512;
}

/* ---- sizes ---- */

/* Every block readable back at 11, 267 and the largest, and the free count returns. */
static void
largest_file(void **state)
{
	static const uint32_t borders[] = { 10, 11, 12, 266, 267, 268, 522, 523, 65801, 65802 };
	static char chunk[1 << 16], back[FS_BLOCK_SIZE];
	uint32_t before;

	(void)state;
	start(70000, 100);
	for (int round = 0; round < 2; round++) {
		struct inode *ip = make_file("/big");
		uint64_t off = 0;
		struct iobuf b = iobuf_kernel(chunk);
		long r = 0;

		before = round == 0 ? free_blocks() : before;
		while (off < (uint64_t)FS_MAXFILE * FS_BLOCK_SIZE) {
			for (uint32_t i = 0; i < sizeof(chunk); i += FS_BLOCK_SIZE)
				*(uint32_t *)(void *)(chunk + i) =
				    (uint32_t)(off + i) / FS_BLOCK_SIZE;
			r = inode_write(ip, &off, &b, sizeof(chunk), 0);
			assert_true(r > 0);
		}
		assert_int_equal(r, (uint64_t)FS_MAXFILE * FS_BLOCK_SIZE % sizeof(chunk));
		assert_int_equal(inode_write(ip, &off, &b, 1, 0), -EFBIG);
		assert_int_equal(free_blocks(), before - FS_MAXFILE - 1 - 1 - 256);
		for (size_t i = 0; i < ARRAY_LEN(borders); i++) {
			assert_int_equal(get(ip, (uint64_t)borders[i] * FS_BLOCK_SIZE, back,
			    sizeof(back)), sizeof(back));
			assert_int_equal(*(uint32_t *)(void *)back, borders[i]);
		}
		for (uint32_t i = 0; i < FS_MAXFILE; i++) {
			assert_int_equal(get(ip, (uint64_t)i * FS_BLOCK_SIZE, back, 4), 4);
			assert_int_equal(*(uint32_t *)(void *)back, i);
		}
		inode_put(ip);
		assert_int_equal(path_unlink(root, "/big", false), OK);
		assert_int_equal(free_blocks(), before);
	}
	stop();
}

static void
holes(void **state)
{
	static char zero[4096], back[4096];
	struct inode *ip;
	uint32_t before;
	uint64_t off = 5000;
	struct iobuf b = iobuf_kernel(zero);

	(void)state;
	start(3000, 50);
	ip = make_file("/h");
	before = free_blocks();
	assert_int_equal(put(ip, 1000 * 1024, "x", 1), 1);
	assert_int_equal(before - free_blocks(), 3);		/* it, and two indirect ones */
	memset(back, 1, sizeof(back));
	assert_int_equal(get(ip, 500 * 1024, back, sizeof(back)), sizeof(back));
	assert_memory_equal(back, zero, sizeof(back));
	assert_int_equal(put(ip, 2048, "y", 1), 1);
	assert_int_equal(before - free_blocks(), 4);
	assert_int_equal(inode_truncate(ip, 0), OK);
	assert_int_equal(before, free_blocks());
	assert_int_equal(inode_write(ip, &off, &b, 1, INODE_NO_HOLE), -EINVAL);
	inode_put(ip);
	stop();
}

/* One byte of a read(2) at OFF; -1: none. */
static int
byte_at(struct inode *ip, uint64_t off)
{
	struct inode_place at = { ip, off };
	uint8_t c;
	long r = inode_read_on(&at, (vaddr_t)&c, 1);

	assert_true(r == 0 || r == 1);
	assert_int_equal(at.offset, off + (uint64_t)r);
	return r == 1 ? c : -1;
}

/* A short read knows where the last one was: not when the page goes, or the end comes before it. */
static void
short_reads(void **state)
{
	static char old[9000];
	struct inode *ip;

	(void)state;
	memset(old, 'o', sizeof(old));
	start(3000, 50);
	ip = make_file("/f");
	assert_int_equal(put(ip, 0, old, sizeof(old)), sizeof(old));
	assert_int_equal(byte_at(ip, 8999), 'o');
	assert_int_equal(byte_at(ip, 9000), -1);
	assert_int_equal(byte_at(ip, 1ull << 32), -1);
	assert_int_equal(byte_at(ip, (1ull << 32) + 8999), -1);
	assert_int_equal(put(ip, 9000, "n", 1), 1);
	assert_int_equal(byte_at(ip, 9000), 'n');
	assert_int_equal(byte_at(ip, 8192), 'o');
	assert_int_equal(inode_truncate(ip, 8500), OK);		/* in that page */
	assert_int_equal(byte_at(ip, 8500), -1);
	assert_int_equal(byte_at(ip, 8499), 'o');
	assert_int_equal(inode_truncate(ip, 8600), OK);
	assert_int_equal(byte_at(ip, 8500), 0);
	assert_int_equal(byte_at(ip, 8599), 0);
	assert_int_equal(byte_at(ip, 8600), -1);
	assert_int_equal(byte_at(ip, 4096), 'o');
	assert_int_equal(inode_truncate(ip, 100), OK);		/* before it */
	assert_int_equal(byte_at(ip, 4096), -1);
	assert_int_equal(byte_at(ip, 4095), -1);
	assert_int_equal(put(ip, 4096, "n", 1), 1);
	assert_int_equal(byte_at(ip, 4095), 0);
	assert_int_equal(byte_at(ip, 4096), 'n');
	assert_int_equal(fs_sync(), OK);
	for (int i = 0; i < 3; i++)
		(void)!mem_reclaim(100000);			/* takes the page */
	assert_true(object_window_move(inode_object(ip), 4096, 1) == NULL);
	assert_int_equal(byte_at(ip, 4096), 'n');
	inode_put(ip);
	stop();
}

/* Bytes cut off do not come back when the file grows again, in any way. */
static void
cut_off_bytes_are_gone(void **state)
{
	static char old[9000], back[9000];
	struct inode *ip;

	(void)state;
	memset(old, 'o', sizeof(old));
	for (int how = 0; how < 8; how++) {
		start(3000, 50);
		ip = make_file("/f");
		assert_int_equal(put(ip, 0, old, sizeof(old)), sizeof(old));
		if (how & 1)
			assert_int_equal(fs_sync(), OK);
		assert_int_equal(inode_truncate(ip, 1500), OK);
		if (how & 2) {
			inode_put(ip);
			inode_put(root);
			fsdev_unmount(&disk);
			fsdev_mount(&disk);
			root = fs_root();
			ip = make_file("/f");
		}
		if (how & 4)
			assert_int_equal(inode_truncate(ip, 8000), OK);
		else
			assert_int_equal(put(ip, 7999, "e", 1), 1);
		inode_put(ip);
		inode_put(root);
		fsdev_unmount(&disk);
		fsdev_mount(&disk);
		root = fs_root();
		ip = make_file("/f");
		assert_int_equal(get(ip, 0, back, sizeof(back)), 8000);
		for (int i = 0; i < 7999; i++)
			assert_int_equal(back[i], i < 1500 ? 'o' : 0);
		inode_put(ip);
		stop();
	}
}

/* ---- names ---- */

static void
bad_paths(void **state)
{
	char longest[QUIRE_PATH_MAX + 1];
	struct inode *dir, *ip;

	(void)state;
	start(2000, 100);
	assert_int_equal(path_mkdir(root, "d"), OK);
	assert_int_equal(open_it("f", O_CREAT | O_RDWR), OK);
	assert_int_equal(open_it("", O_RDONLY), ERR(ENOENT));
	assert_int_equal(open_it("f/", O_RDONLY), ERR(ENOTDIR));
	assert_int_equal(open_it("f/x", O_RDONLY), ERR(ENOTDIR));
	assert_int_equal(open_it("new/", O_CREAT | O_RDWR), ERR(EISDIR));
	assert_int_equal(open_it("d", O_RDWR), ERR(EISDIR));
	assert_int_equal(open_it("d", O_WRONLY), ERR(EISDIR));
	assert_int_equal(open_it("d", O_CREAT), ERR(EISDIR));
	assert_int_equal(open_it("d", O_RDONLY), OK);
	assert_int_equal(open_it("d/", O_RDONLY | O_DIRECTORY), OK);
	assert_int_equal(open_it("f", O_RDONLY | O_DIRECTORY), ERR(ENOTDIR));
	assert_int_equal(open_it("f", O_CREAT | O_EXCL), ERR(EEXIST));
	assert_int_equal(open_it("/", O_CREAT), ERR(EISDIR));
	assert_int_equal(open_it("no/x", O_CREAT), ERR(ENOENT));
	assert_int_equal(path_mkdir(root, "d"), ERR(EEXIST));
	assert_int_equal(path_mkdir(root, "/"), ERR(EEXIST));
	assert_int_equal(path_mkdir(root, "d/."), ERR(EEXIST));
	assert_int_equal(path_mkdir(root, "e/"), OK);
	assert_int_equal(path_unlink(root, ".", false), ERR(EINVAL));
	assert_int_equal(path_unlink(root, "d/..", false), ERR(EINVAL));
	assert_int_equal(path_unlink(root, "/", false), ERR(EBUSY));
	assert_int_equal(path_unlink(root, "f/", false), ERR(ENOTDIR));
	assert_int_equal(path_unlink(root, "f", true), ERR(ENOTDIR));
	assert_int_equal(path_link(root, "d", "d2"), ERR(EPERM));
	assert_int_equal(path_link(root, "f", "d"), ERR(EEXIST));
	assert_int_equal(path_link(root, "f", "g/"), ERR(ENOENT));
	assert_int_equal(open_it("d/x", O_CREAT), OK);
	assert_int_equal(path_unlink(root, "d", false), ERR(ENOTEMPTY));
	assert_int_equal(path_unlink(root, "d/x", false), OK);
	/* A removed folder, still somebody's current one. */
	assert_int_equal(path_lookup(root, "d", 0, &dir), OK);
	assert_int_equal(path_unlink(root, "d/", false), OK);
	assert_int_equal(path_open(dir, "x", O_CREAT, &ip), ERR(ENOENT));
	assert_int_equal(path_mkdir(dir, "x"), ERR(ENOENT));
	assert_int_equal(path_link(root, "/f", "d/x"), ERR(ENOENT));
	assert_int_equal(path_open(dir, "../f", O_RDONLY, &ip), ERR(ENOENT));
	assert_int_equal(path_of(dir, longest, sizeof(longest)), -ENOENT);
	inode_put(dir);
	memset(longest, 'a', sizeof(longest));
	longest[QUIRE_PATH_MAX] = '\0';
	assert_int_equal(open_it(longest, O_CREAT), ERR(ENAMETOOLONG));
	longest[QUIRE_PATH_MAX - 1] = '\0';
	assert_int_equal(open_it(longest, O_CREAT), OK);
	assert_int_equal(open_it("aaaaaaaaaaaaaa", O_RDONLY), OK);	/* cut to 14 */
	assert_int_equal(open_it("aaaaaaaaaaaaaaXYZ", O_RDONLY), OK);
	stop();
}

static void
symbolic_links(void **state)
{
	char from[32], to[32], target[QUIRE_PATH_MAX + 8], back[QUIRE_PATH_MAX];
	struct inode *ip;

	(void)state;
	start(2000, 100);
	assert_int_equal(path_mkdir(root, "d"), OK);
	assert_int_equal(open_it("d/f", O_CREAT), OK);
	assert_int_equal(path_symlink(root, "d", "ld"), OK);
	assert_int_equal(path_symlink(root, "f", "d/lf"), OK);
	assert_int_equal(open_it("ld/lf", O_RDWR), OK);		/* relative to its own folder */
	assert_int_equal(open_it("ld/", O_RDONLY), OK);
	assert_int_equal(open_it("d/lf/", O_RDONLY), ERR(ENOTDIR));
	assert_int_equal(path_lookup(root, "ld", LOOKUP_NOFOLLOW, &ip), OK);
	assert_int_equal(inode_type(ip), T_SYMLINK);
	inode_put(ip);
	assert_int_equal(path_open(root, "ld", O_RDONLY | O_NOFOLLOW, &ip), OK);
	assert_int_equal(inode_type(ip), T_SYMLINK);
	assert_int_equal(get(ip, 0, back, sizeof(back)), 1);
	inode_put(ip);
	assert_int_equal(path_symlink(root, "nowhere", "dang"), OK);
	assert_int_equal(open_it("dang", O_RDONLY), ERR(ENOENT));
	assert_int_equal(open_it("dang", O_CREAT | O_EXCL), ERR(EEXIST));
	assert_int_equal(path_symlink(root, "self", "self"), OK);
	assert_int_equal(open_it("self", O_RDONLY), ERR(ELOOP));
	assert_int_equal(path_symlink(root, "b", "a"), OK);
	assert_int_equal(path_symlink(root, "a", "b"), OK);
	assert_int_equal(open_it("a/x", O_RDONLY), ERR(ELOOP));
	/* c1 -> c2 -> ... : ten links are followed, eleven are not. */
	for (int i = 1; i <= 11; i++) {
		snprintf(from, sizeof(from), "c%d", i);
		snprintf(to, sizeof(to), i == 11 ? "d/f" : "c%d", i + 1);
		assert_int_equal(path_symlink(root, to, from), OK);
	}
	assert_int_equal(open_it("c2", O_RDONLY), OK);
	assert_int_equal(open_it("c1", O_RDONLY), ERR(ELOOP));
	memset(target, 'x', sizeof(target));
	target[128] = '\0';
	assert_int_equal(path_symlink(root, target, "l128"), ERR(ENAMETOOLONG));
	target[127] = '\0';
	assert_int_equal(path_symlink(root, target, "l127"), OK);
	assert_int_equal(path_readlink(root, "l127", back, sizeof(back)), 127);
	assert_int_equal(open_it("l127", O_RDONLY), ERR(ENOENT));
	assert_int_equal(path_symlink(root, "", "lempty"), ERR(ENOENT));
	assert_int_equal(path_readlink(root, "d/f", back, sizeof(back)), -EINVAL);
	/* Absolute, and to the root. */
	assert_int_equal(path_symlink(root, "/", "d/lroot"), OK);
	assert_int_equal(open_it("d/lroot/d/lroot/d/f", O_RDONLY), OK);
	/* Ten long targets, one behind the other in one path. */
	memset(target, '/', 120);
	strcpy(target + 119, "/d");
	assert_int_equal(path_symlink(root, target, "ll"), OK);
	assert_int_equal(path_symlink(root, "../ll", "d/ll"), OK);
	assert_int_equal(open_it("ll/ll/ll/ll/ll/f", O_RDONLY), OK);
	assert_int_equal(open_it("ll/ll/ll/ll/ll/ll/ll/f", O_RDONLY), ERR(ELOOP));
	assert_int_equal(path_unlink(root, "ld", false), OK);
	assert_int_equal(open_it("d/f", O_RDONLY), OK);
	stop();
}

static void
renames(void **state)
{
	char path[40];
	struct inode *ip;

	(void)state;
	start(2000, 100);
	assert_int_equal(path_mkdir(root, "a"), OK);
	assert_int_equal(path_mkdir(root, "a/b"), OK);
	assert_int_equal(path_mkdir(root, "a/b/c"), OK);
	assert_int_equal(path_mkdir(root, "x"), OK);
	assert_int_equal(open_it("f", O_CREAT), OK);
	assert_int_equal(path_rename(root, "a", "a/b/c/d"), ERR(EINVAL));
	assert_int_equal(path_rename(root, "a", "a"), OK);
	assert_int_equal(path_rename(root, "a/b", "a"), ERR(ENOTEMPTY));
	assert_int_equal(path_rename(root, "a/.", "y"), ERR(EINVAL));
	assert_int_equal(path_rename(root, "f", "g/"), ERR(ENOTDIR));
	assert_int_equal(path_rename(root, "f", "x"), ERR(EISDIR));
	assert_int_equal(path_rename(root, "x", "f"), ERR(ENOTDIR));
	assert_int_equal(path_rename(root, "a/b", "x"), OK);	/* over an empty one */
	assert_int_equal(path_lookup(root, "x/c", 0, &ip), OK);
	assert_int_equal(path_of(ip, path, sizeof(path)), 5);
	assert_string_equal(path, "/x/c");
	assert_int_equal(path_of(ip, path, 4), -ERANGE);
	inode_put(ip);
	assert_int_equal(path_lookup(root, "x/c/../..", 0, &ip), OK);
	assert_ptr_equal(ip, root);
	inode_put(ip);
	stop();
}

/* ---- life ---- */

static void
unlinked_but_open(void **state)
{
	struct inode *ip;
	uint32_t before;
	char c;

	(void)state;
	start(2000, 100);
	before = free_blocks();
	ip = make_file("/f");
	assert_int_equal(put(ip, 5000, "x", 1), 1);
	assert_int_equal(path_unlink(root, "/f", false), OK);
	assert_int_equal(get(ip, 5000, &c, 1), 1);
	assert_int_equal(put(ip, 30000, "y", 1), 1);
	assert_int_equal(fs_sync(), OK);
	inode_put(ip);
	assert_int_equal(free_blocks(), before);
	stop();
}

/* Lots of blocks freed and taken again: space that waits for a commit is found. */
static void
freed_space_is_found(void **state)
{
	static char buf[100 * 1024];

	(void)state;
	start(300, 32);
	for (int i = 0; i < 50; i++) {
		struct inode *ip = make_file("/f");

		assert_int_equal(put(ip, 0, buf, sizeof(buf)), sizeof(buf));
		inode_put(ip);
		assert_int_equal(path_unlink(root, "/f", false), OK);
	}
	stop();
}

static void
disk_full(void **state)
{
	static char buf[1 << 20];
	struct inode *ip, *second;
	uint32_t before, inodes;
	char name[16];
	long n;

	(void)state;
	start(600, 32);
	before = free_blocks();
	inodes = free_inodes();
	ip = make_file("/f");
	n = put(ip, 0, buf, sizeof(buf));
	assert_true(n > 0 && n < (long)sizeof(buf));
	assert_true(free_blocks() <= 2);	/* too few for the next indirect blocks */
	second = make_file("/g");
	while (free_blocks() > 0)
		assert_true(put(second, (uint64_t)free_blocks() * FS_BLOCK_SIZE, buf, 1) == 1);
	assert_int_equal(put(ip, (uint64_t)n, buf, 1), -ENOSPC);
	assert_int_equal(put(second, 5000, buf, 1), -ENOSPC);
	assert_int_equal(put(second, 100000, buf, 1), -ENOSPC);
	assert_int_equal(path_mkdir(root, "/d"), ERR(ENOSPC));
	assert_int_equal(path_symlink(root, "x", "/l"), ERR(ENOSPC));
	inode_put(second);
	/* what has its place can be written */
	assert_int_equal(put(ip, 0, buf, 5000), 5000);
	inode_put(ip);
	assert_int_equal(path_unlink(root, "/f", false), OK);
	assert_int_equal(path_unlink(root, "/g", false), OK);
	assert_int_equal(free_blocks(), before);
	for (uint32_t i = 0; i < inodes; i++) {
		snprintf(name, sizeof(name), "/i%u", i);
		assert_int_equal(open_it(name, O_CREAT), OK);
	}
	assert_int_equal(free_inodes(), 0);
	assert_int_equal(open_it("/more", O_CREAT), ERR(ENOSPC));
	stop();
}

/* ---- errors ---- */

static bool
first_half_ok(vaddr_t va, size_t n)
{
	static char *limit;

	if (n == 0) {
		limit = (char *)va;	/* set it */
		return true;
	}
	return (char *)va + n <= limit;
}

/* A copy that fails in the middle leaves what came before it, and no blocks. */
static void
bad_user_buffer(void **state)
{
	static char buf[200000], back[200000];
	struct inode *ip;
	struct iobuf b = iobuf_user((vaddr_t)buf);
	uint64_t off = 0;
	long n;

	(void)state;
	start(2000, 100);
	memset(buf, 'u', sizeof(buf));
	ip = make_file("/f");
	first_half_ok((vaddr_t)(buf + 10000), 0);
	hostport_user_ok = first_half_ok;
	n = inode_write(ip, &off, &b, sizeof(buf), 0);
	assert_int_equal(n, 8192);
	assert_int_equal(inode_write(ip, &off, &(struct iobuf){ .user = true,
	    .uva = (vaddr_t)buf + 20000 },
	    100, 0), -EFAULT);
	first_half_ok((vaddr_t)(buf + 5000), 0);
	assert_int_equal(inode_read(ip, 0, &b, sizeof(buf)), 4096);
	hostport_user_ok = NULL;
	assert_int_equal(get(ip, 0, back, sizeof(back)), 8192);
	assert_memory_equal(back, buf, 8192);
	inode_put(ip);
	stop();
}

/* ---- a disk with bad blocks ---- */

static uint32_t
block_of(struct inode *ip, uint32_t fb)
{
	uint32_t block, run;

	mutex_lock(&ip->map);
	assert_int_equal(map_lookup(ip, fb, 1, &block, &run), OK);
	mutex_unlock(&ip->map);
	assert_int_not_equal(block, 0);
	return block;
}

/* Requests of kind OP that touch file block FB fail from now on. */
static void
make_bad(struct inode *ip, uint32_t fb, enum bio_op op)
{
	disk.bad_block = block_of(ip, fb);
	disk.nbad = 1;
	disk.fail_op = op;
}

static void
remount(void)
{
	inode_put(root);
	fsdev_unmount(&disk);
	fsdev_mount(&disk);
	root = fs_root();
}

#define BAD_PAGES	40		/* of a file, with something bad in the middle */
#define BAD_AT		20

static unsigned char bad_buf[BAD_PAGES * PAGE_SIZE];

static struct inode *
bad_file(int byte)
{
	struct inode *ip = make_file("/f");

	memset(bad_buf, byte, sizeof(bad_buf));
	assert_int_equal(put(ip, 0, bad_buf, sizeof(bad_buf)), sizeof(bad_buf));
	return ip;
}

/* Whoever syncs later waits for pages that others are writing. */
static void
sync_finds_pages_being_written(void **state)
{
	struct inode *ip, *next;
	struct page *p;
	uint32_t index = 0;

	(void)state;
	start(2000, 100);
	ip = make_file("/f");
	assert_int_equal(put(ip, 0, "x", 1), 1);
	assert_int_equal(object_writeback_begin(&ip->object, &index, true, &p, 1), 1);
	for (unsigned n = 0; n < 2; n++) {
		uint32_t pass = inode_new_pass();

		do {
			next = inode_next_dirty(pass);
			assert_non_null(next);
			inode_unpin(next);
		} while (next != ip);
	}
	object_writeback_end(&ip->object, p, true);
	assert_int_equal(fs_sync(), OK);
	assert_true(object_is_clean(&ip->object));
	inode_put(ip);
	stop();
}

/* A write that fails once is tried again, and nobody need know but the log. */
static void
passing_error(void **state)
{
	uint16_t told = 0;
	struct inode *ip;

	(void)state;
	start(2000, 100);
	ip = bad_file('a');
	(void)fstest_messages();
	disk.fail_op = BIO_WRITE;
	disk.fail_after = 1;
	assert_int_equal(inode_sync(ip, &told), OK);
	assert_int_equal(disk.fail_after, 0);
	assert_true(fstest_messages() > 0);
	inode_put(ip);
	remount();
	assert_int_equal(path_open(root, "/f", O_RDWR, &ip), OK);
	assert_int_equal(get(ip, 0, bad_buf, sizeof(bad_buf)), sizeof(bad_buf));
	for (size_t i = 0; i < sizeof(bad_buf); i++)
		assert_int_equal(bad_buf[i], 'a');
	inode_put(ip);
	stop();
}

/* One page of many cannot be written: that page is lost, and every user of the file is told. */
static void
write_error(void **state)
{
	uint16_t told[3] = { 0 };
	struct inode *ip;

	(void)state;
	start(2000, 100);
	ip = bad_file('a');
	assert_int_equal(inode_sync(ip, &told[0]), OK);
	inode_put(bad_file('b'));
	make_bad(ip, BAD_AT * 4 + 2, BIO_WRITE);
	(void)fstest_messages();
	fs_writeback_run();
	assert_true(fstest_messages() > 0);
	told[2] = inode_failures_told(ip);	/* opened before anybody was told */
	for (int i = 0; i < 3; i++) {
		assert_int_equal(inode_sync(ip, &told[i]), ERR(EIO));
		assert_int_equal(inode_sync(ip, &told[i]), OK);
	}
	told[0] = inode_failures_told(ip);	/* opened after that */
	assert_int_equal(inode_sync(ip, &told[0]), OK);
	assert_false(fs_readonly());
	inode_put(ip);
	remount();
	disk.nbad = 0;
	assert_int_equal(path_open(root, "/f", O_RDWR, &ip), OK);
	assert_int_equal(get(ip, 0, bad_buf, sizeof(bad_buf)), sizeof(bad_buf));
	for (size_t i = 0; i < sizeof(bad_buf); i++)
		assert_int_equal(bad_buf[i], i / PAGE_SIZE == BAD_AT ? 'a' : 'b');
	inode_put(ip);
	stop();
}

/* Nobody had the file open any more: the next one to open it is told, however late. */
static void
write_error_told_late(void **state)
{
	struct inode *ip;
	uint16_t told;

	(void)state;
	start(2000, 100);
	ip = bad_file('a');
	inode_put(ip);
	fs_writeback_run();
	ip = bad_file('b');
	make_bad(ip, BAD_AT * 4, BIO_WRITE);
	inode_put(ip);
	fs_writeback_run();
	disk.nbad = 0;
	for (int i = 0; i < 4; i++)
		(void)!mem_reclaim(100000);
	assert_int_equal(path_open(root, "/f", O_RDWR, &ip), OK);
	told = inode_failures_told(ip);
	assert_int_equal(inode_sync(ip, &told), ERR(EIO));
	assert_int_equal(inode_sync(ip, &told), OK);
	inode_put(ip);
	stop();
}

/* One block of many cannot be read: all pages but that one can, also by who reads on and on. */
static void
read_error(void **state)
{
	struct inode *ip;
	long n = 0, got;

	(void)state;
	start(2000, 100);
	inode_put(bad_file('a'));
	remount();
	assert_int_equal(path_open(root, "/f", O_RDWR, &ip), OK);
	make_bad(ip, BAD_AT * 4 + 1, BIO_READ);
	(void)fstest_messages();
	while ((got = get(ip, (uint64_t)n, bad_buf, 1000)) > 0)
		n += got;
	assert_int_equal(got, -EIO);
	assert_int_equal(n, BAD_AT * PAGE_SIZE);
	assert_true(fstest_messages() > 0);
	n += PAGE_SIZE;
	assert_int_equal(get(ip, (uint64_t)n, bad_buf, sizeof(bad_buf)),
	    sizeof(bad_buf) - (size_t)n);
	/* Half a page of it cannot be written without the rest. */
	assert_int_equal(put(ip, BAD_AT * PAGE_SIZE, "x", 1), -EIO);
	disk.nbad = 0;
	assert_int_equal(get(ip, 0, bad_buf, sizeof(bad_buf)), sizeof(bad_buf));
	assert_int_equal(bad_buf[BAD_AT * PAGE_SIZE], 'a');
	assert_false(fs_readonly());
	inode_put(ip);
	stop();
}

/* The journal cannot be written: read-only from then on, and the old state stays on the disk. */
static void
journal_errors(void **state)
{
	(void)state;
	for (int op = 0; op < 2; op++) {
		start(2000, 100);
		assert_int_equal(open_it("/kept", O_CREAT), OK);
		assert_int_equal(fs_sync(), OK);
		assert_int_equal(open_it("/lost", O_CREAT), OK);
		disk.fail_op = op == 0 ? BIO_WRITE : BIO_FLUSH;
		disk.fail_after = 1;
		assert_int_equal(fs_sync(), ERR(EIO));
		assert_true(fs_readonly());
		assert_int_equal(open_it("/new", O_CREAT), ERR(EROFS));
		assert_int_equal(open_it("/lost", O_RDONLY), OK);	/* still in memory */
		inode_put(root);
		fsdev_crash(&disk);
		fsdev_check(disk.disk, disk.nblocks, NULL);
		fsdev_mount(&disk);
		root = fs_root();
		assert_int_equal(open_it("/kept", O_RDONLY), OK);
		stop();
	}
}

/* Random operations while every so often a request fails: no assertion, no hang, no leak. */
static void
random_disk_errors(void **state)
{
	static struct model m;

	(void)state;
	for (uint64_t seed = 1; seed <= 90; seed++) {
		static const enum bio_op ops[] = { BIO_READ, BIO_WRITE, BIO_FLUSH };

		start(1500, 60);
		model_init(&m, seed);
		m.may_fail = true;
		for (int i = 0; i < 200; i++)
			model_step(&m);
		disk.fail_op = ops[seed % 3];
		for (int i = 0; i < 100; i++) {
			/*
			 * From here on the model may be wrong about what was lost: only the steps
			 * matter.
			 */
			if (disk.fail_after <= 0)
				disk.fail_after = 1 + (long)model_random(&m, 10);
			disk.bad_block = model_random(&m, 1500);
			disk.nbad = model_random(&m, 3) == 0 ? 1 + model_random(&m, 30) : 0;
			if (i % 7 == 0)
				fs_writeback_run();
			if (i % 11 == 0)
				(void)!mem_reclaim(500);
			(void)open_it("/n1/n2", O_RDONLY);
			(void)open_it("/n3", O_CREAT | O_RDWR | O_TRUNC);
			err_t err = path_unlink(root, "/n2", false);

			(void)err;
			err = path_rename(root, "/n3", "/n4");
			(void)err;
		}
		disk.fail_after = 0;
		disk.nbad = 0;
		model_close_all(&m);
		model_fini(&m);
		inode_put(root);
		fsdev_crash(&disk);
		fsdev_fini(&disk);
	}
}

/* Every single allocation of a workload fails once: no leak, no damage. */
static void
allocation_failures(void **state)
{
	static struct model m;
	uint64_t count = 1, made;

	(void)state;
	for (uint64_t nth = 1; nth <= count; nth += 1 + nth / 40) {
		start(1500, 60);
		model_init(&m, 77);
		m.may_fail = true;
		(void)!mem_reclaim(100000);
		(void)mem_fail_nth(nth);
		for (int i = 0; i < 150; i++) {
			model_step(&m);
			if (i % 7 == 0)
				(void)!mem_reclaim(100000);
		}
		made = mem_fail_nth(0);
		count = MAX(count, made);
		model_compare(&m);
		model_close_all(&m);
		model_fini(&m);
		stop();
	}
	assert_true(count > 300);
}

/* Memory so full that only the reserves are left. */
static void
memory_full(void **state)
{
	static char buf[30000], back[30000];
	struct inode *ip;
	uint32_t held = PFN_NONE;
	struct page *p;

	(void)state;
	start(2000, 100);
	memset(buf, 'm', sizeof(buf));
	ip = make_file("/f");
	assert_int_equal(put(ip, 0, buf, sizeof(buf)), sizeof(buf));
	while (mem_reclaim(1) == OK || (p = page_alloc(PAGE_KERNEL)) != NULL)
		while ((p = page_alloc(PAGE_KERNEL)) != NULL) {
			p->next = held;
			held = page_pfn(p);
		}
	assert_int_equal(put(ip, 100, "z", 1) == 1 || fs_sync() == OK, 1);
	assert_int_equal(fs_sync(), OK);
	while (held != PFN_NONE) {
		p = page_of_pfn(held);
		held = p->next;
		page_put(p);
	}
	assert_int_equal(get(ip, 0, back, sizeof(back)), sizeof(back));
	assert_int_equal(back[5000], 'm');
	inode_put(ip);
	stop();
}

/* No memory to read the file's map with: fsync says so, and the page stays dirty. */
static void
fsync_without_memory(void **state)
{
	static char buf[600000];
	uint16_t told = 0;
	struct inode *ip;

	(void)state;
	start(3000, 100);
	ip = make_file("/f");
	assert_int_equal(put(ip, 0, buf, sizeof(buf)), sizeof(buf));
	inode_put(ip);
	remount();
	assert_int_equal(path_open(root, "/f", O_RDWR, &ip), OK);
	assert_int_equal(put(ip, 500000, "x", 1), 1);
	assert_int_equal(put(ip, 590000, "x", 1), 1);	/* another block of the map */
	buf_drop_all();
	disk.fail_op = BIO_READ;
	disk.nbad = 3000;
	disk.error = ERR(ENOMEM);
	assert_int_equal(inode_sync(ip, &told), ERR(ENOMEM));
	assert_int_equal(fs_sync(), ERR(ENOMEM));
	assert_false(object_is_clean(&ip->object));
	(void)fstest_messages();
	disk.nbad = 0;
	assert_int_equal(inode_sync(ip, &told), OK);
	assert_true(object_is_clean(&ip->object));
	inode_put(ip);
	stop();
}

/*
 * A file of three levels, nothing of it in memory, is cut off or deleted while an allocation
 * fails. Memory can be had by asking: it works, and no block stays in use.
 */
static void
freeing_without_memory(void **state)
{
	static char buf[600000];
	uint64_t made = 1;

	(void)state;
	for (uint64_t step = 2; step / 2 <= made; step++) {
		struct fs_usage before, after;
		struct inode *ip;

		start(3000, 100);
		ip = make_file("/f");
		fs_usage(&before);
		assert_int_equal(put(ip, 0, buf, sizeof(buf)), sizeof(buf));
		inode_put(ip);
		inode_put(root);
		fsdev_unmount(&disk);
		fsdev_mount(&disk);
		root = fs_root();
		assert_int_equal(path_open(root, "/f", O_RDWR, &ip), OK);
		(void)mem_fail_nth(step / 2);
		if (step % 2 == 0)
			assert_int_equal(inode_truncate(ip, 0), OK);
		else
			assert_int_equal(path_unlink(root, "/f", false), OK);
		inode_put(ip);
		made = mem_fail_nth(0);
		assert_int_equal(fs_sync(), OK);
		fs_usage(&after);
		assert_int_equal(after.free_blocks, before.free_blocks);
		stop();
	}
}

/* A superblock that is right for a disk larger than the maps of which there is memory for. */
static void
a_disk_too_large(void **state)
{
	struct fs_super *s;

	(void)state;
	fsdev_init(&disk, 2000);
	fsdev_make(&disk, 100, 100);
	s = (void *)(disk.disk + FS_BLOCK_SIZE);
	s->nblocks = 1000000000;
	s->itable_start = s->bbitmap_start + s->nblocks / 8192 + 1;
	s->data_start = s->itable_start + 13;
	super_seal(s);
	disk.dev.nsectors = 2 * (uint64_t)s->nblocks;
	assert_int_equal(fs_mount(&disk.dev), ERR(ENOMEM));
	fsdev_fini(&disk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_paths), cmocka_unit_test(symbolic_links),
		cmocka_unit_test(renames), cmocka_unit_test(holes),
		cmocka_unit_test(short_reads),
		cmocka_unit_test(cut_off_bytes_are_gone), cmocka_unit_test(unlinked_but_open),
		cmocka_unit_test(freed_space_is_found), cmocka_unit_test(disk_full),
		cmocka_unit_test(bad_user_buffer), cmocka_unit_test(passing_error),
		cmocka_unit_test(write_error), cmocka_unit_test(write_error_told_late),
		cmocka_unit_test(read_error),
		cmocka_unit_test(journal_errors), cmocka_unit_test(random_operations),
		cmocka_unit_test(random_operations_disk_full),
		cmocka_unit_test(random_operations_few_names), cmocka_unit_test(large_folder),
		cmocka_unit_test(random_disk_errors), cmocka_unit_test(allocation_failures),
		cmocka_unit_test(memory_full), cmocka_unit_test(largest_file),
		cmocka_unit_test(freeing_without_memory), cmocka_unit_test(a_disk_too_large),
		cmocka_unit_test(sync_finds_pages_being_written),
		cmocka_unit_test(fsync_without_memory),
	};

	fstest_init();
	return cmocka_run_group_tests_name("fs", tests, NULL, NULL);
}
