/* See fsmodel.h. */
#include "fsmodel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "abi/fs.h"
#include "fs/fs.h"
#include "fsdev.h"
#include "lib/util.h"
#include "md/types.h"
#include "mem/page.h"
#include "vm/object.h"

static struct inode *root;		/* borrowed while mounted */

static struct inode *
the_root(void)
{
	root = fs_root();
	inode_put(root);
	return root;
}

unsigned
model_random(struct model *m, unsigned n)
{
	m->seed = m->seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(m->seed >> 33) % n;
}

/* ---- blobs ---- */

static struct blob *
blob_new(uint32_t size, const struct blob *from)
{
	struct blob *b = calloc(1, sizeof(*b) + size);

	assert_non_null(b);
	b->refs = 1;
	b->size = size;
	if (from != NULL)
		memcpy(b->data, from->data, MIN(size, from->size));
	return b;
}

static void
blob_put(struct blob *b)
{
	if (b != NULL && --b->refs == 0)
		free(b);
}

static void
set_blob(struct node *n, struct blob *b)
{
	blob_put(n->blob);
	n->blob = b;
}

/* ---- nodes ---- */

void
model_init(struct model *m, uint64_t seed)
{
	memset(m, 0, sizeof(*m));
	m->seed = seed;
	m->max_size = 60000;
	m->node[0] = (struct node){ .type = T_DIR, .nlink = 2, .id = ++m->next_id,
	    .ino = FS_ROOT_INO };
	memset(m->node[0].child, -1, M_NAMES);
}

void
model_fini(struct model *m)
{
	for (int i = 0; i < M_NODES; i++)
		set_blob(&m->node[i], NULL);
}

void
model_copy(struct model *to, const struct model *from)
{
	*to = *from;
	for (int i = 0; i < M_NODES; i++) {
		to->node[i].open = NULL;
		if (to->node[i].blob != NULL)
			to->node[i].blob->refs++;
	}
}

struct node *
model_by_id(struct model *m, uint32_t id)
{
	for (int i = 0; i < M_NODES; i++)
		if (m->node[i].type != 0 && m->node[i].id == id)
			return &m->node[i];
	return NULL;
}

static int
node_new(struct model *m, uint16_t type, int parent)
{
	for (int i = 1; i < M_NODES; i++)
		if (m->node[i].type == 0) {
			struct node *n = &m->node[i];

			*n = (struct node){ .type = (uint8_t)type, .id = ++m->next_id,
				.nlink = type == T_DIR ? 2 : 1, .parent = (int8_t)parent,
				.depth = (uint8_t)(m->node[parent].depth + 1) };
			memset(n->child, -1, M_NAMES);
			if (type == T_FILE)
				n->blob = blob_new(0, NULL);
			return i;
		}
	return -1;
}

/* No name and nobody who has it open: it is gone. */
static void
node_drop(struct model *m, int i)
{
	struct node *n = &m->node[i];

	if (n->nlink > 0 || n->open != NULL)
		return;
	set_blob(n, NULL);
	n->type = 0;
}

static void
path_to(struct model *m, int dir, int name, char *path)
{
	char tail[M_PATH], whole[M_PATH];

	snprintf(tail, sizeof(tail), "/n%d", name);
	while (dir != 0) {
		int up = m->node[dir].parent, k = 0;

		while (m->node[up].child[k] != dir)
			k++;
		snprintf(whole, sizeof(whole), "/n%d%.50s", k, tail);
		strcpy(tail, whole);
		dir = up;
	}
	strcpy(path, tail);
}

static int
random_dir(struct model *m)
{
	int i = (int)model_random(m, M_NODES);

	while (m->node[i].type != T_DIR || m->node[i].nlink == 0)
		i = (i + 1) % M_NODES;
	return i;
}

/* A file that has a name or is open; -1: none. */
static int
random_file(struct model *m)
{
	int start = (int)model_random(m, M_NODES);

	for (int k = 0; k < M_NODES; k++) {
		int i = (start + k) % M_NODES;

		if (m->node[i].type == T_FILE)
			return i;
	}
	return -1;
}

