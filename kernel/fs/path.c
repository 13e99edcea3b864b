/*
 * Path names, and the operations on them (SPEC 4). A walk holds a reference
 * to one folder at a time and locks one at a time. Nobody but a
 * rename waits for an inode's io lock while holding another's, and renames go
 * one by one; so no order among them is needed.
 */
#include "abi/limits.h"
#include "fs/dir.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "fs/names.h"
#include "kern/clock.h"
#include "lib/string.h"
#include "mem/reclaim.h"
#include "mem/slab.h"

/* Room for a path and what every link that may be in it puts in front of the rest. */
#define WALK_BUF	((QUIRE_LINK_DEPTH + 1) * QUIRE_PATH_MAX)

SLAB_CACHE_SIZED(walk_cache, "path", WALK_BUF);

struct walk {
	struct inode *dir;		/* a reference: where `name` is to be looked up */
	union name name;		/* the last component; "": the path is `dir` itself */
	bool	 slash;			/* it was followed by a slash */
	const char *rest;
	char	*buf;			/* once there was a link: `rest` is in it */
	unsigned links;
};

static struct mutex rename_lock;	/* RANK_RENAME */

void
path_init(void)
{
	mutex_init(&rename_lock, "rename", RANK_RENAME);
}

/* ---- walking ---- */

static err_t
walk_start(struct walk *w, struct inode *cwd, const char *path)
{
	*w = (struct walk){ .rest = path };
	if (*path == '\0')
		return ERR(ENOENT);
	if (strnlen(path, QUIRE_PATH_MAX) == QUIRE_PATH_MAX)
		return ERR(ENAMETOOLONG);
	w->dir = inode_get(*path == '/' ? fs.root : cwd);
	return OK;
}

static void
walk_end(struct walk *w)
{
	inode_put(w->dir);
	if (w->buf != NULL)
		slab_free(&walk_cache, w->buf);
}

static void
walk_into(struct walk *w, struct inode *ip)
{
	inode_put(w->dir);
	w->dir = ip;
}

/* The first component of path P, "" when there is none; SLASH: behind it. What follows both. */
static inline const char *
take_name(const char *p, union name *name, bool *slash)
{
	size_t n = 0;

	while (*p == '/')
		p++;
	*name = (union name){ "" };
	for (; *p != '\0' && *p != '/'; p++)
		if (n < FS_DIRSIZ)
			name->s[n++] = *p;
	*slash = *p == '/';
	while (*p == '/')
		p++;
	return p;
}

/* Take a component off the rest. Returns whether it is the last one; also when there is none. */
static bool
next_name(struct walk *w)
{
	w->rest = take_name(w->rest, &w->name, &w->slash);
	return *w->rest == '\0';
}

static bool
is_dot(const union name *name)
{
	return name->s[0] == '.' && name->s[1] == '\0';
}

static bool
is_dots(const union name *name)
{
	return is_dot(name) || name->w[0] == name_dotdot.w[0];
}

/* From now on NAME in DP is known to lead to IP; NULL: nowhere. */
static void
remember(struct inode *dp, const union name *name, struct inode *ip) REQUIRES(dp->io)
{
	struct name_target dir = inode_target(dp), to = { 0 };

	if (ip != NULL)
		to = inode_target(ip);
	names_enter(&dir, name, &to);
}

static err_t
load_locked(struct inode *dp, const union name *name, struct dir_pos *pos, struct inode **ip)
    REQUIRES(dp->io)
{
	err_t err = dir_find(dp, name, pos);

	return err == OK ? inode_load(pos->inum, ip) : err;
}

static err_t
lookup(struct inode *dp, const union name *name, struct inode **ip)
{
	struct name_target at = inode_target(dp);
	struct dir_pos pos;
	err_t err;

	if (is_dot(name) && dp->d.type == T_DIR) {
		*ip = inode_get(dp);
		return OK;
	}
	if (names_find(&at, name, &at) && at.inum != 0 && (*ip = inode_find(&at)) != NULL)
		return OK;
	mutex_lock(&dp->io);
	err = load_locked(dp, name, &pos, ip);
	if (err == OK)
		remember(dp, name, *ip);
	else if (err == ERR(ENOENT))
		remember(dp, name, NULL);
	mutex_unlock(&dp->io);
	return err;
}

