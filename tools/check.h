/*
 * The checks of fsck, on an image in memory. Independent of kernel/fs on
 * purpose (but for the replay of the journal): each judges the other.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct check {
	uint8_t	*image;			/* SIZE bytes; changed by the replay, and by repairs */
	uint64_t size;
	bool	 repair;
	void	 (*say)(const char *line);	/* one finding, without newline; NULL: silence */
	/* a byte for each block: nonzero if it was changed; may be NULL */
	uint8_t	*touched;
	unsigned found;			/* out: kinds of damage found in the first round */
	unsigned left;			/* out: and in the last one, after repairs */
	/* out: not a file system, or its superblock is damaged beyond repair */
	bool	 hopeless;
	uint32_t free_blocks, free_inodes;	/* out: as the last round counted them */
	uint32_t orphans;		/* out: inodes that the next mount will free */
};

/* Replays the journal, then checks, and with `repair` repairs until nothing is found. */
void	check_image(struct check *c);

/* An image in memory as a disk, for those who mount it. */
struct blkdev;
struct blkdev *memdev_open(uint8_t *image, uint64_t size, uint8_t *touched);
void	memdev_close(struct blkdev *d);

#endif
