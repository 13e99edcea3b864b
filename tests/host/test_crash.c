/*
 * Power cuts. A workload runs on a disk that records every write and flush.
 * Then, for points in that record, the disk is built as a crash might have left
 * it: all writes before the last flush, and of those behind it any, in any
 * order, some of them half done. What is recovered must be one of the states
 * between the last sync and the crash, with no byte that was not in the file then,
 * and fsck must find nothing.
 *
 * CRASH_STATES: how many states to try for each workload (default 150).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "check.h"
#include "fs/fs.h"
#include "fsdev.h"
#include "fsmodel.h"
#include "lib/util.h"

#define NBLOCKS		900
#define NINODES		64
#define MAX_STEPS	120

/* After each step: what the tree was, and how far the record was. */
struct moment {
	struct model model;
	size_t	 log;			/* writes recorded when the step ended */
	size_t	 synced;		/* 1 + step that was durable then; 0: the beginning */
};

static struct fsdev disk;
static uint8_t *base;			/* the disk before the workload */
static struct moment moments[MAX_STEPS + 1];
static int nmoments;
static unsigned tried;

/* ---- the workload ---- */

static void
note_moment(struct model *m, bool synced)
{
	struct moment *at = &moments[nmoments];

	model_copy(&at->model, m);
	at->log = disk.nlog;
	at->synced = synced ? (size_t)nmoments : nmoments > 0 ? moments[nmoments - 1].synced : 0;
	nmoments++;
}

static void
forget_moments(void)
{
	while (nmoments > 0)
		model_fini(&moments[--nmoments].model);
}

static void
record(uint64_t seed, int steps)
{
	static struct model m;

	fsdev_init(&disk, NBLOCKS);
	fsdev_make(&disk, NINODES, 33 + seed % 3 * 12);
	fsdev_mount(&disk);
	model_init(&m, seed);
	m.max_size = seed % 4 == 0 ? 300000 : 40000;
	m.may_fail = true;
	for (int i = 0; i < 60; i++)	/* some history, so that freed blocks hold something */
		model_step(&m);
	model_close_all(&m);
	assert_int_equal(fs_sync(), OK);
	base = malloc((size_t)NBLOCKS * FS_BLOCK_SIZE);
	memcpy(base, disk.disk, (size_t)NBLOCKS * FS_BLOCK_SIZE);
	disk.record = true;
	nmoments = 0;
	note_moment(&m, true);
	for (int i = 0; i < steps; i++) {
		unsigned what = model_random(&m, 12);
		bool synced = false;

		if (what == 0) {
			assert_int_equal(fs_sync(), OK);
			synced = true;
		} else if (what == 1) {
			fs_writeback_run();
			synced = true;
		} else if (what == 2) {
			/* Commits everything, but writes the data of one file only. */
			struct inode *ip = model_open_random(&m);

			if (ip != NULL)
				assert_int_equal(inode_sync(ip, &(uint16_t){ 0 }), OK);
			inode_put(ip);
		} else {
			model_step(&m);
		}
		note_moment(&m, synced);
	}
	model_close_all(&m);
	model_fini(&m);
	fsdev_crash(&disk);
	disk.record = false;
}

/* ---- crash states ---- */

static uint64_t rng;

static unsigned
rnd(unsigned n)
{
	rng = rng * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(rng >> 33) % n;
}

static void
apply(uint8_t *image, const struct fsdev_write *w, bool torn)
{
	uint8_t *at = image + (size_t)w->block * FS_BLOCK_SIZE;

	if (!torn)
		memcpy(at, w->data, FS_BLOCK_SIZE);
	else if (rnd(2))
		memcpy(at, w->data, SECTOR_SIZE);
	else
		memcpy(at + SECTOR_SIZE, w->data + SECTOR_SIZE, SECTOR_SIZE);
}

/*
 * The image after a crash when POINT writes of LOG had been submitted. HOW 0:
 * all of them arrived; 1: what was not flushed arrived in part, in another order, some torn.
 */