/* Put the target of link IP in front of the rest. */
static err_t
walk_link(struct walk *w, struct inode *ip)
{
	size_t left = strlen(w->rest) + 1, n = (size_t)ip->d.size;
	char *at;
	err_t err;

	if (++w->links > QUIRE_LINK_DEPTH)
		return ERR(ELOOP);
	if (w->buf == NULL) {
		w->buf = slab_alloc_wait(&walk_cache);
		if (w->buf == NULL)
			return ERR(ENOMEM);
		w->rest = memcpy(w->buf + WALK_BUF - left, w->rest, left);
	}
	if ((size_t)(w->rest - w->buf) < n + 1)
		return ERR(ENAMETOOLONG);
	at = w->buf + (w->rest - w->buf) - n - 1;
	err = link_read(ip, at);
	if (err != OK)
		return err;
	at[n] = w->slash || left > 1 ? '/' : '\0';
	w->rest = at;
	if (*at == '/')
		walk_into(w, inode_get(fs.root));
	return OK;
}

/* Go to the folder that the last component is in. */
static err_t
walk_to_last(struct walk *w)
{
	while (!next_name(w)) {
		struct inode *ip;
		err_t err = lookup(w->dir, &w->name, &ip);

		if (err != OK)
			return err;
		if (ip->d.type == T_SYMLINK) {
			err = walk_link(w, ip);
			inode_put(ip);
			if (err != OK)
				return err;
		} else {
			walk_into(w, ip);
		}
	}
	return OK;
}

/* The inode that the walk leads to; with FOLLOW, or a slash behind it, not a link. */
static err_t
walk_result(struct walk *w, bool follow, struct inode **out)
{
	struct inode *ip;
	err_t err;

	for (;;) {
		if (w->name.s[0] == '\0') {
			*out = inode_get(w->dir);
			return OK;
		}
		err = lookup(w->dir, &w->name, &ip);
		if (err != OK)
			return err;
		if (ip->d.type != T_SYMLINK || !(follow || w->slash))
			break;
		err = walk_link(w, ip);
		inode_put(ip);
		if (err == OK)
			err = walk_to_last(w);
		if (err != OK)
			return err;
	}
	*out = ip;
	if (!w->slash || ip->d.type == T_DIR)
		return OK;
	inode_put(ip);
	return ERR(ENOTDIR);
}

/*
 * A whole path by what names_find knows: no lock, no reference to a folder on the way. -EAGAIN: it
 * does not know all of it, or there are links.
 */
static err_t
walk_known(struct inode *cwd, const char *path, struct inode **ip)
{
	struct name_target at = inode_target(*path == '/' ? fs.root : cwd);
	const char *rest = path;
	union name name;
	bool slash;

	do {
		rest = take_name(rest, &name, &slash);
		if (name.s[0] == '\0' || at.type != T_DIR)
			return ERR(EAGAIN);
		if (is_dot(&name))
			continue;
		if (!names_find(&at, &name, &at))
			return ERR(EAGAIN);
		if (at.inum == 0)
			return ERR(ENOENT);
	} while (*rest != '\0');
	if (at.type == T_SYMLINK || (slash && at.type != T_DIR) || rest - path >= QUIRE_PATH_MAX)
		return ERR(EAGAIN);
	*ip = inode_find(&at);
	return *ip != NULL ? OK : ERR(EAGAIN);
}

static err_t
walk_begin(struct walk *w, struct inode *cwd, const char *path)
{
	err_t err = walk_start(w, cwd, path);

	return err == OK ? walk_to_last(w) : err;
}

err_t
path_lookup(struct inode *cwd, const char *path, unsigned flags, struct inode **ip)
{
	struct walk w;
	err_t err = walk_known(cwd, path, ip);

	if (err != ERR(EAGAIN))
		return err;
	err = walk_begin(&w, cwd, path);
	if (err == OK)
		err = walk_result(&w, !(flags & LOOKUP_NOFOLLOW), ip);
	walk_end(&w);
	return err;
}

/* ---- creating ---- */

struct creation {
	uint16_t type;
	uint16_t major, minor;		/* of a device */
	const char *target;		/* of a link */
};

