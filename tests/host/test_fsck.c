/*
 * fsck names every kind of damage and repairs it; a damaged image that is
 * mounted gives errors and becomes read-only, and never fails an assertion or hangs.
 *
 * FUZZ_IMAGES: how many damaged images to mount (default 3000). `make fuzz` builds this file with
 * LIBFUZZER defined: then libFuzzer chooses the damage.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "abi/limits.h"
#include "check.h"
#include "fs/fs.h"
#include "fs/mount.h"
#include "fsdev.h"
#include "fsmodel.h"
#include "lib/bitmap.h"
#include "mem/page.h"
#include "vm/object.h"

#define NBLOCKS		1200
#define IMAGE_SIZE	((size_t)NBLOCKS * FS_BLOCK_SIZE)

static struct fsdev disk;
static uint8_t *good;			/* an image with some of everything, clean */

/* Inodes of the image, by what they are. */
static uint32_t i_dir, i_sub, i_small, i_large, i_link, i_device;

static uint32_t
number_of(const char *path)
{
	struct inode *root = fs_root(), *ip;
	uint32_t n;

	assert_int_equal(path_lookup(root, path, LOOKUP_NOFOLLOW, &ip), OK);
	n = inode_number(ip);
	inode_put(ip);
	inode_put(root);
	return n;
}

static void
make_file(const char *path, size_t size)
{
	static char buf[400 * FS_BLOCK_SIZE];
	struct inode *root = fs_root(), *ip;
	struct iobuf b = iobuf_kernel(buf);
	uint64_t off = 0;

	memset(buf, path[1], sizeof(buf));
	assert_int_equal(path_open(root, path, O_CREAT | O_RDWR, &ip), OK);
	assert_int_equal(inode_write(ip, &off, &b, size, 0), size);
	inode_put(ip);
	inode_put(root);
}

static int
setup(void **state)
{
	struct inode *root;

	(void)state;
	fsdev_init(&disk, NBLOCKS);
	fsdev_make(&disk, 100, 40);
	fsdev_mount(&disk);
	root = fs_root();
	assert_int_equal(path_mkdir(root, "/dir"), OK);
	assert_int_equal(path_mkdir(root, "/dir/sub"), OK);
	make_file("/small", 3000);
	make_file("/dir/large", 400 * FS_BLOCK_SIZE);
	make_file("/dir/sub/third", 10000);
	assert_int_equal(path_symlink(root, "dir/large", "/link"), OK);
	assert_int_equal(path_mknod(root, "/dev", 1, 2), OK);
	assert_int_equal(path_link(root, "/small", "/dir/second"), OK);
	inode_put(root);
	i_dir = number_of("/dir");
	i_sub = number_of("/dir/sub");
	i_small = number_of("/small");
	i_large = number_of("/dir/large");
	i_link = number_of("/link");
	i_device = number_of("/dev");
	fsdev_unmount(&disk);
	good = malloc(IMAGE_SIZE);
	memcpy(good, disk.disk, IMAGE_SIZE);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fsdev_fini(&disk);
	free(good);
	return 0;
}

/* ---- the image's parts ---- */

static struct fs_super *
super(void)
{
	return (void *)(disk.disk + FS_BLOCK_SIZE);
}

static void *
block(uint32_t b)
{
	return disk.disk + (size_t)b * FS_BLOCK_SIZE;
}

static struct fs_inode *
inode(uint32_t inum)
{
	return (struct fs_inode *)block(super()->itable_start) + inum;
}

static struct fs_dirent *
entry(uint32_t dir, int i)
{
	return (struct fs_dirent *)block(inode(dir)->addr[0]) + i;
}

static uint32_t *
indirect(uint32_t inum)
{
	return block(inode(inum)->addr[FS_NDIRECT]);
}

/* ---- kinds of damage ---- */

static void
d_checksum(void)
{
	super()->checksum ^= 1;
}

static void
d_used_twice(void)
{
	inode(i_small)->addr[1] = inode(i_large)->addr[5];
}