/* An inode of file I: the one held open, or by a name. Both are references to put. */
static struct inode *
open_node(struct model *m, int i)
{
	struct node *n = &m->node[i];
	struct inode *ip = NULL;
	char path[M_PATH];

	if (n->open != NULL)
		return inode_get(n->open);
	for (int d = 0; d < M_NODES; d++)
		for (int k = 0; m->node[d].type == T_DIR && m->node[d].nlink > 0 &&
		    k < M_NAMES; k++)
			if (m->node[d].child[k] == i) {
				err_t err;

				path_to(m, d, k, path);
				err = path_lookup(the_root(), path, LOOKUP_NOFOLLOW, &ip);
				if (err != OK && m->may_fail)
					return NULL;
				assert_int_equal(err, OK);
				return ip;
			}
	fail_msg("file without a name");
	return NULL;
}

/* ---- outcomes ---- */

static char doing[2 * M_PATH + 32];	/* for messages */

static bool
excused(struct model *m, err_t err)
{
	return m->may_fail && (err == ERR(ENOSPC) || err == ERR(ENOMEM) || err == ERR(EIO) ||
	    err == ERR(EROFS));
}

/* Whether it was done; fails the test when it went otherwise than expected. */
static bool
outcome(struct model *m, err_t err, err_t expected)
{
	if (err != expected && !excused(m, err))
		fail_msg("%s: %d instead of %d", doing, err_code(err), err_code(expected));
	return err == OK;
}

/* ---- operations ---- */

struct place {
	int dir, name, node;		/* node -1: nothing there */
	char path[M_PATH];
};

static void
random_place(struct model *m, struct place *p)
{
	p->dir = random_dir(m);
	p->name = (int)model_random(m, M_NAMES);
	p->node = m->node[p->dir].child[p->name];
	path_to(m, p->dir, p->name, p->path);
}

static void
enter(struct model *m, const struct place *p, int node)
{
	m->node[p->dir].child[p->name] = (int8_t)node;
	if (m->node[node].type == T_DIR) {
		m->node[p->dir].nlink++;
		m->node[node].parent = (int8_t)p->dir;
		m->node[node].depth = (uint8_t)(m->node[p->dir].depth + 1);
	}
}

/* The name goes; the node stays for now. */
static void
leave(struct model *m, const struct place *p)
{
	int node = m->node[p->dir].child[p->name];

	m->node[p->dir].child[p->name] = -1;
	if (m->node[node].type == T_DIR)
		m->node[p->dir].nlink--;
}

static void
note_ino(struct model *m, int node, const char *path)
{
	struct inode *ip;

	if (path_lookup(the_root(), path, LOOKUP_NOFOLLOW, &ip) != OK)
		return;
	m->node[node].ino = inode_number(ip);
	inode_put(ip);
}

static void
step_create(struct model *m)
{
	static const uint16_t types[] = { T_FILE, T_FILE, T_FILE, T_DIR, T_SYMLINK, T_DEVICE };
	uint16_t type = types[model_random(m, ARRAY_LEN(types))];
	struct inode *ip = NULL;
	struct place p;
	err_t err;
	int i;

	random_place(m, &p);
	i = node_new(m, type, p.dir);
	if (i < 0)
		return;
	if (type == T_DIR && m->node[i].depth > M_DEPTH) {
		m->node[i].nlink = 0;
		node_drop(m, i);
		return;
	}
	snprintf(m->node[i].target, M_PATH, "../t%u/somewhere", model_random(m, 1000));
	switch (type) {
	case T_FILE:
		err = path_open(the_root(), p.path, O_CREAT | O_EXCL | O_RDWR, &ip);
		if (err == OK)
			inode_put(ip);
		break;
	case T_DIR:
		err = path_mkdir(the_root(), p.path);
		break;
	case T_SYMLINK:
		err = path_symlink(the_root(), m->node[i].target, p.path);
		break;
	default:
		err = path_mknod(the_root(), p.path, 3, 7);
		break;
	}
	if (outcome(m, err, p.node >= 0 ? ERR(EEXIST) : OK)) {
		enter(m, &p, i);
		note_ino(m, i, p.path);
	} else {
		m->node[i].nlink = 0;
		node_drop(m, i);
	}
}

static bool
is_empty(const struct node *n)
{
	for (int k = 0; k < M_NAMES; k++)
		if (n->child[k] >= 0)
			return false;
	return true;
}

