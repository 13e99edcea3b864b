/* Looking for disks, the preferred kinds first. */
#include "dev/blk.h"
#include "dev/virtio.h"

void
blk_probe(void)
{
	virtio_blk_probe();
}