static err_t
fill_new(struct handle *h, struct inode *ip, struct inode *dp, const struct creation *c)
{
	switch (c->type) {
	case T_DIR:
		return dir_init(h, ip, dp->inum);
	case T_SYMLINK:
		return link_write(h, ip, c->target);
	default:
		ip->d.major = c->major;
		ip->d.minor = c->minor;
		return OK;
	}
}

/* The steps that can fail come first; what they did is undone by inode_discard. */
static err_t
enter_new(struct handle *h, struct inode *ip, struct inode *dp, const struct dir_pos *pos,
    const union name *name, const struct creation *c) REQUIRES(dp->io)
{
	err_t err = fill_new(h, ip, dp, c);

	if (err == OK)
		err = dir_add(h, dp, pos, name, ip->inum);
	if (err != OK)
		return err;
	mutex_lock(&ip->map);
	ip->d.nlink = c->type == T_DIR ? 2 : 1;
	inode_log(h, ip);
	mutex_unlock(&ip->map);
	return c->type == T_DIR ? inode_link(h, dp, 1) : OK;
}

static err_t
create(struct inode *dp, const struct dir_pos *pos, const union name *name,
    const struct creation *c, struct inode **out) REQUIRES(dp->io)
{
	struct inode *ip = NULL;
	struct handle h;
	err_t err;

	if (dp->d.nlink == 0)
		return ERR(ENOENT);	/* a removed folder stays empty */
	err = txn_begin(&h, 2 + DIR_INIT_CREDITS + DIR_ADD_CREDITS);
	if (err != OK)
		return err;
	err = inode_new(&h, c->type, &ip);
	if (err == OK) {
		err = enter_new(&h, ip, dp, pos, name, c);
		if (err != OK)
			inode_discard(&h, ip);
	}
	txn_end(&h);
	if (err == OK) {
		remember(dp, name, ip);
		*out = ip;
	} else {
		inode_put(ip);
	}
	return err;
}

/* The walk's name, which may not exist yet. */
static err_t
create_at(struct walk *w, const struct creation *c)
{
	struct inode *dp = w->dir, *ip;
	struct dir_pos pos;
	err_t err;

	if (w->name.s[0] == '\0')
		return ERR(EEXIST);
	if (fs.readonly)
		return ERR(EROFS);
	do {
		mutex_lock(&dp->io);
		err = dir_find(dp, &w->name, &pos);
		if (err == OK)
			err = ERR(EEXIST);
		else if (err == ERR(ENOENT) && (!w->slash || c->type == T_DIR))
			err = create(dp, &pos, &w->name, c, &ip);
		mutex_unlock(&dp->io);
	} while (fs_may_retry(err));
	if (err == OK)
		inode_put(ip);
	return err;
}

static err_t
path_create(struct inode *cwd, const char *path, const struct creation *c)
{
	struct walk w;
	err_t err = walk_begin(&w, cwd, path);

	if (err == OK)
		err = create_at(&w, c);
	walk_end(&w);
	return err;
}

err_t
path_mkdir(struct inode *cwd, const char *path)
{
	return path_create(cwd, path, &(struct creation){ .type = T_DIR });
}

err_t
path_mknod(struct inode *cwd, const char *path, unsigned major, unsigned minor)
{
	if (major > UINT16_MAX || minor > UINT16_MAX)
		return ERR(EINVAL);
	return path_create(cwd, path, &(struct creation){ .type = T_DEVICE,
	    .major = (uint16_t)major, .minor = (uint16_t)minor });
}

err_t
path_symlink(struct inode *cwd, const char *target, const char *path)
{
	if (*target == '\0')
		return ERR(ENOENT);
	if (strnlen(target, QUIRE_PATH_MAX) == QUIRE_PATH_MAX)
		return ERR(ENAMETOOLONG);
	return path_create(cwd, path, &(struct creation){ .type = T_SYMLINK, .target = target });
}

/* ---- opening ---- */

