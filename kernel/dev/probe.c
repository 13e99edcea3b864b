/* Looking for disks, the preferred kinds first. */
#include "dev/blk.h"
#include "dev/drivers.h"

void
blk_probe(const struct bootinfo *bi)
{
	virtio_blk_probe();
	ata_probe();
	ramdisk_probe(bi);
}