static void
step_unlink(struct model *m)
{
	bool dir_only = model_random(m, 4) == 0, dir;
	err_t expected = OK;
	struct place p;
	struct node *n;

	random_place(m, &p);
	n = p.node >= 0 ? &m->node[p.node] : NULL;
	dir = n != NULL && n->type == T_DIR;
	if (n == NULL)
		expected = ERR(ENOENT);
	else if (dir_only && !dir)
		expected = ERR(ENOTDIR);
	else if (dir && !is_empty(n))
		expected = ERR(ENOTEMPTY);
	if (!outcome(m, path_unlink(the_root(), p.path, dir_only), expected))
		return;
	leave(m, &p);
	n->nlink -= dir ? 2 : 1;
	node_drop(m, p.node);
}

static void
step_link(struct model *m)
{
	struct place from, to;
	err_t expected = OK;

	random_place(m, &from);
	random_place(m, &to);
	if (from.node < 0)
		expected = ERR(ENOENT);
	else if (m->node[from.node].type == T_DIR)
		expected = ERR(EPERM);
	else if (to.node >= 0)
		expected = ERR(EEXIST);
	if (!outcome(m, path_link(the_root(), from.path, to.path), expected))
		return;
	enter(m, &to, from.node);
	m->node[from.node].nlink++;
}

static bool
is_below(struct model *m, int dir, int top)
{
	for (; dir != 0; dir = m->node[dir].parent)
		if (dir == top)
			return true;
	return dir == top;
}

static void
fix_depths(struct model *m, int dir)
{
	for (int k = 0; k < M_NAMES; k++) {
		int c = m->node[dir].child[k];

		if (c >= 0 && m->node[c].type == T_DIR) {
			m->node[c].depth = (uint8_t)(m->node[dir].depth + 1);
			fix_depths(m, c);
		}
	}
}

static err_t
expected_rename(struct model *m, const struct place *from, const struct place *to)
{
	struct node *a = &m->node[from->node], *b = to->node < 0 ? NULL : &m->node[to->node];

	if (a->type == T_DIR && is_below(m, to->dir, from->node))
		return ERR(EINVAL);
	if (b == NULL || a == b)
		return OK;
	if (a->type == T_DIR && b->type != T_DIR)
		return ERR(ENOTDIR);
	if (a->type != T_DIR && b->type == T_DIR)
		return ERR(EISDIR);
	return b->type == T_DIR && !is_empty(b) ? ERR(ENOTEMPTY) : OK;
}

static void
step_rename(struct model *m)
{
	struct place from, to;
	err_t expected;

	random_place(m, &from);
	random_place(m, &to);
	expected = from.node < 0 ? ERR(ENOENT) : expected_rename(m, &from, &to);
	snprintf(doing, sizeof(doing), "rename %s %s", from.path, to.path);
	if (!outcome(m, path_rename(the_root(), from.path, to.path), expected) ||
	    from.node == to.node)
		return;
	if (to.node >= 0) {
		leave(m, &to);
		m->node[to.node].nlink -= m->node[to.node].type == T_DIR ? 2 : 1;
		node_drop(m, to.node);
	}
	leave(m, &from);
	enter(m, &to, from.node);
	fix_depths(m, from.node);
}

/* Sizes and places near the borders of blocks, pages and the direct map. */
static uint32_t
random_offset(struct model *m, uint32_t limit)
{
	static const uint32_t borders[] = { 0, 1, 512, 1023, 1024, 1025, 4095, 4096, 4097, 8192,
		11263, 11264, 11265, 12288, 16384, 40000 };

	if (model_random(m, 2) == 0)
		return borders[model_random(m, ARRAY_LEN(borders))] % (limit + 1);
	return model_random(m, limit + 1);
}

static uint8_t
pattern(uint32_t stamp, uint32_t i)
{
	uint32_t x = (stamp + 1) * 2654435761u + i * 40503u;

	return (uint8_t)(x >> 11 ^ x >> 23);
}

static void
step_write(struct model *m)
{
	static uint8_t buf[16384];
	int i = random_file(m);
	struct inode *ip;
	struct iobuf b = iobuf_kernel(buf);
	unsigned flags = model_random(m, 3) == 0 ? INODE_APPEND : 0;
	uint32_t len, stamp;
	uint64_t off, at;
	long r;

	if (i < 0 || (ip = open_node(m, i)) == NULL)
		return;
	at = off = random_offset(m, m->max_size);
	if (flags)
		at = m->node[i].blob->size;
	len = MIN(1 + random_offset(m, sizeof(buf) - 1), m->max_size - (uint32_t)MIN(at,
	    m->max_size));
	stamp = ++m->next_id;
	for (uint32_t k = 0; k < len; k++)
		buf[k] = pattern(stamp, k);
	r = inode_write(ip, &off, &b, len, flags);
	if (r < 0)
		(void)outcome(m, err_from(r), OK);
	else if (!m->may_fail)
		assert_int_equal(r, len);
	if (r > 0) {
		struct blob *old = m->node[i].blob;
		struct blob *new = blob_new(MAX(old->size, (uint32_t)at + (uint32_t)r), old);

		memcpy(new->data + at, buf, (size_t)r);
		set_blob(&m->node[i], new);
		assert_int_equal(off, at + (uint64_t)r);
	}
	inode_put(ip);
}

