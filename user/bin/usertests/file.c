/* Files, folders and names. */
#include <abi/fs.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <quire.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "ut.h"

/* ---- every kind of file in every call ---- */

enum { FILE_, EMPTY_DIR, FULL_DIR, DEVICE, TO_FILE, TO_DIR, TO_NOTHING, NOTHING, NKINDS };

static const char *const kinds[NKINDS] = {
	"file", "empty", "full", "device", "to-file", "to-dir", "to-nothing", "nothing",
};

static void
make_kinds(void)
{
	write_file("file", "text", 4);
	CHECK_EQ(mkdir("empty", 0777), 0);
	CHECK_EQ(mkdir("full", 0777), 0);
	write_file("full/x", "", 0);
	CHECK_EQ(mknod_dev("device", 2, 0), 0);
	CHECK_EQ(symlink("file", "to-file"), 0);
	CHECK_EQ(symlink("full", "to-dir"), 0);
	CHECK_EQ(symlink("nowhere", "to-nothing"), 0);
}

static void
remove_kinds(void)
{
	static const char *const more[] = { "full/x", "new", "nowhere", "new/x" };

	for (size_t i = 0; i < COUNT(more); i++)
		unlink(more[i]);
	unlink("new");
	for (size_t i = 0; i < NKINDS; i++)
		unlink(kinds[i]);
}

static int
try_truncate(const char *path)
{
	return truncate(path, 2);
}

static int
try_readlink(const char *path)
{
	char buf[PATH_MAX];

	return readlink(path, buf, sizeof(buf)) < 0 ? -1 : 0;
}

static int
try_mkdir(const char *path)
{
	return mkdir(path, 0777);
}

static int
try_mknod(const char *path)
{
	return mknod_dev(path, 2, 1);
}

static int
try_symlink(const char *path)
{
	return symlink("file", path);
}

static int
link_from(const char *path)
{
	return link(path, "new");
}

static int
link_to(const char *path)
{
	return link("full/x", path);
}

static int
rename_from(const char *path)
{
	return rename(path, "new");
}

static int
file_over(const char *path)
{
	return rename("full/x", path);
}

static int
folder_over(const char *path)
{
	CHECK_EQ(mkdir("new", 0777), 0);
	return rename("new", path);
}

static int
enter(const char *path)
{
	int r = chdir(path), error = errno;

	if (r == 0)
		CHECK_EQ(chdir(".."), 0);
	errno = error;
	return r;
}

