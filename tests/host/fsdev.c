/* See fsdev.h. */
#include "fsdev.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "check.h"
#include "fs/fs.h"
#include "fsmake.h"
#include "hostport.h"
#include "lib/bitmap.h"
#include "mem/page.h"
#include "mem/slab.h"
#include "vm/object.h"

static unsigned messages;
char fstest_last[256];
char fstest_context[128];
static size_t frames_in_use;		/* before the mount */

/* ---- the device ---- */

static void
note_write(struct fsdev *d, uint32_t block, const void *data)
{
	struct fsdev_write *w;

	if (!d->record)
		return;
	if (d->nlog == d->room) {
		d->room = d->room * 2 + 256;
		d->log = realloc(d->log, d->room * sizeof(*d->log));
		assert_non_null(d->log);
	}
	w = &d->log[d->nlog++];
	w->block = block;
	w->data = NULL;
	if (data != NULL) {
		w->data = malloc(FS_BLOCK_SIZE);
		assert_non_null(w->data);
		memcpy(w->data, data, FS_BLOCK_SIZE);
	}
}

static bool
is_bad(const struct fsdev *d, const struct bio *b)
{
	uint64_t first = b->sector / (FS_BLOCK_SIZE / SECTOR_SIZE), n = 0;

	for (uint32_t i = 0; i < b->nsegs; i++)
		n += b->seg[i].len / FS_BLOCK_SIZE;
	return d->nbad > 0 && b->op == d->fail_op && first < d->bad_block + d->nbad &&
	    first + n > d->bad_block;
}

static bool
fails(struct fsdev *d, const struct bio *b)
{
	if (d->dead || is_bad(d, b))
		return true;
	if (d->fail_after <= 0 || b->op != d->fail_op || --d->fail_after > 0)
		return false;
	d->failed++;
	return true;
}

static void
submit(struct blkdev *dev, struct bio *b)
{
	struct fsdev *d = dev->priv;
	uint8_t *at = d->disk + b->sector * SECTOR_SIZE;

	b->err = OK;
	if (fails(d, b))
		b->err = d->error != OK ? d->error : ERR(EIO);
	if (b->op == BIO_FLUSH && b->err == OK)
		note_write(d, FSDEV_FLUSH, NULL);
	for (uint32_t i = 0; b->op != BIO_FLUSH && b->err == OK && i < b->nsegs; i++) {
		uint32_t n = b->seg[i].len;

		if (b->op == BIO_READ)
			memcpy(b->seg[i].addr, at, n);
		else
			memcpy(at, b->seg[i].addr, n);
		for (uint32_t k = 0; b->op == BIO_WRITE && k < n; k += FS_BLOCK_SIZE)
			note_write(d, (uint32_t)((at + k - d->disk) / FS_BLOCK_SIZE), at + k);
		at += n;
	}
	b->done(b);
}

void
fsdev_init(struct fsdev *d, uint32_t nblocks)
{
	memset(d, 0, sizeof(*d));
	d->nblocks = nblocks;
	d->disk = calloc(nblocks, FS_BLOCK_SIZE);
	assert_non_null(d->disk);
	d->dev = (struct blkdev){ .name = "test", .nsectors = (uint64_t)nblocks * 2,
		.submit = submit, .priv = d };
}

void
fsdev_clear_log(struct fsdev *d)
{
	while (d->nlog > 0)
		free(d->log[--d->nlog].data);
}

void
fsdev_fini(struct fsdev *d)
{
	fsdev_clear_log(d);
	free(d->log);
	free(d->disk);
}

void
fsdev_make(struct fsdev *d, uint32_t ninodes, uint32_t journal_area)
{
	struct fs_params p = { .nblocks = d->nblocks, .ninodes = ninodes,
		.journal_area = journal_area, .uuid = "test" };

	assert_int_equal(fs_make(&d->dev, &p), OK);
	fsdev_poison_free(d);
}

void
fsdev_poison_free(struct fsdev *d)
{
	struct fs_super *s = (void *)(d->disk + FS_BLOCK_SIZE);
	uint8_t *map = d->disk + (size_t)s->bbitmap_start * FS_BLOCK_SIZE;

	for (uint32_t b = s->data_start; b < s->nblocks; b++)
		if (!bit_test(map, b))
			memset(d->disk + (size_t)b * FS_BLOCK_SIZE, POISON_BYTE, FS_BLOCK_SIZE);
}

/* ---- checks around a mount ---- */

static void
say(const char *line)
{
	print_message("fsck: %s\n", line);
}

void
fsdev_check(const uint8_t *disk, uint32_t nblocks, struct check *out)
{
	size_t size = (size_t)nblocks * FS_BLOCK_SIZE;
	struct check c = { .image = malloc(size), .size = size, .say = say };

	assert_non_null(c.image);
	memcpy(c.image, disk, size);
	check_image(&c);
	free(c.image);
	if (c.left > 0)
		fail_msg("%s: fsck found damage", fstest_context);
	if (out != NULL)
		*out = c;
}

void
fsdev_mount(struct fsdev *d)
{
	frames_in_use = page_count_total() - page_count_free() - slab_frames_held() +
	    slab_frames_needed();
	assert_int_equal(fs_mount(&d->dev), OK);
}

/* Nothing that the file system took may be left: all its frames and slab objects are back. */
static void
check_leaks(void)
{
	size_t now = page_count_total() - page_count_free() - slab_frames_held() +
	    slab_frames_needed();

	assert_int_equal(now, frames_in_use);
	assert_int_equal(object_dirty_total(), 0);
}

void
fsdev_unmount(struct fsdev *d)
{
	(void)d;
	assert_int_equal(fs_unmount(), OK);
	check_leaks();
}

void
fsdev_crash(struct fsdev *d)
{
	err_t err;

	d->dead = true;
	err = fs_unmount();
	(void)err;
	d->dead = false;
	check_leaks();
	(void)fstest_messages();
}

/* ---- messages ---- */

static void
log_line(const char *line)
{
	messages++;
	snprintf(fstest_last, sizeof(fstest_last), "%s", line);
}

unsigned
fstest_messages(void)
{
	unsigned n = messages;

	messages = 0;
	return n;
}

void
fstest_init(void)
{
	hostport_init(64u << 20);
	hostport_log = log_line;
	hostport_time_ns = 1700000000000000000u;
	hostport_time_step = 1000;
	object_subsystem_init();
}