static void
build(uint8_t *image, const struct fsdev_write *log, size_t point, int how)
{
	size_t flushed = 0, n, order[512];
	unsigned chance = 1 + rnd(10);

	for (size_t i = 0; i < point; i++)
		if (log[i].block == FSDEV_FLUSH)
			flushed = i;
	for (size_t i = 0; i < point; i++)
		if (log[i].block != FSDEV_FLUSH && (how == 0 || i < flushed))
			apply(image, &log[i], false);
	if (how == 0)
		return;
	n = 0;
	for (size_t i = flushed; i < point && n < ARRAY_LEN(order); i++)
		if (log[i].block != FSDEV_FLUSH)
			order[n++] = i;
	for (size_t i = n; i > 1; i--) {
		size_t k = rnd((unsigned)i), t = order[k];

		order[k] = order[i - 1];
		order[i - 1] = t;
	}
	for (size_t i = 0; i < n; i++)
		if (rnd(10) < chance)
			apply(image, &log[order[i]], rnd(16) == 0);
}

/* ---- judging what was recovered ---- */

struct window {
	int first, last;		/* moments */
	int state;			/* the one whose tree was recovered */
};

/* Could byte I of file ID be C, going by what it was at some moment of the window? */
static bool
byte_is_possible(const struct window *w, uint32_t id, uint32_t i, uint8_t c)
{
	for (int k = w->first; k <= w->last; k++) {
		struct node *n = model_by_id(&moments[k].model, id);

		if (n == NULL || n->type != T_FILE)
			continue;
		if (i < n->blob->size ? n->blob->data[i] == c : c == 0)
			return true;
	}
	return false;
}

static void
judge_contents(struct node *n, struct inode *ip, void *arg)
{
	const struct window *w = arg;
	uint32_t size = n->blob->size;
	uint8_t *buf = malloc(size + 1);
	struct iobuf b = iobuf_kernel(buf);

	assert_non_null(buf);
	assert_int_equal(inode_read(ip, 0, &b, size + 1), size);
	for (uint32_t i = 0; i < size; i++)
		if (buf[i] != n->blob->data[i] && !byte_is_possible(w, n->id, i, buf[i]))
			fail_msg("%s: inode %u: byte %u of %u is %02x, in moments %d to %d it "
			    "never was", fstest_context, n->ino, i, size, buf[i], w->first,
			    w->last);
	free(buf);
}

/* The window of states a crash after POINT writes may leave. */
static struct window
window_of(size_t point)
{
	struct window w = { .first = 0, .last = 0 };

	for (int k = 0; k < nmoments; k++) {
		if (moments[k].log <= point)
			w.first = (int)moments[k].synced;
		if (k > 0 && moments[k - 1].log > point)
			break;
		w.last = k;
	}
	return w;
}

static void
judge(size_t point)
{
	struct window w = window_of(point);
	const char *why = "";

	for (w.state = w.first; w.state <= w.last; w.state++)
		if (model_same_tree(&moments[w.state].model, &why))
			break;
	if (w.state > w.last)
		fail_msg("%s: a tree that never was between moments %d and %d (at the last: %s)",
		    fstest_context, w.first, w.last, why);
	model_each_file(&moments[w.state].model, judge_contents, &w);
}

static void
mount_and_judge(struct fsdev *d, size_t point)
{
	struct check c;

	fsdev_check(d->disk, NBLOCKS, NULL);		/* recovery by fsck, nothing mounted */
	fsdev_mount(d);
	assert_false(fs_readonly());
	judge(point);
	fsdev_unmount(d);
	fsdev_check(d->disk, NBLOCKS, &c);
	assert_int_equal(c.orphans, 0);
	tried++;
}

/* Crash during the recovery and the freeing of orphans, then again. */
static void
crash_in_recovery(const uint8_t *image, size_t point)
{
	struct fsdev first, second;

	fsdev_init(&first, NBLOCKS);
	memcpy(first.disk, image, (size_t)NBLOCKS * FS_BLOCK_SIZE);
	first.record = true;
	fsdev_mount(&first);
	fsdev_unmount(&first);
	for (int k = 0; k < 4 && first.nlog > 0; k++) {
		fsdev_init(&second, NBLOCKS);
		memcpy(second.disk, image, (size_t)NBLOCKS * FS_BLOCK_SIZE);
		build(second.disk, first.log, rnd((unsigned)first.nlog + 1), 1);
		mount_and_judge(&second, point);
		fsdev_fini(&second);
	}
	fsdev_fini(&first);
}