static int
with_slash(const char *path)
{
	char text[20];
	int fd;

	snprintf(text, sizeof(text), "%s/", path);
	fd = open(text, O_RDONLY);
	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

/* The error that each call gives for each kind; 0: it works. */
static const struct {
	const char *name;
	int (*fn)(const char *path);
	int error[NKINDS];
} on_kinds[] = {
	{ "unlink", unlink, { 0, 0, ENOTEMPTY, 0, 0, 0, 0, ENOENT } },
	{ "rmdir", rmdir, { ENOTDIR, 0, ENOTEMPTY, ENOTDIR, ENOTDIR, ENOTDIR, ENOTDIR, ENOENT } },
	{ "chdir", enter, { ENOTDIR, 0, 0, ENOTDIR, ENOTDIR, 0, ENOENT, ENOENT } },
	{ "mkdir", try_mkdir, { EEXIST, EEXIST, EEXIST, EEXIST, EEXIST, EEXIST, EEXIST, 0 } },
	{ "mknod", try_mknod, { EEXIST, EEXIST, EEXIST, EEXIST, EEXIST, EEXIST, EEXIST, 0 } },
	{ "symlink", try_symlink, { EEXIST, EEXIST, EEXIST, EEXIST, EEXIST, EEXIST, EEXIST, 0 } },
	{ "readlink", try_readlink, { EINVAL, EINVAL, EINVAL, EINVAL, 0, 0, 0, ENOENT } },
	{ "link from", link_from, { 0, EPERM, EPERM, 0, 0, 0, 0, ENOENT } },
	{ "link to", link_to, { EEXIST, EEXIST, EEXIST, EEXIST, EEXIST, EEXIST, EEXIST, 0 } },
	{ "rename from", rename_from, { 0, 0, 0, 0, 0, 0, 0, ENOENT } },
	{ "file over", file_over, { 0, EISDIR, EISDIR, 0, 0, 0, 0, 0 } },
	{ "folder over", folder_over,
	    { ENOTDIR, 0, ENOTEMPTY, ENOTDIR, ENOTDIR, ENOTDIR, ENOTDIR, 0 } },
	{ "truncate", try_truncate, { 0, EISDIR, EISDIR, EINVAL, 0, EISDIR, ENOENT, ENOENT } },
	{ "with a slash", with_slash, { ENOTDIR, 0, 0, ENOTDIR, ENOTDIR, 0, ENOENT, ENOENT } },
};

TEST(kinds_of_files, "every call that takes a path, on every kind of file")
{
	for (size_t c = 0; c < COUNT(on_kinds); c++)
		for (int k = 0; k < NKINDS; k++) {
			int r, expected = on_kinds[c].error[k];

			make_kinds();
			errno = 0;
			r = on_kinds[c].fn(kinds[k]);
			if (r != (expected ? -1 : 0) || errno != expected)
				test_fail(__FILE__, __LINE__, "%s of %s: %d, errno %d, not %d",
				    on_kinds[c].name, kinds[k], r, errno, expected);
			remove_kinds();
		}
}

static const struct {
	int flags;
	int error[NKINDS];
} opens[] = {
	{ O_RDONLY, { 0, 0, 0, 0, 0, 0, ENOENT, ENOENT } },
	{ O_WRONLY, { 0, EISDIR, EISDIR, 0, 0, EISDIR, ENOENT, ENOENT } },
	{ O_RDWR | O_TRUNC, { 0, EISDIR, EISDIR, 0, 0, EISDIR, ENOENT, ENOENT } },
	{ O_RDWR | O_CREAT, { 0, EISDIR, EISDIR, 0, 0, EISDIR, 0, 0 } },
	{ O_RDONLY | O_CREAT, { 0, EISDIR, EISDIR, 0, 0, EISDIR, 0, 0 } },
	{ O_RDWR | O_CREAT | O_EXCL,
	    { EEXIST, EEXIST, EEXIST, EEXIST, EEXIST, EEXIST, EEXIST, 0 } },
	{ O_RDONLY | O_DIRECTORY, { ENOTDIR, 0, 0, ENOTDIR, ENOTDIR, 0, ENOENT, ENOENT } },
	{ O_RDONLY | O_NOFOLLOW, { 0, 0, 0, 0, 0, 0, 0, ENOENT } },
	{ O_ACCMODE, { EINVAL, EINVAL, EINVAL, EINVAL, EINVAL, EINVAL, EINVAL, EINVAL } },
};

TEST(kinds_opened, "open with every set of flags, of every kind of file")
{
	for (size_t c = 0; c < COUNT(opens); c++)
		for (int k = 0; k < NKINDS; k++) {
			int fd, expected = opens[c].error[k];

			make_kinds();
			errno = 0;
			fd = open(kinds[k], opens[c].flags, 0666);
			if ((fd >= 0) != !expected || errno != expected)
				test_fail(__FILE__, __LINE__, "open %s, %#x: %d, errno %d, not %d",
				    kinds[k], opens[c].flags, fd, errno, expected);
			if (fd >= 0)
				close(fd);
			remove_kinds();
		}
}

/* ---- names ---- */

TEST(dot_names, "what cannot be done to . and ..")
{
	static const char *const dots[] = { ".", "..", "./.", "d/.", "d/..", "/", "//", "/.." };

	CHECK_EQ(mkdir("d", 0777), 0);
	write_file("f", "", 0);
	for (size_t i = 0; i < COUNT(dots); i++) {
		CHECK_EQ(unlink(dots[i]), -1);
		CHECK_EQ(rmdir(dots[i]), -1);
		CHECK_EQ(rename(dots[i], "x"), -1);
		CHECK_EQ(rename("f", dots[i]), -1);
		CHECK_EQ(mkdir(dots[i], 0777), -1);
		CHECK_EQ(link("f", dots[i]), -1);
		CHECK_EQ(symlink("f", dots[i]), -1);
		CHECK_EQ(open(dots[i], O_RDWR | O_CREAT, 0666), -1);
		CHECK_EQ(access(dots[i], F_OK), 0);
	}
	CHECK_EQ(access("f", F_OK), 0);
}

TEST(long_names, "names of 14 bytes are whole, longer ones are cut; paths have up to 127 bytes")
{
	char path[PATH_MAX + 2];
	int fd;

	write_file("exactly14bytes", "14", 2);
	CHECK_EQ(access("exactly14bytesX", F_OK), 0);
	CHECK_EQ(access("exactly14byte", F_OK), -1);
	CHECK_FAILS(open("exactly14bytes-and-more", O_RDWR | O_CREAT | O_EXCL, 0666), EEXIST);
	CHECK_EQ(unlink("exactly14bytesY"), 0);
	CHECK_EQ(access("exactly14bytes", F_OK), -1);

	memset(path, '/', sizeof(path));
	memcpy(path, "./", 2);
	memcpy(path + PATH_MAX - 2, "f", 2);
	fd = open(path, O_RDWR | O_CREAT, 0666);
	CHECK(fd >= 0);
	CHECK_EQ(access("f", F_OK), 0);
	memcpy(path + PATH_MAX - 2, "/f", 3);
	CHECK_FAILS(open(path, O_RDONLY), ENAMETOOLONG);
	memset(path, 'n', PATH_MAX - 1);
	path[PATH_MAX - 1] = '\0';
	CHECK_EQ(mkdir(path, 0777), 0);
	CHECK_EQ(access("nnnnnnnnnnnnnn", F_OK), 0);
}

TEST(link_loops, "ten links in a path are followed, eleven and circles are not")
{
	char from[8], to[8];

	write_file("l0", "end", 3);
	for (int i = 1; i <= 11; i++) {
		snprintf(from, sizeof(from), "l%d", i - 1);
		snprintf(to, sizeof(to), "l%d", i);
		CHECK_EQ(symlink(from, to), 0);
	}
	CHECK_EQ(access("l10", F_OK), 0);
	CHECK_FAILS(access("l11", F_OK), ELOOP);
	CHECK_EQ(symlink("circle2", "circle1"), 0);
	CHECK_EQ(symlink("circle1", "circle2"), 0);
	CHECK_FAILS(open("circle1", O_RDONLY), ELOOP);
	CHECK_FAILS(open("circle1", O_RDWR | O_CREAT, 0666), ELOOP);
	CHECK_FAILS(chdir("circle2/x"), ELOOP);
	CHECK_FAILS(symlink("", "nowhere"), ENOENT);
}

TEST(link_count, "many names of one file: it goes with the last")
{
	struct stat st;
	char name[8];

	write_file("f", "x", 1);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		CHECK_EQ(link("f", name), 0);
	}
	CHECK_EQ(stat("n50", &st), 0);
	CHECK_EQ(st.st_nlink, 101);
	CHECK_EQ(unlink("f"), 0);
	for (int i = 99; i > 0; i--) {
		snprintf(name, sizeof(name), "n%d", i);
		CHECK_EQ(unlink(name), 0);
	}
	CHECK_EQ(stat("n0", &st), 0);
	CHECK_EQ(st.st_nlink, 1);
	CHECK_EQ(st.st_size, 1);
}

