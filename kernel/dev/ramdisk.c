/* A disk image that the loader put into memory. What is written is gone with the power. */
#include "dev/blk.h"
#include "dev/drivers.h"
#include "lib/string.h"

static void
ramdisk_submit(struct blkdev *d, struct bio *b)
{
	char *at = (char *)d->priv + b->sector * SECTOR_SIZE;

	for (uint32_t i = 0; i < b->nsegs && b->op != BIO_FLUSH; i++) {
		if (b->op == BIO_READ)
			memcpy(b->seg[i].addr, at, b->seg[i].len);
		else
			memcpy(at, b->seg[i].addr, b->seg[i].len);
		at += b->seg[i].len;
	}
	b->err = OK;
	b->done(b);
}

void
ramdisk_probe(const struct bootinfo *bi)
{
	static struct blkdev disk = { .name = "ramdisk", .submit = ramdisk_submit };

	if (bi->ramdisk.end == bi->ramdisk.start)
		return;
	disk.priv = md_phys_to_virt(bi->ramdisk.start);
	disk.nsectors = (bi->ramdisk.end - bi->ramdisk.start) / SECTOR_SIZE;
	blk_register(&disk);
}