static void
step_truncate(struct model *m)
{
	int i = random_file(m);
	uint32_t size;
	struct inode *ip;

	if (i < 0 || (ip = open_node(m, i)) == NULL)
		return;
	size = model_random(m, 3) == 0 ? 0 : random_offset(m, m->max_size);
	if (outcome(m, inode_truncate(ip, size), OK))
		set_blob(&m->node[i], blob_new(size, m->node[i].blob));
	inode_put(ip);
}

/* A store through a shared mapping, as the fault would serve it. */
static void
step_store(struct model *m)
{
	int i = random_file(m);
	struct object *o;
	struct inode *ip;
	struct page *p;
	uint32_t at;
	err_t err;

	if (i < 0 || m->node[i].blob->size == 0 || (ip = open_node(m, i)) == NULL)
		return;
	o = inode_object(ip);
	at = random_offset(m, m->node[i].blob->size - 1);
	err = object_page(o, at / PAGE_SIZE, &p);
	if (outcome(m, err, OK)) {
		if (outcome(m, o->ops->prepare_write(o, p), OK)) {
			struct blob *new = blob_new(m->node[i].blob->size, m->node[i].blob);
			uint8_t *bytes = page_virt(p);

			new->data[at] = bytes[at % PAGE_SIZE] = pattern(++m->next_id, 0);
			set_blob(&m->node[i], new);
			/* Beyond the end of file a store is allowed, and forgotten. */
			if (at / PAGE_SIZE == new->size / PAGE_SIZE)
				bytes[PAGE_SIZE - 1] = POISON_BYTE;
		}
		page_put(p);
	}
	inode_put(ip);
}

static void
step_open_close(struct model *m)
{
	int i = random_file(m);

	if (i < 0)
		return;
	if (m->node[i].open != NULL) {
		inode_put(m->node[i].open);
		m->node[i].open = NULL;
		node_drop(m, i);
	} else {
		m->node[i].open = open_node(m, i);
	}
}

/* As read(2) does, in pieces: short ones find their page where the last one was. */
static long
read_in_pieces(struct inode *ip, uint32_t at, uint8_t *buf, uint32_t len, uint32_t piece)
{
	struct inode_place place = { ip, at };
	uint32_t done = 0;
	long r = 1;

	while (done < len && r > 0) {
		r = inode_read_on(&place, (vaddr_t)buf + done, MIN(piece, len - done));
		if (r > 0)
			done += (uint32_t)r;
		assert_int_equal(place.offset, at + done);
	}
	return done > 0 ? done : MIN(r, 0);
}

static void
step_read(struct model *m)
{
	static uint8_t buf[20000];
	int i = random_file(m);
	struct iobuf b = iobuf_kernel(buf);
	struct inode *ip;
	uint32_t at, len, expected;
	long r;

	if (i < 0 || (ip = open_node(m, i)) == NULL)
		return;
	at = random_offset(m, m->max_size);
	len = random_offset(m, sizeof(buf));
	r = len % 2 == 0 ? inode_read(ip, at, &b, len)
	    : read_in_pieces(ip, at, buf, len, 1 + len % 300);
	inode_put(ip);
	if (r < 0) {
		(void)outcome(m, err_from(r), OK);
		return;
	}
	expected = at >= m->node[i].blob->size ? 0 : MIN(len, m->node[i].blob->size - at);
	if (!m->may_fail)
		assert_int_equal(r, expected);
	if (r > 0)
		assert_memory_equal(buf, m->node[i].blob->data + at, (size_t)r);
}