TEST(working_folder, "chdir and getcwd, down forty folders and back; a buffer too small")
{
	char here[PATH_MAX], deep[PATH_MAX + 200];

	CHECK(getcwd(here, sizeof(here)));
	for (int i = 0; i < 40; i++) {
		CHECK_EQ(mkdir("down", 0777), 0);
		CHECK_EQ(chdir("down"), 0);
	}
	CHECK(getcwd(deep, sizeof(deep)));
	CHECK_EQ(strlen(deep), strlen(here) + 40 * 5);
	errno = 0;
	CHECK(!getcwd(deep, 10) && errno == ERANGE);
	for (int i = 0; i < 40; i++) {
		CHECK_EQ(chdir(".."), 0);
		CHECK_EQ(rmdir("down"), 0);
	}
	CHECK(getcwd(deep, sizeof(deep)));
	CHECK_STR(deep, here);
}

TEST(removed_folder, "in a folder that was removed nothing can be made or found")
{
	char buf[PATH_MAX];

	CHECK_EQ(mkdir("d", 0777), 0);
	CHECK_EQ(chdir("d"), 0);
	CHECK_EQ(rmdir("../d"), 0);
	CHECK_EQ(open("f", O_RDWR | O_CREAT, 0666), -1);
	CHECK_EQ(mkdir("e", 0777), -1);
	CHECK_EQ(link("/README", "r"), -1);
	CHECK_EQ(symlink("/README", "r"), -1);
	CHECK_EQ(rename("/README", "r"), -1);
	CHECK_EQ(mknod_dev("n", 2, 0), -1);
	errno = 0;
	CHECK(!getcwd(buf, sizeof(buf)) && errno == ENOENT);
	CHECK_EQ(access("/README", F_OK), 0);
	CHECK_EQ(chdir("/"), 0);
}

