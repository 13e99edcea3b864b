/*
 * A file tree as simple as can be, to compare the real one with: it does the
 * same random operations and keeps what each should leave behind.
 */
#ifndef FSMODEL_H
#define FSMODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define M_NODES		48
#define M_NAMES		8		/* entries a folder may have: "n0" .. "n7" */
#define M_DEPTH		3
#define M_PATH		64

struct inode;

/* Contents at one time; shared by snapshots. */
struct blob {
	unsigned refs;
	uint32_t size;
	uint8_t	 data[];
};

struct node {
	uint8_t	 type;			/* T_*, 0: unused */
	uint8_t	 depth;			/* of a folder: below the root */
	int8_t	 parent;		/* of a folder */
	int8_t	 child[M_NAMES];	/* of a folder; -1: none */
	uint32_t nlink;
	uint32_t id;			/* never used again */
	uint32_t ino;			/* as the file system numbered it */
	struct blob *blob;		/* of a file */
	char	 target[M_PATH];	/* of a link */
	struct inode *open;		/* held open, or NULL: not part of a snapshot's meaning */
};

struct model {
	struct node node[M_NODES];	/* 0: the root */
	uint32_t next_id;
	uint64_t seed;
	uint32_t max_size;		/* of files */
	/* operations may fail for want of space or memory, leaving things as they were */
	bool	 may_fail;
};

void	model_init(struct model *m, uint64_t seed);
void	model_fini(struct model *m);
unsigned model_random(struct model *m, unsigned n);
/* One random operation, done in both; its name. */
const char *model_step(struct model *m);
void	model_close_all(struct model *m);
/* a reference to some file; NULL: there is none */
struct inode *model_open_random(struct model *m);

/* The mounted file system is what the model says: names, types, link counts, sizes, contents. */
void	model_compare(struct model *m);
/* The same names, types, sizes and counts? Says nothing; *WHY: what differs. */
bool	model_same_tree(struct model *m, const char **why);

/* a snapshot; model_fini frees it */
void	model_copy(struct model *to, const struct model *from);
struct node *model_by_id(struct model *m, uint32_t id);
/* Calls FN for every file of the tree with an open inode. */
void	model_each_file(struct model *m, void (*fn)(struct node *n, struct inode *ip, void *arg),
	    void *arg);

#endif