static void
d_used_twice_indirect(void)
{
	indirect(i_large)[7] = inode(i_small)->addr[0];
}

static void
d_used_but_free(void)
{
	bit_clear(block(super()->bbitmap_start), inode(i_small)->addr[0]);
}

static void
d_free_but_used(void)
{
	bit_set(block(super()->bbitmap_start), NBLOCKS - 3);
}

static void
d_inode_used_but_free(void)
{
	bit_clear(block(super()->ibitmap_start), i_small);
}

static void
d_inode_free_but_used(void)
{
	bit_set(block(super()->ibitmap_start), 90);
}

static void
d_out_of_range(void)
{
	inode(i_small)->addr[0] = NBLOCKS + 5;
}

static void
d_into_metadata(void)
{
	inode(i_small)->addr[0] = super()->itable_start;
}

static void
d_bad_indirect(void)
{
	inode(i_large)->addr[FS_NDIRECT] = 0xffffffff;
}

static void
d_bad_double(void)
{
	inode(i_large)->addr[FS_NDIRECT + 1] = 3;
}

static void
d_bad_leaf(void)
{
	*(uint32_t *)block(inode(i_large)->addr[FS_NDIRECT + 1]) = 0x80000000;
}

static void
d_loop_in_map(void)
{
	indirect(i_large)[3] = inode(i_large)->addr[FS_NDIRECT];
}

static void
d_link_count_high(void)
{
	inode(i_small)->nlink = 7;
}

static void
d_link_count_zero(void)
{
	inode(i_small)->nlink = 0;
}

static void
d_folder_link_count(void)
{
	inode(i_dir)->nlink = 9;
}

static void
d_unreachable_file(void)
{
	for (int i = 2; i < 8; i++) {
		if (entry(FS_ROOT_INO, i)->inum == i_small)
			memset(entry(FS_ROOT_INO, i), 0, sizeof(struct fs_dirent));
		if (entry(i_dir, i)->inum == i_small)
			memset(entry(i_dir, i), 0, sizeof(struct fs_dirent));
	}
}

static void
d_unreachable_folder(void)
{
	entry(FS_ROOT_INO, 2)->inum = 0;
}

static void
d_entry_of_free_inode(void)
{
	entry(i_dir, 3)->inum = 80;
}

static void
d_entry_out_of_range(void)
{
	entry(i_dir, 3)->inum = 60000;
}

static void
d_entry_bad_name(void)
{
	memcpy(entry(i_dir, 3)->name, "a/b\0c", 6);
}

static void
d_entry_empty_name(void)
{
	memset(entry(i_dir, 3)->name, 0, FS_DIRSIZ);
}

static void
d_entry_twice(void)
{
	memcpy(entry(i_dir, 4)->name, entry(i_dir, 3)->name, FS_DIRSIZ);
}

static void
d_missing_dot(void)
{
	memset(entry(i_sub, 0), 0, sizeof(struct fs_dirent));
}

static void
d_missing_dots(void)
{
	memset(entry(i_sub, 1), 0, sizeof(struct fs_dirent));
}

static void
d_wrong_dots(void)
{
	entry(i_sub, 1)->inum = FS_ROOT_INO;
}

static void
d_folder_loop(void)
{
	*entry(i_sub, 3) = (struct fs_dirent){ (uint16_t)i_dir, "loop" };
	inode(i_sub)->size = 4 * sizeof(struct fs_dirent);
}

static void
d_folder_in_itself(void)
{
	*entry(i_sub, 3) = (struct fs_dirent){ (uint16_t)i_sub, "self" };
	inode(i_sub)->size = 4 * sizeof(struct fs_dirent);
}

static void
d_size_too_large(void)
{
	inode(i_small)->size = 1ull << 40;
}

static void
d_size_too_small(void)
{
	inode(i_large)->size = 5000;
}

static void
d_folder_size(void)
{
	inode(i_dir)->size = 37;
}

static void
d_folder_size_tiny(void)
{
	inode(i_dir)->size = 0;
}

static void
d_folder_hole(void)
{
	inode(i_sub)->size = 3 * FS_BLOCK_SIZE;
}