TEST(large_folder, "a folder that needs indirect blocks; entries are reused")
{
	struct stat before, after;
	char name[16];

	CHECK_EQ(mkdir("d", 0777), 0);
	for (int i = 0; i < 800; i++) {
		snprintf(name, sizeof(name), "d/name%d", i);
		write_file(name, "", 0);
	}
	CHECK_EQ(stat("d", &before), 0);
	CHECK(before.st_size >= 802 * 16);
	for (int i = 0; i < 800; i += 2) {
		snprintf(name, sizeof(name), "d/name%d", i);
		CHECK_EQ(unlink(name), 0);
	}
	for (int i = 0; i < 400; i++) {
		snprintf(name, sizeof(name), "d/other%d", i);
		CHECK_EQ(mkdir(name, 0777), 0);
	}
	CHECK_EQ(stat("d", &after), 0);
	CHECK_EQ(after.st_size, before.st_size);
	CHECK_EQ(after.st_nlink, 402);
	CHECK_FAILS(rmdir("d"), ENOTEMPTY);
}

/* ---- contents ---- */

TEST(block_borders, "writes and reads round the borders of the block map, backwards")
{
	static const long borders[] = { 1, FS_NDIRECT, FS_NDIRECT + FS_NINDIRECT,
		FS_NDIRECT + 2 * FS_NINDIRECT, FS_MAXFILE };
	char buf[3000], got[3000];
	int fd = open("f", O_RDWR | O_CREAT, 0666);
	struct stat st;

	for (int i = (int)COUNT(borders) - 1; i >= 0; i--) {
		off_t at = (off_t)borders[i] * FS_BLOCK_SIZE - 1500;
		ssize_t n = borders[i] == FS_MAXFILE ? 1500 : 3000;

		at = at < 0 ? 0 : at;
		fill_pattern(buf, sizeof(buf), (unsigned)i);
		CHECK_EQ(lseek(fd, at, SEEK_SET), at);
		CHECK_EQ(write(fd, buf, sizeof(buf)), n);
		CHECK_EQ(lseek(fd, at, SEEK_SET), at);
		CHECK_EQ(read(fd, got, sizeof(got)), n);
		CHECK(memcmp(got, buf, (size_t)n) == 0);
	}
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, (off_t)FS_MAXFILE * FS_BLOCK_SIZE);
	CHECK(st.st_blocks < 2 * 40);
	CHECK_EQ(lseek(fd, 0, SEEK_END), st.st_size);
	CHECK_FAILS(write(fd, buf, 1), EFBIG);
	CHECK_EQ(read(fd, buf, 1), 0);
}

TEST(sizes_refused, "offsets and sizes that cannot be")
{
	const off_t most = (off_t)FS_MAXFILE * FS_BLOCK_SIZE;
	int fd = open("f", O_RDWR | O_CREAT, 0666);
	struct stat st;

	CHECK_FAILS(ftruncate(fd, -1), EINVAL);
	CHECK_FAILS(ftruncate(fd, INT64_MIN), EINVAL);
	CHECK_FAILS(ftruncate(fd, most + 1), EFBIG);
	CHECK_FAILS(ftruncate(fd, INT64_MAX), EFBIG);
	CHECK_EQ(ftruncate(fd, most), 0);
	CHECK_EQ(ftruncate(fd, 0), 0);
	CHECK_FAILS(lseek(fd, -1, SEEK_SET), EINVAL);
	CHECK_FAILS(lseek(fd, -1, SEEK_END), EINVAL);
	CHECK_FAILS(lseek(fd, INT64_MIN, SEEK_CUR), EINVAL);
	CHECK_FAILS(lseek(fd, 0, 3), EINVAL);
	CHECK_FAILS(lseek(fd, 0, -1), EINVAL);
	CHECK_EQ(lseek(fd, 5, SEEK_SET), 5);
	CHECK_EQ(lseek(fd, INT64_MAX, SEEK_CUR), -1);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 5);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, 0);
	CHECK_EQ(lseek(fd, INT64_MAX, SEEK_SET), INT64_MAX);
	CHECK_EQ(write(fd, "x", 1), -1);
	CHECK_EQ(read(fd, &st, 1), 0);
}