/* The walk's name, existing or made. -EAGAIN: it was a link, the walk goes on behind it. */
static err_t
open_or_create(struct walk *w, unsigned oflags, struct inode **out)
{
	static const struct creation file = { .type = T_FILE };
	struct inode *dp = w->dir;
	struct dir_pos pos;
	err_t err;

	do {
		mutex_lock(&dp->io);
		err = load_locked(dp, &w->name, &pos, out);
		if (err == OK && oflags & O_EXCL)
			err = ERR(EEXIST);
		else if (err == OK)
			remember(dp, &w->name, *out);
		else if (err == ERR(ENOENT))
			err = w->slash ? ERR(EISDIR) : fs.readonly ? ERR(EROFS)
			    : create(dp, &pos, &w->name, &file, out);
		mutex_unlock(&dp->io);
	} while (fs_may_retry(err));
	if (err == ERR(EEXIST))
		inode_put(*out);
	if (err != OK || (*out)->d.type != T_SYMLINK || (oflags & O_NOFOLLOW && !w->slash))
		return err;
	err = walk_link(w, *out);
	inode_put(*out);
	if (err == OK)
		err = walk_to_last(w);
	return err == OK ? ERR(EAGAIN) : err;
}

static err_t
walk_create(struct walk *w, unsigned oflags, struct inode **ip)
{
	err_t err;

	do {
		if (w->name.s[0] == '\0')
			return ERR(oflags & O_EXCL ? EEXIST : EISDIR);
		err = open_or_create(w, oflags, ip);
	} while (err == ERR(EAGAIN));
	if (err != OK || !w->slash || (*ip)->d.type == T_DIR)
		return err;
	inode_put(*ip);
	return ERR(ENOTDIR);
}

/* The rules of open(2) about what was found. */
static err_t
check_open(struct inode *ip, unsigned oflags)
{
	bool write = (oflags & O_ACCMODE) != O_RDONLY;

	if (ip->d.type == T_DIR && (write || oflags & (O_CREAT | O_TRUNC)))
		return ERR(EISDIR);
	if (ip->d.type != T_DIR && oflags & O_DIRECTORY)
		return ERR(ENOTDIR);
	if (ip->d.type == T_FILE && fs.readonly && (write || oflags & O_TRUNC))
		return ERR(EROFS);
	return OK;
}

/* Not inline: what walk_known knows needs no room for a walk. */
static __attribute__((noinline)) err_t
walk_open(struct inode *cwd, const char *path, unsigned oflags, struct inode **out)
{
	struct walk w;
	err_t err = walk_begin(&w, cwd, path);

	if (err == OK && oflags & O_CREAT)
		err = walk_create(&w, oflags, out);
	else if (err == OK)
		err = walk_result(&w, !(oflags & O_NOFOLLOW), out);
	walk_end(&w);
	return err;
}

err_t
path_open(struct inode *cwd, const char *path, unsigned oflags, struct inode **out)
{
	err_t err = oflags & O_EXCL ? ERR(EAGAIN) : walk_known(cwd, path, out);

	if (unlikely(err != OK)) {
		if (err == ERR(EAGAIN) || (err == ERR(ENOENT) && oflags & O_CREAT))
			err = walk_open(cwd, path, oflags, out);
		if (err != OK)
			return err;
	}
	err = check_open(*out, oflags);
	if (err == OK && oflags & O_TRUNC && (*out)->d.type == T_FILE)
		err = inode_truncate(*out, 0);
	if (err != OK)
		inode_put(*out);
	return err;
}

/* ---- links ---- */

static err_t
link_locked(struct walk *w, struct inode *ip) REQUIRES(w->dir->io)
{
	struct dir_pos pos;
	struct handle h;
	err_t err = dir_find(w->dir, &w->name, &pos);

	if (err == OK)
		return ERR(EEXIST);
	if (err != ERR(ENOENT) || w->dir->d.nlink == 0 || w->slash)
		return err;
	err = txn_begin(&h, DIR_ADD_CREDITS + INODE_CREDITS + 1);
	if (err != OK)
		return err;
	err = inode_link(&h, ip, 1);
	if (err == OK) {
		err = dir_add(&h, w->dir, &pos, &w->name, ip->inum);
		if (err != OK && inode_link(&h, ip, -1) != OK)
			err = ERR(EIO);
	}
	txn_end(&h);
	if (err == OK)
		remember(w->dir, &w->name, ip);
	return err;
}