static void
d_folder_without_block(void)
{
	inode(i_sub)->addr[0] = 0;
}

static void
d_link_size(void)
{
	inode(i_link)->size = 4000;
}

static void
d_type(void)
{
	inode(i_device)->type = 77;
}

static void
d_block_count(void)
{
	inode(i_small)->nblocks = 1000;
}

static void
d_orphan_count(void)
{
	super()->orphans = 3;
	super_seal(super());
}

static void
d_root_gone(void)
{
	memset(inode(FS_ROOT_INO), 0, sizeof(struct fs_inode));
}

static const struct damage {
	void	 (*make)(void);
	const char *says;		/* part of what fsck must say */
} damages[] = {
	{ d_checksum, "superblock" },
	{ d_used_twice, "used twice" }, { d_used_twice_indirect, "used twice" },
	{ d_used_but_free, "used, but marked free" },
	{ d_free_but_used, "free, but marked used" },
	{ d_inode_used_but_free, "used, but marked free" },
	{ d_inode_free_but_used, "free, but marked used" },
	{ d_out_of_range, "out of range" }, { d_into_metadata, "out of range" },
	{ d_bad_indirect, "indirect block 4294967295 is out of range" },
	{ d_bad_double, "indirect block 3 is out of range" },
	{ d_bad_leaf, "indirect block 2147483648 is out of range" },
	{ d_loop_in_map, "used twice" },
	{ d_link_count_high, "wrong link count" }, { d_link_count_zero, "wrong link count" },
	{ d_folder_link_count, "wrong link count" },
	{ d_unreachable_file, "unreachable" }, { d_unreachable_folder, "unreachable" },
	{ d_entry_of_free_inode, "leads to a free inode" },
	{ d_entry_out_of_range, "inode number out of range" },
	{ d_entry_bad_name, "bad name" }, { d_entry_empty_name, "bad name" },
	{ d_entry_twice, "the name is there twice" },
	{ d_missing_dot, "missing '.'" }, { d_missing_dots, "missing '..'" },
	{ d_wrong_dots, "'..' leads to inode" },
	{ d_folder_loop, "a loop" }, { d_folder_in_itself, "a loop" },
	{ d_size_too_large, "wrong size" }, { d_size_too_small, "wrong size" },
	{ d_folder_size, "wrong size" }, { d_folder_size_tiny, "wrong size" },
	{ d_folder_hole, "wrong size" }, { d_folder_without_block, "wrong size" },
	{ d_link_size, "wrong size" }, { d_type, "unknown type" },
	{ d_block_count, "blocks are counted" }, { d_orphan_count, "orphans are counted" },
	{ d_root_gone, "root folder is missing" },
};

/* ---- fsck ---- */

static char said[1 << 16];

static void
note(const char *line)
{
	size_t n = strlen(said);

	snprintf(said + n, sizeof(said) - n, "%s\n", line);
}

static struct check
run_fsck(bool repair)
{
	struct check c = { .image = disk.disk, .size = IMAGE_SIZE, .repair = repair, .say = note };

	said[0] = '\0';
	check_image(&c);
	return c;
}

static void
undamaged_image_is_clean(void **state)
{
	struct check c;

	(void)state;
	memcpy(disk.disk, good, IMAGE_SIZE);
	c = run_fsck(true);
	assert_string_equal(said, "");
	assert_int_equal(c.found, 0);
	assert_int_equal(c.left, 0);
	assert_memory_equal(disk.disk, good, IMAGE_SIZE);
}

static void
every_damage_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
		struct check c;

		memcpy(disk.disk, good, IMAGE_SIZE);
		damages[i].make();
		c = run_fsck(false);
		assert_true(c.left > 0);
		if (strstr(said, damages[i].says) == NULL)
			fail_msg("damage %zu: no \"%s\" in: %s", i, damages[i].says, said);
	}
}

static void	walk_everything(void);