TEST(cut_and_grow, "what was cut off does not come back when the file grows")
{
	static char buf[20000];
	int fd = open("f", O_RDWR | O_CREAT, 0666);

	for (int i = 0; i < 60; i++) {
		off_t cut = random_below(sizeof(buf));

		memset(buf, 'x', sizeof(buf));
		CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
		CHECK_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
		CHECK_EQ(ftruncate(fd, cut), 0);
		CHECK_EQ(ftruncate(fd, sizeof(buf)), 0);
		CHECK_EQ(lseek(fd, cut, SEEK_SET), cut);
		CHECK_EQ(read(fd, buf, sizeof(buf)), (off_t)sizeof(buf) - cut);
		for (off_t k = 0; k < (off_t)sizeof(buf) - cut; k++)
			CHECK(!buf[k]);
	}
}

TEST(nameless, "a file that lost its name while open is whole, and gone after close")
{
	static char buf[5000];
	int fd[8];

	for (int i = 0; i < 8; i++) {
		CHECK((fd[i] = open("f", O_RDWR | O_CREAT | O_EXCL, 0666)) >= 0);
		fill_pattern(buf, sizeof(buf), (unsigned)i);
		CHECK_EQ(write(fd[i], buf, sizeof(buf)), sizeof(buf));
		CHECK_EQ(unlink("f"), 0);
	}
	for (int i = 0; i < 8; i++) {
		struct stat st;

		CHECK_EQ(fstat(fd[i], &st), 0);
		CHECK_EQ(st.st_nlink, 0);
		CHECK_EQ(lseek(fd[i], 0, SEEK_SET), 0);
		CHECK_EQ(read(fd[i], buf, sizeof(buf)), sizeof(buf));
		CHECK(is_pattern(buf, sizeof(buf), (unsigned)i));
	}
}

TEST(offsets_shared, "dup and fork share the offset; another open has its own; O_APPEND has none")
{
	int fd, twin, other, end;
	char c;
	pid_t pid;

	write_file("f", "0123456789", 10);
	CHECK((fd = open("f", O_RDWR)) >= 0 && (other = open("f", O_RDONLY)) >= 0);
	CHECK((twin = dup(fd)) >= 0 && (end = open("f", O_WRONLY | O_APPEND)) >= 0);
	CHECK(read(fd, &c, 1) == 1 && c == '0');
	CHECK(read(twin, &c, 1) == 1 && c == '1');
	pid = fork();
	if (pid == 0)
		_exit(read(fd, &c, 1) != 1 || c != '2');
	check_child(pid);
	CHECK(read(twin, &c, 1) == 1 && c == '3');
	CHECK(read(other, &c, 1) == 1 && c == '0');
	CHECK_EQ(lseek(end, 2, SEEK_SET), 2);
	CHECK_EQ(write(end, "ab", 2), 2);
	CHECK_EQ(lseek(other, 10, SEEK_SET), 10);
	CHECK(read(other, &c, 1) == 1 && c == 'a');
}

TEST(folder_read, "a folder read as bytes: . and .., a name each; it cannot be written")
{
	struct fs_dirent e;
	unsigned n = 0;
	int fd;

	write_file("one", "", 0);
	fd = open(".", O_RDONLY);
	while (read(fd, &e, sizeof(e)) == sizeof(e))
		n += e.inum != 0;
	CHECK_EQ(n, 3);
	CHECK_FAILS(write(fd, &e, sizeof(e)), EBADF);
	CHECK_EQ(ftruncate(fd, 0), -1);
}

TEST(devices, "null, zero and the console as files; numbers that are no device")
{
	char buf[100] = { 1 };
	int null, zero;

	CHECK_EQ(mknod_dev("n", 2, 0), 0);
	CHECK_EQ(mknod_dev("z", 2, 1), 0);
	CHECK((null = open("n", O_RDWR)) >= 0 && (zero = open("z", O_RDWR)) >= 0);
	CHECK_EQ(read(null, buf, 100), 0);
	CHECK_EQ(write(null, buf, 100), 100);
	CHECK_EQ(read(zero, buf, 100), 100);
	CHECK(buf[0] == 0 && buf[99] == 0);
	CHECK_EQ(mknod_dev("x", 77, 3), 0);
	CHECK_EQ(open("x", O_RDONLY), -1);
	CHECK_FAILS(mknod_dev("y", 65536, 0), EINVAL);
	CHECK_FAILS(mknod_dev("y", -1, 0), EINVAL);
	CHECK_EQ(isatty(null), 0);
	CHECK_FAILS(ttyctl(null, TTY_SETMODE, TTY_RAW), ENOTTY);
}