err_t
path_link(struct inode *cwd, const char *old, const char *new)
{
	struct inode *ip;
	struct walk w;
	err_t err = path_lookup(cwd, old, LOOKUP_NOFOLLOW, &ip);

	if (err != OK)
		return err;
	if (ip->d.type == T_DIR) {
		inode_put(ip);
		return ERR(EPERM);
	}
	err = walk_begin(&w, cwd, new);
	if (err == OK && w.name.s[0] == '\0')
		err = ERR(EEXIST);
	if (err == OK)
		do {
			mutex_lock(&w.dir->io);
			err = link_locked(&w, ip);
			mutex_unlock(&w.dir->io);
		} while (fs_may_retry(err));
	walk_end(&w);
	inode_put(ip);
	return err;
}

/* ---- removing ---- */

/* Take NAME, at POS, for IP out of DP; a folder, which is locked and empty, loses "." too. */
static err_t
remove_entry(struct inode *dp, const struct dir_pos *pos, const union name *name, struct inode *ip)
    REQUIRES(dp->io) NO_TSA	/* a folder's own lock, too */
{
	bool dir = ip->d.type == T_DIR;
	struct handle h;
	err_t err = txn_begin(&h, DIR_SET_CREDITS + DELETE_CREDITS);

	if (err != OK)
		return err;
	err = dir_set(&h, dp, pos->off, 0);
	if (err == OK && !inode_delete_now(&h, ip))
		err = inode_link(&h, ip, dir ? -2 : -1);
	if (err == OK && dir)
		err = inode_link(&h, dp, -1);
	txn_end(&h);
	if (err == OK)
		remember(dp, name, NULL);
	if (err == OK && dir)
		remember(ip, &name_dotdot, NULL);
	return err;
}

/*
 * Remove the walk's name. *IP: what it led to, to be put once nothing is
 * locked. -EAGAIN: it is locked; wait for that without holding the folder.
 */
static err_t
unlink_locked(struct walk *w, bool dir_only, struct inode **ip) NO_TSA
{
	struct inode *dp = w->dir;
	struct dir_pos pos;
	err_t err = load_locked(dp, &w->name, &pos, ip);

	if (err != OK)
		return err;
	if ((*ip)->d.type != T_DIR)
		return dir_only || w->slash ? ERR(ENOTDIR) : remove_entry(dp, &pos, &w->name, *ip);
	if (*ip == dp || *ip == fs.root)
		return fs_damaged("folder inside itself", dp->inum);
	if (!mutex_try(&(*ip)->io))
		return ERR(EAGAIN);
	err = dir_check_empty(*ip);
	if (err == OK)
		err = remove_entry(dp, &pos, &w->name, *ip);
	mutex_unlock(&(*ip)->io);
	return err;
}

err_t
path_unlink(struct inode *cwd, const char *path, bool dir_only)
{
	struct inode *ip;
	struct walk w;
	err_t err = walk_begin(&w, cwd, path);

	if (err == OK && w.name.s[0] == '\0')
		err = ERR(EBUSY);
	if (err == OK && is_dots(&w.name))
		err = ERR(EINVAL);
	if (err == OK && fs.readonly)
		err = ERR(EROFS);
	if (err == OK)
		do {
			ip = NULL;
			mutex_lock(&w.dir->io);
			err = unlink_locked(&w, dir_only, &ip);
			mutex_unlock(&w.dir->io);
			if (err == ERR(EAGAIN)) {
				mutex_lock(&ip->io);
				mutex_unlock(&ip->io);
			}
			inode_put(ip);
		} while (err == ERR(EAGAIN) || fs_may_retry(err));
	walk_end(&w);
	return err;
}

/* ---- renaming ---- */

struct renaming {
	struct walk from, to;
	struct inode *ip;		/* what moves */
	struct inode *victim;		/* what `to` led to before, or NULL */
	struct dir_pos from_pos, to_pos;
};

/* -EINVAL: folder IP is DP, or DP is somewhere below it. With rename_lock, which keeps it so. */
static err_t
check_not_below(struct inode *ip, struct inode *dp)
{
	struct inode *at = inode_get(dp), *up;
	err_t err = OK;

	for (uint32_t i = 0; err == OK && at != fs.root; i++) {
		if (at == ip || i > fs.geo.ninodes) {
			err = at == ip ? ERR(EINVAL) : fs_damaged("loop of folders", at->inum);
			break;
		}
		err = lookup(at, &name_dotdot, &up);
		if (err == OK) {
			inode_put(at);
			at = up;
		}
	}
	inode_put(at);
	return err;
}