static void
every_damage_is_repaired(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
		struct check c;

		memcpy(disk.disk, good, IMAGE_SIZE);
		damages[i].make();
		c = run_fsck(true);
		if (c.found == 0 || c.left > 0 || c.hopeless)
			fail_msg("damage %zu: %u left, said: %s", i, c.left, said);
		fsdev_check(disk.disk, NBLOCKS, NULL);
		fsdev_mount(&disk);
		walk_everything();
		assert_false(fs_readonly());
		fsdev_unmount(&disk);
		fsdev_check(disk.disk, NBLOCKS, NULL);
	}
}

/* What has no name any more gets one, with its contents. */
static void
lost_files_are_found(void **state)
{
	char name[16], buf[4];
	struct inode *root, *ip;
	struct iobuf b = iobuf_kernel(buf);

	(void)state;
	memcpy(disk.disk, good, IMAGE_SIZE);
	d_unreachable_folder();
	d_unreachable_file();
	assert_int_equal(run_fsck(true).left, 0);
	fsdev_mount(&disk);
	root = fs_root();
	snprintf(name, sizeof(name), "/#%u", i_small);
	assert_int_equal(path_lookup(root, name, 0, &ip), OK);
	assert_int_equal(inode_read(ip, 0, &b, 1), 1);
	assert_int_equal(buf[0], 's');
	inode_put(ip);
	snprintf(name, sizeof(name), "/#%u/large", i_dir);
	assert_int_equal(path_lookup(root, name, 0, &ip), OK);
	inode_put(ip);
	inode_put(root);
	fsdev_unmount(&disk);
}

static void
not_a_file_system(void **state)
{
	struct check c;

	(void)state;
	memset(disk.disk, 0x5a, IMAGE_SIZE);
	c = run_fsck(true);
	assert_true(c.hopeless && c.left > 0);
	assert_int_equal(fs_mount(&disk.dev), ERR(EINVAL));
	c = (struct check){ .image = disk.disk, .size = 100 };
	check_image(&c);
	assert_true(c.hopeless);
}

/* ---- damaged images, mounted ---- */

static unsigned walked;

static void
use_file(struct inode *ip, unsigned how)
{
	static char buf[5000];
	struct iobuf b = iobuf_kernel(buf);
	uint64_t off = 0;

	for (; off < 700 * FS_BLOCK_SIZE; off += sizeof(buf))
		if (inode_read(ip, off, &b, sizeof(buf)) <= 0)
			break;
	if (how & 1) {
		off = how % 3000;
		(void)inode_write(ip, &off, &b, how % sizeof(buf), how & 2 ? INODE_APPEND : 0);
	}
	if (how & 4) {
		err_t err = inode_truncate(ip, how % 20000);

		(void)err;
	}
}

static void
walk(const char *path, unsigned depth, unsigned how)
{
	struct inode *root = fs_root(), *ip;
	char below[QUIRE_PATH_MAX + 20], buf[QUIRE_PATH_MAX];
	struct fs_dirent de;
	struct iobuf b = iobuf_kernel(&de);
	struct kstat st;

	if (walked++ > 300 || path_lookup(root, path, LOOKUP_NOFOLLOW, &ip) != OK) {
		inode_put(root);
		return;
	}
	inode_stat(ip, &st);
	if (inode_type(ip) == T_FILE)
		use_file(ip, how);
	if (inode_type(ip) == T_SYMLINK)
		(void)path_readlink(root, path, buf, sizeof(buf));
	if (inode_type(ip) == T_DIR) {
		(void)path_of(ip, buf, sizeof(buf));
		for (uint64_t off = 0; depth < 6 && off < 40 * sizeof(de); off += sizeof(de)) {
			if (inode_read(ip, off, &b, sizeof(de)) != sizeof(de))
				break;
			if (de.inum == 0 || off < 2 * sizeof(de))
				continue;
			snprintf(below, sizeof(below), "%.100s/%.14s", path, de.name);
			walk(below, depth + 1, how);
		}
	}
	inode_put(ip);
	inode_put(root);
}

static void
walk_everything(void)
{
	walked = 0;
	walk("", 0, 0);
	walk("/", 0, 0);
}

