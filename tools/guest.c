/* See guest.h. */
#include "guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/fs.h"
#include "abi/limits.h"
#include "check.h"
#include "hostfs.h"
#include "hostport.h"
#include "image.h"
#include "vm/object.h"

#define COPY_SIZE	65536

static struct blkdev *disk;
static struct image *mapped;		/* to read only: DISK is a private copy of it in memory */
static uint8_t *copy;
static uint64_t length;

bool
guest_complain(const char *path, err_t err)
{
	fprintf(stderr, "%s: %s\n", path, hostport_strerror(err));
	return false;
}

/* Recovery after a crash happens in the copy. */
static struct blkdev *
open_copy(const char *path)
{
	mapped = image_open(path, false, 0, &length);
	if (mapped == NULL)
		return NULL;
	copy = image_map(mapped, length);
	return copy == NULL ? NULL : memdev_open(copy, length, NULL);
}

static bool
close_disk(void)
{
	if (mapped == NULL)
		return hostport_close_image(disk);
	memdev_close(disk);
	image_unmap(copy, length);
	return image_close(mapped);
}

bool
guest_mount(const char *path, bool writable)
{
	err_t err;

	disk = writable ? hostport_open_image(path, true, 0) : open_copy(path);
	if (disk == NULL)
		return false;
	object_subsystem_init();
	err = fs_mount(disk);
	if (err != OK) {
		fprintf(stderr, "%s: cannot be mounted: %s\n", path, hostport_strerror(err));
		(void)close_disk();
		return false;
	}
	return true;
}

bool
guest_unmount(void)
{
	err_t err = fs_unmount();
	bool good = err == OK || guest_complain("unmount", err);

	return close_disk() && good;
}