const char *
model_step(struct model *m)
{
	static const struct {
		const char *name;
		void (*fn)(struct model *m);
		unsigned share;
	} steps[] = {
		{ "create", step_create, 6 }, { "unlink", step_unlink, 4 }, { "link", step_link,
		    2 },
		{ "rename", step_rename, 3 }, { "write", step_write, 8 },
		{ "truncate", step_truncate, 2 }, { "store", step_store, 3 },
		{ "open", step_open_close, 2 }, { "read", step_read, 3 },
	};
	unsigned total = 0, at;

	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		total += steps[i].share;
	at = model_random(m, total);
	for (size_t i = 0;; i++) {
		if (at < steps[i].share) {
			snprintf(doing, sizeof(doing), "%s", steps[i].name);
			steps[i].fn(m);
			return steps[i].name;
		}
		at -= steps[i].share;
	}
}

void
model_close_all(struct model *m)
{
	for (int i = 0; i < M_NODES; i++)
		if (m->node[i].open != NULL) {
			inode_put(m->node[i].open);
			m->node[i].open = NULL;
			node_drop(m, i);
		}
}

struct inode *
model_open_random(struct model *m)
{
	int i = random_file(m);

	return i < 0 ? NULL : open_node(m, i);
}

/* ---- comparing ---- */

#define DIFFERS(what) do { *why = what; return false; } while (0)

/* Each entry of folder DIR is one that the model knows; how many there are. */
static bool
same_entries(struct model *m, int dir, struct inode *dp, const char **why)
{
	unsigned count = 0, expected = 2;
	struct fs_dirent de;
	struct iobuf b = iobuf_kernel(&de);

	for (uint64_t off = 0; inode_read(dp, off, &b, sizeof(de)) == sizeof(de); off += sizeof(de))
		count += de.inum != 0;
	for (int k = 0; k < M_NAMES; k++)
		expected += m->node[dir].child[k] >= 0;
	if (count != expected)
		DIFFERS("number of entries");
	return true;
}

static bool
same_node(struct model *m, int i, const char *path, const char **why)
{
	struct node *n = &m->node[i];
	char target[M_PATH] = "";
	bool same = true;
	struct inode *ip;
	struct kstat st;

	if (path_lookup(the_root(), path, LOOKUP_NOFOLLOW, &ip) != OK)
		DIFFERS("a name is missing");
	inode_stat(ip, &st);
	if (n->type == T_DIR)
		same = same_entries(m, i, ip, why);
	inode_put(ip);
	if (!same)
		return false;
	if (st.type != n->type)
		DIFFERS("type");
	if (st.nlink != n->nlink)
		DIFFERS("link count");
	if (n->ino != 0 && st.ino != n->ino)
		DIFFERS("inode number");
	if (n->type == T_FILE && st.size != n->blob->size)
		DIFFERS("size");
	if (n->type == T_SYMLINK && (path_readlink(the_root(), path, target, sizeof(target)) < 0 ||
	    strcmp(target, n->target) != 0))
		DIFFERS("target");
	return true;
}

static bool
same_folder(struct model *m, int dir, const char **why)
{
	char path[M_PATH];

	for (int k = 0; k < M_NAMES; k++) {
		int i = m->node[dir].child[k];

		if (i < 0)
			continue;
		path_to(m, dir, k, path);
		if (!same_node(m, i, path, why))
			return false;
		if (m->node[i].type == T_DIR && !same_folder(m, i, why))
			return false;
	}
	return true;
}

bool
model_same_tree(struct model *m, const char **why)
{
	return same_node(m, 0, "/", why) && same_folder(m, 0, why);
}

void
model_each_file(struct model *m, void (*fn)(struct node *n, struct inode *ip, void *arg), void *arg)
{
	for (int i = 0; i < M_NODES; i++) {
		struct inode *ip;

		if (m->node[i].type != T_FILE || (m->node[i].nlink == 0 && m->node[i].open == NULL))
			continue;
		ip = open_node(m, i);
		if (ip == NULL)
			continue;
		fn(&m->node[i], ip, arg);
		inode_put(ip);
	}
}

static void
compare_contents(struct node *n, struct inode *ip, void *arg)
{
	uint8_t *buf = malloc(n->blob->size + 1);
	struct iobuf b = iobuf_kernel(buf);

	(void)arg;
	assert_non_null(buf);
	assert_int_equal(inode_read(ip, 0, &b, n->blob->size + 1), n->blob->size);
	assert_memory_equal(buf, n->blob->data, n->blob->size);
	free(buf);
}

void
model_compare(struct model *m)
{
	const char *why = "";

	if (!model_same_tree(m, &why))
		fail_msg("the tree differs: %s", why);
	model_each_file(m, compare_contents, NULL);
}