/* The rules about what may replace what. */
static err_t
check_rename(struct renaming *r)
{
	bool dir = r->ip->d.type == T_DIR;

	if (!dir && (r->from.slash || r->to.slash))
		return ERR(ENOTDIR);
	if (r->ip == r->from.dir || r->ip == fs.root)
		return fs_damaged("folder inside itself", r->ip->inum);
	if (r->victim == NULL)
		return r->to.dir->d.nlink == 0 ? ERR(ENOENT) : OK;
	if (dir != (r->victim->d.type == T_DIR))
		return ERR(dir ? ENOTDIR : EISDIR);
	if (!dir)
		return OK;
	if (r->victim == r->from.dir || r->victim == r->to.dir || r->victim == fs.root)
		return ERR(ENOTEMPTY);
	return OK;
}

/* The new name leads to the inode; BACK: to what it was before. */
static err_t
set_target(struct renaming *r, struct handle *h, bool back) NO_TSA
{
	struct inode *dp = r->to.dir;

	if (r->victim != NULL)
		return dir_set(h, dp, r->to_pos.off, back ? r->victim->inum : r->ip->inum);
	if (back)
		return dir_set(h, dp, r->to_pos.free, 0);
	return dir_add(h, dp, &r->to_pos, &r->to.name, r->ip->inum);
}

/* What comes after the entries cannot fail. */
static err_t
move_entries(struct renaming *r, struct handle *h) NO_TSA
{
	bool dir = r->ip->d.type == T_DIR, across = r->from.dir != r->to.dir;
	err_t err = set_target(r, h, false);

	if (err != OK)
		return err;
	err = dir_set(h, r->from.dir, r->from_pos.off, 0);
	if (err == OK && dir && across) {
		err = dir_set(h, r->ip, sizeof(struct fs_dirent), r->to.dir->inum);
		if (err != OK)
			return fs_damaged("folder that cannot be moved", r->ip->inum);
	}
	if (err != OK) {
		err_ignore(set_target(r, h, true));
		return err;
	}
	err = inode_link(h, r->ip, 0);
	if (err == OK && r->victim != NULL)
		err = inode_link(h, r->victim, dir ? -2 : -1);
	if (err == OK && dir && across)
		err = inode_link(h, r->from.dir, -1);
	if (err == OK && dir && across && r->victim == NULL)
		err = inode_link(h, r->to.dir, 1);
	if (err == OK && dir && !across && r->victim != NULL)
		err = inode_link(h, r->to.dir, -1);
	return err;
}

static void
remember_rename(struct renaming *r) NO_TSA
{
	remember(r->from.dir, &r->from.name, NULL);
	remember(r->to.dir, &r->to.name, r->ip);
	if (r->ip->d.type == T_DIR && r->from.dir != r->to.dir)
		remember(r->ip, &name_dotdot, r->to.dir);
	if (r->ip->d.type == T_DIR && r->victim != NULL)
		remember(r->victim, &name_dotdot, NULL);
}

static err_t
rename_txn(struct renaming *r)
{
	struct handle h;
	err_t err = txn_begin(&h, DIR_ADD_CREDITS + 2 * DIR_SET_CREDITS + 2 * INODE_CREDITS + 1);

	if (err != OK)
		return err;
	err = move_entries(r, &h);
	txn_end(&h);
	if (err == OK)
		remember_rename(r);
	return err;
}

/* Both folders locked. -EAGAIN: R->ip is not what the old name leads to any more. */
static err_t
rename_locked(struct renaming *r) NO_TSA
{
	bool dir = r->ip->d.type == T_DIR, lock_ip, lock_victim;
	err_t err = dir_find(r->from.dir, &r->from.name, &r->from_pos);

	if (err == OK && r->from_pos.inum != r->ip->inum)
		err = ERR(EAGAIN);
	if (err == OK) {
		err = load_locked(r->to.dir, &r->to.name, &r->to_pos, &r->victim);
		if (err == ERR(ENOENT))
			err = OK;
	}
	if (err != OK || r->victim == r->ip)
		return err;
	err = check_rename(r);
	if (err != OK)
		return err;
	lock_ip = dir && r->from.dir != r->to.dir;
	lock_victim = dir && r->victim != NULL;
	if (lock_ip)
		mutex_lock_nested(&r->ip->io);
	if (lock_victim) {
		mutex_lock_nested(&r->victim->io);
		err = dir_check_empty(r->victim);
	}
	if (err == OK)
		err = rename_txn(r);
	if (lock_victim)
		mutex_unlock(&r->victim->io);
	if (lock_ip)
		mutex_unlock(&r->ip->io);
	return err;
}

