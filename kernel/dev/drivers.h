/* The kinds of disks: each function registers those it finds; the first is the root's. */
#ifndef DEV_DRIVERS_H
#define DEV_DRIVERS_H

#include "md/boot.h"

void	virtio_blk_probe(void);
void	ata_probe(void);
void	ramdisk_probe(const struct bootinfo *bi);

#endif