static void
try_everything(unsigned how)
{
	static const char *const names[] = { "/new", "/dir/new", "/dir/sub/new", "/small",
		"/dir/large", "/link", "/dir/second", "/dir/sub", "/dir" };
	struct inode *root = fs_root(), *ip;
	err_t err;

	walked = 0;
	walk("/", 0, how);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *other = names[(i + how) % ARRAY_LEN(names)];

		switch ((how + i) % 7) {
		case 0:
			if (path_open(root, names[i], O_CREAT | O_RDWR, &ip) == OK) {
				use_file(ip, how);
				inode_put(ip);
			}
			break;
		case 1:
			err = path_mkdir(root, names[i]);
			break;
		case 2:
		case 3:
			err = path_unlink(root, names[i], false);
			break;
		case 4:
			err = path_rename(root, names[i], other);
			break;
		case 5:
			err = path_link(root, names[i], other);
			break;
		case 6:
			err = fs_sync();
			break;
		}
		(void)err;
	}
	inode_put(root);
}

/* Mount, if that can be, use it in every way, and give everything back. */
static void
use_damaged(unsigned how)
{
	err_t err = fs_mount(&disk.dev);

	if (err != OK)
		return;
	try_everything(how);
	fs_writeback_run();
	try_everything(how * 7 + 1);
	err = fs_unmount();
	(void)err;
	(void)fstest_messages();
}

/*
 * Damage that is met gives an error, a message, and a read-only file system;
 * the rest can be read.
 */
static void
damage_makes_it_read_only(void **state)
{
	struct inode *root, *ip;
	char buf[16];
	struct iobuf b = iobuf_kernel(buf);

	(void)state;
	memcpy(disk.disk, good, IMAGE_SIZE);
	d_bad_indirect();
	fsdev_mount(&disk);
	root = fs_root();
	(void)fstest_messages();
	assert_int_equal(path_open(root, "/dir/large", O_RDWR, &ip), OK);
	assert_int_equal(inode_read(ip, 0, &b, 16), 16);
	assert_false(fs_readonly());
	assert_int_equal(inode_read(ip, 100 * FS_BLOCK_SIZE, &b, 16), -EIO);
	assert_true(fs_readonly());
	assert_true(fstest_messages() > 0);
	assert_int_equal(inode_write(ip, &(uint64_t){ 0 }, &b, 16, 0), -EROFS);
	inode_put(ip);
	assert_int_equal(path_open(root, "/small", O_RDONLY, &ip), OK);
	assert_int_equal(inode_read(ip, 0, &b, 16), 16);
	inode_put(ip);
	inode_put(root);
	(void)!fs_unmount();
}

static void
directed_damage_mounted(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(damages); i++)
		for (unsigned how = 0; how < 24; how++) {
			memcpy(disk.disk, good, IMAGE_SIZE);
			damages[i].make();
			use_damaged(how);
		}
}

static uint64_t rng = 1;

static unsigned
rnd(unsigned n)
{
	rng = rng * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(rng >> 33) % n;
}

/* Bytes, words and blocks of what matters: superblock, journal, bitmaps, inodes, folders, maps. */
static void
spoil(void)
{
	static const uint32_t values[] = { 0, 1, 2, 5, 70, 100, 255, 1024, NBLOCKS - 1, NBLOCKS,
		0x7fffffff, 0x80000000, 0xffffffff };
	const struct fs_super *s = (const void *)(good + FS_BLOCK_SIZE);
	const struct fs_inode *all = (const void *)(good + s->itable_start * FS_BLOCK_SIZE);
	uint32_t first = s->ibitmap_start, n = s->data_start + 20 - first, b, at;

	switch (rnd(8)) {
	case 0:
		b = rnd(s->data_start);
		break;
	case 1:
		b = all[i_dir].addr[0];
		break;
	case 2:
		b = all[i_large].addr[FS_NDIRECT + rnd(2)];
		break;
	case 3:
		b = FS_SUPER_BLOCK;
		break;
	default:
		b = first + rnd(n);
		break;
	}
	at = b * FS_BLOCK_SIZE + rnd(FS_BLOCK_SIZE / 4) * 4;
	switch (rnd(4)) {
	case 0:
		disk.disk[at] ^= (uint8_t)(1 << rnd(8));
		break;
	case 1:
		memcpy(disk.disk + at, &values[rnd(ARRAY_LEN(values))], 4);
		break;
	case 2:
		*(uint32_t *)(void *)(disk.disk + at) = rnd(NBLOCKS);
		break;
	case 3:
		if (rnd(4) == 0)
			memcpy(block(b), block(rnd(NBLOCKS)), FS_BLOCK_SIZE);
		break;
	}
	if (b == FS_SUPER_BLOCK && rnd(2))
		super_seal(super());
}