static err_t
rename_once(struct renaming *r) NO_TSA
{
	struct inode *a = r->from.dir, *b = r->to.dir;
	err_t err;

	r->victim = NULL;
	err = lookup(a, &r->from.name, &r->ip);
	if (err != OK)
		return err;
	if (r->ip->d.type == T_DIR)
		err = check_not_below(r->ip, b);
	if (err == OK) {
		mutex_lock(&a->io);
		if (b != a)
			mutex_lock_nested(&b->io);
		err = rename_locked(r);
		if (b != a)
			mutex_unlock(&b->io);
		mutex_unlock(&a->io);
	}
	inode_put(r->victim);
	inode_put(r->ip);
	return err;
}

static err_t
check_names(const struct renaming *r)
{
	if (r->from.name.s[0] == '\0' || r->to.name.s[0] == '\0')
		return ERR(EBUSY);
	if (is_dots(&r->from.name) || is_dots(&r->to.name))
		return ERR(EINVAL);
	return fs.readonly ? ERR(EROFS) : OK;
}

err_t
path_rename(struct inode *cwd, const char *old, const char *new)
{
	struct renaming r;
	err_t err, second;

	mutex_lock(&rename_lock);
	err = walk_begin(&r.from, cwd, old);
	second = walk_begin(&r.to, cwd, new);
	if (err == OK)
		err = second;
	if (err == OK)
		err = check_names(&r);
	if (err == OK)
		do
			err = rename_once(&r);
		while (err == ERR(EAGAIN) || fs_may_retry(err));
	walk_end(&r.to);
	walk_end(&r.from);
	mutex_unlock(&rename_lock);
	return err;
}

/* ---- asking ---- */

long
path_readlink(struct inode *cwd, const char *path, char *buf, size_t n)
{
	struct inode *ip;
	struct iobuf b = iobuf_kernel(buf);
	err_t err = path_lookup(cwd, path, LOOKUP_NOFOLLOW, &ip);
	long r;

	if (err != OK)
		return err_code(err);
	r = ip->d.type == T_SYMLINK ? inode_read(ip, 0, &b, n) : -EINVAL;
	inode_put(ip);
	return r;
}

/* Put "/name" of AT in front of *POS in BUF and go up. */
static err_t
name_in_parent(struct inode **at, char *buf, size_t *pos)
{
	union name name;
	struct inode *up;
	size_t len;
	err_t err = lookup(*at, &name_dotdot, &up);

	if (err != OK)
		return err;
	mutex_lock(&up->io);
	err = dir_name_of(up, (*at)->inum, &name);
	mutex_unlock(&up->io);
	inode_put(*at);
	*at = up;
	if (err != OK)
		return err;
	len = strlen(name.s);
	if (*pos < len + 1)
		return ERR(ERANGE);
	*pos -= len + 1;
	buf[*pos] = '/';
	memcpy(buf + *pos + 1, name.s, len);
	return OK;
}

long
path_of(struct inode *ip, char *buf, size_t n)
{
	struct inode *at;
	size_t pos = n;
	err_t err = OK;

	if (n < 2)
		return -ERANGE;
	buf[--pos] = '\0';
	mutex_lock(&rename_lock);
	at = inode_get(ip);
	while (err == OK && at != fs.root)	/* ends: each step takes room in BUF */
		err = name_in_parent(&at, buf, &pos);
	inode_put(at);
	mutex_unlock(&rename_lock);
	if (err != OK)
		return err_code(err);
	if (pos == n - 1)
		buf[--pos] = '/';
	memmove(buf, buf + pos, n - pos);
	return (long)(n - pos);
}
