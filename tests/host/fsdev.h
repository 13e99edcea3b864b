/* A disk in memory for tests: records what is written, can fail and can die. */
#ifndef FSDEV_H
#define FSDEV_H

#include "abi/fs.h"
#include "dev/blk.h"

struct fsdev_write {
	uint32_t block;			/* FSDEV_FLUSH: all before is durable */
	uint8_t	*data;			/* FS_BLOCK_SIZE bytes */
};
#define FSDEV_FLUSH	0xffffffffu

struct fsdev {
	struct blkdev dev;
	uint8_t	*disk;			/* as if every write were done at once */
	uint32_t nblocks;
	bool	 record;
	struct fsdev_write *log;
	size_t	 nlog, room;
	bool	 dead;			/* every request fails */
	/* > 0: the request of kind fail_op that counts it down to 0 fails */
	long	 fail_after;
	enum bio_op fail_op;
	uint32_t bad_block, nbad;	/* where every request of kind fail_op fails ... */
	err_t	 error;			/* ... with this; OK: -EIO */
	unsigned failed;		/* how many did */
};

void	fsdev_init(struct fsdev *d, uint32_t nblocks);
void	fsdev_fini(struct fsdev *d);
void	fsdev_clear_log(struct fsdev *d);
/* An empty file system; what is free is filled with bytes that must never be seen. */
void	fsdev_make(struct fsdev *d, uint32_t ninodes, uint32_t journal_area);
void	fsdev_poison_free(struct fsdev *d);

#define POISON_BYTE	0xd5

/* fsck on a copy: fails the test with its findings unless there are none. Free counts come back. */
struct check;
void	fsdev_check(const uint8_t *disk, uint32_t nblocks, struct check *out);

/* Mount and unmount, failing the test if that fails. */
void	fsdev_mount(struct fsdev *d);
void	fsdev_unmount(struct fsdev *d);
/* As a power cut: nothing more reaches the disk. */
void	fsdev_crash(struct fsdev *d);

/* Once in main. */
void	fstest_init(void);
/* Kernel messages seen since the last call; the last one is kept in fstest_last. */
unsigned fstest_messages(void);
extern char fstest_last[256];
/* Where we are, for messages. */
extern char fstest_context[128];

#endif