char *
guest_join(const char *path, const char *name)
{
	size_t n = strlen(path) + strlen(name) + 2;
	char *s = malloc(n);

	if (s == NULL) {
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	snprintf(s, n, "%s%s%s", path, path[0] != '\0' && path[strlen(path) - 1] == '/' ? "" : "/",
	    name);
	return s;
}

static struct inode *
root(void)
{
	static struct inode *ip;

	/* Held for as long as the tool runs, like a current folder: only fs_unmount cares. */
	ip = fs_root();
	inode_put(ip);
	return ip;
}

/* ---- host to guest ---- */

static bool
copy_in(const char *host, const char *guest, struct inode *ip)
{
	static char buf[COPY_SIZE];
	FILE *f = fopen(host, "rb");
	bool good = true;
	uint64_t off = 0;
	size_t n;

	if (f == NULL) {
		fprintf(stderr, "%s: cannot be opened\n", host);
		return false;
	}
	while (good && (n = fread(buf, 1, sizeof(buf), f)) > 0) {
		for (size_t done = 0; good && done < n;) {
			struct iobuf b = iobuf_kernel(buf + done);
			long r = inode_write(ip, &off, &b, n - done, 0);

			if (r < 0)
				good = guest_complain(guest, err_from(r));
			else
				done += (size_t)r;
		}
	}
	if (ferror(f)) {
		fprintf(stderr, "%s: cannot be read\n", host);
		good = false;
	}
	fclose(f);
	return good;
}

static bool
add_file(const char *host, const char *guest)
{
	struct inode *ip;
	bool good;
	err_t err = path_open(root(), guest, O_CREAT | O_TRUNC | O_WRONLY, &ip);

	if (err != OK)
		return guest_complain(guest, err);
	good = copy_in(host, guest, ip);
	inode_put(ip);
	if (!good)
		err_ignore(path_unlink(root(), guest, false));	/* not half of it */
	return good;
}

static bool
add_link(const char *host, const char *guest)
{
	char *target = hostfs_readlink(host);
	err_t err;

	if (target == NULL)
		return false;
	err = path_unlink(root(), guest, false);
	if (err == OK || err == ERR(ENOENT))
		err = path_symlink(root(), target, guest);
	free(target);
	return err == OK || guest_complain(guest, err);
}

/* Several names of one file on the host are names of one file in the guest. */
static struct name {
	uint64_t dev, ino;
	char	*guest;
	struct name *next;
} *names;

static bool
add_known_name(const struct hostfs_stat *st, const char *guest, bool *done)
{
	struct name *n;
	err_t err;

	*done = false;
	if (st->nlink < 2)
		return true;
	for (n = names; n != NULL; n = n->next)
		if (n->dev == st->dev && n->ino == st->ino) {
			*done = true;
			err = path_unlink(root(), guest, false);
			if (err == OK || err == ERR(ENOENT))
				err = path_link(root(), n->guest, guest);
			return err == OK || guest_complain(guest, err);
		}
	n = malloc(sizeof(*n));
	if (n == NULL)
		return guest_complain(guest, ERR(ENOMEM));
	*n = (struct name){ st->dev, st->ino, guest_join(guest, ""), names };
	n->guest[strlen(guest)] = '\0';
	names = n;
	return true;
}

static bool
add_folder(const char *host, const char *guest)
{
	err_t err = path_mkdir(root(), guest);
	bool good = true;
	char **list;
	size_t n;

	if (err != OK && err != ERR(EEXIST))
		return guest_complain(guest, err);
	list = hostfs_list(host, &n);
	if (list == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		char *from = guest_join(host, list[i]), *to = guest_join(guest, list[i]);

		if (strlen(list[i]) > QUIRE_NAME_MAX)
			fprintf(stderr, "%s: warning: the name is cut to %d bytes\n", from,
			    QUIRE_NAME_MAX);
		good = good && guest_add(from, to);
		free(from);
		free(to);
		free(list[i]);
	}
	free(list);
	return good;
}

static bool
make_folders(const char *guest)
{
	char path[QUIRE_PATH_MAX];
	const char *slash = guest;

	while ((slash = strchr(slash + 1, '/')) != NULL) {
		err_t err;

		if ((size_t)(slash - guest) >= sizeof(path))
			return guest_complain(guest, ERR(ENAMETOOLONG));
		memcpy(path, guest, (size_t)(slash - guest));
		path[slash - guest] = '\0';
		err = path_mkdir(root(), path);
		if (err != OK && err != ERR(EEXIST))
			return guest_complain(path, err);
	}
	return true;
}

bool
guest_add(const char *host, const char *guest)
{
	struct hostfs_stat st;
	bool done;

	if (!hostfs_stat(host, &st) || !make_folders(guest))
		return false;
	switch (st.kind) {
	case HOST_DIR:
		return add_folder(host, guest);
	case HOST_LINK:
		return add_link(host, guest);
	case HOST_FILE:
		return add_known_name(&st, guest, &done) && (done || add_file(host, guest));
	default:
		fprintf(stderr, "%s: neither a file, a folder nor a link\n", host);
		return false;
	}
}

/* ---- guest to host ---- */

static bool
copy_out(struct inode *ip, const char *guest, const char *host)
{
	static char buf[COPY_SIZE];
	struct iobuf b = iobuf_kernel(buf);
	FILE *f = fopen(host, "wb");
	bool good = true;
	uint64_t off = 0;
	long n;

	if (f == NULL) {
		fprintf(stderr, "%s: cannot be made\n", host);
		return false;
	}
	while ((n = inode_read(ip, off, &b, sizeof(buf))) > 0 && good) {
		good = fwrite(buf, 1, (size_t)n, f) == (size_t)n;
		off += (uint64_t)n;
	}
	if (n < 0)
		good = guest_complain(guest, err_from(n));
	if (fclose(f) != 0 || (!good && n >= 0)) {
		fprintf(stderr, "%s: cannot be written\n", host);
		good = false;
	}
	return good;
}

bool
guest_each(const char *path, bool (*fn)(const char *path, const char *name, void *arg), void *arg)
{
	struct fs_dirent de;
	struct iobuf b = iobuf_kernel(&de);
	struct inode *ip;
	bool good = true;
	err_t err = path_lookup(root(), path, 0, &ip);
	uint64_t off = 0;
	long n;

	if (err != OK)
		return guest_complain(path, err);
	while ((n = inode_read(ip, off, &b, sizeof(de))) == sizeof(de)) {
		char name[FS_DIRSIZ + 1] = "";

		off += sizeof(de);
		memcpy(name, de.name, FS_DIRSIZ);
		if (de.inum != 0 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
			good = fn(path, name, arg) && good;
	}
	inode_put(ip);
	return n < 0 ? guest_complain(path, err_from(n)) : good;
}

static bool
extract_entry(const char *path, const char *name, void *host)
{
	char *from = guest_join(path, name), *to = guest_join(host, name);
	bool good = guest_extract(from, to);

	free(from);
	free(to);
	return good;
}

static bool
extract_link(const char *guest, const char *host)
{
	char target[QUIRE_PATH_MAX];
	long n = path_readlink(root(), guest, target, sizeof(target) - 1);

	if (n < 0)
		return guest_complain(guest, err_from(n));
	target[n] = '\0';
	return hostfs_symlink(target, host);
}

bool
guest_extract(const char *guest, const char *host)
{
	struct inode *ip;
	bool good = true;
	err_t err = path_lookup(root(), guest, LOOKUP_NOFOLLOW, &ip);

	if (err != OK)
		return guest_complain(guest, err);
	switch (inode_type(ip)) {
	case T_DIR:
		good = hostfs_mkdir(host) && guest_each(guest, extract_entry, (void *)host);
		break;
	case T_FILE:
		good = copy_out(ip, guest, host);
		break;
	case T_SYMLINK:
		good = extract_link(guest, host);
		break;
	default:
		fprintf(stderr, "%s: a device, left out\n", guest);
	}
	inode_put(ip);
	return good;
}
