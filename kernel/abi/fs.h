/*
 * The disk format, version 2. All numbers are little-endian.
 *
 *	block 0		boot code; never touched
 *	block 1		superblock
 *	journal		two areas of `journal_area` blocks each (docs/filesystem.md)
 *	inode bitmap	bit i: inode i is in use
 *	block bitmap	bit b: block b is in use (everything before `data_start` is)
 *	inode table	8 inodes a block: inode i at byte i * 128
 *	data		up to the end
 *
 * A file's block n is found by `addr`: n < 11 direct; then one block of 256
 * numbers; then one block of 256 numbers of such blocks. 0 is a hole.
 */
#ifndef ABI_FS_H
#define ABI_FS_H

#include <stdint.h>

#define FS_BLOCK_SIZE	1024
#define FS_MAGIC	0x65697551u	/* "Quie" */
#define FS_VERSION	2
#define FS_SUPER_BLOCK	1
#define FS_ROOT_INO	1

#define FS_NDIRECT	11
#define FS_NINDIRECT	256
#define FS_MAXFILE	(FS_NDIRECT + FS_NINDIRECT + FS_NINDIRECT * FS_NINDIRECT)
#define FS_NADDR	(FS_NDIRECT + 2)
#define FS_MAX_INODES	65535		/* directory entries hold 16 bits */
#define FS_DIRSIZ	14

struct fs_super {
	uint32_t magic;
	uint32_t version;
	uint32_t features;		/* unknown bits: mount read-only */
	uint32_t features_incompat;	/* unknown bits: refuse */
	uint32_t nblocks;		/* of the whole file system */
	uint32_t ninodes;		/* numbers 1 .. ninodes - 1 are usable */
	uint32_t journal_start;
	uint32_t journal_area;		/* blocks an area; there are two */
	uint32_t ibitmap_start;
	uint32_t bbitmap_start;
	uint32_t itable_start;
	uint32_t data_start;
	uint32_t orphans;		/* inodes with FS_ORPHAN set: look for them at mount */
	uint8_t uuid[16];
	uint32_t reserved[13];
	uint64_t checksum;		/* lib/sum64.h, of the bytes before */
};

#define FS_ORPHAN	1		/* flags: no name leads here any more, or blocks
					   beyond the size are still to be freed */

struct fs_inode {
	uint16_t type;			/* T_*, 0: free */
	uint16_t mode;
	uint16_t uid, gid;
	uint32_t nlink;
	uint32_t flags;
	uint64_t size;			/* bytes */
	int64_t mtime, ctime;		/* nanoseconds since the Epoch */
	uint32_t generation;
	uint32_t nblocks;		/* blocks allocated, indirect ones too */
	uint16_t major, minor;		/* of a T_DEVICE */
	uint32_t addr[FS_NADDR];
	uint32_t reserved[6];
};

struct fs_dirent {
	uint16_t inum;			/* 0: empty */
	char name[FS_DIRSIZ];		/* padded with NULs; no NUL when full */
};

#define FS_INODE_SIZE	128
_Static_assert(sizeof(struct fs_inode) == FS_INODE_SIZE, "on-disk inode");
_Static_assert(sizeof(struct fs_super) == 128, "superblock");

/*
 * The journal: transaction number n is written to area n mod 2: a header
 * block, `count` block numbers (in as many blocks as they need, from the
 * header's own tail on), the blocks themselves. It is whole when the checksum
 * (lib/sum64.h, of the header up to it, numbers rounded up to 8 bytes, contents) is right.
 */
#define FS_JOURNAL_MAGIC	0x6c6e724au	/* "Jrnl" */

struct fs_journal_header {
	uint32_t magic;
	uint32_t count;			/* blocks logged */
	uint64_t seq;			/* transaction number, from 1 */
	uint8_t uuid[16];		/* the superblock's: not of an older file system */
	uint64_t checksum;
	/* home of each; continues in the next blocks */
	uint32_t block[(FS_BLOCK_SIZE - 40) / 4];
};
_Static_assert(sizeof(struct fs_journal_header) == FS_BLOCK_SIZE, "journal header");

#endif