/* fsck ends, and what it repaired is repaired. */
static void
check_repair(unsigned image)
{
	struct check c;

	if (run_fsck(true).hopeless)
		return;
	c = run_fsck(false);
	if (c.left > 0)
		fail_msg("image %u: after a repair: %s", image, said);
}

static void
random_damage(void **state)
{
	const char *s = getenv("FUZZ_IMAGES");
	unsigned n = s == NULL ? 3000 : (unsigned)atoi(s);

	(void)state;
	for (unsigned i = 0; i < n; i++) {
		rng = i;
		memcpy(disk.disk, good, IMAGE_SIZE);
		for (unsigned k = 1 + rnd(4); k > 0; k--)
			spoil();
		use_damaged(rnd(1000));
		check_repair(i);
	}
}

#ifdef LIBFUZZER
int	LLVMFuzzerInitialize(int *argc, char ***argv);
int	LLVMFuzzerTestOneInput(const uint8_t *in, size_t n);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fstest_init();
	return setup(NULL);
}

/* Where damage is worth its while: the number of the first block, and how many there are. */
static uint32_t
target(unsigned kind, uint32_t *n)
{
	const struct fs_super *s = (const void *)(good + FS_BLOCK_SIZE);
	const struct fs_inode *all = (const void *)(good + s->itable_start * FS_BLOCK_SIZE);

	*n = 1;
	switch (kind % 8) {
	case 0:
		return FS_SUPER_BLOCK;
	case 1:
		return all[i_dir].addr[0];
	case 2:
		return all[i_sub].addr[0];
	case 3:
		return all[i_large].addr[FS_NDIRECT];
	case 4:
		return all[i_large].addr[FS_NDIRECT + 1];
	case 5:
		*n = s->ibitmap_start;
		return 0;		/* with the journal */
	case 6:
		*n = s->data_start - s->ibitmap_start;
		return s->ibitmap_start;
	}
	*n = NBLOCKS;
	return 0;
}

/*
 * The first byte says how the image is used, and whether the superblock gets a good checksum; then
 * each eight bytes are a change: its target, how many bytes, where (16 bits), the bytes.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *in, size_t n)
{
	unsigned how = n > 0 ? in[0] : 0;

	memcpy(disk.disk, good, IMAGE_SIZE);
	for (size_t i = 1; i + 8 <= n; i += 8) {
		uint32_t blocks, first = target(in[i], &blocks), len = 1 + in[i + 1] % 4;
		uint32_t at = (in[i + 2] | (uint32_t)in[i + 3] << 8) * 4 % (blocks * FS_BLOCK_SIZE);

		memcpy(disk.disk + first * FS_BLOCK_SIZE + at, in + i + 4, len);
	}
	if (how & 1)
		super_seal(super());
	use_damaged(how / 2);
	check_repair(how);
	return 0;
}
#else
int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(undamaged_image_is_clean),
		cmocka_unit_test(every_damage_is_named),
		cmocka_unit_test(every_damage_is_repaired),
		cmocka_unit_test(lost_files_are_found), cmocka_unit_test(not_a_file_system),
		cmocka_unit_test(damage_makes_it_read_only),
		cmocka_unit_test(directed_damage_mounted), cmocka_unit_test(random_damage),
	};

	fstest_init();
	return cmocka_run_group_tests_name("fsck", tests, setup, teardown);
}
#endif