static void
crash_at(uint64_t seed, size_t point, int how)
{
	struct fsdev d;
	uint8_t *image;

	snprintf(fstest_context, sizeof(fstest_context), "seed %llu, state %u: cut after %zu "
	    "of %zu", (unsigned long long)seed, tried, point, disk.nlog);
	fsdev_init(&d, NBLOCKS);
	memcpy(d.disk, base, (size_t)NBLOCKS * FS_BLOCK_SIZE);
	build(d.disk, disk.log, point, how);
	image = malloc((size_t)NBLOCKS * FS_BLOCK_SIZE);
	memcpy(image, d.disk, (size_t)NBLOCKS * FS_BLOCK_SIZE);
	mount_and_judge(&d, point);
	if (rnd(8) == 0)
		crash_in_recovery(image, point);
	free(image);
	fsdev_fini(&d);
}

static unsigned
states_wanted(void)
{
	const char *s = getenv("CRASH_STATES");

	return s == NULL ? 150 : (unsigned)atoi(s);
}

static void
workload(uint64_t seed)
{
	unsigned n = states_wanted();

	record(seed, MAX_STEPS);
	rng = seed;
	for (unsigned i = 0; i < n; i++) {
		bool in_order = i < n / 3;

		crash_at(seed, in_order ? disk.nlog * i / (n / 3) : rnd((unsigned)disk.nlog + 1),
		    !in_order);
	}
	forget_moments();
	fsdev_fini(&disk);
	free(base);
}

static void
random_workloads(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++)
		workload(seed);
	print_message("%u crash states\n", tried);
}

/* ---- directed: the largest truncation and deletion, cut anywhere, lose no block ---- */

static void
deletion_cut_anywhere(void **state)
{
	static char buf[65536];
	struct inode *root, *ip;
	struct iobuf b = iobuf_kernel(buf);
	uint64_t off = 0;
	uint32_t before;
	struct check c;

	(void)state;
	fsdev_init(&disk, NBLOCKS);
	fsdev_make(&disk, NINODES, 33);
	fsdev_check(disk.disk, NBLOCKS, &c);
	before = c.free_blocks;
	fsdev_mount(&disk);
	root = fs_root();
	assert_int_equal(path_open(root, "/big", O_CREAT | O_RDWR, &ip), OK);
	while (off < 550 * FS_BLOCK_SIZE)
		assert_true(inode_write(ip, &off, &b, sizeof(buf), 0) > 0);
	assert_int_equal(fs_sync(), OK);
	base = malloc((size_t)NBLOCKS * FS_BLOCK_SIZE);
	memcpy(base, disk.disk, (size_t)NBLOCKS * FS_BLOCK_SIZE);
	disk.record = true;
	assert_int_equal(path_unlink(root, "/big", false), OK);
	assert_int_equal(fs_sync(), OK);
	inode_put(ip);
	assert_int_equal(fs_sync(), OK);
	inode_put(root);
	fsdev_unmount(&disk);
	rng = 5;
	for (size_t point = 0; point <= disk.nlog; point++)
		for (int how = 0; how < 2; how++) {
			struct fsdev d;

			fsdev_init(&d, NBLOCKS);
			memcpy(d.disk, base, (size_t)NBLOCKS * FS_BLOCK_SIZE);
			build(d.disk, disk.log, point, how);
			fsdev_mount(&d);
			root = fs_root();
			if (path_open(root, "/big", O_RDWR, &ip) == OK) {
				inode_put(ip);
				assert_int_equal(path_unlink(root, "/big", false), OK);
			}
			inode_put(root);
			fsdev_unmount(&d);
			fsdev_check(d.disk, NBLOCKS, &c);
			assert_int_equal(c.free_blocks, before);
			fsdev_fini(&d);
		}
	fsdev_fini(&disk);
	free(base);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deletion_cut_anywhere), cmocka_unit_test(random_workloads),
	};

	fstest_init();
	return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
